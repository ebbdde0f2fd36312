import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from './database/index.ts';

/** What makes an effect the same when its event comes again. */
export interface EffectKey {
  community: string;
  /** What began it: an interaction's id or `event/45`. */
  source: string;
  node: string;
  /** Whom or what it reaches: a channel, a member, a message. */
  target: string;
  /** Which of several messages to the same target, from `msg.parts`. */
  part: string;
}

export type EffectResult = Record<string, unknown>;

/**
 * Does something outside at most once by its key. When it was done before, its result is returned and `act` is not
 * called. A kill between the outside's answer and ours makes `act` run again with the same nonce, by which Discord
 * knows the message it already has.
 * @param act does it; `nonce` is the same for the same key and at most 25 characters (Discord's limit)
 */
export async function once<Result extends EffectResult>(
  database: Database,
  key: EffectKey,
  act: (nonce: string) => Promise<Result>,
): Promise<{ result: Result; repeated: boolean }> {
  const columns = {
    community_id: key.community,
    source_id: key.source,
    node_id: key.node,
    target: key.target,
    part: key.part,
  };
  const begun = await database
    .insertInto('effects')
    .values(columns)
    .onConflict((conflict) => conflict.doNothing())
    .returning('state')
    .executeTakeFirst();
  if (!begun) {
    const row = await database
      .selectFrom('effects')
      .select(['state', 'result'])
      .where((where) => where.and(columns))
      .executeTakeFirst();
    if (row?.state === 'done') return { result: row.result as Result, repeated: true };
  }
  const result = await act(nonceOf(key));
  await database
    .updateTable('effects')
    .set({ state: 'done', result: JSON.stringify(result), settled_at: sql<Date>`now()` })
    .where((where) => where.and(columns))
    .execute();
  return { result, repeated: false };
}

/** A message nonce for an effect: the same key always gives the same one. */
export function nonceOf(key: EffectKey): string {
  return createHash('sha256')
    .update([key.community, key.source, key.node, key.target, key.part].join('\n'))
    .digest('base64url')
    .slice(0, 24);
}
