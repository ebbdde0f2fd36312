import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { Fault } from './fault.ts';
import type { Run, Runs } from './runs.ts';

/** Who acts, as an intake established it. Flows can read it; only intakes can make one. */
export interface Actor {
  community: string;
  /** null: nobody in person, as in a message that an event began. */
  player: number | null;
  discord_id: string | null;
  /** The ids of the roles that Discord gave with this very interaction. */
  roles: string[];
  scopes: string[];
  /** What began this: an interaction's id or `event/45`. */
  source: string;
  /** The run in which this actor may act. */
  run: string;
  /** Seconds since 1970. */
  expires: number;
}

export type SealedActor = Actor & { seal: string };

/** Makes and checks the seals of actors. */
export interface Seals {
  seal(actor: Actor): SealedActor;
  /**
   * The actor of a message, when an intake of this program set it and its run is still open.
   * @throws Fault `actor-missing`, `actor-forged` or `actor-expired`
   */
  verify(actor: unknown, now: number): Actor;
}

/** Compares in constant time. */
function isRight(stated: unknown, right: Buffer): boolean {
  const given = Buffer.from(typeof stated === 'string' ? stated : '', 'base64url');
  return given.length === right.length && timingSafeEqual(given, right);
}

const FIELDS = ['community', 'player', 'discord_id', 'roles', 'scopes', 'source', 'run', 'expires'] as const;

/** The key lives in this process alone and is made anew at each start: no message outlives the process. */
export function createSeals(runs: Pick<Runs, 'find'>, bytes: Buffer = randomBytes(32)): Seals {
  const key = createSecretKey(bytes);
  const textOf = (actor: Actor): string =>
    JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, actor[field]])));
  const sealOf = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  /** What was sealed in a run, so that not every node of it has to compute the seal again. */
  const sealed = new WeakMap<Run, string>();
  return {
    seal: (actor) => {
      const text = textOf(actor);
      const seal = sealOf(text).toString('base64url');
      const run = runs.find(actor.run);
      if (run) sealed.set(run, seal + text);
      return { ...actor, seal };
    },
    verify: (given, now) => {
      if (given === undefined || given === null) {
        throw new Fault(
          'actor-missing',
          'This message says nobody who acts (msg.actor). Wire the node behind an intake such as slash-command.',
        );
      }
      const { seal } = given as SealedActor;
      // What is checked is what is used: an object may say one thing when it is written down and another when asked.
      const text = textOf(given as SealedActor);
      const run = runs.find((given as SealedActor).run);
      const isKnown = run !== null && typeof seal === 'string' && sealed.get(run) === seal + text;
      if (!isKnown && !isRight(seal, sealOf(text))) {
        throw new Fault(
          'actor-forged',
          'msg.actor was made or changed in the flow. Only intakes set it: pass the message on as it came.',
        );
      }
      const actor = JSON.parse(text) as Actor;
      if (actor.expires * 1000 < now || !runs.find(actor.run)) {
        throw new Fault(
          'actor-expired',
          'msg.actor belongs to something that is over. A kept message cannot act again: wait with a Delay node instead.',
        );
      }
      return actor;
    },
  };
}
