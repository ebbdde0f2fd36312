import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { wait } from '../platform/clock.ts';
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../platform/database/embedded/index.ts';
import { openDatabase } from '../platform/database/index.ts';
import { migrate } from '../platform/database/migrate.ts';
import { createLog } from '../platform/log.ts';
import { freePort } from '../test/support/guildhall.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** The same flags and allocator for all: `npm start` has them, too. */
export const FLAGS = ['--max-semi-space-size=2', '--heap-growing-percent=15'];
const SURROUNDINGS = { PATH: process.env.PATH ?? '', MALLOC_ARENA_MAX: '1' };

/** A running program with a sandbox of its own. */
export interface Contender {
  name: string;
  sandbox: string;
  /** Memory of its main process, in MB. */
  memory(): number;
  /** Processor time that its main process has used, in milliseconds. */
  processorMs(): number;
  /** How many events wait for their cards. */
  waiting(): Promise<number>;
  stop(): Promise<void>;
}

/** Resident memory of a process, in MB. */
export function memoryOf(pid: number): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024);
}

/**
 * Processor time of a process, in milliseconds: unlike a latency it hardly changes with what else the machine does.
 * NaN where there is no /proc.
 */
function processorMsOf(pid: number): number {
  try {
    // After the name in brackets: state is field 3, user and system time are 14 and 15, in ticks of 10 ms (man proc_pid_stat).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** The whole program. */
export interface Guildhall extends Contender {
  /** Where it answers over HTTP. */
  url: string;
  /** The address of its database, while it runs. */
  database(): string;
  /** How long its first start took. */
  readyMs: number;
  /** Starts it again. @returns how long that took */
  start(): Promise<number>;
}

/** The whole of Guildhall with the shipped flows, as `npm start` runs it. */
export async function startGuildhall(): Promise<Guildhall> {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-bench-'));
  cpSync(join(ROOT, 'flows'), join(folder, 'flows'), { recursive: true });
  const [port, sandboxPort] = [await freePort(), await freePort()];
  let child: ChildProcess | undefined;
  const start = async (): Promise<number> => {
    const begun = performance.now();
    child = run([...FLAGS, join(DIST, 'program', 'start.js')], folder, {
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      SANDBOX_LIMITS: 'off',
      GUILDHALL_DATA: join(folder, 'data'),
      GUILDHALL_FLOWS: join(folder, 'flows'),
    });
    await answers(child, `http://127.0.0.1:${port}/health`);
    return Math.round(performance.now() - begun);
  };
  const readyMs = await start();
  const database = () => runningEmbeddedPostgres(join(folder, 'data', 'postgres')) ?? '';
  return {
    name: 'guildhall',
    sandbox: `http://127.0.0.1:${sandboxPort}`,
    readyMs,
    memory: () => memoryOf(child?.pid ?? 0),
    processorMs: () => processorMsOf(child?.pid ?? 0),
    waiting: () => countWaiting(database()),
    url: `http://127.0.0.1:${port}`,
    database,
    start: async () => {
      await end(child);
      return start();
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function countWaiting(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query('select count(*)::int as count from events where handled_at is null');
    return rows[0].count;
  } finally {
    await client.end();
  }
}

/** A bot of `bench/bots` beside a sandbox and a PostgreSQL with the same tables. */
export async function startBot(name: 'request-bot' | 'constant-bot'): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-bench-'));
  const sandbox = spawn(process.execPath, [join(DIST, 'sandbox', 'main.js')], {
    env: { ...SURROUNDINGS, SANDBOX_PORT: '0', SANDBOX_LIMITS: 'off', GUILDHALL_DATA: folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { url, application, guildId } = await message<{
    url: string;
    application: { botToken: string };
    guildId: string;
  }>(sandbox);
  const log = createLog('warn');
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} });
  const { database, pool } = openDatabase(postgres.connectionString, log);
  await migrate(database, DIST);
  await pool.end();
  const state = (await (await fetch(`${url}/sandbox/state`)).json()) as { channels: { id: string; name: string }[] };
  const bot = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, 'bots', `${name}.ts`)], {
    env: {
      ...SURROUNDINGS,
      DISCORD_API_BASE: `${url}/api`,
      DISCORD_BOT_TOKEN: application.botToken,
      DATABASE_URL: postgres.connectionString,
      GUILD: guildId,
      CARDS: state.channels.find((channel) => channel.name === 'credit-approvals')?.id ?? '',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await message(bot);
  return {
    name,
    sandbox: url,
    memory: () => memoryOf(bot.pid ?? 0),
    processorMs: () => processorMsOf(bot.pid ?? 0),
    waiting: () => countWaiting(postgres.connectionString),
    stop: async () => {
      await end(bot);
      await end(sandbox);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A Node-RED of the same version without anything of ours. @returns when it answered, and its memory then */
export async function measureBareNodeRed(): Promise<{ readyMs: number; memoryMb: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-bench-'));
  mkdirSync(join(folder, 'user'));
  const port = await freePort();
  const settings = { uiHost: '127.0.0.1', uiPort: port, flowFile: 'flows.json', telemetry: { enabled: false } };
  writeFileSync(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  writeFileSync(join(folder, 'user', 'flows.json'), '[]');
  const begun = performance.now();
  const red = join(ROOT, 'node_modules', 'node-red', 'red.js');
  const child = run([...FLAGS, red, '-s', join(folder, 'settings.js'), '-u', join(folder, 'user')], folder, {});
  try {
    await answers(child, `http://127.0.0.1:${port}/flows`);
    const readyMs = Math.round(performance.now() - begun);
    await settle();
    return { readyMs, memoryMb: memoryOf(child.pid ?? 0) };
  } finally {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** So long after a start or a load memory is read: what was only needed for that has gone. */
export const settle = (): Promise<void> => wait(8000);

function run(program: string[], cwd: string, environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, program, {
    cwd,
    env: { ...SURROUNDINGS, HOME: cwd, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  while (!(await fetch(url).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await wait(10);
  }
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolveMessage, reject) => {
    child.once('message', (sent) => resolveMessage(sent as T));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolveGone) => child.once('exit', resolveGone));
  child.kill('SIGTERM');
  await gone;
}
