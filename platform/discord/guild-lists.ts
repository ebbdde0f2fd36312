import type { APIGuildChannel, APIGuildMember, APIRole, Client } from 'discord.js';
import type { InteractionUser } from '../intakes.ts';
import { readUser } from './interaction.ts';

/** A named thing of Discord. */
export interface Named {
  id: string;
  name: string;
}

export interface GuildRole extends Named {
  /** 0 where the role has none. */
  color: number;
  position: number;
  /** An integration's own role, which nobody can be given. */
  managed: boolean;
}

export interface GuildChannel extends Named {
  /** Discord's channel types (https://discord.com/developers/docs/resources/channel#channel-object-channel-types). */
  type: number;
  position: number;
  /** The category that it lies in. */
  parent: string | null;
}

export interface GuildMember {
  id: string;
  username: string;
  /** What the server shows: nickname, display name or username. */
  displayName: string;
  bot: boolean;
}

/** A member with their roles, as the gateway's events of members have them. */
export interface MemberWithRoles {
  id: string;
  user: InteractionUser;
  roles: string[];
  joinedAt: string;
}

/** A time of Discord's in the one form in which the same time is the same text. */
export const momentOf = (time: string | null | undefined): string => (time ? new Date(time).toISOString() : '');

export const memberWithRolesOf = ({ user, nick, roles, joined_at }: APIGuildMember): MemberWithRoles => ({
  id: user.id,
  user: readUser(user, nick),
  roles,
  joinedAt: momentOf(joined_at),
});

type CachedGuild = NonNullable<ReturnType<Client['guilds']['cache']['get']>>;

export const roleOf = ({ id, name, color, position, managed }: APIRole): GuildRole => ({
  id,
  name,
  color,
  position,
  managed,
});

export const channelOf = ({ id, name, type, ...rest }: APIGuildChannel): GuildChannel => {
  const { position = 0, parent_id: parent = null } = rest as { position?: number; parent_id?: string | null };
  return { id, name: name ?? '', type, position, parent };
};

export const memberOf = ({ user, nick }: APIGuildMember): GuildMember => ({
  id: user.id,
  username: user.username,
  displayName: nick ?? user.global_name ?? user.username,
  bot: user.bot ?? false,
});

/** A guild's roles as the gateway keeps them. */
export const cachedRoles = (guild: CachedGuild): GuildRole[] =>
  guild.roles.cache.map(({ id, name, colors, rawPosition, managed }) => ({
    id,
    name,
    color: colors.primaryColor,
    position: rawPosition,
    managed,
  }));

/** A guild's channels as the gateway keeps them. */
export const cachedChannels = (guild: CachedGuild): GuildChannel[] =>
  guild.channels.cache.map((channel) => ({
    id: channel.id,
    name: channel.name ?? '',
    type: channel.type,
    position: 'rawPosition' in channel ? channel.rawPosition : 0,
    parent: channel.parentId,
  }));
