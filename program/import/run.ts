import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { sql } from 'kysely';
import { writeAudit } from '../../platform/audit.ts';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import { Fault } from '../../platform/fault.ts';
import { BalancesSheet } from './balances.ts';
import { Refused } from './checks.ts';
import { readCsv } from './csv.ts';
import { PlayersSheet } from './players.ts';
import { PlayersToLock } from './players-to-lock.ts';
import { Problems } from './problems.ts';
import type { Progress } from './progress.ts';
import { ScoresSheet } from './scores.ts';
import type { Desk, Report, Sheet } from './sheet.ts';

/** The kinds of files, in the order in which they are read and written. */
export const KINDS = ['players', 'scores', 'balances'] as const;
export type Kind = (typeof KINDS)[number];

export interface GivenFile {
  /** As it was named. */
  name: string;
  path: string;
}

export interface Import {
  community: string;
  files: Partial<Record<Kind, GivenFile>>;
  /** True: only checks. */
  isCheck: boolean;
  progress: Progress;
  /** Breaks it off: nothing is written then. */
  signal: AbortSignal;
}

/** What came of it: a line for each file, or what is wrong. Where anything is wrong nothing was written. */
export type Imported = { summaries: string[] } | { problems: string[]; count: number };

/** Checks all files, then writes all of them, in one transaction. */
export async function importFiles(database: Database, given: Import): Promise<Imported> {
  const names = KINDS.flatMap((kind) => given.files[kind]?.name ?? []);
  let problems = new Problems(names);
  try {
    const summaries = await inTransaction(database, (tx) => {
      problems = new Problems(names);
      return checkAndWrite(tx, given, problems);
    });
    if (summaries) {
      if (!given.isCheck) await analyze(database, given.files);
      return { summaries };
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  } finally {
    given.progress.clear();
  }
  return { problems: problems.lines(), count: problems.count };
}

/** What each kind fills. */
const TABLES: Record<Kind, string[]> = {
  players: ['players', 'profiles'],
  scores: ['score_log', 'board_scores'],
  balances: ['credit_ledger', 'credit_accounts'],
};

/** PostgreSQL would plan for some minutes as if the tables were as small as they were. */
async function analyze(database: Database, files: Import['files']): Promise<void> {
  const tables = KINDS.flatMap((kind) => (files[kind] ? TABLES[kind] : []));
  const all = sql.join(tables.map((table) => sql.table(table)));
  // It is written; for this nobody need begin again, as PostgreSQL does it later by itself.
  await sql`analyze ${all}`.execute(database).catch(() => {});
}

interface Sheets {
  players: PlayersSheet;
  scores: ScoresSheet | null;
  balances: BalancesSheet | null;
  /** Those of files. */
  all: [Kind, Sheet, GivenFile][];
}

/** @returns null where the files have problems */
async function checkAndWrite(tx: Tx, given: Import, problems: Problems): Promise<string[] | null> {
  const { community, isCheck, signal } = given;
  if (!isCheck) await beTheOnly(tx, community);
  await sql`select set_config('work_mem', '64MB', true)`.execute(tx);
  const desk: Desk = { tx, community, problems, toLock: await PlayersToLock.create(tx) };
  const sheets = await openSheets(desk, given.files);
  for (const [, sheet, file] of sheets.all) await read(desk, sheet, file, given);
  for (const [, sheet] of sheets.all) await sheet.checkWhole();
  if (problems.count > 0) return null;
  if (!isCheck) await write(desk, sheets, given);
  signal.throwIfAborted();
  return sheets.all.map(([, sheet]) => sheet.summary(!isCheck));
}

/** What the numbers of advisory locks about files begin with: "GF". */
const FILES = 0x4746;

async function beTheOnly(tx: Tx, community: string): Promise<void> {
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(${FILES}, hashtext(${community})) as free`.execute(tx);
  if (rows[0]?.free) return;
  throw new Fault('import-under-way', 'Another import into this community is under way. Begin again when it is done.');
}

async function openSheets(desk: Desk, files: Import['files']): Promise<Sheets> {
  // Others look up in it who is about to be new.
  const players = await PlayersSheet.open(desk, files.players?.name ?? '');
  const scores = files.scores ? await ScoresSheet.open(desk, files.scores.name) : null;
  const balances = files.balances ? await BalancesSheet.open(desk, files.balances.name) : null;
  const sheets = { players, scores, balances };
  const all = KINDS.flatMap((kind): Sheets['all'] => {
    const [sheet, file] = [sheets[kind], files[kind]];
    return sheet && file ? [[kind, sheet, file]] : [];
  });
  return { ...sheets, all };
}

async function read(desk: Desk, sheet: Sheet, file: GivenFile, { progress, signal }: Import): Promise<void> {
  const { size } = statSync(file.path);
  let done = 0;
  // While the database looks at some rows the next ones are read.
  let taking = Promise.resolve();
  progress.begin(`Checking ${file.name}`);
  for await (const { rows, bytes } of readCsv(file.name, file.path, sheet.columns, desk.problems)) {
    await taking;
    signal.throwIfAborted();
    taking = sheet.take(rows);
    taking.catch(() => {});
    done += rows.length;
    progress.reached(done, size > 0 ? Math.min(1, bytes / size) : 0);
  }
  await taking;
}

/**
 * In this order others wait for as little as can be: those who are new first, whom nobody else knows; then, with the
 * players locked in one order, what is theirs; last what everybody who is new on a board needs.
 */
async function write({ tx, community, toLock }: Desk, sheets: Sheets, given: Import): Promise<void> {
  const { players, scores, balances } = sheets;
  const source = `import:${randomUUID()}`;
  const step = (name: string): Report => {
    given.progress.begin(name);
    return (done, all) => {
      given.signal.throwIfAborted();
      given.progress.reached(done, done / all);
    };
  };
  await players.writeNew(step('Adding players'));
  const counting = (await scores?.begin(source)) ?? null;
  given.progress.begin('Locking players');
  await toLock.lock(community);
  await players.writeChanged(step('Bringing players up to date'));
  if (scores && counting) await scores.write(counting, step('Counting scores'));
  await balances?.write(step('Adding to balances'));
  for (const [kind, { counts }, { name }] of sheets.all) {
    await writeAudit(tx, {
      community,
      actor: { program: 'import' },
      action: `${kind}.imported`,
      subject: `import/${basename(name)}`,
      after: counts,
      source,
    });
  }
  given.progress.end();
  await counting?.finish();
}
