import type { Tx } from '../../platform/database/index.ts';
import type { Columns, CsvRow } from './csv.ts';
import type { PlayersToLock } from './players-to-lock.ts';
import type { Problems } from './problems.ts';

/** What every kind of file is read and checked with. */
export interface Desk {
  tx: Tx;
  community: string;
  problems: Problems;
  /** Who must be locked before anything of theirs is written. */
  toLock: PlayersToLock;
}

/** How many rows are done, of all. */
export type Report = (done: number, all: number) => void;

/** A file of one kind: its rows are taken and checked, and written once everything is checked. */
export interface Sheet {
  readonly file: string;
  readonly columns: Columns;
  /** What becomes of the rows; what the audit keeps. */
  readonly counts: Readonly<Record<string, number>>;
  /** Checks rows by themselves and keeps them. */
  take(rows: CsvRow[]): Promise<void>;
  /** Checks what shows only when all rows of all files are there. */
  checkWhole(): Promise<void>;
  /** What has become of the rows, or would. */
  summary(isDone: boolean): string;
}

/** “12,000 players: 11,800 new, 200 brought up to date”: what there is none of is left out. */
export function summaryOf(thing: string, parts: [number, string][]): string {
  const all = parts.reduce((sum, [count]) => sum + count, 0);
  const named = parts.filter(([count]) => count > 0).map(([count, what]) => `${inWords(count)} ${what}`);
  return [counted(all, thing), ...(named.length > 0 ? [named.join(', ')] : [])].join(': ');
}

export const inWords = (count: number): string => count.toLocaleString('en-US');

export const counted = (count: number, thing: string): string => `${inWords(count)} ${thing}${count === 1 ? '' : 's'}`;
