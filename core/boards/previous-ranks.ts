import type { LiveBoard } from './live-board.ts';
import { type Filter, isWhole } from './standings.ts';

/**
 * The ranks before, within a filter: among those who are in it now. One pass over them.
 * @returns for each slot; null where it was not on the board
 */
export function previousRanks(live: LiveBoard, slots: readonly number[], filter: Filter): (number | null)[] {
  const whole = slots.map((slot) => live.previousRank(slot));
  const asked = Uint32Array.from(new Set(whole.filter((rank) => rank !== null))).sort();
  const standings = live.loaded?.standings;
  if (isWhole(filter) || !standings || asked.length === 0) return whole;
  const worst = asked.at(-1) as number;
  // How many were better than each that is asked for, and not better than the one before it.
  const between = new Uint32Array(asked.length);
  for (const run of standings.runs(filter)) {
    for (const slot of run) {
      const rank = live.previousRank(slot) ?? worst;
      if (rank >= worst) continue;
      const at = firstAbove(asked, rank);
      between[at] = (between[at] as number) + 1;
    }
  }
  const within = new Map<number, number>();
  let rank = 1;
  for (const [at, one] of asked.entries()) {
    rank += between[at] as number;
    within.set(one, rank);
  }
  return whole.map((one) => (one === null ? null : (within.get(one) ?? null)));
}

/** The index of the first number above another; there is one. */
function firstAbove(sorted: Uint32Array, number: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
