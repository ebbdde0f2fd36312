import { type Kysely, Kysely as KyselyDatabase, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { wait } from '../clock.ts';
import { type Log, limitBursts } from '../log.ts';
import { PreparingClient } from './prepared.ts';
import type { PlatformTables } from './tables.ts';

export type Database<Tables = PlatformTables> = Kysely<PlatformTables & Tables>;
export type Tx<Tables = PlatformTables> = Transaction<PlatformTables & Tables>;

/** PostgreSQL 15 brought `NULLS NOT DISTINCT` and MERGE; nothing older is tested. */
const OLDEST_POSTGRESQL = 150000;

// Counts and ids fit a double exactly up to 2^53; everything that may be larger is kept as text by its query.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
});

const TIMEOUTS = {
  // A stuck statement must not hold a connection for ever (a lock, a network that swallows packets).
  statement_timeout: 15_000,
  lock_timeout: 5000,
  idle_in_transaction_session_timeout: 15_000,
  // The server's own timeouts cannot tell us when the network swallows its answer.
  query_timeout: 20_000,
};
/** Milliseconds, as `options` of the connection: what is 0 cannot be given otherwise. */
const PATIENCE = '-c statement_timeout=0 -c lock_timeout=60000 -c idle_in_transaction_session_timeout=600000';
const RELAXATION = '-c synchronous_commit=off';

/**
 * Opens the pool. Nothing in it can end the process: errors of idle connections are logged, at most once a burst.
 * @param connectionString a PostgreSQL address; never logged
 * @param relaxed whether a commit does not wait for the disk (`synchronous_commit`): where PostgreSQL itself crashes,
 * what was written in the last half second may be gone. For what comes again by itself
 * @param patient whether statements take as long as they take, and locks are waited for for a minute: for a program of its
 * own that does one large thing
 */
export function openDatabase(
  connectionString: string,
  log: Log,
  { size = 16, relaxed = false, patient = false } = {},
): { database: Database; pool: pg.Pool } {
  const pool = new pg.Pool({
    // A plan that was made for an empty table is of no use once that has a million rows.
    Client: patient ? pg.Client : PreparingClient,
    connectionString,
    max: size,
    application_name: 'guildhall',
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(!patient && TIMEOUTS),
    options: [...(patient ? [PATIENCE] : []), ...(relaxed ? [RELAXATION] : [])].join(' '),
  });
  const report = limitBursts((message, count) => log.warn({ count }, `database connection lost: ${message}`));
  pool.on('error', (error) => {
    if (!pool.ending) report(error.message);
  });
  // A connection in use also emits 'error' beside rejecting its query; without a listener that ends the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return { database: new KyselyDatabase<PlatformTables>({ dialect: new PostgresDialect({ pool }) }), pool };
}

/** Opens connections for one part alone: whoever takes all others does not hold it up. */
export type Connect = (size: number) => { database: Database; close(): Promise<void> };

export const connector =
  (connectionString: string, log: Log): Connect =>
  (size) => {
    const { database, pool } = openDatabase(connectionString, log, { size });
    return { database, close: () => pool.end() };
  };

/**
 * Waits for the server and checks its version.
 * @throws Error that names DATABASE_URL when the server cannot be used
 */
export async function checkServer(database: Database, patienceMilliseconds: number): Promise<void> {
  const until = Date.now() + patienceMilliseconds;
  for (;;) {
    try {
      const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(
        database,
      );
      const version = Number(rows[0]?.version);
      if (version >= OLDEST_POSTGRESQL) return;
      throw new Error(
        `DATABASE_URL names PostgreSQL ${Math.floor(version / 10000)}, which is too old. Use version 15 or newer.`,
      );
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const passing = code === 'ECONNREFUSED' || code === '57P03' || code === 'ECONNRESET';
      if (!passing || Date.now() > until) {
        throw message.startsWith('DATABASE_URL')
          ? error
          : new Error(`DATABASE_URL cannot be used: ${message || code}. Check that the server runs and the address.`);
      }
      await wait(200);
    }
  }
}

const RETRIED = new Set(['40001', '40P01']); // serialization failure, deadlock (PostgreSQL, appendix A)

/**
 * Runs `work` in one transaction, again (three times at most) when PostgreSQL chose it as the victim of a deadlock.
 * `work` must therefore do nothing outside the transaction.
 */
export async function inTransaction<Tables, Result>(
  database: Database<Tables>,
  work: (tx: Tx<Tables>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction().execute(work);
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt >= 3 || code === undefined || !RETRIED.has(code)) throw error;
      await wait(10 * attempt * (1 + Math.random()));
    }
  }
}

/** The same transaction, seen with the platform's tables alone: an area's knows more tables, not fewer. */
export function asPlatform<Tables>(tx: Database<Tables>): Tx {
  return tx as unknown as Tx;
}
