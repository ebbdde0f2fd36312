import { compiledOnce, type Parameter } from '../../platform/database/compiled.ts';
import type { Database } from '../../platform/database/index.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { InteractionUser } from '../../platform/intakes.ts';
import { type LinksTable, type PeopleTables, people } from './tables.ts';

export { type Person, refuseUnlessApprover } from './approvers.ts';
export {
  checkProfile,
  PROFILE_FIELDS,
  type ProfileProblem,
  type ProfileText,
  readProfile,
} from './profile-text.ts';
export { findPlayerId, findPlayers, forgetProfile, lockPlayers, type PlayerOf, publicId } from './profiles.ts';
export { compareProfiles, type GivenProfile, type SavedProfile, saveProfile, saveProfiles } from './save-profiles.ts';
export { type PeopleTables, people } from './tables.ts';

/** What others call a player: the web app's name, Discord's, or a number. */
export const nameOf = (id: number, names: { full_name: string | null; discord_display_name: string | null }): string =>
  names.full_name ?? names.discord_display_name ?? `Player ${id}`;

/** A player as others may see them. */
export interface Player {
  id: number;
  name: string;
  discord_id: string | null;
  discord_username: string | null;
}

const findLink = compiledOnce((database, parameter: Parameter<{ community: string; account: string }>) =>
  people(database)
    .selectFrom('links')
    .leftJoin('profiles', (join) =>
      join.onRef('profiles.player_id', '=', 'links.player_id').on('community_id', '=', parameter('community')),
    )
    .select(['discord_username', 'discord_display_name', 'discord_discriminator', 'discord_avatar'])
    .select(['links.player_id', 'profiles.player_id as known'])
    .where('discord_id', '=', parameter('account')),
);

/**
 * The player behind a Discord account: a member who uses a command becomes one. Names are refreshed on the way.
 * @param community where they are a member: it must have been set up
 * @returns the player's id
 */
export async function playerOfMember(database: Database, community: string, user: InteractionUser): Promise<number> {
  const db = people(database);
  const names = {
    discord_username: user.username,
    discord_display_name: user.displayName,
    discord_discriminator: user.discriminator,
    discord_avatar: user.avatar,
  };
  const [link] = await findLink(database, { community, account: user.id });
  if (!link) return inTransaction(db, (tx) => becomePlayer(tx, community, user.id, names));
  if (link.known === null) await addProfile(db, community, link.player_id);
  const changed = Object.entries(names).some(([name, value]) => link[name as keyof typeof names] !== value);
  if (changed) await db.updateTable('links').set(names).where('discord_id', '=', user.id).execute();
  return link.player_id;
}

/** @returns the player behind a Discord account, or null where it has none yet; nothing is written */
export async function playerBehind(database: Database, discordId: string): Promise<number | null> {
  const link = await people(database)
    .selectFrom('links')
    .select('player_id')
    .where('discord_id', '=', discordId)
    .executeTakeFirst();
  return link?.player_id ?? null;
}

/** Two commands at once make one player: the account's primary key decides, and the one that comes second yields. */
async function becomePlayer(
  tx: Database<PeopleTables>,
  community: string,
  discordId: string,
  names: Pick<LinksTable, 'discord_username' | 'discord_display_name' | 'discord_discriminator' | 'discord_avatar'>,
): Promise<number> {
  const { id } = await tx.insertInto('players').defaultValues().returning('id').executeTakeFirstOrThrow();
  const link = await tx
    .insertInto('links')
    .values({ discord_id: discordId, player_id: id, ...names })
    .onConflict((conflict) => conflict.column('discord_id').doUpdateSet(names))
    .returning('player_id')
    .executeTakeFirstOrThrow();
  if (link.player_id !== id) await tx.deleteFrom('players').where('id', '=', id).execute();
  await addProfile(tx, community, link.player_id);
  return link.player_id;
}

async function addProfile(database: Database<PeopleTables>, community: string, player: number): Promise<void> {
  await database
    .insertInto('profiles')
    .values({ community_id: community, player_id: player })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** @returns the player, or null when the community has none of this id */
export async function findPlayer(database: Database, community: string, id: number): Promise<Player | null> {
  const row = await people(database)
    .selectFrom('profiles')
    .leftJoin('links', (join) =>
      join.onRef('links.player_id', '=', 'profiles.player_id').on('forgotten_at', 'is', null),
    )
    .select(['profiles.player_id', 'full_name', 'discord_id', 'discord_username', 'discord_display_name'])
    .where('profiles.player_id', '=', id)
    .where('community_id', '=', community)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id,
    name: nameOf(id, row),
    discord_id: row.discord_id,
    discord_username: row.discord_username,
  };
}
