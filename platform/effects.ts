import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { compiledOnce, type Parameter } from './database/compiled.ts';
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

const columnsOf = (parameter: Parameter<EffectKey>) => ({
  community_id: parameter('community'),
  source_id: parameter('source'),
  node_id: parameter('node'),
  target: parameter('target'),
  part: parameter('part'),
});
const begin = compiledOnce((database, parameter: Parameter<EffectKey>) =>
  database
    .insertInto('effects')
    .values(columnsOf(parameter))
    .onConflict((conflict) => conflict.doNothing())
    .returning('state'),
);
const finish = compiledOnce((database, parameter: Parameter<EffectKey & { result: string }>) =>
  database
    .updateTable('effects')
    .set({ state: 'done', result: parameter('result'), settled_at: sql<Date>`now()` })
    .where((where) => where.and(columnsOf(parameter))),
);

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
  const [begun] = await begin(database, key);
  if (!begun) {
    const row = await database
      .selectFrom('effects')
      .select(['state', 'result'])
      .where((where) => where.and(columnsOf((name) => key[name])))
      .executeTakeFirst();
    if (row?.state === 'done') return { result: row.result as Result, repeated: true };
  }
  const result = await act(nonceOf(key));
  await finish(database, { ...key, result: JSON.stringify(result) });
  return { result, repeated: false };
}

/** A message nonce for an effect: the same key always gives the same one. */
export function nonceOf(key: EffectKey): string {
  return createHash('sha256')
    .update([key.community, key.source, key.node, key.target, key.part].join('\n'))
    .digest('base64url')
    .slice(0, 24);
}
