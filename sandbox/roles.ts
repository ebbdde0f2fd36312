import { changeChannel } from './channels.ts';
import { changeMember } from './members.ts';
import { roleObject } from './payloads/guilds.ts';
import { rolesOf } from './rules/permissions.ts';
import type { Role } from './state/model.ts';
import type { World } from './world.ts';

/** What happens to roles: the state, then the gateway. */

/** Adds a role at the lowest place above @everyone; the others move up. */
export function createRole(world: World, role: Omit<Role, 'id' | 'position'>): Role {
  const { guild_id: guildId } = role;
  const created = { ...role, id: world.newId(), position: 1 };
  const others = rolesOf(world.store, guildId).map(({ id }) => id);
  world.store.put('roles', created.id, created);
  announce(world, 'GUILD_ROLE_CREATE', created);
  orderRoles(world, guildId, [guildId, created.id, ...others.filter((id) => id !== guildId)]);
  return created;
}

export function changeRole(world: World, role: Role, change: Partial<Role>): Role {
  const changed = { ...role, ...change };
  if (JSON.stringify(changed) === JSON.stringify(role)) return role;
  world.store.put('roles', role.id, changed);
  announce(world, 'GUILD_ROLE_UPDATE', changed);
  return changed;
}

/** Numbers a guild's roles in the order of `ids`, lowest first. */
export function orderRoles(world: World, guildId: string, ids: string[]): void {
  for (const [position, id] of ids.entries()) {
    const role = world.store.get('roles', id);
    if (role?.guild_id === guildId) changeRole(world, role, { position });
  }
}

/** Removes a role: members, overwrites and invites lose it. */
export function deleteRole(world: World, role: Role): void {
  const { id, guild_id: guildId } = role;
  for (const member of world.store.all('members')) {
    if (member.guild_id !== guildId || !member.roles.includes(id)) continue;
    changeMember(world, member, { roles: member.roles.filter((held) => held !== id) });
  }
  for (const channel of world.store.all('channels')) {
    if (!channel.permission_overwrites.some((overwrite) => overwrite.id === id)) continue;
    const kept = channel.permission_overwrites.filter((overwrite) => overwrite.id !== id);
    changeChannel(world, channel, { permission_overwrites: kept });
  }
  for (const invite of world.store.all('invites')) {
    if (!invite.role_ids.includes(id)) continue;
    world.store.put('invites', invite.code, { ...invite, role_ids: invite.role_ids.filter((held) => held !== id) });
  }
  world.store.remove('roles', id);
  world.gateway.dispatch('GUILD_ROLE_DELETE', { guild_id: guildId, role_id: id }, { guildId });
}

function announce(world: World, event: 'GUILD_ROLE_CREATE' | 'GUILD_ROLE_UPDATE', role: Role): void {
  const { guild_id: guildId } = role;
  world.gateway.dispatch(event, { guild_id: guildId, role: roleObject(role) }, { guildId });
}
