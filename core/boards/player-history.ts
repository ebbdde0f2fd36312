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
/** Deeds that are replayed; who has more sees what the hours kept. */
const MOST_DEEDS = 20_000;
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
  points: HistoryPoint[];
}

/** Scores and metrics by the player's log, ranks as they were settled each hour. */
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
  if (player === null) return noSuchPlayer();
  const since = Date.now() - days * 86_400_000;
  const changes = await scoresOf(database, live, player);
  const points = [...changes, ...(await ranksOf(database, live, player, changes))]
    .sort((one, other) => one.at.localeCompare(other.at))
    .filter(({ at }) => Date.parse(at) >= since);
  const held = await heldNow(live, database, player);
  if (held) points.push(held);
  return { board: { key: board.key, title: board.definition.title }, days, points: thinned(points) };
}

async function scoresOf(database: Database, { board }: LiveBoard, player: number): Promise<HistoryPoint[]> {
  const { rows } = await sql<Deed & { at: Date }>`
    select seq, kind, metrics, at from score_log as deed
    where community_id = ${board.community} and player_id = ${player} and kind in ('score', 'set')
      and seq > ${board.seasonAfter} and (board_id is null or board_id = ${board.id})
      and not exists (select from score_log as undo where undo.undoes = deed.seq)
    order by seq limit ${MOST_DEEDS}`.execute(database);
  let standing = nothing();
  return rows.flatMap(({ at, ...deed }) => {
    if (!counts(board.definition, deed.metrics)) return [];
    standing = after(board.definition, standing, deed) ?? standing;
    return { at: at.toISOString(), score: standing.score, rank: null, metrics: named(board, standing.metrics) };
  });
}

const named = ({ definition }: LiveBoard['board'], metrics: (number | null)[]): Record<string, number> =>
  Object.fromEntries(
    definition.metrics.flatMap(({ name }, at) => {
      const value = metrics[at] ?? null;
      return value === null ? [] : [[name, value]];
    }),
  );

/** The ranks of whole hours, each with the metrics that the player had then. */
async function ranksOf(
  database: Database,
  { board }: LiveBoard,
  player: number,
  changes: HistoryPoint[],
): Promise<HistoryPoint[]> {
  const { rows } = await sql<{ at: Date; rank: number; score: number }>`
    select taken_at as at, rank_at(ranks, slot) as rank, score_at(scores, slot) as score
    from board_scores as held
    join rank_history as history on history.board_id = held.board_id and chunk = slot / ${CHUNK}
    where held.board_id = ${board.id} and player_id = ${player} and history.season = ${board.season}
      and rank_at(ranks, slot) > 0
    order by taken_at`.execute(database);
  return rows.map(({ at, rank, score }) => {
    const time = at.toISOString();
    const metrics = changes.findLast((change) => change.at <= time)?.metrics ?? {};
    return { at: time, score, rank, metrics };
  });
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
