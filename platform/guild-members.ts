import { sql } from 'kysely';
import { type Database, inTransaction } from './database/index.ts';

/** A member as Discord has them now. */
export interface MemberState {
  id: string;
  roles: string[];
  joinedAt: string;
}

/** What is known of a member, with the number of its changes. */
export interface KnownMember extends MemberState {
  version: number;
}

/**
 * What Discord said last of each member: it tells neither which roles somebody had before nor who left meanwhile. Two
 * instances that hear the same at once store it once.
 */
export interface GuildMembers {
  /** @returns false where just this was known already */
  joined(community: string, member: MemberState): Promise<boolean>;
  /** @returns what was known, or null */
  left(community: string, id: string): Promise<KnownMember | null>;
  /** @returns what was known before with the new number of changes; null at the first sight and where nothing changed */
  changed(community: string, member: MemberState): Promise<KnownMember | null>;
  all(community: string): Promise<Map<string, KnownMember>>;
  /** Stores members that are all new. */
  fill(community: string, members: readonly MemberState[]): Promise<void>;
  /** What nobody follows any more is soon wrong. */
  forget(communities: readonly string[]): Promise<void>;
}

const CHUNK = 1000;

export function createGuildMembers(database: Database): GuildMembers {
  const rowOf = (community: string, { id, roles, joinedAt }: MemberState) => ({
    community_id: community,
    discord_id: id,
    roles: JSON.stringify(roles),
    joined_at: joinedAt,
  });
  return {
    joined: async (community, member) => {
      const row = await database
        .insertInto('guild_members')
        .values(rowOf(community, member))
        .onConflict((conflict) =>
          conflict
            .columns(['community_id', 'discord_id'])
            .doUpdateSet((set) => ({
              roles: set.ref('excluded.roles'),
              joined_at: set.ref('excluded.joined_at'),
              version: sql<number>`guild_members.version + 1`,
            }))
            .whereRef('guild_members.joined_at', '<>', 'excluded.joined_at'),
        )
        .returning('version')
        .executeTakeFirst();
      return row !== undefined;
    },
    left: async (community, id) => {
      const row = await database
        .deleteFrom('guild_members')
        .where('community_id', '=', community)
        .where('discord_id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row ? known(row) : null;
    },
    changed: (community, member) =>
      inTransaction(database, async (tx) => {
        const row = await tx
          .selectFrom('guild_members')
          .selectAll()
          .where('community_id', '=', community)
          .where('discord_id', '=', member.id)
          .forUpdate()
          .executeTakeFirst();
        if (!row) {
          await tx
            .insertInto('guild_members')
            .values(rowOf(community, member))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
          return null;
        }
        if (sameRoles(row.roles, member.roles)) return null;
        const version = row.version + 1;
        await tx
          .updateTable('guild_members')
          .set({ roles: JSON.stringify(member.roles), version })
          .where('community_id', '=', community)
          .where('discord_id', '=', member.id)
          .execute();
        return { ...known(row), version };
      }),
    all: async (community) => {
      const rows = await database
        .selectFrom('guild_members')
        .selectAll()
        .where('community_id', '=', community)
        .execute();
      return new Map(rows.map((row) => [row.discord_id, known(row)]));
    },
    fill: async (community, members) => {
      for (let at = 0; at < members.length; at += CHUNK) {
        await database
          .insertInto('guild_members')
          .values(members.slice(at, at + CHUNK).map((member) => rowOf(community, member)))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
    forget: async (communities) => {
      if (communities.length === 0) return;
      await database.deleteFrom('guild_members').where('community_id', 'in', communities).execute();
    },
  };
}

interface Row {
  discord_id: string;
  roles: string[];
  joined_at: string;
  version: number;
}

const known = ({ discord_id, roles, joined_at, version }: Row): KnownMember => ({
  id: discord_id,
  roles,
  joinedAt: joined_at,
  version,
});

/** Whether two lists hold the same roles, in whatever order. */
export function sameRoles(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((role) => after.includes(role));
}
