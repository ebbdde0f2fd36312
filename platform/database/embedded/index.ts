import { existsSync, statSync } from 'node:fs';
import pg from 'pg';
import type { BinarySources } from './binaries.ts';
import { findBinaries } from './binaries.ts';
import { checkData, createCluster, removeUnfinished, renewPassword, wasShutDown } from './cluster.ts';
import type { Home } from './home.ts';
import { codeOf, homeIn, makeHome, openLog, readPassword } from './home.ts';
import type { OwnerLock } from './lock.ts';
import { takeOwnership } from './lock.ts';
import { findOwnServer, stopOrphan } from './postmaster.ts';
import { chooseRunner } from './runner.ts';
import { launchSomewhere } from './server.ts';
import { databaseName } from './settings.ts';
import { Supervisor } from './supervisor.ts';

/** A PostgreSQL server that runs for this process. */
export type EmbeddedPostgres = {
  /** Stays valid over restarts of the server. Holds the password: not for logs. */
  connectionString: string;
  /** What had to be put right before this start, in plain sentences, or null. */
  recovered: string | null;
  /** The server's process; another one after it ended by itself. */
  pid: number;
  /** Shuts the server down in good order. May be called more than once. */
  stop(): Promise<void>;
  /** Tells when the server ended by itself; it is started again without further ado. */
  onExit(listener: (why: string) => void): void;
};

export type EmbeddedOptions = { folder: string; log: (line: string) => void; binaries?: BinarySources };

// The server speaks no TLS on the loopback address, whatever PGSSLMODE asks of other connections.
function address(password: string, port: number): string {
  return `postgresql://${databaseName}:${password}@127.0.0.1:${port}/${databaseName}?sslmode=disable`;
}

async function verify(home: Home, connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  // A server that goes away while we ask fails the question, too.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    const cure =
      codeOf(error) === '28P01'
        ? `The password in ${home.password} is not the database's: remove that file and start again, a new one is set.`
        : `More is in ${home.log}.`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database in ${home.folder} started but refused us: ${reason}. ${cure}`, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

async function startOwned(home: Home, lock: OwnerLock, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const say = options.log;
  const recovered: string[] = [];
  const data = statSync(home.data, { throwIfNoEntry: false }) ?? null;
  const exists = data !== null;
  const runner = await chooseRunner(home, data);
  if (removeUnfinished(home) && !exists) recovered.push('A first start that was interrupted was begun anew.');
  const binaries = await findBinaries(runner, home, say, options.binaries);
  let password = readPassword(home);
  if (exists) {
    checkData(home, binaries);
    const orphan = await stopOrphan(home, runner);
    if (orphan !== null) recovered.push(orphan);
    if (!wasShutDown(home)) {
      recovered.push('PostgreSQL had not been shut down in good order and recovered everything from its log.');
    }
    if (password === null) {
      password = await renewPassword(home, runner, binaries);
      recovered.push(`The file ${home.password} was missing or cut short; the database has a new password.`);
    }
  } else {
    say(`Creating the database in ${home.folder}.`);
    password = await createCluster(home, runner, binaries);
  }
  const log = openLog(home);
  try {
    log.trim();
    const server = await launchSomewhere({ home, runner, binaries, log });
    const supervisor = new Supervisor({ home, runner, binaries, log }, lock, server, say);
    const connectionString = address(password, server.port);
    await verify(home, connectionString).catch(async (error: unknown) => {
      await supervisor.stop();
      throw error;
    });
    say(`PostgreSQL ${binaries.version} is ready on 127.0.0.1:${server.port} (pid ${server.pid}, ${home.folder}).`);
    for (const sentence of recovered) say(sentence);
    return {
      connectionString,
      recovered: recovered.length > 0 ? recovered.join(' ') : null,
      get pid() {
        return supervisor.pid;
      },
      stop: () => supervisor.stop(),
      onExit: (listener) => supervisor.onExit(listener),
    };
  } catch (error) {
    log.close();
    throw error;
  }
}

/**
 * Starts the embedded PostgreSQL of a folder, creating the database on the first start, and keeps it running until
 * `stop`. Refuses while another process owns the folder; a server that an owner left behind is stopped first.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const home = makeHome(options.folder);
  const lock = await takeOwnership(home);
  try {
    return await startOwned(home, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The connection string of the server that another process runs on this folder, or null when there is none that is
 * ready. For commands that work beside a running Guildhall.
 */
export function runningEmbeddedPostgres(folder: string): string | null {
  const home = homeIn(folder);
  if (!existsSync(home.data)) return null;
  const server = findOwnServer(home);
  const password = readPassword(home);
  return server?.ready && password !== null ? address(password, server.port) : null;
}
