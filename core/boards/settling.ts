import { sql } from 'kysely';
import { wait } from '../../platform/clock.ts';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import { Fault } from '../../platform/fault.ts';
import type { Leadership } from '../../platform/leadership.ts';
import { limitBursts } from '../../platform/log.ts';
import type { Platform } from '../../platform/start.ts';
import type { LiveBoard } from './live-board.ts';
import { changeBoards } from './locks.ts';
import { cleanBoards } from './retention.ts';
import { computeRanks, publishTick, type SettleContext } from './settle.ts';
import { noteBoard } from './store-board.ts';
import { boardTables } from './tables.ts';

const LOOK_MILLISECONDS = 250;
const CLEAN_EVERY_MILLISECONDS = 3_600_000;
const RETRY_MILLISECONDS = 1000;
const SETTLED_WITHIN_MILLISECONDS = 20_000;
/** After a change the next tick has something new, and the one behind it other previous ranks. */
const TICKS_AFTER_A_CHANGE = 2;

/** What became of a board at its newest tick. */
export interface Settled {
  board: string;
  title: string;
  tick: number;
  total_players: number;
  /** How long ranking took. */
  generation_duration_ms: number;
}

export interface Settling {
  /** Has a board settled, by whichever instance leads. @throws Fault where none does in time, or no flow has it */
  settleNow(live: LiveBoard): Promise<Settled>;
  stop(): Promise<void>;
}

/** Why a board may have to be settled. */
interface Due {
  isTime: boolean;
  isAsked: boolean;
  isSeasonOver: boolean;
  /** The history of everybody has nothing of this hour yet. */
  isNewHour: boolean;
  /** The database's time at which it was so. */
  at: string;
}

interface Parts {
  boards(): LiveBoard[];
  caughtUp(): Promise<void>;
  /** The newest log row that this instance knows. */
  seq(): number;
  /** What it shows has changed. */
  shown(live: LiveBoard): void;
}

/** Settles ticks and ends seasons where this instance leads; another takes over within a second where it dies. */
export function createSettling(
  platform: Pick<Platform, 'database' | 'events' | 'schedules' | 'log' | 'lead'>,
  { boards, caughtUp, seq, shown }: Parts,
): Settling {
  const { database, events, schedules, log } = platform;
  const closing = new AbortController();
  const { signal } = closing;
  const report = limitBursts((message, count) => log.warn({ count }, `boards: ${message}`));
  const reported = (error: Error): [] => {
    report(error.message);
    return [];
  };
  const leading = (async (): Promise<Leadership | null> => {
    for (;;) {
      try {
        return signal.aborted ? null : await platform.lead('boards');
      } catch (error) {
        reported(error as Error);
        await wait(RETRY_MILLISECONDS, signal);
      }
    }
  })();
  /** How many changes a board had at its last ticks, how many ticks there were since, and how many its history has. */
  const quiet = new Map<LiveBoard, { changes: number; ticks: number; kept: number | null }>();
  let cleanedAt = Number.NEGATIVE_INFINITY;

  /** The database's clock decides; where it was set back, a tick is not put off until it has caught up. */
  const findDue = async (): Promise<{ live: LiveBoard; due: Due }[]> => {
    const { rows } = await sql<Due & { id: number }>`
      select id, clock_timestamp()::text as at, settle_asked as "isAsked", coalesce(resets_at <= now(), false) as "isSeasonOver",
        settled_at is null or date_trunc('hour', settled_at) < date_trunc('hour', now()) as "isNewHour",
        settled_at is null or settled_at > now() + interval '1 second'
          or settled_at <= now() - (definition ->> 'settleSeconds')::int * interval '1 second' as "isTime"
      from boards where closed_at is null`.execute(database);
    return boards().flatMap((live) => {
      const due = rows.find(({ id }) => id === live.board.id);
      return due && live.loaded ? { live, due } : [];
    });
  };

  const isQuiet = (live: LiveBoard, { isNewHour }: Due): boolean => {
    const known = quiet.get(live);
    if (known?.changes !== live.changes || known.ticks < TICKS_AFTER_A_CHANGE) return false;
    // What came after an hour's first tick stands in no history yet.
    return !isNewHour || known.kept === live.changes;
  };

  const settleDue = async (live: LiveBoard, due: Due, context: SettleContext): Promise<void> => {
    if (due.isSeasonOver) return endSeason(live, context);
    if (!due.isAsked && (!due.isTime || isQuiet(live, due))) return;
    await caughtUp();
    const { changes } = live;
    const known = { seq: seq(), at: due.at };
    const computed = await computeRanks(live);
    const { settled } = await inTransaction(database, (tx) => publishTick(tx, context, computed, known));
    const before = quiet.get(live);
    quiet.set(live, {
      changes,
      ticks: before?.changes === changes ? before.ticks + 1 : 1,
      kept: due.isNewHour ? changes : (before?.kept ?? null),
    });
    live.keepSettled(settled);
    shown(live);
  };

  /** The last tick of a season and its archive, while nobody can write scores; then all begin anew. */
  const endSeason = async (live: LiveBoard, context: SettleContext): Promise<void> => {
    const { board } = live;
    const next = board.definition.reset ? schedules.next(board.definition.reset) : null;
    await inTransaction(database, async (tx) => {
      await changeBoards(tx, board.community);
      await caughtUp();
      const computed = await computeRanks(live);
      if (computed.board.season !== board.season) return;
      const { settled } = await publishTick(tx, context, computed, { seq: seq(), at: null });
      await archive(tx, live, settled.tick);
      await boardTables(tx)
        .updateTable('boards')
        .set({
          season: board.season + 1,
          passed_over: 0,
          season_after: sql<number>`(select coalesce(max(seq), 0) from score_log)`,
          season_began_at: sql<Date>`now()`,
          resets_at: next,
        })
        .where('id', '=', board.id)
        .execute();
      await sql`delete from settled_ranks where board_id = ${board.id}`.execute(tx);
      await noteBoard(tx, board);
    });
    await caughtUp();
  };

  const looking = (async () => {
    const leadership = await leading;
    if (!leadership) return;
    const context = { events, leadership };
    while (!signal.aborted) {
      await wait(LOOK_MILLISECONDS, signal);
      if (!leadership.leads()) continue;
      for (const { live, due } of await findDue().catch(reported)) {
        if (signal.aborted) break;
        await settleDue(live, due, context).catch(reported);
      }
      if (performance.now() - cleanedAt > CLEAN_EVERY_MILLISECONDS) {
        cleanedAt = performance.now();
        await cleanBoards(database).catch(reported);
      }
    }
  })();

  const ask = async (board: number): Promise<{ tick: number; at: string }> => {
    const { rows } = await sql<{ tick: number; at: string }>`
      update boards set settle_asked = true where id = ${board} and closed_at is null
      returning tick, clock_timestamp()::text as at`.execute(database);
    const [asked] = rows;
    if (!asked) throw new Fault('board-closed', 'No flow has the board any more: nobody settles it.');
    return asked;
  };

  return {
    settleNow: async ({ board }) => {
      const asked = await ask(board.id);
      const until = performance.now() + SETTLED_WITHIN_MILLISECONDS;
      while (!signal.aborted && performance.now() < until) {
        await wait(LOOK_MILLISECONDS / 5, signal);
        const ticks = await ticksSince(database, board.id, asked);
        const [found] = ticks.filter(({ knowsAll }) => knowsAll);
        if (found) return found;
        // One that was under way took the question with it.
        if (ticks.length > 0) await ask(board.id);
      }
      throw new Fault('not-settled', 'No instance settled the board in time. It comes with the next tick.', {
        retry: true,
      });
    },
    stop: async () => {
      closing.abort();
      await looking;
      await (await leading)?.stop();
    },
  };
}

/**
 * The ticks of a board after one, oldest first. One knows all that was committed at a time if it was begun later, or if
 * another one lies between.
 */
async function ticksSince(
  database: Database,
  board: number,
  { tick, at }: { tick: number; at: string },
): Promise<(Settled & { knowsAll: boolean })[]> {
  const { rows } = await sql<Settled & { knowsAll: boolean }>`
    select key as board, definition ->> 'title' as title, snapshot.tick, total_players, generation_duration_ms,
      generated_at >= ${at}::timestamptz or snapshot.tick > ${tick} + 1 as "knowsAll"
    from boards join leaderboard_snapshots as snapshot on board_id = boards.id
    where boards.id = ${board} and snapshot.tick > ${tick}
    order by snapshot.tick`.execute(database);
  return rows;
}

async function archive(tx: Tx, { board }: LiveBoard, tick: number): Promise<void> {
  await sql`
    insert into board_seasons (board_id, season, began_at, ended_at, top_100, total_players)
    select boards.id, boards.season, season_began_at, now(), top_100, total_players
    from boards join leaderboard_snapshots as snapshot on board_id = boards.id and snapshot.tick = ${tick}
    where boards.id = ${board.id}`.execute(tx);
  await sql`
    insert into rank_history (board_id, taken_at, chunk, season, ranks, scores)
    select board_id, now(), chunk, ${board.season}, ranks, scores from settled_ranks where board_id = ${board.id}
    on conflict do nothing`.execute(tx);
}
