import { sql } from 'kysely';
import type { Database } from './database/index.ts';
import { Fault } from './fault.ts';

/** A guild and how its community wants its rules. */
export interface Community {
  id: string;
  name: string;
  /** Roles whose holders decide requests, as ids or names. */
  approverRoles: string[];
  creditsPerRequest: number;
  creditsPerDay: number;
}

/** Keeps what the editor says of a community, so that every instance and every rule reads the same. */
export async function saveCommunity(database: Database, community: Community): Promise<void> {
  const settings = {
    name: community.name,
    approver_roles: JSON.stringify(community.approverRoles),
    credits_per_request: community.creditsPerRequest,
    credits_per_day: community.creditsPerDay,
  };
  await database
    .insertInto('communities')
    .values({ id: community.id, ...settings })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...settings, updated_at: sql<Date>`now()` }))
    .execute();
}

/** @throws Error when no such community has been set up */
export async function loadCommunity(database: Database, id: string): Promise<Community> {
  const row = await database
    .selectFrom('communities')
    .select(['id', 'name', 'approver_roles', 'credits_per_request', 'credits_per_day'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return {
    id: row.id,
    name: row.name,
    approverRoles: row.approver_roles,
    creditsPerRequest: row.credits_per_request,
    creditsPerDay: row.credits_per_day,
  };
}

/**
 * The community that somebody at a terminal means.
 * @param named its id; left out: the only one there is
 * @throws Fault with a sentence that names those there are
 */
export async function chooseCommunity(database: Database, named: string | undefined): Promise<string> {
  const communities = await database.selectFrom('communities').select(['id', 'name']).orderBy('id').execute();
  const [first] = communities;
  if (!first) {
    throw new Fault(
      'community-unknown',
      'There is no community yet. Start Guildhall once, with a community in its flows.',
    );
  }
  if (named === undefined && communities.length === 1) return first.id;
  if (named !== undefined && communities.some(({ id }) => id === named)) return named;
  const problem = named === undefined ? 'Which community is it for?' : `There is no community ${named}.`;
  const lines = communities.map(({ id, name }) => `  --community ${id}   ${name}`);
  throw new Fault('community-unknown', `${problem} There are:\n${lines.join('\n')}`);
}

/**
 * Stamps the database at its first start, and afterwards refuses to mix a demo's data with a live Discord.
 * @throws Error that says how to go on
 */
export async function stampInstallation(database: Database, kind: 'demo' | 'live', apiBase: string): Promise<void> {
  await database
    .insertInto('installation')
    .values({ kind, api_base: apiBase })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const stamp = await database.selectFrom('installation').selectAll().executeTakeFirstOrThrow();
  if (stamp.kind === kind) return;
  throw new Error(
    stamp.kind === 'demo'
      ? 'This database holds a demo, and DISCORD_BOT_TOKEN names a live bot. Set GUILDHALL_DATA to a new folder, or DATABASE_URL to a new database.'
      : 'This database belongs to a live Discord, and no live DISCORD_BOT_TOKEN is set. Set it, or set GUILDHALL_DATA or DATABASE_URL to something new for a demo.',
  );
}
