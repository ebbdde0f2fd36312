import { refusal } from '../api/errors.ts';
import { newMember, removeMember } from '../members.ts';
import { guildCreate } from '../payloads/guilds.ts';
import { changeRole, createRole, deleteRole } from '../roles.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Guild, Role } from '../state/model.ts';
import type { World } from '../world.ts';

/**
 * Adds the bot to a guild with a managed role of these permissions; where it is already, its role gets them
 * (docs: topics/oauth2, "Bot Authorization Flow").
 */
export function installBot(world: World, guildId: string, permissions: string): void {
  const { store, bot } = world;
  const guild = store.get('guilds', guildId);
  if (guild === undefined) return;
  const role = store.all('roles').find(({ guild_id: id, tags }) => id === guildId && tags?.bot_id === bot.id);
  if (store.get('members', memberKey(guildId, bot.id)) === undefined) join(world, guild, role, permissions);
  else if (role !== undefined && role.permissions !== permissions) changeRole(world, role, { permissions });
}

/** The bot leaves a guild, and its role goes with it (docs: resources/user, "Leave Guild"). */
export function leaveGuild(world: World, guildId: string): void {
  const { store, bot } = world;
  const member = store.get('members', memberKey(guildId, bot.id));
  if (member === undefined) throw refusal(10004);
  world.gateway.dispatch('GUILD_DELETE', { id: guildId }, { guildId });
  removeMember(world, member);
  for (const role of store.all('roles')) {
    if (role.guild_id === guildId && role.tags?.bot_id === bot.id) deleteRole(world, role);
  }
}

function join(world: World, guild: Guild, old: Role | undefined, permissions: string): void {
  const { store, application, bot } = world;
  const role =
    old === undefined
      ? createRole(world, {
          guild_id: guild.id,
          name: application.name,
          color: 0,
          hoist: false,
          permissions,
          managed: true,
          mentionable: false,
          tags: { bot_id: bot.id },
        })
      : changeRole(world, old, { permissions });
  const member = newMember(world, guild.id, bot.id, { roles: [role.id] });
  store.put('members', memberKey(guild.id, bot.id), member);
  world.gateway.dispatch('GUILD_CREATE', guildCreate(store, guild, [member]), { guildId: guild.id });
}
