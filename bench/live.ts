import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { middle, round } from './figures.ts';
import type { Broadcast } from './live/server.ts';
import type { Say } from './options.ts';

const VIEWERS = 2000;
const ROUNDS = 20;
/** Code that runs for the first times is slower. */
const WARM_UP = 3;
/** A board of ten tells so many at once, some 900 bytes. */
const ROWS = 10;

type Turn = Pick<Broadcast, 'blockMs' | 'processorMs'> & { lastMs: number };

/**
 * One broadcast to 2,000 viewers by the live feed and by a bare server that loops over all, in turns: for how long the
 * main thread is blocked, and when the last viewer hears it.
 * @param say hears of the progress
 */
export const benchLive = (say: Say): Promise<object> => measureLive(say, ROWS, ROUNDS);

/** The same with so many rows told at once, and so many rounds. */
export async function measureLive(say: Say, rows: number, rounds: number): Promise<object> {
  const halls: Hall[] = [];
  const turns: Record<string, Turn[]> = {};
  const memory: Record<string, number> = {};
  try {
    for (const kind of ['feed', 'bare']) halls.push(await openHall(kind, rows));
    for (let number = 1; number <= rounds + WARM_UP; number += 1) {
      for (const { kind, broadcast } of halls) {
        const { memoryMb, ...turn } = await broadcast(number);
        say(`${kind}, round ${number}: ${JSON.stringify(turn)}`);
        memory[kind] = Math.round(memoryMb);
        if (number > WARM_UP) turns[kind] = [...(turns[kind] ?? []), turn];
      }
    }
  } finally {
    for (const { close } of halls) close();
  }
  const { feed = [], bare = [] } = turns;
  return {
    viewers: VIEWERS,
    rows,
    feed: {
      ...middles(feed),
      longestBlockMs: round(Math.max(...feed.map(({ blockMs }) => blockMs))),
      memoryMb: memory.feed,
    },
    bare: {
      ...middles(bare),
      longestBlockMs: round(Math.max(...bare.map(({ blockMs }) => blockMs))),
      memoryMb: memory.bare,
    },
    blockRatio: ratio(feed, bare, 'blockMs'),
    lastRatio: ratio(feed, bare, 'lastMs'),
    processorRatio: ratio(feed, bare, 'processorMs'),
  };
}

interface Hall {
  kind: string;
  broadcast(number: number): Promise<Turn & { memoryMb: number }>;
  close(): void;
}

/** A server with all its viewers. */
async function openHall(kind: string, rows: number): Promise<Hall> {
  const server = fork(join(import.meta.dirname, 'live', 'server.ts'), [kind, String(rows)]);
  const port = await said<number>(server);
  const viewers = fork(join(import.meta.dirname, 'live', 'viewers.ts'), [String(port), String(VIEWERS)]);
  await said(viewers);
  return {
    kind,
    broadcast: async (number) => {
      viewers.send(number);
      await said(viewers);
      const heard = said<string>(viewers);
      server.send(number);
      const [last, { begun, blockMs, processorMs, memoryMb }] = await Promise.all([heard, said<Broadcast>(server)]);
      const lastMs = Number(BigInt(last) - BigInt(begun)) / 1e6;
      return { blockMs: round(blockMs), lastMs: round(lastMs), processorMs: round(processorMs), memoryMb };
    },
    close: () => {
      for (const child of [viewers, server]) child.disconnect();
    },
  };
}

/** The next thing that a child says. */
async function said<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message as T;
}

const middles = (turns: Turn[]) => ({
  blockMs: middle(turns.map(({ blockMs }) => blockMs)),
  lastMs: middle(turns.map(({ lastMs }) => lastMs)),
  processorMs: middle(turns.map(({ processorMs }) => processorMs)),
});

/** Of the rounds' ratios the middle one: what disturbed a round disturbed both. */
const ratio = (feed: Turn[], bare: Turn[], figure: keyof Turn): number =>
  round(middle(feed.map((turn, index) => turn[figure] / (bare[index]?.[figure] ?? 1))), 100);
