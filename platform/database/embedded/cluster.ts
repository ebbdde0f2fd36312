import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { Home } from './home.ts';
import { codeOf, keepPassword, newPassword, syncFolder, unfinishedPrefix } from './home.ts';
import type { Runner, ToolResult } from './runner.ts';
import { handOver, runTool, tryNamespace, withReach } from './runner.ts';
import { databaseName } from './settings.ts';

const UNLISTED_USER = /could not look up effective user ID (\d+)/;

/** What went wrong in a tool, without what it only reports. */
function complaint({ status, output, error }: ToolResult): string {
  const lines = `${output}\n${error}`.split('\n').filter((line) => /error|fatal|panic|ended by|could not/i.test(line));
  const text = lines.join('\n').trim() || error.trim();
  return text || `it ended with status ${status}`;
}

/** Removes what an interrupted first start left; true if there was anything. */
export function removeUnfinished(home: Home): boolean {
  const left = readdirSync(home.folder).filter((name) => name.startsWith(unfinishedPrefix));
  for (const name of left) {
    try {
      rmSync(join(home.folder, name), { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // Its initdb still writes; as every try has a folder of its own, the next start may remove it.
    }
  }
  return left.length > 0;
}

/** Runs a program that wants to know its user's name, which the server itself does not. */
async function runListed(runner: Runner, file: string, folder: string, args: (at: string) => string[], input = '') {
  const run = (as: Runner) => withReach(as, folder, ({ path, fd }) => runTool(as, file, args(path), { input, fd }));
  const result = await run(runner);
  const unlisted = UNLISTED_USER.exec(result.error)?.[1];
  if (unlisted === undefined) return result;
  // A user without a name may still be one with a name in a namespace of its own.
  const other = runner.kind === 'same' ? await tryNamespace() : { why: '' };
  const second = 'runner' in other ? await run(other.runner) : result;
  if (!UNLISTED_USER.test(second.error)) return second;
  throw new Error(
    `The database cannot be prepared by user id ${unlisted}, which has no entry in /etc/passwd. Run as a user that ` +
      'is listed there (in a container, for example --user node), or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** Runs statements in a data directory that no server serves, one a line, as PostgreSQL's superuser. */
async function runAlone(runner: Runner, binaries: Binaries, data: string, statements: readonly string[]) {
  // Neither a log nor an error may repeat a statement: it may hold the password.
  const quiet = ['-c', 'log_checkpoints=off', '-c', 'log_min_error_statement=panic', '-c', 'log_error_verbosity=terse'];
  const words = (at: string) => ['--single', '-D', at, ...quiet, 'postgres'];
  const result = await runListed(runner, binaries.postgres, data, words, `${statements.join('\n')}\n`);
  if (result.status !== 0 || /\b(ERROR|FATAL|PANIC):/.test(result.output + result.error)) {
    throw new Error(`The database in ${data} could not be prepared: ${complaint(result)}`);
  }
}

async function initialise(runner: Runner, binaries: Binaries, work: string): Promise<void> {
  const secret = join(work, 'superuser');
  writeFileSync(secret, `${newPassword()}\n`, { mode: 0o600 });
  handOver(runner, work, secret);
  const result = await runListed(runner, binaries.initdb, work, (at) => [
    ...['-D', join(at, 'data'), '--username=postgres', `--pwfile=${join(at, 'superuser')}`],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin'],
    ...['--builtin-locale=C.UTF-8', '--text-search-config=english', '--no-instructions'],
  ]);
  if (result.status !== 0) {
    throw new Error(
      `The database could not be created in ${work}: ${complaint(result)}. The folder must lie on a disk that keeps ` +
        'owners and permissions; set GUILDHALL_DATA to another one, or DATABASE_URL to a PostgreSQL server.',
    );
  }
  rmSync(secret);
}

/**
 * Creates the data directory with the empty database and its owner. All happens under another name; the directory
 * gets its own when it is complete.
 */
export async function createCluster(home: Home, runner: Runner, binaries: Binaries): Promise<string> {
  const work = mkdtempSync(join(home.folder, unfinishedPrefix));
  try {
    await initialise(runner, binaries, work);
    const password = newPassword();
    await runAlone(runner, binaries, join(work, 'data'), [
      `CREATE ROLE ${databaseName} LOGIN CREATEDB PASSWORD '${password}'`,
      `GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO ${databaseName}`,
      `CREATE DATABASE ${databaseName} OWNER ${databaseName}`,
    ]);
    keepPassword(home, password);
    renameSync(join(work, 'data'), home.data);
    syncFolder(home.folder);
    return password;
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Gives an existing database a new password, for when the file with the old one is gone. */
export async function renewPassword(home: Home, runner: Runner, binaries: Binaries): Promise<string> {
  const password = newPassword();
  await runAlone(runner, binaries, home.data, [`ALTER ROLE ${databaseName} PASSWORD '${password}'`]);
  // Only now: whoever is interrupted before this finds no password and sets one again.
  keepPassword(home, password);
  return password;
}

/** Refuses what is no data directory, cannot be read, or was written by another major version of PostgreSQL. */
export function checkData(home: Home, binaries: Binaries): void {
  const ours = binaries.version.split('.')[0];
  let written: string;
  try {
    written = readFileSync(join(home.data, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new Error(
      codeOf(error) === 'ENOENT'
        ? `${home.data} is no PostgreSQL data directory (it has no PG_VERSION). Restore it from a backup, or move ` +
            'it away to begin with an empty database.'
        : `The database in ${home.data} cannot be read by user id ${process.geteuid?.()} (${codeOf(error)}). ` +
            'Run as the user that owns it, or set GUILDHALL_DATA to another folder.',
      { cause: error },
    );
  }
  if (written === ours) return;
  throw new Error(
    `The data in ${home.data} was written by PostgreSQL ${written}, and this install brings PostgreSQL ${ours}. ` +
      'Back it up with the Guildhall that wrote it and restore it here into an empty folder.',
  );
}

/** Whether the last server stopped in good order, as PostgreSQL's control file says (1 is "shut down"). */
export function wasShutDown(home: Home): boolean {
  const state = readFileSync(join(home.data, 'global', 'pg_control')).readInt32LE(16);
  return state === 1;
}
