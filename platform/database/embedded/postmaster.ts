import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from './home.ts';
import type { RunningProcess } from './processes.ts';
import { allProcesses, findProcess, stillRuns } from './processes.ts';
import type { Runner } from './runner.ts';
import { sendSignal } from './runner.ts';
import { clusterName } from './settings.ts';

/** How long a fast shutdown may take before an immediate one is asked for. */
export const patienceMs = 8000;
/** PostgreSQL kills its own stragglers five seconds into an immediate shutdown. */
export const lastPatienceMs = 7000;

type PidFile = { pid: number; port: number; ready: boolean };

/** What PostgreSQL wrote about the server of this directory, or null. */
export function readPidFile(home: Home): PidFile | null {
  let text: string;
  try {
    text = readFileSync(join(home.data, 'postmaster.pid'), 'utf8');
  } catch {
    return null;
  }
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return Number.isSafeInteger(pid) ? { pid, port, ready: lines[7]?.trim() === 'ready' } : null;
}

type Verdict = 'ours' | 'foreign' | 'unrelated';

function judge(home: Home, found: RunningProcess): Verdict {
  if (found.command.split(' ').includes(`cluster_name=${clusterName(home.data)}`)) return 'ours';
  if (!/(^|\/)(postgres|postmaster)([ :]|$)/.test(found.command)) return 'unrelated';
  const data = statSync(home.data, { bigint: true });
  if (BigInt(found.uid) !== data.uid) return 'unrelated';
  try {
    // A server works in its data directory.
    const place = statSync(`/proc/${found.pid}/cwd`, { bigint: true });
    return place.dev === data.dev && place.ino === data.ino ? 'foreign' : 'unrelated';
  } catch {
    return 'foreign';
  }
}

/** A server of ours that runs in this data directory, ready or not; nothing is changed. */
export function findOwnServer(home: Home): { process: RunningProcess; port: number; ready: boolean } | null {
  const file = readPidFile(home);
  const found = file && findProcess(file.pid);
  return file && found && judge(home, found) === 'ours' ? { process: found, port: file.port, ready: file.ready } : null;
}

async function ends(one: RunningProcess, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(20)) {
    if (!stillRuns(one)) return true;
  }
  return !stillRuns(one);
}

/**
 * Ends the children of a server of ours that was killed. Most notice by themselves; one that is busy with a long
 * statement does not, and no new server may start before it is gone.
 */
export function endChildren(home: Home, runner: Runner, name: 'SIGQUIT' | 'SIGKILL'): void {
  const title = `postgres: ${clusterName(home.data)}: `;
  for (const { pid, command } of allProcesses()) if (command.startsWith(title)) sendSignal(runner, pid, name);
}

/**
 * Makes the data directory free: stops a server of ours that outlived its owner, refuses while somebody else's server
 * runs there, and leaves every other process alone. Returns a sentence about what was stopped, or null. Only for
 * whoever holds the folder's lock.
 */
export async function stopOrphan(home: Home, runner: Runner): Promise<string | null> {
  const file = readPidFile(home);
  const found = file && findProcess(file.pid);
  if (!file) return null;
  const verdict = found ? judge(home, found) : 'unrelated';
  if (verdict === 'foreign') {
    throw new Error(
      `A PostgreSQL server that Guildhall did not start (pid ${file.pid}) runs in ${home.data}. Stop it, or set ` +
        'GUILDHALL_DATA to another folder, or DATABASE_URL to that server.',
    );
  }
  if (!found || verdict === 'unrelated') {
    // The pid was given out again or belongs to a zombie; PostgreSQL would take that for a server and refuse.
    rmSync(join(home.data, 'postmaster.pid'), { force: true });
    return null;
  }
  sendSignal(runner, found.pid, 'SIGINT');
  if (!(await ends(found, patienceMs))) {
    if (stillRuns(found)) sendSignal(runner, found.pid, 'SIGQUIT');
    if (!(await ends(found, lastPatienceMs))) {
      throw new Error(
        `The PostgreSQL server that an earlier run left in ${home.data} (pid ${found.pid}) does not stop. ` +
          'End it by hand, then start again.',
      );
    }
  }
  return `A PostgreSQL server that an earlier run had left behind (pid ${found.pid}) was stopped first.`;
}
