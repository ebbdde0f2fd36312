import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A running process, as far as any user may see it. */
export type RunningProcess = {
  pid: number;
  uid: number;
  /** When it started; together with the pid it names one process, even after the pid is given out again. */
  start: string;
  command: string;
};

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function fromProc(pid: number): RunningProcess | null {
  const stat = read(`/proc/${pid}/stat`);
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (stat === null || uid === undefined) return null;
  // The name in parentheses may itself hold spaces and parentheses: the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  // A zombie has ended; nobody has fetched its exit code yet, which in a container may never happen.
  if (state === 'Z' || state === 'X' || start === undefined) return null;
  const command = (read(`/proc/${pid}/cmdline`) ?? '').split('\0').join(' ').trim();
  return { pid, uid: Number(uid), start, command };
}

/** As `ps` tells it, for systems without `/proc`; `which` selects the processes. */
export function fromPs(...which: string[]): RunningProcess[] {
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'stat=,pid=,uid=,lstart=,command=', ...which], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  const line = /^\s*([^Z\s]\S*)\s+(\d+)\s+(\d+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/gm;
  return [...(stdout ?? '').matchAll(line)].map(([, , pid, uid, start = '', command = '']) => ({
    pid: Number(pid),
    uid: Number(uid),
    start,
    command: command.trim(),
  }));
}

/** The process with this pid, or null when there is none (a zombie counts as none). */
export function findProcess(pid: number): RunningProcess | null {
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  return process.platform === 'linux' ? fromProc(pid) : (fromPs('-p', String(pid))[0] ?? null);
}

/** All processes that this user may see. */
export function allProcesses(): RunningProcess[] {
  if (process.platform !== 'linux') return fromPs('-ax');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => fromProc(Number(pid)) ?? []);
}

/** Whether that very process still runs, not another one with the same pid. */
export function stillRuns(one: RunningProcess): boolean {
  return findProcess(one.pid)?.start === one.start;
}
