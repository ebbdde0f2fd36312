import { compiledOnce, type Parameter } from '../../platform/database/compiled.ts';
import type { Database } from '../../platform/database/index.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { InteractionUser } from '../../platform/intakes.ts';
import { type LinksTable, type PeopleTables, people } from './tables.ts';

export type { PeopleTables } from './tables.ts';

/** A player as others may see them. */
export interface Player {
  id: number;
  name: string;
  discord_id: string | null;
  discord_username: string | null;
}

const findLink = compiledOnce((database, parameter: Parameter<{ account: string }>) =>
  people(database)
    .selectFrom('links')
    .select(['player_id', 'discord_username', 'discord_display_name', 'discord_discriminator', 'discord_avatar'])
    .where('discord_id', '=', parameter('account')),
);

/**
 * The player behind a Discord account: a member who uses a command becomes one. Names are refreshed on the way.
 * @returns the player's id
 */
export async function playerOfMember(database: Database, user: InteractionUser): Promise<number> {
  const db = people(database);
  const names = {
    discord_username: user.username,
    discord_display_name: user.displayName,
    discord_discriminator: user.discriminator,
    discord_avatar: user.avatar,
  };
  const [link] = await findLink(database, { account: user.id });
  if (!link) return inTransaction(db, (tx) => becomePlayer(tx, user.id, names));
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
  return link.player_id;
}

/** @returns the player, or null when there is none of this id */
export async function findPlayer(database: Database, id: number): Promise<Player | null> {
  const row = await people(database)
    .selectFrom('players')
    .leftJoin('links', 'links.player_id', 'players.id')
    .select(['players.id', 'full_name', 'discord_id', 'discord_username', 'discord_display_name'])
    .where('players.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    name: row.full_name ?? row.discord_display_name ?? `Player ${row.id}`,
    discord_id: row.discord_id,
    discord_username: row.discord_username,
  };
}
