import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { saveCommunity } from '../../platform/communities.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { type Database, openDatabase } from '../../platform/database/index.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { createLog } from '../../platform/log.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..');
export const GUILD = '100000000000000001';
export const silent = createLog('silent');

let server: EmbeddedPostgres | null = null;
let folder = '';
let template: Promise<string> | null = null;

/** One server for all specs of a run: the one that is named, or an embedded one of this run. */
async function serverAddress(): Promise<string> {
  const { GUILDHALL_TEST_DATABASE_URL } = process.env;
  if (GUILDHALL_TEST_DATABASE_URL) return GUILDHALL_TEST_DATABASE_URL;
  if (!server) {
    folder = mkdtempSync(join(tmpdir(), 'guildhall-test-'));
    server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} });
  }
  return server.connectionString;
}

/** Ends what the specs of this run share. */
export async function stopTestServer(): Promise<void> {
  const made = await template;
  template = null;
  if (made && !server) await inAdmin(await serverAddress(), `drop database if exists ${made} with (force)`);
  await server?.stop();
  server = null;
  if (folder) rmSync(folder, { recursive: true, force: true });
}

export interface TestDatabase {
  connectionString: string;
  database: Database;
  pool: pg.Pool;
  drop(): Promise<void>;
}

/**
 * A fresh database of its own, migrated, with one community in it.
 * @param options `server` the address of another server than that of the run
 */
export async function createTestDatabase(options: { migrated?: boolean; server?: string } = {}): Promise<TestDatabase> {
  if (options.server) return opened(options.server, await createMigrated(options.server));
  const admin = await serverAddress();
  template ??= createMigrated(admin);
  return opened(admin, await create(admin, options.migrated === false ? 'template1' : await template));
}

function opened(admin: string, name: string): TestDatabase {
  const connectionString = addressOf(admin, name);
  const { database, pool } = openDatabase(connectionString, silent);
  return {
    connectionString,
    database,
    pool,
    drop: async () => {
      await database.destroy();
      await inAdmin(admin, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Takes five times as long as a copy of what was migrated. */
async function createMigrated(admin: string): Promise<string> {
  const name = await create(admin, 'template1');
  const { database } = openDatabase(addressOf(admin, name), silent);
  try {
    await migrate(database, ROOT);
    await saveCommunity(database, {
      id: GUILD,
      name: 'Test',
      approverRoles: ['Approver'],
      creditsPerRequest: 100,
      creditsPerDay: 1000,
    });
  } finally {
    await database.destroy();
  }
  return name;
}

async function create(admin: string, from: string): Promise<string> {
  const name = `guildhall_test_${randomBytes(6).toString('hex')}`;
  await inAdmin(admin, `create database ${name} template ${from}`);
  return name;
}

function addressOf(admin: string, name: string): string {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
}

/** True while somebody waits for a row that another transaction of this database has written or locked. */
export async function someoneWaits(database: Database): Promise<boolean> {
  // Within a transaction the first answer would stay.
  await sql`select pg_stat_clear_snapshot()`.execute(database);
  const { rows } = await sql<{ waits: boolean }>`
    select exists (
      select from pg_locks join pg_stat_activity using (pid)
      where not granted and locktype in ('transactionid', 'tuple') and datname = current_database()
    ) as waits`.execute(database);
  return rows[0]?.waits === true;
}

async function inAdmin(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
