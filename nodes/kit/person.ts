import type { Person } from '../../core/people/index.ts';
import type { Actor } from '../../platform/actor.ts';
import { expectDone } from '../../platform/discord/index.ts';
import type { Platform } from '../../platform/start.ts';

/**
 * The person who acts, with the roles that Discord gave with what they did; the roles' names are looked up as they are
 * now.
 * @returns null where nobody in person acts
 */
export async function personOf(platform: Platform, actor: Actor): Promise<Person | null> {
  const { player, discord_id: discordId, community } = actor;
  if (player === null) return null;
  if (actor.roles.length === 0) return { player, discordId, roles: [] };
  const roles = expectDone(await platform.discord.roles(community), 'Reading the roles');
  return { player, discordId, roles: roles.filter(({ id }) => actor.roles.includes(id)) };
}
