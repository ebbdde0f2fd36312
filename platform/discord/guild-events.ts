import {
  type APIUser,
  type GatewayGuildMemberAddDispatchData,
  type GatewayGuildMemberRemoveDispatchData,
  type GatewayGuildMemberUpdateDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageReactionAddDispatchData,
  MessageType,
} from 'discord.js';
import type { GuildEvent } from '../guild-events.ts';
import { momentOf } from './guild-lists.ts';
import { readFile, readUser } from './interaction.ts';

/** The gateway's events that flows may take, each with what reads it; null where it is none for flows. */
export const GUILD_DISPATCHES: Record<string, (data: never) => GuildEvent | null> = {
  GUILD_MEMBER_ADD: ({ guild_id, user, nick, roles, joined_at }: GatewayGuildMemberAddDispatchData) => ({
    ...NOTHING,
    kind: 'member joined',
    community: guild_id,
    user: readUser(user, nick),
    roles,
    joinedAt: momentOf(joined_at),
    key: `joined/${user.id}/${momentOf(joined_at)}`,
  }),
  GUILD_MEMBER_REMOVE: ({ guild_id, user }: GatewayGuildMemberRemoveDispatchData) => ({
    ...NOTHING,
    kind: 'member left',
    community: guild_id,
    user: readUser(user),
    key: `left/${user.id}`,
  }),
  GUILD_MEMBER_UPDATE: ({ guild_id, user, nick, roles, joined_at }: GatewayGuildMemberUpdateDispatchData) => ({
    ...NOTHING,
    kind: 'roles changed',
    community: guild_id,
    user: readUser(user, nick),
    roles,
    joinedAt: momentOf(joined_at),
    key: `roles/${user.id}`,
  }),
  MESSAGE_CREATE: (data: GatewayMessageCreateDispatchData) => {
    if (!data.guild_id || !WRITTEN.has(data.type)) return null;
    const author = data.webhook_id ? { ...data.author, bot: true } : data.author;
    return {
      ...NOTHING,
      kind: 'message',
      community: data.guild_id,
      user: readUser(author, data.member?.nick),
      roles: data.member?.roles ?? [],
      key: `message/${data.id}`,
      channel: data.channel_id,
      message: {
        id: data.id,
        content: data.content,
        at: Math.floor(Date.parse(data.timestamp) / 1000),
        attachments: data.attachments.map(readFile),
      },
    };
  },
  MESSAGE_REACTION_ADD: (data: GatewayMessageReactionAddDispatchData) => {
    const { guild_id, member, user_id, channel_id, message_id, emoji } = data;
    if (!guild_id || !member) return null;
    return {
      ...NOTHING,
      kind: 'reaction added',
      community: guild_id,
      user: readUser(member.user as APIUser, member.nick),
      roles: member.roles,
      key: `reaction/${message_id}/${user_id}/${emoji.id ?? emoji.name}`,
      channel: channel_id,
      message: { id: message_id, content: '', at: null, attachments: [] },
      emoji: { id: emoji.id, name: emoji.name ?? '' },
    };
  },
};

const NOTHING = { joinedAt: null, roles: [], added: [], removed: [], channel: null, message: null, emoji: null };

/** What people write themselves; the others are notices of Discord's. */
const WRITTEN = new Set([MessageType.Default, MessageType.Reply]);
