import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { nameOf, people, publicId } from '../people/index.ts';
import type { BoardPlayer } from './entry.ts';

/** How others know somebody of whom nothing is kept. */
const UNKNOWN = {
  web_id: null,
  full_name: null,
  discord_display_name: null,
  discord_id: null,
  region: null,
  company: null,
};

/** What others may know of players, and the Discord account by which a message reaches them. */
export async function namedPlayers(
  database: Database,
  community: string,
  players: number[],
): Promise<(player: number) => BoardPlayer & { discord_id: string | null }> {
  const rows = await people(database)
    .selectFrom('profiles')
    .leftJoin('links', 'links.player_id', 'profiles.player_id')
    .select(['profiles.player_id', 'web_id', 'full_name', 'discord_display_name', 'discord_id', 'region', 'company'])
    .where('community_id', '=', community)
    .where('profiles.player_id', '=', sql<number>`any(${players}::bigint[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.player_id, row]));
  return (player) => {
    const { web_id, discord_id, region, company, ...names } = byId.get(player) ?? UNKNOWN;
    return { id: publicId(player, web_id), name: nameOf(player, names), region, company, discord_id };
  };
}

/** The same without the account: what anybody may know. */
export async function knownPlayers(
  database: Database,
  community: string,
  players: number[],
): Promise<(player: number) => BoardPlayer> {
  const named = await namedPlayers(database, community, players);
  return (player) => {
    const { discord_id: _account, ...known } = named(player);
    return known;
  };
}
