import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import { add } from './decimals.ts';
import type { BoardEntry } from './entry.ts';
import { type LiveBoard, stillStarting } from './live-board.ts';
import { CHUNK, unpackRanks, unpackScores } from './packed-ranks.ts';
import { entriesOf } from './pages.ts';
import { readSpan } from './read-span.ts';

const USUAL_HOURS = 24;
const MOST_HOURS = 24 * 366;

/** The player to watch: whose score rose most within some hours. */
export interface Rise {
  board: string;
  hours: number;
  entry: BoardEntry;
  /** How much better the score became. */
  gained: number;
  /** How many ranks up; null where the player was not ranked before. */
  ranks: number | null;
  /** What was done in that time. */
  metrics: { name: string; value: number }[];
}

/** Compares what is now with the history of everybody that lies so many hours back, or the oldest of the season. */
export async function strongestRise(
  database: Database,
  live: LiveBoard,
  asked: unknown,
): Promise<Rise | null | { refusal: Refusal }> {
  const hours = readSpan('hours', asked, USUAL_HOURS, MOST_HOURS);
  if (typeof hours === 'object') return hours;
  const { board, loaded } = live;
  if (!loaded) return stillStarting();
  const before = await historyBefore(database, live, hours);
  const { standings, players } = loaded;
  const sign = board.definition.best === 'highest' ? 1 : -1;
  let best = { slot: -1, gained: 0 };
  for (let slot = 0; slot < players.length; slot += 1) {
    if (!standings.has(slot)) continue;
    const wasRanked = (before.ranks[slot] ?? 0) > 0;
    // Where the lowest is best, a first result is no rise.
    if (!wasRanked && sign < 0) continue;
    const gained = sign * (standings.score(slot) - (wasRanked ? (before.scores[slot] ?? 0) : 0));
    const isFirst = best.slot >= 0 && gained === best.gained && standings.rank(slot) < standings.rank(best.slot);
    if (gained > best.gained || isFirst) best = { slot, gained };
  }
  if (best.slot < 0) return null;
  const rank = standings.rank(best.slot);
  const [entry] = await entriesOf(database, live, [{ slot: best.slot, rank }]);
  if (!entry) return null;
  const was = before.ranks[best.slot] ?? 0;
  return {
    board: board.key,
    hours,
    entry,
    gained: add(best.gained, 0),
    ranks: was > 0 ? was - rank : null,
    metrics: await doneSince(database, live, players[best.slot] ?? 0, hours),
  };
}

async function historyBefore(database: Database, { board }: LiveBoard, hours: number) {
  const { rows } = await sql<{ chunk: number; ranks: Buffer; scores: Buffer }>`
    with moment as (
      select taken_at from rank_history where board_id = ${board.id} and season = ${board.season}
      order by taken_at > now() - ${hours} * interval '1 hour',
        abs(extract(epoch from taken_at - (now() - ${hours} * interval '1 hour')))
      limit 1
    )
    select chunk, ranks, scores
    from rank_history join moment using (taken_at) where board_id = ${board.id}`.execute(database);
  const chunks = rows.reduce((most, { chunk }) => Math.max(most, chunk + 1), 0);
  const before = { ranks: new Int32Array(chunks * CHUNK), scores: new Float64Array(chunks * CHUNK) };
  for (const { chunk, ranks, scores } of rows) {
    unpackRanks(ranks, before.ranks, chunk);
    unpackScores(scores, before.scores, chunk);
  }
  return before;
}

/** What a player did, by metric: added up, or as it is now. */
async function doneSince(database: Database, { board }: LiveBoard, player: number, hours: number) {
  const { rows } = await sql<{ name: string; total: number; last: number }>`
    select key as name, sum(value::numeric)::float8 as total, (array_agg(value::float8 order by seq desc))[1] as last
    from score_log as deed cross join jsonb_each_text(metrics)
    where community_id = ${board.community} and player_id = ${player} and kind = 'score'
      and seq > ${board.seasonAfter} and at > now() - ${hours} * interval '1 hour'
      and not exists (select from score_log as undo where undo.undoes = deed.seq)
    group by key`.execute(database);
  return board.definition.metrics.flatMap(({ name, operator }) => {
    const done = rows.find((row) => row.name === name);
    return done ? [{ name, value: operator === 'sum' ? done.total : done.last }] : [];
  });
}
