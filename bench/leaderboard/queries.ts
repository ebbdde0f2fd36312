import { join } from 'node:path';
import type { ChainableCommander, Redis } from 'ioredis';
import { round } from '../figures.ts';
import type { Say } from '../options.ts';
import { startWorker } from '../worker.ts';
import type { Loaded, Queries } from './instance.ts';
import { type Prepared, withClient } from './prepare.ts';
import { startRedis } from './redis.ts';

const SECONDS = 2;
const KEY = 'board';
const LOADED_AT_ONCE = 10_000;
const PIPELINED = 1000;
/** Five before, the player, and five after. */
const AROUND = 5;

/** Ranks, the places around somebody, and the best, in the process that has the board; the same of a Redis. */
export async function benchQueries(say: Say, prepared: Prepared): Promise<object> {
  const { loaded, queries } = await ourQueries(prepared);
  say(`in the process: ${JSON.stringify(queries)}`);
  const ours = { ...rounded(queries), bytesEach: Math.round(loaded.bytesEach) };
  const redis = await startRedis();
  if (!redis) {
    say('There is no redis-server on this machine: nothing stands beside these figures.');
    return { ours, redis: 'There is no redis-server on this machine.' };
  }
  try {
    const { client } = redis;
    const loadMs = await fill(client, prepared);
    const single = await each((ask) => ask(client), client);
    say(`a Redis, one at a time: ${JSON.stringify(single)}`);
    const pipelined = await each(pipeline, client);
    say(`a Redis, ${PIPELINED} together: ${JSON.stringify(pipelined)}`);
    const bytes = Number(await client.call('memory', 'usage', KEY, 'samples', '0'));
    return {
      ours,
      redis: {
        version: redis.version,
        loadMs: Math.round(loadMs),
        single: rounded(single),
        pipelined: rounded(pipelined),
        bytesEach: Math.round(bytes / prepared.players),
      },
      timesFaster: ratios(queries, single),
      timesFasterThanPipelined: ratios(queries, pipelined),
    };
  } finally {
    await redis.stop();
  }
}

async function ourQueries({ connectionString }: Prepared): Promise<{ loaded: Loaded; queries: Queries }> {
  const instance = startWorker(join(import.meta.dirname, 'instance.ts'), connectionString, 3600);
  try {
    const loaded = await instance.ask<Loaded>('load');
    return { loaded, queries: await instance.ask<Queries>('queries', SECONDS) };
  } finally {
    await instance.close();
  }
}

/** The same scores under the web app's ids. @returns milliseconds, without those of reading them */
async function fill(client: Redis, { connectionString, players }: Prepared): Promise<number> {
  let took = 0;
  await withClient(connectionString, async (database) => {
    for (let first = 0; first < players; first += LOADED_AT_ONCE) {
      const { rows } = await database.query<{ web_id: string; score: number }>(
        'select web_id, score from board_scores join profiles using (player_id) where slot >= $1 and slot < $2',
        [first, first + LOADED_AT_ONCE],
      );
      const begun = performance.now();
      await client.zadd(KEY, ...rows.flatMap(({ web_id, score }) => [score, web_id]));
      took += performance.now() - begun;
    }
  });
  return took;
}

type Asked = Redis | ChainableCommander;
/** Asks once; of what takes two questions in turn both are asked. */
type Ask = (asked: Asked) => unknown;

/** Asks the same again and again, in one of two manners. @returns how often a second */
async function each(manner: (ask: Ask, client: Redis) => unknown, client: Redis): Promise<Queries> {
  const players = await client.zcard(KEY);
  const some = () => Math.floor(Math.random() * players);
  const ids = Array.from({ length: PIPELINED }, () => `player-${1 + some()}`);
  const id = () => ids[Math.floor(Math.random() * ids.length)] ?? '';
  const asks: Record<keyof Queries, Ask> = {
    rank: (asked) => asked.zrevrank(KEY, id()),
    // What the second question needs of the first one's answer is known here: a script or a second way would give it.
    around: (asked) => {
      const place = some();
      asked.zrevrank(KEY, id());
      return asked.zrevrange(KEY, Math.max(0, place - AROUND), place + AROUND, 'WITHSCORES');
    },
    top100: (asked) => asked.zrevrange(KEY, 0, 99, 'WITHSCORES'),
  };
  const answered: Partial<Queries> = {};
  for (const [name, ask] of Object.entries(asks)) {
    const begun = performance.now();
    let count = 0;
    for (; performance.now() - begun < SECONDS * 1000; count += manner === pipeline ? PIPELINED : 1) {
      await manner(ask, client);
    }
    answered[name as keyof Queries] = count / ((performance.now() - begun) / 1000);
  }
  return answered as Queries;
}

function pipeline(ask: Ask, client: Redis): Promise<unknown> {
  const together = client.pipeline();
  for (let count = 0; count < PIPELINED; count += 1) ask(together);
  return together.exec();
}

const mapped = (queries: Queries, change: (value: number, name: keyof Queries) => number): Queries => ({
  rank: change(queries.rank, 'rank'),
  around: change(queries.around, 'around'),
  top100: change(queries.top100, 'top100'),
});
const rounded = (queries: Queries) => mapped(queries, (value) => Math.round(value));
const ratios = (ours: Queries, theirs: Queries) => mapped(ours, (value, name) => round(value / theirs[name]));
