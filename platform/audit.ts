import type { Tx } from './database/index.ts';

/** Who acts, as ids alone. */
export type AuditActor =
  | { player: number; discord_id: string | null }
  | { policy: string; node: string; revision: string }
  /** A server, with the key that it used. */
  | { key: string }
  /** A program that somebody ran on the server's machine. */
  | { program: string };

export interface AuditEntry {
  community: string;
  actor: AuditActor;
  /** What was done, such as `credit.approved`. */
  action: string;
  /** What it was done to, such as `credit-request/17`. */
  subject: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** What caused it: an interaction, an event, a request of the web API. */
  source: string;
}

/** Writes one audit row in the transaction of the act itself. */
export async function writeAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit_log')
    .values({
      community_id: entry.community,
      actor: JSON.stringify(entry.actor),
      action: entry.action,
      subject: entry.subject,
      before: entry.before ? JSON.stringify(entry.before) : null,
      after: entry.after ? JSON.stringify(entry.after) : null,
      source_id: entry.source,
    })
    .execute();
}
