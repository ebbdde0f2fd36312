import { parseArgs } from 'node:util';

/** What may be said behind the names of benches. */
export interface BenchOptions {
  /** How many players the leaderboard has. */
  players: number;
  /** The parts of a bench that are measured; empty: all. */
  only: string[];
  /** The file that gets a drawn chart; null: none is drawn. */
  draw: string | null;
}

/** Hears of the progress. */
export type Say = (line: string) => void;

export type Bench = (say: Say, options: BenchOptions) => Promise<object>;

const PLAYERS = 1_000_000;
const FEWEST_PLAYERS = 1000;

/** @throws Error with a sentence, where something else was said */
export function readOptions(given: string[]): { names: string[]; options: BenchOptions } {
  const { positionals, values } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      players: { type: 'string', default: String(PLAYERS) },
      only: { type: 'string', multiple: true, default: [] },
      draw: { type: 'string' },
    },
  });
  const players = Number(values.players);
  if (!Number.isSafeInteger(players) || players < FEWEST_PLAYERS) {
    throw new Error(`--players takes a whole number, ${FEWEST_PLAYERS} or more.`);
  }
  return { names: positionals, options: { players, only: values.only, draw: values.draw ?? null } };
}
