import { openDm } from '../api/users.ts';
import type { JsonObject } from '../json.ts';
import { channelsOf, threadsOf } from '../payloads/channels.ts';
import { membersOf } from '../payloads/people.ts';
import { CHANNEL } from '../rules/channel.ts';
import {
  allows,
  channelPermissions,
  DM_PERMISSIONS,
  PERMISSION,
  rolesOf,
  TIMED_OUT_PERMISSIONS,
} from '../rules/permissions.ts';
import type { Channel, Guild, Member, Message, Role, User } from '../state/model.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';

/** Where a member acts: names mean the guild's members, roles and channels, also in a DM. */
export interface Place {
  world: World;
  guild: Guild;
  channel: Channel;
}

/** What the control API means by a name or an id. */

/** The guild of a name or id; the first one when none is named. */
export function guildNamed(world: World, name: unknown): Guild {
  const guilds = world.store.all('guilds');
  const found =
    name === undefined || name === null ? guilds[0] : guilds.find((guild) => guild.id === name || guild.name === name);
  if (found === undefined) throw new ControlError(404, `there is no guild "${String(name)}"`);
  return found;
}

/** The member of a username, display name, nickname or id. */
export function memberNamed(world: World, guild: Guild, name: unknown, field = 'as'): Member {
  if (typeof name !== 'string' || name === '') throw new ControlError(400, `"${field}" must name a member`);
  const found = findMember(world, guild, name);
  if (found === undefined) throw new ControlError(404, `there is no member "${name}" in ${guild.name}`);
  return found;
}

export function findMember(world: World, guild: Guild, name: string): Member | undefined {
  const wanted = name.replace(/^<@!?(\d+)>$/, '$1').replace(/^@/, '');
  const members = membersOf(world.store, guild.id);
  const by = (test: (member: Member) => boolean) => members.find(test);
  const user = (member: Member) => world.store.get('users', member.user_id);
  return (
    by((member) => member.user_id === wanted) ??
    by((member) => user(member)?.username === wanted) ??
    by((member) => member.nick === wanted || user(member)?.global_name === wanted)
  );
}

/** The person of an id, username or display name, in whatever guild. */
export function personNamed({ store }: World, name: string): User | undefined {
  const people = store.all('users').filter(({ bot }) => !bot);
  return (
    people.find(({ id }) => id === name) ??
    people.find(({ username }) => username === name) ??
    people.find(({ global_name: shown }) => shown === name)
  );
}

export function findRole(world: World, guild: Guild, name: string): Role | undefined {
  const wanted = name.replace(/^<@&(\d+)>$/, '$1');
  const roles = rolesOf(world.store, guild.id);
  return (
    roles.find((role) => role.id === wanted) ?? roles.find((role) => role.name === wanted || `@${role.name}` === wanted)
  );
}

export function findChannel(world: World, guild: Guild, name: string): Channel | undefined {
  const wanted = name.replace(/^<#(\d+)>$/, '$1').replace(/^#/, '');
  const channels = [...channelsOf(world.store, guild.id), ...threadsOf(world.store, guild.id)];
  return channels.find((channel) => channel.id === wanted) ?? channels.find((channel) => channel.name === wanted);
}

/** The roles of a list of names or ids. */
export function rolesNamed(world: World, guild: Guild, names: unknown, field: string): Role[] {
  if (names === undefined) return [];
  if (!Array.isArray(names)) throw new ControlError(400, `"${field}" must be a list of roles`);
  return names.map((name) => {
    const role = findRole(world, guild, String(name));
    if (role === undefined) throw new ControlError(404, `there is no role "${String(name)}" in ${guild.name}`);
    return role;
  });
}

/** The channel where a member acts: one that the member can see, the DM with the bot (`@me`), or the first text channel. */
export function channelNamed(world: World, guild: Guild, member: Member, name: unknown): Channel {
  const visible = (channel: Channel) => seesChannel(world, member, channel) && channel.type !== CHANNEL.CATEGORY;
  if (name === undefined || name === null) {
    const first = channelsOf(world.store, guild.id).find(
      (channel) => channel.type === CHANNEL.TEXT && visible(channel),
    );
    if (first === undefined) throw new ControlError(404, 'this member sees no text channel');
    return first;
  }
  if (typeof name !== 'string') throw new ControlError(400, '"channel" must be a name or an id');
  const dm = world.store.all('channels').find((channel) => channel.recipient_id === member.user_id);
  if (name === '@me' || (dm !== undefined && dm.id === name)) return openDm(world, member.user_id);
  const channel = findChannel(world, guild, name);
  if (channel === undefined || !visible(channel)) {
    throw new ControlError(404, `this member sees no channel "${name}" in ${guild.name}`);
  }
  return channel;
}

/** True when a member is shown a channel: its own DM, or one that it may view. */
export function seesChannel(world: World, member: Member, channel: Channel): boolean {
  if (channel.guild_id === null) return channel.recipient_id === member.user_id;
  return allows(permissionsIn(world, member, channel), PERMISSION.VIEW_CHANNEL);
}

/** A member's permissions where it acts; a time-out leaves few, save to administrators. */
export function permissionsIn(world: World, member: Member, channel: Channel): bigint {
  if (channel.guild_id === null) return DM_PERMISSIONS;
  const bits = channelPermissions(world.store, member, channel);
  const until = member.communication_disabled_until;
  const silenced = until !== null && Date.parse(until) > world.clock.now();
  return silenced && !allows(bits, PERMISSION.ADMINISTRATOR) ? bits & TIMED_OUT_PERMISSIONS : bits;
}

/** The message that a body names, with the member who acts on it; refused where that member does not see it. */
export function messageNamed(
  world: World,
  body: JsonObject,
): { message: Message; member: Member; channel: Channel; guild: Guild } {
  const message = world.store.get('messages', String(body.message));
  const channel = message && world.store.get('channels', message.channel_id);
  if (message === undefined || channel === undefined) throw new ControlError(404, 'there is no such message');
  const guild = guildNamed(world, channel.guild_id ?? body.guild);
  const member = memberNamed(world, guild, body.as);
  const reader = message.ephemeral_for;
  if (!seesChannel(world, member, channel) || (reader !== null && reader !== member.user_id)) {
    throw new ControlError(403, 'this member does not see that message');
  }
  return { message, member, channel, guild };
}
