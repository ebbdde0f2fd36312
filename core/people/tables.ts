import type { ColumnType, Generated } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Stamp } from '../../platform/database/tables.ts';

/** A person, whether or not linked to a Discord account. */
export interface PlayersTable {
  id: Generated<number>;
  merged_into: number | null;
  created_at: Stamp;
}

type Changing<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** What a person is in one community, and what its web app calls them. Names lie here, where they can be blanked. */
export interface ProfilesTable {
  community_id: string;
  player_id: number;
  /** The web app's own id. */
  web_id: Changing<string>;
  full_name: Changing<string>;
  email: Changing<string>;
  region: Changing<string>;
  company: Changing<string>;
  /** Set where the player wants to be on no board. */
  hidden_at: Changing<Date>;
  /** Set where an admin took the player off the boards. */
  excluded_at: Changing<Date>;
  exclusion_reason: Changing<string>;
  forgotten_at: Changing<Date>;
  created_at: Stamp;
  updated_at: ColumnType<Date, Date | undefined, Date>;
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
  profiles: ProfilesTable;
  links: LinksTable;
};

/** The database, knowing this area's tables. */
export function people(database: Database): Database<PeopleTables> {
  return database.withTables<PeopleTables>();
}
