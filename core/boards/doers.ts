import type { AuditActor } from '../../platform/audit.ts';
import type { Database } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { type Person, refuseUnlessApprover } from '../people/index.ts';

/**
 * Who changes something on boards: a person with the roles that Discord gave with what they did, a server with the
 * scopes of its key, or a flow by itself, which an event or a schedule began.
 */
export type Doer =
  | ({ kind: 'person' } & Person)
  | { kind: 'server'; key: string; scopes: string[] }
  | { kind: 'flow'; name: string; node: string; revision: string };

interface Right {
  /** The beginning of a sentence. */
  what: string;
  /** The scope by which a server may. */
  scope: string;
  /** Whether a flow may by itself. */
  byFlow: boolean;
}

/** What may be done, and by whom; a person needs one of the community's approver roles for each. */
const RIGHTS = {
  record: { what: 'Recording scores', scope: 'scores:write', byFlow: true },
  correct: { what: 'Correcting scores', scope: 'scores:correct', byFlow: false },
  save: { what: 'Changing players', scope: 'players:write', byFlow: true },
  hide: { what: 'Hiding somebody else', scope: 'players:write', byFlow: true },
  exclude: { what: 'Taking players off the boards', scope: 'scores:correct', byFlow: false },
  settle: { what: 'Settling a board', scope: 'scores:write', byFlow: true },
} as const satisfies Record<string, Right>;

/**
 * Rights belong to the rule: whoever wires the flow cannot give them away.
 * @returns the refusal, or null where they may
 */
export async function refuseUnlessMay(
  database: Database,
  community: string,
  doer: Doer,
  right: keyof typeof RIGHTS,
): Promise<{ refusal: Refusal } | null> {
  const { what, scope, byFlow } = RIGHTS[right];
  switch (doer.kind) {
    case 'person':
      return refuseUnlessApprover(database, community, doer, what);
    case 'server':
      return doer.scopes.includes(scope) ? null : notAllowed(`${what} takes a key with the scope ${scope}.`);
    case 'flow':
      return byFlow
        ? null
        : notAllowed(`${what} takes a person with an approver role, or a key with the scope ${scope}.`);
  }
}

const notAllowed = (detail: string) => refusal('not-allowed', 403, 'Not allowed', detail);

/** The same as the audit names them. */
export function auditActorOf(doer: Doer): AuditActor {
  switch (doer.kind) {
    case 'person':
      return { player: doer.player, discord_id: doer.discordId };
    case 'server':
      return { key: doer.key };
    case 'flow':
      return { policy: doer.name, node: doer.node, revision: doer.revision };
  }
}
