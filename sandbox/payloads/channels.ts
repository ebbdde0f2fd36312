import type { JsonObject } from '../json.ts';
import { CHANNEL, isThread, isVoice } from '../rules/channel.ts';
import { channelPermissions, memberKey } from '../rules/permissions.ts';
import type { Channel, Member, ThreadMember } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import type { Store } from '../state/store.ts';
import { memberObject, userOf } from './people.ts';

const TEXT = { nsfw: false, rate_limit_per_user: 0 };
const VOICE = { ...TEXT, bitrate: 64_000, user_limit: 0, rtc_region: null };

/** The settings that each type of channel has, as they are at first; what else a body names is left out. */
export const CHANNEL_SETTINGS: Record<number, JsonObject> = {
  [CHANNEL.TEXT]: TEXT,
  [CHANNEL.ANNOUNCEMENT]: TEXT,
  [CHANNEL.VOICE]: VOICE,
  [CHANNEL.STAGE]: VOICE,
  [CHANNEL.FORUM]: {
    ...TEXT,
    available_tags: [],
    default_reaction_emoji: null,
    default_sort_order: null,
    default_forum_layout: 0,
  },
};

/** A thread counts its members up to here (docs: resources/channel). */
const MEMBERS_COUNTED = 50;
const STARTER_MESSAGE = 21;

/** The bot's user, which has the application's id. */
export function botId(store: Store): string {
  return store.all('application')[0]?.id ?? '';
}

export function channelObject(store: Store, channel: Channel): JsonObject {
  const last = store.newestIn(channel.id);
  if (channel.guild_id === null) {
    const recipients = channel.recipient_id === undefined ? [] : [userOf(store, channel.recipient_id)];
    return { id: channel.id, type: channel.type, last_message_id: last, flags: 0, recipients };
  }
  const { id, type, guild_id, name, parent_id, thread } = channel;
  if (thread !== undefined) return threadObject(store, channel, last);
  const written = type === CHANNEL.CATEGORY ? {} : { last_message_id: last };
  const pinned = { last_pin_timestamp: channel.last_pin_timestamp ?? null };
  return {
    id,
    type,
    guild_id,
    name,
    position: channel.position,
    parent_id,
    permission_overwrites: channel.permission_overwrites,
    flags: 0,
    ...written,
    ...(type === CHANNEL.CATEGORY || isVoice(channel) ? {} : { topic: channel.topic, ...pinned }),
    ...CHANNEL_SETTINGS[type],
    ...channel.settings,
  };
}

function threadObject(store: Store, channel: Channel, last: string | null): JsonObject {
  const { id, type, guild_id, name, parent_id, thread, settings } = channel;
  if (thread === undefined) return {};
  const { owner_id, total_message_sent, applied_tags, ...metadata } = thread;
  const own = store.get('threadMembers', memberKey(id, botId(store)));
  const messages = store.messagesOf(id).filter((message) => message.type !== STARTER_MESSAGE);
  return {
    id,
    type,
    guild_id,
    name,
    parent_id,
    owner_id,
    last_message_id: last,
    last_pin_timestamp: channel.last_pin_timestamp ?? null,
    rate_limit_per_user: 0,
    ...settings,
    flags: 0,
    message_count: messages.length,
    total_message_sent,
    member_count: Math.min(MEMBERS_COUNTED, threadMembersOf(store, id).length),
    thread_metadata: metadata,
    ...(applied_tags === undefined ? {} : { applied_tags }),
    ...(own === undefined ? {} : { member: threadMemberObject(own) }),
  };
}

/** A guild's channels in the order that a client shows them, threads left out. */
export function channelsOf(store: Store, guildId: string): Channel[] {
  return store
    .all('channels')
    .filter((channel) => channel.guild_id === guildId && !isThread(channel))
    .sort((a, b) => a.position - b.position || compareIds(a.id, b.id));
}

/** A guild's threads, the newest first. */
export function threadsOf(store: Store, guildId: string): Channel[] {
  return store
    .all('channels')
    .filter((channel) => channel.guild_id === guildId && isThread(channel))
    .sort((a, b) => compareIds(b.id, a.id));
}

/** A thread's members by id. */
export function threadMembersOf(store: Store, threadId: string): ThreadMember[] {
  return store
    .all('threadMembers')
    .filter(({ thread_id }) => thread_id === threadId)
    .sort((a, b) => compareIds(a.user_id, b.user_id));
}

/** A thread member (docs: resources/channel, "Thread Member Object"). */
export function threadMemberObject({ thread_id, user_id, join_timestamp }: ThreadMember): JsonObject {
  return { id: thread_id, user_id, join_timestamp, flags: 0 };
}

/** A thread member with its guild member, if it is one still. */
export function wholeThreadMember(store: Store, member: ThreadMember): JsonObject {
  const guildId = store.get('channels', member.thread_id)?.guild_id ?? '';
  const person = store.get('members', memberKey(guildId, member.user_id));
  return { ...threadMemberObject(member), ...(person === undefined ? {} : { member: memberObject(store, person) }) };
}

/** A channel as interactions carry it, with what `member` may do there. */
export function resolvedChannel(store: Store, channel: Channel, member: Member | undefined): JsonObject {
  const bits = member === undefined ? 0n : channelPermissions(store, member, channel);
  return { ...channelObject(store, channel), permissions: String(bits) };
}
