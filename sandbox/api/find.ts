import { allowedIntents } from '../rules/intents.ts';
import {
  allows,
  channelPermissions,
  DM_PERMISSIONS,
  guildPermissions,
  memberKey,
  PERMISSION,
  standsAbove,
} from '../rules/permissions.ts';
import type { Channel, Guild, Member, Message, Role } from '../state/model.ts';
import type { World } from '../world.ts';
import { refusal } from './errors.ts';
import type { Needs } from './route.ts';

/** What a path names, or Discord's error for what is not there. */

export function findGuild(world: World, id: string): Guild {
  const guild = world.store.get('guilds', id);
  if (guild === undefined) throw refusal(10004);
  return guild;
}

export function findMember(world: World, guildId: string, userId: string): Member {
  const member = world.store.get('members', memberKey(guildId, userId));
  if (member !== undefined) return member;
  throw refusal(world.store.get('users', userId) === undefined ? 10013 : 10007);
}

export function findRole(world: World, guildId: string, id: string): Role {
  const role = world.store.get('roles', id);
  if (role === undefined || role.guild_id !== guildId) throw refusal(10011);
  return role;
}

export function findChannel(world: World, id: string): Channel {
  const channel = world.store.get('channels', id);
  if (channel === undefined) throw refusal(10003);
  return channel;
}

/** A message as the bot may see it: ephemeral ones exist only for webhooks. */
export function findMessage(world: World, channelId: string, id: string): Message {
  const message = world.store.get('messages', id);
  if (message === undefined || message.channel_id !== channelId || message.ephemeral_for !== null) throw refusal(10008);
  return message;
}

/** Refuses what cannot be done in an archived thread. */
export function checkActive(channel: Channel): void {
  if (channel.thread?.archived) throw refusal(50083);
}

/** The bot's own member; a guild without it is closed to it. */
export function botMember(world: World, guildId: string): Member {
  const member = world.store.get('members', memberKey(guildId, world.bot.id));
  if (member === undefined) throw refusal(50001);
  return member;
}

/** Refuses a member or a role that does not stand below the bot. */
export function checkBelowBot(world: World, guildId: string, other: Member | Role): void {
  if (!standsAbove(world.store, botMember(world, guildId), other)) throw refusal(50013);
}

/** Refuses a role that the bot cannot give or take: managed, @everyone, not below its own. */
export function checkGivable(world: World, role: Role): void {
  if (role.id === role.guild_id || role.managed) throw refusal(50028);
  checkBelowBot(world, role.guild_id, role);
}

/** Refuses where the application is not allowed a privileged intent (docs: events/gateway, "Privileged Intents"). */
export function checkIntent(world: World, intent: number): void {
  if ((allowedIntents(world.application) & intent) === 0) throw refusal(50001);
}

/** What the bot may do in a guild. */
export function botGuildPermissions(world: World, guildId: string): bigint {
  return guildPermissions(world.store, botMember(world, guildId));
}

/** What the bot may do in a channel. */
export function botPermissions(world: World, channel: Channel): bigint {
  if (channel.guild_id === null) return DM_PERMISSIONS;
  return channelPermissions(world.store, botMember(world, channel.guild_id), channel);
}

/** Refuses when the bot lacks what a route needs: 50001 where it sees nothing, 50013 where it may not. */
export function checkNeeds(world: World, needs: Needs, params: Record<string, string>): void {
  if (needs.guild !== undefined) {
    const guild = findGuild(world, params.guild ?? '');
    if (!allows(botGuildPermissions(world, guild.id), needs.guild)) throw refusal(50013);
  }
  if (needs.channel !== undefined) {
    const bits = botPermissions(world, findChannel(world, params.channel ?? ''));
    if (!allows(bits, PERMISSION.VIEW_CHANNEL)) throw refusal(50001);
    if (!allows(bits, needs.channel)) throw refusal(50013);
  }
}
