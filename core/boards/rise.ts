import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import { add } from './decimals.ts';
import type { BoardEntry } from './entry.ts';
import { type LiveBoard, stillStarting } from './live-board.ts';
import type { LoadedBoard } from './load-board.ts';
import { CHUNK, unpackRanks, unpackScores } from './packed-ranks.ts';
import { entriesOf } from './pages.ts';
import { readSpan } from './read-span.ts';
import { type Deed, nothing, replay, type Standing } from './scoring.ts';

const USUAL_HOURS = 24;
const MOST_HOURS = 24 * 366;
/** So many who rose by what was settled are looked at in the log; hardly ever is it more than one. */
const MOST_CANDIDATES = 50;

/** The player to watch: whose score rose most within some hours. */
export interface Rise {
  board: string;
  /** What was asked for. */
  hours: number;
  /** The moment that now is compared with: so many hours ago or before, later where nothing older can be compared. */
  since: string;
  entry: BoardEntry;
  /** How much better the score became since, by the rules of now. */
  gained: number;
  /** How many ranks up; null where the player was not ranked before. */
  ranks: number | null;
  /** By how much each metric changed that counts: together they make what was gained. */
  metrics: { name: string; value: number }[];
}

/** What everybody had at a moment; nothing where the season had not begun. */
interface Before {
  at: Date;
  isBeginning: boolean;
  ranks: Int32Array;
  scores: Float64Array;
}

interface Candidate {
  slot: number;
  /** By what was settled: at least what the log says, as who was hidden then had no score there. */
  gained: number;
}

/** Compares what is now with what was settled so many hours ago, or at the first time of the season that is comparable. */
export async function strongestRise(
  database: Database,
  live: LiveBoard,
  asked: unknown,
): Promise<Rise | null | { refusal: Refusal }> {
  const hours = readSpan('hours', asked, USUAL_HOURS, MOST_HOURS);
  if (typeof hours === 'object') return hours;
  const { board, loaded } = live;
  if (!loaded) return stillStarting();
  const before = await findBefore(database, live, hours);
  if (!before) return null;
  let best: (Gain & { slot: number }) | null = null;
  for (const { slot, gained } of candidates(live, loaded, before)) {
    if (best && best.gained >= gained) break;
    const gain = await gainOf(database, live, loaded.players[slot] ?? 0, before);
    if (gain.gained > (best?.gained ?? 0)) best = { slot, ...gain };
  }
  if (!best) return null;
  const { slot, ...gain } = best;
  const rank = loaded.standings.rank(slot);
  const [entry] = rank > 0 ? await entriesOf(database, live, [{ slot, rank }]) : [];
  if (!entry) return null;
  const was = before.ranks[slot] ?? 0;
  return {
    ...{ board: board.key, hours, since: before.at.toISOString(), entry },
    ...{ ...gain, ranks: was > 0 ? was - rank : null },
  };
}

/** The moment to compare with: never one whose scores were made by other rules. null: there is none yet. */
async function findBefore(database: Database, live: LiveBoard, hours: number): Promise<Before | null> {
  const { id, season } = live.board;
  const comparable = sql`board_id = ${id} and season = ${season} and taken_at >= greatest(scored_since, season_began_at)`;
  const { rows } = await sql<{ began: Date; isBeginning: boolean; taken: Date | null }>`
    select season_began_at as began, season_began_at >= asked as "isBeginning", coalesce(
      (select taken_at from rank_history where ${comparable} and taken_at <= asked order by taken_at desc limit 1),
      (select taken_at from rank_history where ${comparable} and taken_at > asked order by taken_at limit 1)
    ) as taken
    from boards cross join (select now() - ${hours} * interval '1 hour' as asked) as moment
    where id = ${id}`.execute(database);
  const [found] = rows;
  if (found?.isBeginning) {
    return { at: found.began, isBeginning: true, ranks: new Int32Array(0), scores: new Float64Array(0) };
  }
  return found?.taken
    ? { at: found.taken, isBeginning: false, ...(await readHistory(database, id, found.taken)) }
    : null;
}

async function readHistory(database: Database, board: number, at: Date) {
  const { rows } = await sql<{ chunk: number; ranks: Buffer; scores: Buffer }>`
    select chunk, ranks, scores from rank_history where board_id = ${board} and taken_at = ${at}`.execute(database);
  const chunks = rows.reduce((most, { chunk }) => Math.max(most, chunk + 1), 0);
  const before = { ranks: new Int32Array(chunks * CHUNK), scores: new Float64Array(chunks * CHUNK) };
  for (const { chunk, ranks, scores } of rows) {
    unpackRanks(ranks, before.ranks, chunk);
    unpackScores(scores, before.scores, chunk);
  }
  return before;
}

/** Those who rose most by what was settled, the first one first; of equals the one of the better rank. */
function candidates({ board }: LiveBoard, { standings, players }: LoadedBoard, before: Before): Candidate[] {
  const sign = board.definition.best === 'highest' ? 1 : -1;
  const found: Candidate[] = [];
  for (let slot = 0; slot < players.length; slot += 1) {
    if (!standings.has(slot)) continue;
    const wasRanked = (before.ranks[slot] ?? 0) > 0;
    // Where the lowest is best, a first result is no rise.
    if (!wasRanked && sign < 0) continue;
    const gained = sign * (standings.score(slot) - (wasRanked ? (before.scores[slot] ?? 0) : 0));
    if (gained <= 0) continue;
    const isBefore = (other: Candidate) =>
      gained > other.gained || (gained === other.gained && standings.rank(slot) < standings.rank(other.slot));
    const last = found[MOST_CANDIDATES - 1];
    if (last && !isBefore(last)) continue;
    const place = found.findIndex(isBefore);
    found.splice(place < 0 ? found.length : place, 0, { slot, gained });
    if (found.length > MOST_CANDIDATES) found.pop();
  }
  return found;
}

type Gain = Pick<Rise, 'gained' | 'metrics'>;

/** What a player's score and metrics became better by, from their log alone: what was known then beside what is now. */
async function gainOf(database: Database, { board }: LiveBoard, player: number, before: Before): Promise<Gain> {
  const { rows } = await sql<Deed & { wasDone: boolean; wasUndone: boolean; isUndone: boolean }>`
    select deed.seq, deed.kind, deed.metrics, deed.at <= ${before.at} as "wasDone",
      coalesce(undo.at <= ${before.at}, false) as "wasUndone", undo.seq is not null as "isUndone"
    from score_log as deed left join score_log as undo on undo.undoes = deed.seq
    where deed.community_id = ${board.community} and deed.player_id = ${player} and deed.kind in ('score', 'set')
      and deed.seq > ${board.seasonAfter} and (deed.board_id is null or deed.board_id = ${board.id})
    order by deed.seq`.execute(database);
  const made = (deeds: Deed[]): Standing => replay(board.definition, deeds).standing;
  const then = before.isBeginning ? nothing() : made(rows.filter(({ wasDone, wasUndone }) => wasDone && !wasUndone));
  const now = made(rows.filter(({ isUndone }) => !isUndone));
  const { best, metrics } = board.definition;
  const isFirst = best === 'lowest' && then.score === null;
  const change = add(now.score ?? 0, -(then.score ?? 0));
  return {
    gained: isFirst ? 0 : best === 'highest' ? change : -change,
    metrics: metrics.flatMap(({ name, weight }, at) => {
      const value = add(now.metrics[at] ?? 0, -(then.metrics[at] ?? 0));
      return weight === 0 || value === 0 ? [] : [{ name, value }];
    }),
  };
}
