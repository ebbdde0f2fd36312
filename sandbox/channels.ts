import { channelObject, channelsOf } from './payloads/channels.ts';
import { CHANNEL, isThread } from './rules/channel.ts';
import { memberKey } from './rules/permissions.ts';
import type { Channel, Overwrite } from './state/model.ts';
import { disconnect } from './voice.ts';
import type { World } from './world.ts';

/** What happens to channels: the state, then the gateway. */

export function createChannel(world: World, channel: Omit<Channel, 'id'>): Channel {
  const created = { ...channel, id: world.newId() };
  world.store.put('channels', created.id, created);
  announce(world, 'CREATE', created);
  return created;
}

/** Changes a channel or thread; what is synced to a category's permissions follows it. */
export function changeChannel(world: World, channel: Channel, change: Partial<Channel>): Channel {
  const changed = { ...channel, ...change };
  if (JSON.stringify(changed) === JSON.stringify(channel)) return channel;
  const synced = change.permission_overwrites === undefined ? [] : syncedTo(world, channel);
  world.store.put('channels', channel.id, changed);
  announce(world, 'UPDATE', changed);
  for (const child of synced) {
    changeChannel(world, child, { permission_overwrites: changed.permission_overwrites });
  }
  return changed;
}

/** The channels of a category that have its permissions (docs: topics/permissions, "Permission Syncing"). */
function syncedTo(world: World, category: Channel): Channel[] {
  if (category.type !== CHANNEL.CATEGORY || category.guild_id === null) return [];
  const same = sameOverwrites(category.permission_overwrites);
  return channelsOf(world.store, category.guild_id).filter(
    ({ parent_id, permission_overwrites: own }) => parent_id === category.id && sameOverwrites(own) === same,
  );
}

function sameOverwrites(overwrites: Overwrite[]): string {
  return overwrites
    .map(({ id, allow, deny }) => `${id}:${allow}:${deny}`)
    .sort()
    .join();
}

/** Removes a channel with all that is in it; children of a category stay, without it. */
export function deleteChannel(world: World, channel: Channel): void {
  const { store } = world;
  const object = channelObject(store, channel);
  const threads = store.all('channels').filter((other) => isThread(other) && other.parent_id === channel.id);
  for (const child of store.all('channels')) {
    if (child.parent_id === channel.id && !isThread(child)) changeChannel(world, child, { parent_id: null });
  }
  for (const { id } of [channel, ...threads]) {
    for (const message of store.messagesOf(id)) store.remove('messages', message.id);
    for (const member of store.all('threadMembers')) {
      if (member.thread_id === id) store.remove('threadMembers', memberKey(id, member.user_id));
    }
    store.remove('channels', id);
  }
  for (const collection of ['invites', 'webhooks'] as const) {
    for (const record of store.all(collection)) {
      if (record.channel_id === channel.id) store.remove(collection, 'code' in record ? record.code : record.id);
    }
  }
  for (const { guild_id, user_id, channel_id } of store.all('voiceStates')) {
    const member = channel_id === channel.id ? store.get('members', memberKey(guild_id, user_id)) : undefined;
    if (member !== undefined) disconnect(world, member);
  }
  announce(world, 'DELETE', channel, object);
}

/** Threads have events of their own, which only those hear who see the thread. */
function announce(
  world: World,
  what: 'CREATE' | 'UPDATE' | 'DELETE',
  channel: Channel,
  object = channelObject(world.store, channel),
): void {
  const { id, guild_id: guildId, parent_id, type } = channel;
  if (guildId === null) return;
  if (!isThread(channel)) {
    world.gateway.dispatch(`CHANNEL_${what}`, object, { guildId });
    return;
  }
  const channelId = what === 'DELETE' ? (parent_id ?? id) : id;
  const { member: _, ...others } = object;
  const data = what === 'DELETE' ? { id, guild_id: guildId, parent_id, type } : others;
  world.gateway.dispatch(`THREAD_${what}`, data, { guildId, channelId });
}
