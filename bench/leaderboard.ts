import { loadavg } from 'node:os';
import type { Guildhall } from './contenders.ts';
import { round } from './figures.ts';
import { benchDiscord } from './leaderboard/discord.ts';
import { benchFreshness } from './leaderboard/freshness.ts';
import { benchGrowth } from './leaderboard/growth.ts';
import { startHall } from './leaderboard/hall.ts';
import { benchHttp } from './leaderboard/http.ts';
import { type Prepared, type Server, startServer } from './leaderboard/prepare.ts';
import { benchQueries } from './leaderboard/queries.ts';
import { benchTick } from './leaderboard/tick.ts';
import { measureLive } from './live.ts';
import type { BenchOptions, Say } from './options.ts';

/** What a part is measured with. */
export interface Setting extends BenchOptions {
  say: Say;
  server: Server;
  /** A database with all the players, made when it is first asked for. */
  prepared(): Promise<Prepared>;
  /** The whole program with players, likewise. */
  hall(): Promise<Guildhall>;
}

/** A board tells the best so many of those who changed. */
const MOST_TOLD = 100;
const BROADCASTS = 10;

const PARTS: Record<string, (setting: Setting) => Promise<object>> = {
  tick: async ({ say, prepared }) => benchTick(say, await prepared()),
  freshness: async ({ say, prepared }) => benchFreshness(say, await prepared()),
  queries: async ({ say, prepared }) => benchQueries(say, await prepared()),
  viewers: ({ say }) => measureLive(say, MOST_TOLD, BROADCASTS),
  http: async ({ say, hall }) => benchHttp(say, await hall()),
  discord: async ({ say, hall }) => benchDiscord(say, await hall()),
  growth: ({ say, players, draw, server, prepared }) => {
    const prepare = async (size: number) => {
      if (size === players) return { prepared: await prepared(), done: async () => {} };
      const one = await server.prepare(size);
      return { prepared: one, done: one.drop };
    };
    return benchGrowth(say, players, prepare, draw);
  },
};

/** The leaderboard with a million players, or as many as are said, part by part. */
export async function benchLeaderboard(say: Say, options: BenchOptions): Promise<object> {
  const { players, only } = options;
  const unknown = only.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    throw new Error(`The leaderboard has no part ${unknown.join(', ')}. It has: ${Object.keys(PARTS).join(', ')}.`);
  }
  const server = await startServer(say);
  const prepared = onDemand(() => server.prepare(players));
  const hall = onDemand(() => startHall(say, players));
  const results: Record<string, object> = {};
  try {
    for (const [name, measure] of Object.entries(PARTS)) {
      if (only.length > 0 && !only.includes(name)) continue;
      say(`= ${name}`);
      const begun = performance.now();
      results[name] = await measure({ ...options, say, server, prepared: prepared.get, hall: hall.get });
      say(`${JSON.stringify(results[name])}, ${round((performance.now() - begun) / 1000)} s`);
    }
  } finally {
    await hall.made()?.then(
      ({ stop }) => stop(),
      () => {},
    );
    await server.stop();
  }
  return { players, loadAverage: loadavg().map((one) => round(one, 100)), ...results };
}

/** Made when it is first asked for, once. */
function onDemand<Made>(make: () => Promise<Made>): { get(): Promise<Made>; made(): Promise<Made> | undefined } {
  let made: Promise<Made> | undefined;
  return {
    get: () => {
      made ??= make();
      return made;
    },
    made: () => made,
  };
}
