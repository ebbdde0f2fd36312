import { readFileSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from './home.ts';
import { writePrivately } from './home.ts';
import { findProcess } from './processes.ts';

/** The right to run a server on a folder. */
export type OwnerLock = {
  /** False once the folder was removed or replaced behind our back. */
  held(): boolean;
  release(): void;
};

const SQLITE_BUSY = 5;

function ownerOf(home: Home): number | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(home.owner, 'utf8'));
    const pid = typeof owner === 'object' && owner !== null && 'pid' in owner ? Number(owner.pid) : 0;
    return findProcess(pid) ? pid : null;
  } catch {
    return null;
  }
}

async function refusal(home: Home): Promise<Error> {
  // An owner that took the lock this very moment still has to write down who it is.
  let pid = ownerOf(home);
  for (let tries = 0; pid === null && tries < 20; tries++) {
    await sleep(25);
    pid = ownerOf(home);
  }
  const who = pid === null ? 'another process (perhaps in another container)' : `another process (pid ${pid})`;
  return new Error(
    `The database in ${home.folder} is already in use by ${who}. ` +
      'Stop that one first, or set GUILDHALL_DATA to another folder, or DATABASE_URL to a server that both can share.',
  );
}

/** Older Node-RED machines have no SQLite: the nodes load there all the same, and work with a server of one's own. */
async function sqlite(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch (error) {
    const fix = 'Update Node, or set DATABASE_URL to a PostgreSQL server.';
    throw new Error(`The embedded PostgreSQL needs Node 22.13 or newer, and this is ${process.version}. ${fix}`, {
      cause: error,
    });
  }
}

function inode(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.dev}:${stat.ino}` : null;
}

/**
 * Takes the folder for this process. The kernel holds the lock (SQLite's exclusive lock on an empty file is a POSIX
 * record lock), so it is free of races, ends with the process however that ends, and no stale one is ever found.
 * Such a lock is lost when its process opens and closes the file once more: nothing else may read `owner.lock`.
 */
export async function takeOwnership(home: Home): Promise<OwnerLock> {
  const { DatabaseSync: Database } = await sqlite();
  let database: DatabaseSync | null = null;
  try {
    database = new Database(home.lock);
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) === SQLITE_BUSY)
      throw await refusal(home);
    const { uid } = statSync(home.folder);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The file ${home.lock} could not be locked (${reason}). The folder belongs to user id ${uid} and this process ` +
        `runs as ${process.geteuid?.() ?? 'another'}: run it as that user, or set GUILDHALL_DATA to a folder of its ` +
        'own on a local disk.',
      { cause: error },
    );
  }
  const [held, taken] = [database, inode(home.lock)];
  try {
    writePrivately(home, home.owner, `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`);
  } catch (error) {
    held.close();
    throw error;
  }
  let released = false;
  return {
    held: () => taken !== null && inode(home.lock) === taken,
    release: () => {
      if (!released) held.close();
      released = true;
    },
  };
}
