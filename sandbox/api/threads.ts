import { isObject } from '../json.ts';
import { createMessage, MESSAGE_TYPE, markMessage } from '../messages.ts';
import { channelObject } from '../payloads/channels.ts';
import { messageObject } from '../payloads/messages.ts';
import { CHANNEL } from '../rules/channel.ts';
import { checkMessage, FLAG } from '../rules/message.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Thread } from '../state/model.ts';
import { changeThread, createThread, type NewThread } from '../threads.ts';
import type { World } from '../world.ts';
import { attach } from './attachments.ts';
import { FormCheck, refusal } from './errors.ts';
import { botPermissions, findChannel, findMessage } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** How many active threads a guild may have. */
const ACTIVE_CAP = 1000;
const VIEW = { channel: PERMISSION.VIEW_CHANNEL };

/** Making threads (docs: resources/channel, "Start Thread from Message" and after); a thread is edited as a channel. */
export const THREAD_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:channel/messages/:message/threads',
    needs: { channel: PERMISSION.CREATE_PUBLIC_THREADS | PERMISSION.READ_MESSAGE_HISTORY },
    schema: BODY.threadFromMessage,
    limit: LIMIT.threadCreate,
    run: startFromMessage,
  },
  {
    method: 'POST',
    path: '/channels/:channel/threads',
    needs: VIEW,
    schema: BODY.threadOrPostCreate,
    limit: LIMIT.threadCreate,
    run: (call) => {
      const parent = findChannel(call.world, param(call, 'channel'));
      return parent.type === CHANNEL.FORUM ? startPost(call, parent) : start(call, parent);
    },
  },
];

/** The type of public thread that each type of channel has. */
const PUBLIC_TYPES: Record<number, number> = {
  [CHANNEL.TEXT]: CHANNEL.PUBLIC_THREAD,
  [CHANNEL.ANNOUNCEMENT]: CHANNEL.ANNOUNCEMENT_THREAD,
};

/** What every new thread takes from its body and its parent. */
function base({ world, body }: Call, parent: Channel): Omit<NewThread, 'type'> {
  const active = world.store
    .all('channels')
    .filter(({ guild_id, thread }) => guild_id === parent.guild_id && thread?.archived === false);
  if (active.length >= ACTIVE_CAP) throw refusal(160006);
  const { settings } = parent;
  return {
    parent,
    name: String(body.name).trim() || String(body.name),
    ownerId: world.bot.id,
    auto_archive_duration: Number(body.auto_archive_duration ?? settings?.default_auto_archive_duration ?? 4320),
    rate_limit_per_user: Number(body.rate_limit_per_user ?? settings?.default_thread_rate_limit_per_user ?? 0),
  };
}

/** Starts a thread under a message; it has the message's id, and the message stands first in it. */
function startFromMessage(call: Call): Answer {
  const { world } = call;
  const parent = findChannel(world, param(call, 'channel'));
  const type = PUBLIC_TYPES[parent.type];
  if (type === undefined || parent.guild_id === null) throw refusal(50024);
  const message = findMessage(world, parent.id, param(call, 'message'));
  if (world.store.get('channels', message.id) !== undefined) throw refusal(160004);
  const thread = createThread(world, { ...base(call, parent), type, id: message.id });
  markMessage(world, message, { flags: message.flags | FLAG.HAS_THREAD });
  createMessage(world, {
    channel: thread,
    authorId: message.author_id,
    body: {},
    type: MESSAGE_TYPE.THREAD_STARTER,
    about: { message_id: message.id, channel_id: parent.id, guild_id: parent.guild_id },
  });
  return created(world, thread);
}

/** Starts a thread without a message: private ones in text channels alone. */
function start(call: Call, parent: Channel): Answer {
  const { world, body } = call;
  const open = PUBLIC_TYPES[parent.type];
  if (open === undefined || parent.guild_id === null) throw refusal(50024);
  const type = Number(body.type ?? CHANNEL.PRIVATE_THREAD);
  const hidden = type === CHANNEL.PRIVATE_THREAD;
  if (hidden ? parent.type !== CHANNEL.TEXT : type !== open) throw refusal(50024);
  const needed = hidden ? PERMISSION.CREATE_PRIVATE_THREADS : PERMISSION.CREATE_PUBLIC_THREADS;
  if (!allows(botPermissions(world, parent), needed)) throw refusal(50013);
  const given = { ...base(call, parent), type };
  const thread = createThread(world, hidden ? { ...given, invitable: body.invitable !== false } : given);
  if (!hidden) {
    const about = { channel_id: thread.id, guild_id: parent.guild_id };
    const content = { content: thread.name };
    const line = { channel: parent, authorId: world.bot.id, body: content, type: MESSAGE_TYPE.THREAD_CREATED, about };
    createMessage(world, line);
  }
  return created(world, thread);
}

/** Starts a post in a forum: a thread with its first message, of the same id. */
function startPost(call: Call, parent: Channel): Answer {
  const { world, body, files } = call;
  const message = isObject(body.message) ? body.message : {};
  if (!allows(botPermissions(world, parent), PERMISSION.SEND_MESSAGES)) throw refusal(50013);
  checkMessage(message, { files });
  const tags = (Array.isArray(body.applied_tags) ? body.applied_tags : []).map(String);
  checkTags(parent, tags);
  const attachments = attach({ ...call, body: message });
  const thread = createThread(world, { ...base(call, parent), type: CHANNEL.PUBLIC_THREAD, applied_tags: tags });
  const first = createMessage(world, {
    channel: thread,
    authorId: world.bot.id,
    body: message,
    id: thread.id,
    attachments,
  });
  const current = world.store.get('channels', thread.id) ?? thread;
  const answer = { ...channelObject(world.store, current), message: messageObject(world.store, first) };
  return { status: 201, body: answer };
}

function checkTags(forum: Channel | undefined, ids: string[]): void {
  const known = Array.isArray(forum?.settings?.available_tags) ? forum.settings.available_tags : [];
  const form = new FormCheck();
  for (const [index, id] of ids.entries()) {
    if (!known.some((tag) => isObject(tag) && tag.id === id)) {
      form.at('applied_tags', index).add('INVALID_FORUM_TAG', 'This tag is not one of the forum.');
    }
  }
  form.done();
}

function created(world: World, thread: Channel): Answer {
  return { status: 201, body: channelObject(world.store, world.store.get('channels', thread.id) ?? thread) };
}

/** Fields that the creator of a thread may change too (docs: topics/threads, "Editing & Deleting Threads"). */
const CREATORS: readonly string[] = ['name', 'archived', 'auto_archive_duration', 'applied_tags'];

/** Changes a thread; an archived one only together with unarchiving it. */
export function editThread(call: Call, channel: Channel): Answer {
  const { world, body } = call;
  const { thread } = channel;
  if (thread === undefined) throw refusal(50024);
  const bits = botPermissions(world, channel);
  const moderates = allows(bits, PERMISSION.MANAGE_THREADS);
  const keys = Object.keys(body).filter((key) => body[key] !== undefined && body[key] !== null);
  const revives = body.archived === false && keys.length === 1 && !thread.locked;
  const owns = thread.owner_id === world.bot.id && !thread.locked && keys.every((key) => CREATORS.includes(key));
  if (!moderates && !owns && !(revives && allows(bits, PERMISSION.SEND_MESSAGES))) throw refusal(50013);
  if (thread.archived && body.archived !== false) throw refusal(50083);
  const change: Partial<Thread> = {};
  if (typeof body.archived === 'boolean') change.archived = body.archived;
  if (typeof body.locked === 'boolean') change.locked = body.locked;
  if (typeof body.invitable === 'boolean' && channel.type === CHANNEL.PRIVATE_THREAD) change.invitable = body.invitable;
  if (body.auto_archive_duration) change.auto_archive_duration = Number(body.auto_archive_duration);
  if (Array.isArray(body.applied_tags)) {
    const tags = body.applied_tags.map(String);
    checkTags(world.store.get('channels', channel.parent_id ?? ''), tags);
    change.applied_tags = tags;
  }
  const more: Partial<Channel> =
    typeof body.name === 'string' && body.name.trim() !== '' ? { name: body.name.trim() } : {};
  const pause = body.rate_limit_per_user;
  if (typeof pause === 'number') more.settings = { ...channel.settings, rate_limit_per_user: pause };
  return ok(channelObject(world.store, changeThread(world, channel, change, more)));
}
