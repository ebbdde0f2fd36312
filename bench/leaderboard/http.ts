import { join } from 'node:path';
import type { Guildhall } from '../contenders.ts';
import { middle, round } from '../figures.ts';
import type { Say } from '../options.ts';
import { startWorker, type Worker } from '../worker.ts';
import type { Answered } from './loader.ts';

export const PATH = '/api/leaderboard?limit=100';
export const CONNECTIONS = 50;
/** A reader asks so for an answer that a flow makes anew. */
export const ANEW = { 'Cache-Control': 'no-cache' };
const SECONDS = 3;
const ROUNDS = 5;
/** Belong to a connection, or change from one answer to the next. */
const OWN_HEADERS = ['connection', 'keep-alive', 'date', 'x-request-id'];

/**
 * The best hundred over HTTP by fifty connections: as a bare server sends the same bytes, from what is kept, and by the
 * shipped flow, in turns.
 */
export async function benchHttp(say: Say, guildhall: Guildhall): Promise<object> {
  const [raw, loader] = ['raw-server.ts', 'loader.ts'].map((file) => startWorker(join(import.meta.dirname, file))) as [
    Worker,
    Worker,
  ];
  try {
    const answer = await fetch(`${guildhall.url}${PATH}`, { headers: ANEW });
    if (answer.status !== 200) throw new Error(`${PATH} answers ${answer.status}: ${await answer.text()}`);
    const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.includes(name)).flat();
    const body = new Uint8Array(await answer.arrayBuffer());
    const [rawPort, port] = [await raw.ask<number>('serve', headers, body), Number(new URL(guildhall.url).port)];
    const ways: Record<string, [port: number, headers: object]> = {
      raw: [rawPort, {}],
      kept: [port, {}],
      flow: [port, ANEW],
    };
    const rounds: Record<string, Answered[]> = { raw: [], kept: [], flow: [] };
    // The first one warms them all.
    for (let number = 0; number <= ROUNDS; number += 1) {
      for (const [name, [at, more]] of Object.entries(ways)) {
        const answered = await loader.ask<Answered>('load', at, PATH, more, CONNECTIONS, SECONDS);
        say(`${name}, round ${number}: ${JSON.stringify(answered)}`);
        if (number > 0) rounds[name]?.push(answered);
      }
    }
    const { raw: bare = [], kept = [], flow = [] } = rounds;
    return {
      bytes: body.length,
      raw: middleRound(bare),
      kept: middleRound(kept),
      flow: middleRound(flow),
      failed: [...bare, ...kept, ...flow].reduce((sum, { failed }) => sum + failed, 0),
      keptRatio: ratio(kept, bare),
      flowRatio: ratio(flow, bare),
    };
  } finally {
    await Promise.all([raw.close(), loader.close()]);
  }
}

const middleRound = (rounds: Answered[]): Answered | undefined =>
  [...rounds].sort((one, other) => one.aSecond - other.aSecond)[Math.floor(rounds.length / 2)];

/** Of the rounds' ratios the middle one: what disturbed a round disturbed all. */
const ratio = (ours: Answered[], bare: Answered[]): number =>
  round(middle(ours.map(({ aSecond }, index) => aSecond / (bare[index]?.aSecond ?? 1))), 1000);
