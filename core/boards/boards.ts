import { sql } from 'kysely';
import { compiledOnce, type Parameter } from '../../platform/database/compiled.ts';
import type { Database } from '../../platform/database/index.ts';
import type { BoardDefinition } from './definition.ts';
import { boardTables } from './tables.ts';

/** A board with its season, as stored. */
export interface Board {
  id: number;
  community: string;
  key: string;
  definition: BoardDefinition;
  season: number;
  /** Log rows after this one count in the season. */
  seasonAfter: number;
  /** Deeds of it that did not count when scores were last made anew: a number would have grown too large. */
  passedOver: number;
}

const select = compiledOnce((database, parameter: Parameter<{ community: string }>) =>
  boardTables(database)
    .selectFrom('boards')
    .select(['id', 'community_id', 'key', 'definition', 'season', 'season_after', 'passed_over'])
    .where('community_id', '=', parameter('community'))
    .where('closed_at', 'is', null)
    .orderBy(sql`(definition ->> 'position')::int`)
    .orderBy('id'),
);

/** The boards that a community's flows have, the first one first. */
export async function boardsIn(database: Database, community: string): Promise<Board[]> {
  const rows = await select(database, { community });
  return rows.map((row) => ({
    id: row.id,
    community: row.community_id,
    key: row.key,
    definition: row.definition,
    season: row.season,
    seasonAfter: row.season_after,
    passedOver: row.passed_over,
  }));
}

/** Every metric that these boards know. */
export const metricsOf = (boards: Board[]): Set<string> =>
  new Set(boards.flatMap(({ definition }) => definition.metrics.map(({ name }) => name)));

/** Every metric that a community's boards know. */
export const metricsIn = async (database: Database, community: string): Promise<Set<string>> =>
  metricsOf(await boardsIn(database, community));
