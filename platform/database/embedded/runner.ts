import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, closeSync, lchownSync, mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { codeOf, unfinishedPrefix } from './home.ts';

type Account = { uid: number; gid: number };

/** How PostgreSQL's programs are run, since they refuse to work as root. */
export type Runner =
  | { kind: 'same' }
  | ({ kind: 'switched' } & Account)
  /** Another user only in a user namespace of its own: outside it, files stay ours. */
  | ({ kind: 'namespace' } & Account);

export type ToolResult = { status: number | null; output: string; error: string };

/** A folder as a program of PostgreSQL is to name it; `fd` is to be its fourth stream. */
export type Reach = { path: string; fd: number | null };

const ADVICE = 'Run it as an ordinary user, or set DATABASE_URL to a PostgreSQL server.';

/** The user for work that needs no rights: initdb wants one that is listed. */
function unprivilegedAccount(): Account {
  let accounts: string[][] = [];
  try {
    accounts = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    // No list: the usual number is as good as any.
  }
  const usual = accounts.find((account) => account[2] === '65534') ?? accounts.find(([name]) => name === 'nobody');
  const [uid, gid] = [Number(usual?.[2] ?? 65534), Number(usual?.[3] ?? 65534)];
  return uid > 0 && gid > 0 ? { uid, gid } : { uid: 65534, gid: 65534 };
}

function commandFor(runner: Runner, file: string, args: readonly string[]): [string, readonly string[]] {
  if (runner.kind !== 'namespace') return [file, args];
  const { uid, gid } = runner;
  return ['unshare', ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', file, ...args]];
}

/** Starts a program of PostgreSQL with a small environment: libpq's and the locale's variables would change it. */
export function spawnAs(
  runner: Runner,
  file: string,
  args: readonly string[],
  options: { stdio: StdioOptions; detached?: boolean },
): ChildProcess {
  const [command, all] = commandFor(runner, file, args);
  const account = runner.kind === 'switched' ? { uid: runner.uid, gid: runner.gid } : {};
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
  return spawn(command, all, { ...account, ...options, env, cwd: '/' });
}

/** Runs a program to its end. */
export function runTool(
  runner: Runner,
  file: string,
  args: readonly string[],
  { input = '', fd = null }: { input?: string; fd?: number | null } = {},
): Promise<ToolResult> {
  return new Promise((done) => {
    let [output, error] = ['', ''];
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(fd === null ? [] : [fd])];
    let child: ChildProcess;
    try {
      child = spawnAs(runner, file, args, { stdio });
    } catch (fault) {
      // Node throws some errors (no right to become that user) and emits others.
      return done({ status: null, output, error: codeOf(fault) || String(fault) });
    }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      error += text;
    });
    child.once('error', (fault) => done({ status: null, output, error: codeOf(fault) || fault.message }));
    child.once('close', (status, signal) =>
      done({ status, output, error: signal ? `${error}\nended by ${signal}` : error }),
    );
    // A program that ends without reading is no fault of this pipe.
    child.stdin?.on('error', () => {}).end(input);
  });
}

/**
 * Gives a program a folder. Another user may have no way through the folders above it (`/root`, a closed home), so
 * that one gets the open folder, handed over as a descriptor.
 */
export async function withReach<T>(runner: Runner, folder: string, use: (reach: Reach) => T | Promise<T>): Promise<T> {
  if (runner.kind !== 'switched') return await use({ path: folder, fd: null });
  const fd = openSync(folder, 'r');
  try {
    return await use({ path: '/proc/self/fd/3', fd });
  } finally {
    closeSync(fd);
  }
}

/** Gives files to the user that PostgreSQL runs as. */
export function handOver(runner: Runner, ...paths: string[]): void {
  if (runner.kind === 'switched') for (const path of paths) chownSync(path, runner.uid, runner.gid);
}

function handOverTree(account: Account, path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isDirectory()) handOverTree(account, at);
    else lchownSync(at, account.uid, account.gid);
  }
  // Last, so that an interrupted walk is done again.
  lchownSync(path, account.uid, account.gid);
}

/** Signals a process of the runner's; root without the right to signal other users asks that user to do it. */
export function sendSignal(runner: Runner, pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'EPERM' || runner.kind !== 'switched') return;
    const { uid, gid } = runner;
    spawnSync('/bin/sh', ['-c', 'kill -s "$1" "$2"', 'sh', name.slice(3), String(pid)], { uid, gid, cwd: '/' });
  }
}

async function cannotRun(runner: Runner): Promise<string | null> {
  const { status, error } = await runTool(runner, '/bin/sh', ['-c', ':']);
  return status === 0 ? null : error.trim() || `status ${status}`;
}

/** Whether a user namespace can be opened here; the reason if not. */
export async function tryNamespace(): Promise<{ runner: Runner } | { why: string }> {
  if (process.platform !== 'linux') return { why: 'only Linux has user namespaces' };
  const runner: Runner = { kind: 'namespace', ...unprivilegedAccount() };
  const why = await cannotRun(runner);
  if (why === null) return { runner };
  return { why: why === 'ENOENT' ? 'the program unshare is missing' : why };
}

async function trySwitch(home: Home): Promise<{ runner: Runner } | { why: string }> {
  const runner: Runner = { kind: 'switched', ...unprivilegedAccount() };
  const why = await cannotRun(runner);
  if (why !== null) return { why: `${why} on changing to user id ${runner.uid}` };
  const trial = mkdtempSync(join(home.folder, unfinishedPrefix));
  try {
    handOver(runner, trial);
    readdirSync(trial);
    return { runner };
  } catch (error) {
    return { why: `${codeOf(error)} on sharing files with user id ${runner.uid}` };
  } finally {
    rmdirSync(trial);
  }
}

/**
 * Finds out how to run PostgreSQL here. An ordinary user simply does; root becomes the owner of existing data, else
 * an unprivileged user, else (where a container forbids that) the same in a user namespace.
 */
export async function chooseRunner(home: Home, dataOwner: Account | null): Promise<Runner> {
  const uid = process.geteuid?.();
  if (uid === undefined) {
    throw new Error(
      `The embedded database does not run on ${process.platform}. Set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  if (uid !== 0) {
    if (dataOwner === null || dataOwner.uid === uid) return { kind: 'same' };
    throw new Error(
      `The database in ${home.data} belongs to user id ${dataOwner.uid}, and this process runs as ${uid}. ` +
        'Run it as that user or as root, or set GUILDHALL_DATA to a folder of its own.',
    );
  }
  if (process.platform !== 'linux') {
    throw new Error(`The embedded database does not run as root on ${process.platform}. ${ADVICE}`);
  }
  if (dataOwner !== null && dataOwner.uid !== 0) {
    const owner: Runner = { kind: 'switched', uid: dataOwner.uid, gid: dataOwner.gid };
    const why = await cannotRun(owner);
    if (why === null) return owner;
    throw new Error(
      `The database in ${home.data} belongs to user id ${owner.uid}, which this process may not become (${why}). ` +
        'Run it as that user, or set GUILDHALL_DATA to another folder.',
    );
  }
  const switched = await trySwitch(home);
  if ('runner' in switched) {
    if (dataOwner !== null && switched.runner.kind === 'switched') handOverTree(switched.runner, home.data);
    return switched.runner;
  }
  const namespaced = await tryNamespace();
  if ('runner' in namespaced) return namespaced.runner;
  throw new Error(
    'PostgreSQL refuses to run as root, and this process can neither become another user ' +
      `(${switched.why}) nor open a user namespace (${namespaced.why}). ${ADVICE}`,
  );
}
