import type { ColumnType, Generated } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Stamp } from '../../platform/database/tables.ts';

/** A person, whether or not linked to a Discord account. */
export interface PlayersTable {
  id: Generated<number>;
  web_id: string | null;
  email: string | null;
  full_name: string | null;
  merged_into: number | null;
  created_at: Stamp;
}

/** Player ↔ Discord account: one to one. */
export interface LinksTable {
  discord_id: string;
  player_id: number;
  discord_username: string;
  discord_display_name: string;
  discord_discriminator: string | null;
  discord_avatar: string | null;
  discord_access_token: ColumnType<string | null, undefined, string | null>;
  discord_refresh_token: ColumnType<string | null, undefined, string | null>;
  discord_linked_at: Stamp;
}

export type PeopleTables = {
  players: PlayersTable;
  links: LinksTable;
};

/** The database, knowing this area's tables. */
export function people(database: Database): Database<PeopleTables> {
  return database.withTables<PeopleTables>();
}
