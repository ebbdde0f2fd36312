import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import { findPlayerId } from '../people/index.ts';
import type { LiveBoard } from './live-board.ts';
import { CHUNK } from './packed-ranks.ts';
import { noSuchPlayer } from './players.ts';
import { readSpan } from './read-span.ts';
import { after, counts, type Deed, nothing } from './scoring.ts';
import { boardTables } from './tables.ts';

const USUAL_DAYS = 30;
const MOST_DAYS = 366;
const DEEDS_AT_ONCE = 20_000;
/** A drawing shows no more. */
const MOST_POINTS = 200;

export interface HistoryPoint {
  at: string;
  score: number | null;
  rank: number | null;
  metrics: Record<string, number>;
}

/** A player's way on a board in its season. */
export interface PlayerHistory {
  board: { key: string; title: string };
  days: number;
  /** None before what the player did first. */
  points: HistoryPoint[];
}

/** Scores and metrics by the player's log and the rules of now; ranks as they were settled, the first of each hour. */
export async function playerHistory(
  database: Database,
  live: LiveBoard,
  named: string | number,
  asked: unknown,
): Promise<PlayerHistory | { refusal: Refusal }> {
  const days = readSpan('days', asked, USUAL_DAYS, MOST_DAYS);
  if (typeof days === 'object') return days;
  const { board } = live;
  const player = await findPlayerId(database, board.community, named);
  if (player === null) return noSuchPlayer(named);
  const points = await wayOf(database, live, player, Date.now() - days * 86_400_000);
  const held = await heldNow(live, database, player);
  if (held) points.push(held);
  return { board: { key: board.key, title: board.definition.title }, days, points: thinned(points) };
}

/** What every deed since a time made of the score, what it was at that time, and at those of the ranks. */
async function wayOf(database: Database, live: LiveBoard, player: number, since: number): Promise<HistoryPoint[]> {
  const { definition } = live.board;
  const moments: Moment[] = [{ at: since, rank: null }, ...(await ranksOf(database, live, player, since))];
  const points: HistoryPoint[] = [];
  let standing = nothing();
  let last = Number.NEGATIVE_INFINITY;
  const add = ({ at, rank }: Moment): void => {
    const { score, metrics } = standing;
    points.push({ at: new Date(at).toISOString(), score, rank, metrics: named(live.board, metrics) });
  };
  /** What held until then goes for the moments before it. */
  const passTo = (until: number): void => {
    for (let next = moments[0]; next && next.at < until; next = moments[0]) {
      moments.shift();
      if (last > Number.NEGATIVE_INFINITY) add(next);
    }
  };
  for await (const { at, ...deed } of deedsOf(database, live, player)) {
    if (!counts(definition, deed.metrics)) continue;
    // The log is in the order in which deeds counted; one may have begun before the one in front of it.
    const time = Math.max(last, at.getTime());
    passTo(time);
    standing = after(definition, standing, deed) ?? standing;
    last = time;
    if (time >= since) add({ at: time, rank: null });
  }
  passTo(Number.POSITIVE_INFINITY);
  return points;
}

/** What counts of a player on a board in its season, oldest first. */
async function* deedsOf(database: Database, { board }: LiveBoard, player: number) {
  let last = board.seasonAfter;
  for (;;) {
    const { rows } = await sql<Deed & { at: Date }>`
      select seq, kind, metrics, at from score_log as deed
      where community_id = ${board.community} and player_id = ${player} and kind in ('score', 'set')
        and seq > ${last} and (board_id is null or board_id = ${board.id})
        and not exists (select from score_log as undo where undo.undoes = deed.seq)
      order by seq limit ${DEEDS_AT_ONCE}`.execute(database);
    yield* rows;
    if (rows.length < DEEDS_AT_ONCE) return;
    last = rows.at(-1)?.seq ?? last;
  }
}

const named = ({ definition }: LiveBoard['board'], metrics: (number | null)[]): Record<string, number> =>
  Object.fromEntries(
    definition.metrics.flatMap(({ name }, at) => {
      const value = metrics[at] ?? null;
      return value === null ? [] : [[name, value]];
    }),
  );

interface Moment {
  /** In milliseconds, as `Date.now()`. */
  at: number;
  rank: number | null;
}

/** The ranks that were kept since a time, oldest first. */
async function ranksOf(database: Database, { board }: LiveBoard, player: number, since: number): Promise<Moment[]> {
  const { rows } = await sql<{ at: Date; rank: number }>`
    select taken_at as at, rank_at(ranks, slot) as rank
    from board_scores as held
    join rank_history as history on history.board_id = held.board_id and chunk = slot / ${CHUNK}
    where held.board_id = ${board.id} and player_id = ${player} and history.season = ${board.season}
      and taken_at > ${new Date(since)} and rank_at(ranks, slot) > 0
    order by taken_at`.execute(database);
  return rows.map(({ at, rank }) => ({ at: at.getTime(), rank }));
}

async function heldNow({ board, loaded }: LiveBoard, database: Database, player: number): Promise<HistoryPoint | null> {
  const row = await boardTables(database)
    .selectFrom('board_scores')
    .select(['slot', 'score', 'metrics'])
    .where('board_id', '=', board.id)
    .where('player_id', '=', player)
    .where('season', '=', board.season)
    .executeTakeFirst();
  if (!row) return null;
  const rank = loaded?.standings.rank(row.slot) || null;
  return { at: new Date().toISOString(), score: row.score, rank, metrics: named(board, row.metrics) };
}

/** At most so many, the newest always among them. */
function thinned(points: HistoryPoint[]): HistoryPoint[] {
  if (points.length <= MOST_POINTS) return points;
  const step = points.length / MOST_POINTS;
  return Array.from({ length: MOST_POINTS }, (_, at) => points[Math.ceil((at + 1) * step) - 1] as HistoryPoint);
}
