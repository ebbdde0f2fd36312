import { sql } from 'kysely';
import { wait } from './clock.ts';
import { compiledOnce, type Parameter } from './database/compiled.ts';
import type { Database } from './database/index.ts';
import type { Discord, MessageBody } from './discord/index.ts';
import { expectDone } from './discord/index.ts';
import { fitChoices } from './discord/limits.ts';
import { Fault } from './fault.ts';
import type { Log } from './log.ts';
import type { Secrets } from './secrets.ts';

/** How an interaction may be put off while its flow works. */
export type Deferral = 'ephemeral' | 'public' | 'update' | 'never';

/**
 * An answer: a message (ephemeral or not), a change of the message that the button is on, a change or the end of the
 * earlier answer, a modal, or suggestions while a member types.
 */
export type Answer =
  | { kind: 'message'; ephemeral: boolean; body: MessageBody }
  | { kind: 'update'; body: MessageBody }
  | { kind: 'edit'; ephemeral: boolean; body: MessageBody }
  | { kind: 'delete'; pressed: boolean }
  | { kind: 'modal'; modal: object }
  | { kind: 'suggestions'; choices: Suggestion[] };

/** An answer to something that a member did, not to their typing. */
type MessageAnswer = Exclude<Answer, { kind: 'suggestions' }>;

/** What a member may choose instead of typing on. */
export interface Suggestion {
  name: string;
  value: string | number;
}

/** What Discord has been told of an interaction. */
type State = 'received' | 'deferred' | 'answered';

interface OpenInteraction {
  id: string;
  token: string;
  state: State;
  deferral: Deferral;
  /** What kind of suggestions it waits for, while a member types; null for everything else. */
  suggesting: 'text' | 'number' | null;
  /** Answers of one interaction go out one after another. */
  queue: Promise<unknown>;
}

/** Discord waits 3 s for a first answer; a flow that takes longer than this gets "thinking…" (design). */
const DEFER_AFTER_MILLISECONDS = 1500;
/** A first answer that failed is sent once more after so long, unless Discord wants it much later. */
const AGAIN_MILLISECONDS = 300;
const SOON_MILLISECONDS = 2000;
const EPHEMERAL = 64;
/** Discord's callback types (interactions/receiving-and-responding). */
const CALLBACK = { message: 4, defer: 5, deferUpdate: 6, update: 7, suggestions: 8, modal: 9 } as const;
const LIFETIME_MINUTES = 15;
const KEEP_STATES_MILLISECONDS = 50;
/** So long a settled interaction stays in memory: a replay and late answers of the same flow find it there. */
const KEPT_MILLISECONDS = 10_000;

const FRESH = { deferral: 'ephemeral', suggesting: null } as const;

const insertNew = compiledOnce((database, parameter: Parameter<{ id: string; community: string; cipher: string }>) =>
  database
    .insertInto('interactions')
    .values({ id: parameter('id'), community_id: parameter('community'), token_cipher: parameter('cipher') })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

export interface Interactions {
  /**
   * An interaction came in: from now on it is deferred by itself when no answer has gone out in time, however slow
   * the database is.
   * @param deferral how, asked when it comes to that: a deploy may be under way
   * @returns false when this process knows it already
   */
  arrived(interaction: { id: string; token: string }, deferral: () => Deferral): boolean;
  /** A member is typing: it is never put off, nothing of it is written down, and only suggestions answer it. */
  typing(interaction: { id: string; token: string }, suggesting: 'text' | 'number'): void;
  /**
   * Writes an interaction down, its token encrypted.
   * @returns false when it came before: a replay counts once
   */
  receive(interaction: { id: string; token: string; community: string }): Promise<boolean>;
  /** Sends an answer; the first as the interaction's answer, later ones as follow-ups. @throws Fault */
  answer(id: string, answer: Answer): Promise<void>;
  /** True once something was answered. */
  answered(id: string): boolean;
  /** How many members wait for a first answer. */
  waiting(): number;
  /** The flow is done with it: memory is freed soon, and what still comes is read from the database. */
  settle(id: string): void;
  /** Forgets tokens that Discord takes no more, and after a day the interactions themselves. */
  clean(): Promise<void>;
}

/**
 * Keeps the interactions of the last 15 minutes and answers them, from this process or after a restart.
 * @param told hears of each state that Discord has confirmed
 */
export function createInteractions(
  database: Database,
  discord: Discord,
  secrets: Secrets,
  log: Log,
  told: (id: string, state: 'deferred' | 'answered') => void = () => {},
): Interactions {
  const open = new Map<string, OpenInteraction>();
  const toKeep = new Map<string, 'deferred' | 'answered'>();
  const waiting = new Set<string>();
  const purpose = (id: string) => `interactions:${id}:token`;

  const find = async (id: string): Promise<OpenInteraction> => {
    const known = open.get(id);
    if (known) return known;
    const row = await database
      .selectFrom('interactions')
      .select(['token_cipher', 'state'])
      .where('id', '=', id)
      .where('received_at', '>', sql<Date>`now() - make_interval(mins => ${LIFETIME_MINUTES})`)
      .executeTakeFirst();
    if (!row) throw new Fault('interaction-expired', 'Discord takes answers for 15 minutes, and this one is older.');
    const token = secrets.decrypt(row.token_cipher, purpose(id));
    settle(id);
    return keep({ id, token, state: row.state, ...FRESH, queue: Promise.resolve() });
  };

  const keep = (interaction: OpenInteraction): OpenInteraction => {
    open.set(interaction.id, interaction);
    return interaction;
  };

  const settle = (id: string): void => {
    waiting.delete(id);
    setTimeout(() => open.delete(id), KEPT_MILLISECONDS).unref();
  };

  const setState = (interaction: OpenInteraction, state: 'deferred' | 'answered'): void => {
    interaction.state = state;
    waiting.delete(interaction.id);
    told(interaction.id, state);
    // Only a restart reads it back: nobody waits for it, a crowd of them is one statement, and a database that is away
    // loses nothing here.
    if (toKeep.size === 0) setTimeout(keepStates, KEEP_STATES_MILLISECONDS).unref();
    toKeep.set(interaction.id, state);
  };
  const keepStates = (): void => {
    const [ids, states] = [[...toKeep.keys()], [...toKeep.values()]];
    toKeep.clear();
    sql`
      update interactions set state = kept.state
      from unnest(${ids}::text[], ${states}::text[]) as kept (id, state) where interactions.id = kept.id`
      .execute(database)
      .catch((error: Error) => log.debug(`interaction states not kept: ${error.message}`));
  };

  const inTurn = <T>(interaction: OpenInteraction, act: () => Promise<T>): Promise<T> => {
    const turn = interaction.queue.then(act, act);
    interaction.queue = turn.catch(() => {});
    return turn;
  };

  const defer = async (interaction: OpenInteraction): Promise<void> => {
    if (interaction.state !== 'received' || interaction.deferral === 'never') return;
    const body =
      interaction.deferral === 'update'
        ? { type: CALLBACK.deferUpdate }
        : { type: CALLBACK.defer, data: interaction.deferral === 'ephemeral' ? { flags: EPHEMERAL } : {} };
    const outcome = await discord.respond(interaction, body);
    if (outcome.kind === 'done') setState(interaction, 'deferred');
    else log.warn({ interaction: interaction.id }, `deferring failed: ${outcome.message}`);
  };

  const suggest = async (interaction: OpenInteraction, answer: Answer): Promise<void> => {
    if (answer.kind !== 'suggestions') {
      throw new Fault('only-suggestions', 'While a member types, the reply node can answer with suggestions alone.');
    }
    if (interaction.state === 'answered') return;
    interaction.state = 'answered';
    const choices = fitChoices(choicesOf(answer.choices, interaction.suggesting === 'number'));
    const outcome = await discord.respond(interaction, { type: CALLBACK.suggestions, data: { choices } });
    // The member may have typed on meanwhile: what came too late is no fault.
    if (outcome.kind !== 'permanent' && outcome.kind !== 'gone') expectDone(outcome, 'Suggesting');
  };

  const send = async (interaction: OpenInteraction, answer: Answer): Promise<void> => {
    if (answer.kind === 'suggestions') {
      const sentence =
        'Suggestions answer a member who is typing: wire this behind the second output of slash-command.';
      throw new Fault('nobody-typing', sentence);
    }
    if (interaction.state === 'received') {
      let outcome = await discord.respond(interaction, firstAnswer(answer));
      // Discord waits 3 s: a receipt that was lost on the way is asked for once more.
      if (outcome.kind === 'retry' && outcome.after <= SOON_MILLISECONDS) {
        await wait(AGAIN_MILLISECONDS);
        outcome = await discord.respond(interaction, firstAnswer(answer));
      }
      if (outcome.kind !== 'gone' || answer.kind === 'modal') {
        expectDone(outcome, 'Answering');
        if (answer.kind !== 'delete') return setState(interaction, 'answered');
      }
      // Discord has an acknowledgement of ours whose receipt was lost on the way: what is there is edited.
      setState(interaction, 'deferred');
    }
    if (answer.kind === 'modal') {
      throw new Fault('modal-too-late', 'A modal must be the first answer. Let the intake say that it opens one.');
    } else if (answer.kind === 'delete') {
      const outcome = await discord.deleteOriginal(interaction.token);
      if (outcome.kind !== 'gone') expectDone(outcome, 'Deleting the answer');
    } else if (replacesOriginal(interaction, answer)) {
      expectDone(await discord.editOriginal(interaction.token, answer.body), 'Answering');
    } else {
      const ephemeral = answer.kind === 'message' && answer.ephemeral;
      const body = { ...answer.body, ...(ephemeral ? { flags: EPHEMERAL } : {}) };
      expectDone(await discord.followUp(interaction.token, body), 'Answering');
    }
    setState(interaction, 'answered');
  };

  return {
    arrived: ({ id, token }, deferral) => {
      if (open.has(id)) return false;
      const interaction = keep({ id, token, state: 'received', ...FRESH, queue: Promise.resolve() });
      waiting.add(id);
      void wait(DEFER_AFTER_MILLISECONDS).then(() => {
        if (open.get(id) !== interaction) return;
        interaction.deferral = deferral();
        return inTurn(interaction, () => defer(interaction));
      });
      return true;
    },
    typing: ({ id, token }, suggesting) => {
      keep({ id, token, state: 'received', deferral: 'never', suggesting, queue: Promise.resolve() });
    },
    receive: async ({ id, token, community }) => {
      const [row] = await insertNew(database, { id, community, cipher: secrets.encrypt(token, purpose(id)) });
      if (!row) open.delete(id);
      return row !== undefined;
    },
    answer: async (id, answer) => {
      const interaction = await find(id);
      await inTurn(interaction, () => (interaction.suggesting ? suggest : send)(interaction, answer));
    },
    settle,
    answered: (id) => open.get(id)?.state === 'answered',
    waiting: () => waiting.size,
    clean: async () => {
      await database
        .deleteFrom('interactions')
        .where('received_at', '<', sql<Date>`now() - interval '1 day'`)
        .execute();
      await database
        .updateTable('interactions')
        .set({ token_cipher: '' })
        .where('received_at', '<', sql<Date>`now() - make_interval(mins => ${LIFETIME_MINUTES})`)
        .where('token_cipher', '<>', '')
        .execute();
    },
  };
}

/** Discord takes numbers for an option that is one, and texts for the others. */
function choicesOf(choices: readonly Suggestion[], areNumbers: boolean): Suggestion[] {
  if (!areNumbers) return choices.map(({ name, value }) => ({ name, value: String(value) }));
  return choices
    .map(({ name, value }) => ({ name, value: Number(value) }))
    .filter(({ value }) => Number.isFinite(value));
}

function firstAnswer(answer: MessageAnswer): { type: number; data?: object } {
  switch (answer.kind) {
    case 'message':
    case 'edit':
      return {
        type: CALLBACK.message,
        data: { ...answer.body, ...(answer.ephemeral ? { flags: EPHEMERAL } : {}) },
      };
    case 'update':
      return { type: CALLBACK.update, data: answer.body };
    case 'delete':
      // What is deleted must be there: "thinking…", or the message with the button.
      return answer.pressed ? { type: CALLBACK.deferUpdate } : { type: CALLBACK.defer, data: { flags: EPHEMERAL } };
    case 'modal':
      return { type: CALLBACK.modal, data: answer.modal };
  }
}

/** "Thinking…" becomes the answer; a message with buttons is only replaced by an answer that means to. */
function replacesOriginal(interaction: OpenInteraction, answer: MessageAnswer): boolean {
  if (answer.kind === 'update' || answer.kind === 'edit') return true;
  return interaction.state !== 'answered' && interaction.deferral !== 'update';
}
