import { monitorEventLoopDelay } from 'node:perf_hooks';
import { recordScores } from '../../core/boards/index.ts';
import { startBoards } from '../../core/boards/live.ts';
import type { LiveBoard } from '../../core/boards/live-board.ts';
import { computeRanks, publishTick } from '../../core/boards/settle.ts';
import { systemClock, wait } from '../../platform/clock.ts';
import { connector, inTransaction, openDatabase } from '../../platform/database/index.ts';
import { listen } from '../../platform/database/notifications.ts';
import { createEvents } from '../../platform/events.ts';
import { createIntakes } from '../../platform/intakes.ts';
import { startJobs } from '../../platform/jobs.ts';
import { type Leadership, lead } from '../../platform/leadership.ts';
import { createLog } from '../../platform/log.ts';
import { createSchedules } from '../../platform/schedules.ts';
import { createKeptAnswers } from '../../platform/web/kept-answers.ts';
import { createLiveFeed } from '../../platform/web/live-feed.ts';
import { answerTasks } from '../worker.ts';
import { COMMUNITY, usualBoard } from './prepare.ts';

/** What it takes to have a board. */
export interface Loaded {
  /** From the wish to have the board until it is live. */
  loadMs: number;
  /** What memory became more by it, at its most. */
  peakMb: number;
  /** Of that what the board's lists hold, a player. */
  bytesEach: number;
}

/** A tick: ranking alone, and all with what it stores. */
export interface Tick {
  rankingMs: number;
  tickMs: number;
}

/** Queries a second, in the process that has the board. */
export interface Queries {
  rank: number;
  around: number;
  top100: number;
}

/** What an instance did while it was watched. Of each change that it took over: the player, the log's number, and when. */
export interface Watched {
  players: Float64Array;
  reached: Float64Array;
  /** In milliseconds of the machine's clock. */
  at: Float64Array;
  delay: { p50: number; p95: number; p99: number; max: number };
  ticks: number;
}

/** The live boards of one instance and nothing else: no Node-RED, no Discord, no web. */
const [connectionString = '', settleSeconds] = process.argv.slice(2);
const log = createLog('warn');
const { database, pool } = openDatabase(connectionString, log);
const notifications = await listen(connectionString, log);
const jobs = await startJobs({ executeSql: (text, values) => pool.query(text, values) }, log);
const events = createEvents(database, database, jobs, notifications, log);
let leading: Promise<Leadership> | null = null;
const boards = startBoards({
  database,
  connect: connector(connectionString, log),
  events,
  keptAnswers: createKeptAnswers(),
  liveFeed: createLiveFeed({ clock: systemClock, addressOf: () => null }),
  schedules: createSchedules(database, jobs, events, createIntakes(), log),
  log,
  lead: (task) => {
    leading = lead(connectionString, task, log);
    return leading;
  },
});
/** Changes in a batch, as many as a web app may send at once. */
const BATCH = 10_000;
let batches = 0;

/** Resident memory, in MB. */
const memory = (): number => process.memoryUsage.rss() / 1024 ** 2;

function board(): LiveBoard {
  const [only] = boards.live();
  if (!only) throw new Error('there is no board');
  return only;
}

async function load(): Promise<Loaded> {
  const memoryBefore = memory();
  const begun = performance.now();
  await boards.add(COMMUNITY, usualBoard(Number(settleSeconds))).ready;
  while (!boards.live()[0]?.loaded) await wait(5);
  const loadMs = performance.now() - begun;
  const { loaded, settled } = board();
  const lists = loaded ? loaded.standings.bytes() + loaded.players.byteLength + loaded.linked.byteLength : 0;
  const bytes = lists + settled.ranks.byteLength + settled.previous.byteLength;
  return {
    loadMs,
    peakMb: process.resourceUsage().maxRSS / 1024 - memoryBefore,
    bytesEach: bytes / (loaded?.standings.size ?? 1),
  };
}

/** Where the board never settled the first tick comes by itself, at once. */
async function firstTick(): Promise<void> {
  while (board().settled.tick === 0) await wait(20);
}

/** So many players, chosen by chance, do something. */
async function change(players: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += BATCH) {
    batches += 1;
    const given = Array.from({ length: Math.min(BATCH, count - sent) }, (_, index) => ({
      id: `change-${process.pid}-${batches}-${index}`,
      player: `player-${1 + Math.floor(Math.random() * players)}`,
      campaigns_launched: 1 + Math.floor(Math.random() * 4),
    }));
    await recordScores({ database }, COMMUNITY, given, 'bench');
  }
  await boards.caughtUp();
}

/** Settles as the leader does, without the wait until it looks. */
async function tick(): Promise<Tick> {
  const live = board();
  const leadership = await leading;
  if (!leadership) throw new Error('nobody leads');
  const { rows } = await pool.query('select max(seq) as seq from score_log');
  const begun = performance.now();
  const computed = await computeRanks(live);
  const { settled } = await inTransaction(database, (tx) =>
    publishTick(tx, { events, leadership }, computed, { seq: rows[0].seq, at: null }),
  );
  live.keepSettled(settled);
  return { rankingMs: computed.took, tickMs: performance.now() - begun };
}

function queries(seconds: number): Queries {
  const { loaded } = board();
  if (!loaded) throw new Error('the board is not live');
  const { standings } = loaded;
  const slot = () => Math.floor(Math.random() * standings.size);
  const each = (ask: () => unknown): number => {
    const begun = performance.now();
    let asked = 0;
    for (; performance.now() - begun < seconds * 1000; asked += 100) for (let more = 0; more < 100; more += 1) ask();
    return asked / ((performance.now() - begun) / 1000);
  };
  return {
    rank: each(() => standings.rank(slot())),
    around: each(() => standings.page(Math.max(0, standings.position(slot()) - 5), 11)),
    top100: each(() => standings.page(0, 100)),
  };
}

const MOST_CHANGES = 1_000_000;
let watching: { end(): Watched } | null = null;

function watch(): void {
  const live = board();
  const [players, reached, at] = [0, 1, 2].map(() => new Float64Array(MOST_CHANGES)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let count = 0;
  const apply = live.apply.bind(live);
  live.apply = (state) => {
    const slot = apply(state);
    players[count] = state.player;
    reached[count] = state.reached;
    at[count] = Number(process.hrtime.bigint()) / 1e6;
    count += 1;
    return slot;
  };
  const ticksBefore = live.settled.tick;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  watching = {
    end: () => {
      delay.disable();
      live.apply = apply;
      const percentile = (share: number) => delay.percentile(share) / 1e6;
      return {
        players: players.slice(0, count),
        reached: reached.slice(0, count),
        at: at.slice(0, count),
        delay: { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: delay.max / 1e6 },
        ticks: live.settled.tick - ticksBefore,
      };
    },
  };
}

answerTasks(
  {
    load,
    memory,
    firstTick,
    change,
    tick,
    queries,
    watch,
    watched: async () => {
      await boards.caughtUp();
      return watching?.end();
    },
  },
  async () => {
    await boards.stop();
    await events.stop();
    await jobs.stop({ graceful: false });
    await notifications.close();
    await pool.end();
  },
);
