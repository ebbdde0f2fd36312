import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Tx } from '../../platform/database/index.ts';
import type { Events } from '../../platform/events.ts';
import { Fault } from '../../platform/fault.ts';
import type { Leadership } from '../../platform/leadership.ts';
import type { Board } from './boards.ts';
import { tierOf } from './definition.ts';
import type { LiveBoard } from './live-board.ts';
import type { LoadedBoard, SettledRanks } from './load-board.ts';
import { CHUNK, chunksOf, packRanks, packScores } from './packed-ranks.ts';
import { ranksOf } from './standings.ts';
import { boardTables, type SettledEntry } from './tables.ts';

const TOP = 100;
/** Rows a statement: packing them takes a millisecond, in which nothing else happens. */
const CHUNKS_AT_ONCE = 40;
/** An event carries so many changes of a kind, the best; who needs more reads the board. */
const MOST_CHANGES = 200;

/** A player whose rank has changed between two ticks; null: not on the board. */
export interface RankChange {
  player: number;
  rank: number | null;
  previous: number | null;
}

/** What a tick settled, as its event carries it. */
export interface SettledTick {
  board: string;
  title: string;
  tick: number;
  season: number;
  total_players: number;
  /** Set where another player is the first in order than before: of several with rank 1, who reached the score first. */
  champion: { player: number; previous: number | null } | null;
  tiers: { player: number; rank: number | null; from: string | null; to: string | null }[];
  top_100: RankChange[];
  /** Of players with a Discord account. */
  linked: RankChange[];
}

/** What publishing takes. */
export interface SettleContext {
  events: Events;
  leadership: Leadership;
}

/** Everybody's ranks at one moment, with the board, the tick before and the players as they were then. */
export interface Computed {
  board: Board;
  loaded: LoadedBoard;
  before: SettledRanks;
  ranks: Int32Array;
  scores: Float64Array;
  order: Uint32Array;
  /** Milliseconds of work. */
  took: number;
}

/**
 * Ranks everybody as they stand at this moment; other work goes on in between.
 * @throws Fault `board-warming` where what is loaded is not what the board's rules make
 */
export async function computeRanks({ board, loaded, isReading, settled: before }: LiveBoard): Promise<Computed> {
  if (!loaded || isReading) throw new Fault('board-warming', 'The board is still being read.', { retry: true });
  const begun = performance.now();
  const { order, scores } = loaded.standings.snapshot();
  // Who was on the board at the tick before and is no more has a place, too.
  const slots = Math.max(chunksOf(scores.length) * CHUNK, before.ranks.length);
  const ranks = new Int32Array(slots);
  let took = performance.now() - begun;
  const slices = ranksOf({ order, scores }, ranks);
  for (let done = false; !done; ) {
    const from = performance.now();
    done = slices.next().done ?? false;
    took += performance.now() - from;
    await nextTurn();
  }
  return { board, loaded, before, ranks, scores, order, took };
}

/** What a tick knows. */
export interface Known {
  /** The newest log row. */
  seq: number;
  /** The database's time from which on it was looked for what had been committed; null: now. */
  at: string | null;
}

/**
 * Publishes a tick: ranks and previous ranks of everybody, a snapshot of the best, now and then a history of all, and
 * the event. All of it or nothing, and only where this instance leads, nobody has published since, and the board's
 * season and rules are still those that the ranks were made by.
 * @returns what is now settled
 */
export async function publishTick(
  tx: Tx,
  { events, leadership }: SettleContext,
  computed: Computed,
  { seq, at }: Known,
): Promise<{ settled: SettledRanks; tick: SettledTick }> {
  await leadership.assertLeading(tx);
  const { board, before, ranks, scores, order, took } = computed;
  const tick = before.tick + 1;
  const stamped = await boardTables(tx)
    .updateTable('boards')
    .set({ tick, settled_at: sql<Date>`clock_timestamp()`, settled_seq: seq, settle_asked: false })
    .where('id', '=', board.id)
    .where('tick', '=', before.tick)
    .where('season', '=', board.season)
    .where('closed_at', 'is', null)
    .where(sql<boolean>`definition = ${JSON.stringify(board.definition)}::jsonb`)
    .returning('settled_at')
    .executeTakeFirst();
  if (!stamped?.settled_at) {
    const detail = `Tick ${tick} of ${board.key} was published already, or the board has changed.`;
    throw new Fault('tick-outdated', detail, { retry: true });
  }
  const previous = new Int32Array(ranks.length);
  previous.set(before.ranks);
  await writeRanks(tx, board.id, ranks, scores);
  const total = order.length;
  await boardTables(tx)
    .insertInto('leaderboard_snapshots')
    .values({
      board_id: board.id,
      tick,
      community_id: board.community,
      season: board.season,
      snapshot_at: stamped.settled_at,
      top_100: JSON.stringify(await topOf(tx, computed, previous)),
      total_players: total,
      generated_at: sql<Date>`coalesce(${at}::timestamptz, clock_timestamp())`,
      generation_duration_ms: took,
      score_seq: seq,
    })
    .execute();
  await keepHistory(tx, board, stamped.settled_at);
  const settled = { tick, ranks, previous };
  const changes = await changesOf(computed, settled);
  const champion = championOf(computed, await championBefore(tx, computed));
  const told = {
    board: board.key,
    title: board.definition.title,
    tick,
    season: board.season,
    total_players: total,
    champion,
    ...changes,
  };
  const matters = champion !== null || [changes.tiers, changes.top_100, changes.linked].some((list) => list.length > 0);
  if (matters) {
    const subject = `board/${board.key}`;
    await events.write(tx, { community: board.community, type: 'board.settled', subject, payload: { ...told } });
  }
  return { settled, tick: told };
}

/** The ranks of the tick before become the previous ones where they lie: this tick follows that one, as was made sure. */
async function writeRanks(tx: Tx, board: number, ranks: Int32Array, scores: Float64Array): Promise<void> {
  const chunks = chunksOf(ranks.length);
  // While the database takes some rows, the next ones are packed.
  let taken: Promise<unknown> = Promise.resolve();
  for (let first = 0; first < chunks; first += CHUNKS_AT_ONCE) {
    const rows = [];
    for (let chunk = first; chunk < Math.min(chunks, first + CHUNKS_AT_ONCE); chunk += 1) {
      rows.push(
        sql`(${board}::int, ${chunk}::int, ${packRanks(ranks, chunk)}::bytea, ${packScores(scores, chunk)}::bytea)`,
      );
    }
    await taken;
    taken = sql`
      insert into settled_ranks (board_id, chunk, ranks, scores) values ${sql.join(rows)}
      on conflict (board_id, chunk) do update
      set ranks = excluded.ranks, previous = settled_ranks.ranks, scores = excluded.scores`.execute(tx);
  }
  await taken;
}

async function topOf(
  tx: Tx,
  { board, loaded, order, ranks, scores }: Computed,
  previous: Int32Array,
): Promise<SettledEntry[]> {
  const slots = [...order.subarray(0, TOP)];
  const players = slots.map((slot) => loaded.players[slot] ?? 0);
  const rows = await boardTables(tx)
    .selectFrom('board_scores')
    .select(['player_id', 'metrics'])
    .where('board_id', '=', board.id)
    .where('player_id', '=', sql<number>`any(${players}::bigint[])`)
    .execute();
  const metricsOf = new Map(rows.map(({ player_id, metrics }) => [player_id, metrics]));
  return slots.map((slot, at) => {
    const player = players[at] ?? 0;
    const held = metricsOf.get(player) ?? [];
    const metrics = board.definition.metrics.flatMap(({ name }, index) => {
      const value = held[index] ?? null;
      return value === null ? [] : [[name, value] as const];
    });
    return {
      player,
      rank: ranks[slot] ?? 0,
      previous: previous[slot] || null,
      score: scores[slot] ?? 0,
      metrics: Object.fromEntries(metrics),
    };
  });
}

/** What the first tick of an hour settled is kept for everybody; of a season and of other rules also their first. */
async function keepHistory(tx: Tx, board: Board, at: Date): Promise<void> {
  await sql`
    insert into rank_history (board_id, taken_at, chunk, season, ranks, scores)
    select board_id, ${at}::timestamptz, chunk, ${board.season}, ranks, scores
    from settled_ranks where board_id = ${board.id}
      and not exists (
        select from boards join rank_history as kept on kept.board_id = boards.id
        where boards.id = ${board.id} and kept.season = boards.season
          and taken_at >= greatest(date_trunc('hour', ${at}::timestamptz), scored_since)
      )`.execute(tx);
}

/** What of all changes matters to a flow. */
async function changesOf({ board, loaded }: Computed, { ranks, previous }: SettledRanks) {
  const { tiers: defined } = board.definition;
  const { players, linked: linkedSlots } = loaded;
  const lastTier = defined.reduce((most, { until }) => Math.max(most, until), 0);
  const lastToTell = Math.max(TOP, lastTier);
  const tiers = new BestRanked<SettledTick['tiers'][number]>();
  const top = new BestRanked<RankChange>();
  const linked = new BestRanked<RankChange>();
  const isWithin = (rank: number, last: number) => rank > 0 && rank <= last;
  for (let slot = 0; slot < ranks.length; slot += 1) {
    if (slot % 100_000 === 99_999) await nextTurn();
    const rank = ranks[slot] ?? 0;
    const was = previous[slot] ?? 0;
    if (rank === was) continue;
    // Of a million who moved, hardly any is among the best.
    const isTold = isWithin(rank, lastToTell) || isWithin(was, lastToTell) || linkedSlots[slot] === 1;
    if (!isTold) continue;
    const change = { player: players[slot] ?? 0, rank: rank || null, previous: was || null };
    if (isWithin(rank, TOP) || isWithin(was, TOP)) top.add(change);
    if (linkedSlots[slot] === 1) linked.add(change);
    if (isWithin(rank, lastTier) || isWithin(was, lastTier)) {
      const from = was > 0 ? tierOf(defined, was) : null;
      const to = rank > 0 ? tierOf(defined, rank) : null;
      if (from !== to) tiers.add({ player: change.player, rank: change.rank, from, to });
    }
  }
  return { tiers: tiers.taken(), top_100: top.taken(), linked: linked.taken() };
}

/** Takes the best of however many changes there are, who has left the board last; it never holds more than twice as many. */
class BestRanked<Change extends { rank: number | null }> {
  #held: Change[] = [];
  /** The worst rank among so many that whoever is no better is not told; NaN: there are not so many yet. */
  #last = Number.NaN;

  add(change: Change): void {
    if (rankIn(change) >= this.#last) return;
    this.#held.push(change);
    if (this.#held.length < 2 * MOST_CHANGES) return;
    this.#held = this.taken();
    this.#last = rankIn(this.#held.at(-1));
  }

  /** The best, in order of rank. */
  taken(): Change[] {
    return this.#held.sort((one, other) => rankIn(one) - rankIn(other) || 0).slice(0, MOST_CHANGES);
  }
}

const rankIn = (change?: { rank: number | null }): number => change?.rank ?? Number.POSITIVE_INFINITY;

/**
 * Who stood first in order at the tick before, in this season; null: nobody. Ranks do not tell, as several may share the
 * first one.
 */
async function championBefore(tx: Tx, { board, before }: Computed): Promise<number | null> {
  const { rows } = await sql<{ player: number | null }>`
    select (top_100 -> 0 ->> 'player')::bigint as player from leaderboard_snapshots
    where board_id = ${board.id} and tick = ${before.tick} and season = ${board.season}`.execute(tx);
  return rows[0]?.player ?? null;
}

/** The first in order, where the tick before had somebody else there; who is on the board no more goes unnamed. */
function championOf({ loaded, order, ranks }: Computed, before: number | null): SettledTick['champion'] {
  const [first] = order;
  if (first === undefined) return null;
  const player = loaded.players[first] ?? 0;
  if (player === before) return null;
  const isStillThere = before !== null && (ranks[loaded.players.indexOf(before)] ?? 0) > 0;
  return { player, previous: isStillThere ? before : null };
}
