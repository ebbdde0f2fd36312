import { changeChannel } from '../channels.ts';
import { changeRole, orderRoles } from '../roles.ts';
import { ALL_PERMISSIONS, memberKey, PERMISSION, rolesOf, standsAbove } from '../rules/permissions.ts';
import type { Channel, Handicap, Role } from '../state/model.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';

/** What an admin commonly gets wrong, made on purpose and taken back: the bot lacks a permission, a role stands too high. */

/** Takes a permission from the bot in a guild: from its roles, and in channels where everybody has it. */
export function takePermission(world: World, guildId: string, name: string): void {
  const handicap = handicapOf(world, guildId);
  if (!handicap.permissions.includes(name)) {
    change(world, { ...handicap, permissions: [...handicap.permissions, name] });
  }
}

export function givePermissionBack(world: World, guildId: string, name: string): void {
  const handicap = handicapOf(world, guildId);
  change(world, { ...handicap, permissions: handicap.permissions.filter((other) => other !== name) });
}

/** Moves a role above the bot's. @throws ControlError when it stands there already */
export function raiseRole(world: World, role: Role): void {
  const { id: roleId, guild_id: guildId } = role;
  const handicap = handicapOf(world, guildId);
  if (handicap.raised.some((raised) => raised.role_id === roleId)) return;
  const bot = world.store.get('members', memberKey(guildId, world.bot.id));
  const all = rolesOf(world.store, guildId);
  const above = all.findLast(({ id }) => bot?.roles.includes(id));
  const below = all[all.findIndex(({ id }) => id === roleId) - 1];
  if (bot?.roles.includes(roleId) || above === undefined || below === undefined) {
    throw new ControlError(409, `the role "${role.name}" is the bot's own`);
  }
  if (bot === undefined || !standsAbove(world.store, bot, role)) {
    throw new ControlError(409, `the role "${role.name}" stands above the bot's already`);
  }
  place(world, role, above.id);
  keep(world, { ...handicap, raised: [...handicap.raised, { role_id: roleId, below_id: below.id }] });
}

export function lowerRole(world: World, guildId: string, roleId: string): void {
  const handicap = handicapOf(world, guildId);
  const raised = handicap.raised.find((candidate) => candidate.role_id === roleId);
  const role = world.store.get('roles', roleId);
  if (role !== undefined && raised !== undefined) place(world, role, raised.below_id);
  keep(world, { ...handicap, raised: handicap.raised.filter((candidate) => candidate !== raised) });
}

function handicapOf(world: World, guildId: string): Handicap {
  const none = { guild_id: guildId, permissions: [], roles: {}, denied: {}, raised: [] };
  return world.store.get('handicaps', guildId) ?? none;
}

function keep(world: World, handicap: Handicap): void {
  const { guild_id: id, permissions, raised } = handicap;
  if (permissions.length + raised.length > 0) world.store.put('handicaps', id, handicap);
  else world.store.remove('handicaps', id);
}

/** Brings roles and channels to what a handicap says, from what they were before it. */
function change(world: World, handicap: Handicap): void {
  const { store, bot } = world;
  const { guild_id: guildId, permissions } = handicap;
  const taken = permissions.reduce((bits, name) => bits | bitOf(name), 0n);
  const own = (store.get('members', memberKey(guildId, bot.id))?.roles ?? []).flatMap(
    (id) => store.get('roles', id) ?? [],
  );
  const before = { ...handicap.roles };
  for (const role of own) {
    const original = before[role.id] ?? role.permissions;
    before[role.id] = original;
    // An administrator lacks nothing: one that does lack something is none, but may do all the rest.
    const all = BigInt(original) & PERMISSION.ADMINISTRATOR ? ALL_PERMISSIONS & ~PERMISSION.ADMINISTRATOR : undefined;
    const left = taken === 0n ? BigInt(original) : (all ?? BigInt(original)) & ~taken;
    changeRole(world, role, { permissions: String(left) });
  }
  const botRole = own.find((role) => role.tags?.bot_id === bot.id) ?? own[0];
  const shared = taken & BigInt(store.get('roles', guildId)?.permissions ?? 0);
  const denied: Record<string, string> = {};
  for (const channel of store.all('channels').filter((candidate) => candidate.guild_id === guildId)) {
    if (botRole === undefined) continue;
    const bits = deny(world, channel, botRole.id, BigInt(handicap.denied[channel.id] ?? 0), shared);
    if (bits !== 0n) denied[channel.id] = String(bits);
  }
  keep(world, { ...handicap, roles: taken === 0n ? {} : before, denied });
}

/** Denies a role `wanted` in a channel instead of `earlier`, which came from here too; returns what it newly denies. */
function deny(world: World, channel: Channel, roleId: string, earlier: bigint, wanted: bigint): bigint {
  const known = channel.permission_overwrites.find(({ id }) => id === roleId);
  const others = channel.permission_overwrites.filter(({ id }) => id !== roleId);
  const base = BigInt(known?.deny ?? 0) & ~earlier;
  const added = wanted & ~base;
  if (added === earlier) return added;
  const overwrite = { id: roleId, type: 0, allow: known?.allow ?? '0', deny: String(base | added) };
  const empty = overwrite.allow === '0' && overwrite.deny === '0';
  changeChannel(world, channel, { permission_overwrites: empty ? others : [...others, overwrite] });
  return added;
}

/** Puts a role right above another one. */
function place(world: World, role: Role, belowId: string): void {
  const others = rolesOf(world.store, role.guild_id).filter(({ id }) => id !== role.id);
  const below = others.findIndex(({ id }) => id === belowId);
  // Without the neighbour of old the place above @everyone is the safe one.
  const ordered = others.toSpliced(Math.max(below, 0) + 1, 0, role);
  orderRoles(
    world,
    role.guild_id,
    ordered.map(({ id }) => id),
  );
}

function bitOf(name: string): bigint {
  return PERMISSION[name as keyof typeof PERMISSION] ?? 0n;
}
