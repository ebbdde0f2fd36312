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

/** Ends the embedded server of this run. */
export async function stopTestServer(): Promise<void> {
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

/** A fresh database of its own, migrated, with one community in it. */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const admin = await serverAddress();
  const name = `guildhall_test_${randomBytes(6).toString('hex')}`;
  await inAdmin(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const connectionString = url.href;
  const { database, pool } = openDatabase(connectionString, silent);
  if (options.migrated !== false) {
    await migrate(database, ROOT);
    await saveCommunity(database, {
      id: GUILD,
      name: 'Test',
      approverRoles: ['Approver'],
      creditsPerRequest: 100,
      creditsPerDay: 1000,
    });
  }
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
