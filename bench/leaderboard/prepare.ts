import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { type BoardDefinition, boardDefinition, DEFAULT_METRICS, DEFAULT_TIERS } from '../../core/boards/index.ts';
import { storeBoard } from '../../core/boards/store-board.ts';
import { saveCommunity } from '../../platform/communities.ts';
import { startEmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { openDatabase } from '../../platform/database/index.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { createLog } from '../../platform/log.ts';
import { round } from '../figures.ts';
import type { Say } from '../options.ts';
import { fillBoard } from './fill.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

export const COMMUNITY = '100000000000000001';

/** A database with one board and so many players on it. */
export interface Prepared {
  connectionString: string;
  players: number;
  /** Our number of the board. */
  board: number;
  drop(): Promise<void>;
}

/** Makes databases, of one embedded PostgreSQL of its own, with the settings that the program starts it with. */
export interface Server {
  prepare(players: number): Promise<Prepared>;
  stop(): Promise<void>;
}

/** The board that the flows have, settled as often as is said. */
export function usualBoard(settleSeconds = 3600): BoardDefinition {
  return boardDefinition.parse({
    key: 'all-time',
    title: 'All time',
    metrics: DEFAULT_METRICS,
    tiers: DEFAULT_TIERS,
    settleSeconds,
  });
}

export async function startServer(say: Say): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-bench-'));
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} });
  const prepare = async (players: number): Promise<Prepared> => {
    const begun = performance.now();
    const name = `bench_${randomBytes(6).toString('hex')}`;
    await withClient(postgres.connectionString, (client) => client.query(`create database ${name}`));
    const url = new URL(postgres.connectionString);
    url.pathname = `/${name}`;
    const board = await makeBoard(url.href);
    await withClient(url.href, (client) => fillBoard(client, COMMUNITY, board, players));
    say(`${players} players are there after ${round((performance.now() - begun) / 1000)} s`);
    return {
      connectionString: url.href,
      players,
      board,
      drop: () =>
        withClient(postgres.connectionString, async (client) => {
          await client.query(`drop database ${name} with (force)`);
        }),
    };
  };
  return {
    prepare,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Does something by a connection that has all the time it needs. */
export async function withClient<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeBoard(connectionString: string): Promise<number> {
  const { database, pool } = openDatabase(connectionString, createLog('warn'));
  try {
    await migrate(database, ROOT);
    const limits = { creditsPerRequest: 100, creditsPerDay: 1000 };
    await saveCommunity(database, { id: COMMUNITY, name: 'Bench', approverRoles: [], ...limits });
    return (await storeBoard(database, COMMUNITY, usualBoard(), null)).id;
  } finally {
    await pool.end();
  }
}
