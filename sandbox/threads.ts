import { changeChannel } from './channels.ts';
import { INTENT } from './gateway/events.ts';
import { channelObject, threadMembersOf, wholeThreadMember } from './payloads/channels.ts';
import { isThread } from './rules/channel.ts';
import { memberKey } from './rules/permissions.ts';
import type { Channel, Thread } from './state/model.ts';
import { snowflakeTime } from './state/snowflake.ts';
import { scaled, timestamp, type World } from './world.ts';

/** What happens to threads: the state, then the gateway (docs: topics/threads). */

export interface NewThread {
  parent: Channel;
  /** The id of the message that it starts from. */
  id?: string;
  type: number;
  name: string;
  ownerId: string;
  auto_archive_duration: number;
  rate_limit_per_user: number;
  invitable?: boolean;
  applied_tags?: string[];
}

/** Makes a thread with its owner as the first member. */
export function createThread(world: World, { parent, ownerId, ...given }: NewThread): Channel {
  const now = timestamp(world);
  const { type, name, rate_limit_per_user } = given;
  const thread: Channel = {
    id: given.id ?? world.newId(),
    guild_id: parent.guild_id,
    type,
    name,
    position: 0,
    parent_id: parent.id,
    topic: null,
    permission_overwrites: [],
    settings: { rate_limit_per_user },
    thread: {
      owner_id: ownerId,
      archived: false,
      archive_timestamp: now,
      auto_archive_duration: given.auto_archive_duration,
      locked: false,
      create_timestamp: now,
      total_message_sent: 0,
      ...(given.invitable === undefined ? {} : { invitable: given.invitable }),
      ...(given.applied_tags === undefined ? {} : { applied_tags: given.applied_tags }),
    },
  };
  world.store.put('channels', thread.id, thread);
  const member = { thread_id: thread.id, user_id: ownerId, join_timestamp: now };
  if (world.store.get('users', ownerId) !== undefined) {
    world.store.put('threadMembers', memberKey(thread.id, ownerId), member);
  }
  const place = { guildId: thread.guild_id, channelId: thread.id };
  world.gateway.dispatch('THREAD_CREATE', { ...channelObject(world.store, thread), newly_created: true }, place);
  return thread;
}

/** Changes what only threads have; archiving and its time begin anew where that changes. */
export function changeThread(world: World, channel: Channel, change: Partial<Thread>, more: Partial<Channel> = {}) {
  const { thread } = channel;
  if (thread === undefined) return channel;
  const changed = { ...thread, ...change };
  const restarts =
    changed.archived !== thread.archived || changed.auto_archive_duration !== thread.auto_archive_duration;
  if (restarts) changed.archive_timestamp = timestamp(world);
  return changeChannel(world, channel, { ...more, thread: changed });
}

/** Adds a member to a thread, if it is none; the bot learns of the thread that it is added to. */
export function addThreadMember(world: World, thread: Channel, userId: string): void {
  const key = memberKey(thread.id, userId);
  if (world.store.get('threadMembers', key) !== undefined) return;
  const member = { thread_id: thread.id, user_id: userId, join_timestamp: timestamp(world) };
  world.store.put('threadMembers', key, member);
  const place = { guildId: thread.guild_id, channelId: thread.id };
  if (userId === world.bot.id) world.gateway.dispatch('THREAD_CREATE', channelObject(world.store, thread), place);
  membersChanged(world, thread, userId, { added_members: [wholeThreadMember(world.store, member)] });
}

export function removeThreadMember(world: World, thread: Channel, userId: string): void {
  world.store.remove('threadMembers', memberKey(thread.id, userId));
  membersChanged(world, thread, userId, { removed_member_ids: [userId] });
}

/** Without the GUILD_MEMBERS intent an application hears only of itself. */
function membersChanged(world: World, thread: Channel, userId: string, change: Record<string, unknown>): void {
  const { id, guild_id: guildId } = thread;
  const count = Math.min(50, threadMembersOf(world.store, id).length);
  const data = { id, guild_id: guildId, member_count: count, ...change };
  const own = userId === world.bot.id;
  const place = { guildId, ...(own ? {} : { channelId: id }) };
  const intents = INTENT.GUILDS | (own ? 0 : INTENT.GUILD_MEMBERS);
  world.gateway.dispatch('THREAD_MEMBERS_UPDATE', data, { ...place, intents });
}

/** A message was written in a thread: it counts, its author joins, and the thread is active again. */
export function noteMessage(world: World, channel: Channel, authorId: string, counts: boolean): void {
  const { thread } = channel;
  if (thread === undefined || channel.guild_id === null) return;
  const member = world.store.get('members', memberKey(channel.guild_id, authorId));
  if (member !== undefined) addThreadMember(world, channel, authorId);
  if (counts) {
    const counted = { ...thread, total_message_sent: thread.total_message_sent + 1 };
    world.store.put('channels', channel.id, { ...channel, thread: counted });
  }
  const current = world.store.get('channels', channel.id);
  if (current?.thread?.archived) changeThread(world, current, { archived: false });
}

const MINUTE_MS = 60_000;

/** Archives threads that nobody has written in for as long as they are set to; looks once a minute. */
export function watchThreads(world: World): void {
  world.clock.after(scaled(world, MINUTE_MS), () => {
    for (const channel of world.store.all('channels')) {
      if (!isThread(channel) || channel.thread === undefined || channel.thread.archived) continue;
      const { archive_timestamp: since, auto_archive_duration: minutes } = channel.thread;
      const last = world.store.newestIn(channel.id);
      const active = Math.max(Date.parse(since), last === null ? 0 : snowflakeTime(last));
      if (world.clock.now() - active > scaled(world, minutes * MINUTE_MS)) {
        changeThread(world, channel, { archived: true });
      }
    }
    watchThreads(world);
  });
}
