import { join } from 'node:path';
import type { Guildhall } from '../contenders.ts';
import { type Latencies, load, post, type Typing } from '../load.ts';
import type { Say } from '../options.ts';
import { startWorker } from '../worker.ts';
import { ANEW, CONNECTIONS, PATH } from './http.ts';
import type { Answered } from './loader.ts';

const MEMBERS = 20;
const RATE = 5;
const SECONDS = 20;
const WARM_UP_SECONDS = 3;
const TYPING: Typing = { input: '/leaderboard', until: 'answeredMs' };

/**
 * `/leaderboard` in Discord, until members see the answer: alone, and while fifty connections ask the flow behind
 * `GET /api/leaderboard` as often as it answers.
 */
export async function benchDiscord(say: Say, { sandbox, url }: Guildhall): Promise<object> {
  const members = Array.from({ length: MEMBERS }, (_, index) => `board-reader-${index}`);
  for (const username of members) await post(sandbox, 'join', { username });
  await load(sandbox, members, RATE, WARM_UP_SECONDS, TYPING);
  const alone = await load(sandbox, members, RATE, SECONDS, TYPING);
  say(`alone: ${JSON.stringify(alone)}`);
  const loader = startWorker(join(import.meta.dirname, 'loader.ts'));
  try {
    const port = Number(new URL(url).port);
    const [http, underLoad] = await Promise.all([
      loader.ask<Answered>('load', port, PATH, ANEW, CONNECTIONS, SECONDS),
      load(sandbox, members, RATE, SECONDS, TYPING),
    ]);
    say(`under load: ${JSON.stringify(underLoad)}`);
    return { alone, underLoad, http } satisfies Record<string, Latencies | Answered>;
  } finally {
    await loader.close();
  }
}
