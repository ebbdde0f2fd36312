import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wait } from '../../platform/clock.ts';
import { drawChart } from '../chart.ts';
import { middle, round } from '../figures.ts';
import type { Say } from '../options.ts';
import { startWorker, type Worker } from '../worker.ts';
import type { Loaded, Tick } from './instance.ts';
import type { Prepared } from './prepare.ts';

const SMALLEST = 10_000;
const STARTS = 3;
const TICKS = 3;
const CHANGED = 100;
/** What was only needed for reading has gone by then. */
const SETTLED_AFTER_MILLISECONDS = 3000;

/** What a board of one size takes. */
interface Size {
  players: number;
  /** Until it is live. */
  startMs: number;
  rankingMs: number;
  tickMs: number;
  /** Of the process beyond what it was before. */
  memoryMb: number;
  peakMb: number;
  /** What the board's lists hold of that. */
  bytesEach: number;
}

/** From ten thousand players to all, ten times as many each. */
export const sizesUpTo = (players: number): number[] => {
  const sizes: number[] = [];
  for (let size = SMALLEST; size < players; size *= 10) sizes.push(size);
  return [...sizes, players];
};

/**
 * What start, ticks and memory take of boards of every size.
 * @param prepare gives the database of a size, and what to do with it afterwards
 * @param draw the file that gets a chart of it; null: none
 */
export async function benchGrowth(
  say: Say,
  players: number,
  prepare: (players: number) => Promise<{ prepared: Prepared; done(): Promise<void> }>,
  draw: string | null,
): Promise<object> {
  const sizes: Size[] = [];
  for (const size of sizesUpTo(players)) {
    const { prepared, done } = await prepare(size);
    try {
      sizes.push(await measure(prepared));
    } finally {
      await done();
    }
    say(JSON.stringify(sizes.at(-1)));
  }
  if (draw !== null) writeFileSync(draw, chartOf(sizes));
  return { sizes };
}

async function measure({ connectionString, players }: Prepared): Promise<Size> {
  const starts: number[] = [];
  for (let start = 1; ; start += 1) {
    const instance = startWorker(join(import.meta.dirname, 'instance.ts'), connectionString, 3600);
    try {
      const before = await instance.ask<number>('memory');
      const { loadMs, peakMb, bytesEach } = await instance.ask<Loaded>('load');
      starts.push(loadMs);
      if (start < STARTS) continue;
      const { rankingMs, tickMs } = await someTicks(instance, players);
      await wait(SETTLED_AFTER_MILLISECONDS);
      const memoryMb = (await instance.ask<number>('memory')) - before;
      return {
        players,
        startMs: Math.round(middle(starts)),
        rankingMs: round(rankingMs, 100),
        tickMs: Math.round(tickMs),
        memoryMb: round(memoryMb),
        peakMb: round(peakMb),
        bytesEach: Math.round(bytesEach),
      };
    } finally {
      await instance.close();
    }
  }
}

async function someTicks(instance: Worker, players: number): Promise<Tick> {
  await instance.ask('firstTick');
  const ticks: Tick[] = [];
  for (let number = 1; number <= TICKS; number += 1) {
    await instance.ask('change', players, players / CHANGED);
    ticks.push(await instance.ask<Tick>('tick'));
  }
  return {
    rankingMs: middle(ticks.map(({ rankingMs }) => rankingMs)),
    tickMs: middle(ticks.map(({ tickMs }) => tickMs)),
  };
}

function chartOf(sizes: Size[]): string {
  const line = (name: string, figure: (size: Size) => number) => ({
    name,
    points: sizes.map((size) => [size.players, Math.max(figure(size), 0.01)] as const),
  });
  const spelled = sizes.map(
    ({ players, startMs, tickMs, rankingMs, memoryMb }) =>
      `${players} players: start ${startMs} ms, tick ${tickMs} ms, ranking ${rankingMs} ms, memory ${memoryMb} MB`,
  );
  return drawChart('What a board takes, by its players', `${spelled.join('; ')}.`, 'players', [
    {
      title: 'milliseconds',
      lines: [
        line('start', ({ startMs }) => startMs),
        line('tick', ({ tickMs }) => tickMs),
        line('ranking', ({ rankingMs }) => rankingMs),
      ],
    },
    { title: 'megabytes', lines: [line('memory', ({ memoryMb }) => memoryMb)] },
  ]);
}
