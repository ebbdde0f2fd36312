import { sql } from 'kysely';
import type { Database } from './database/index.ts';

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
