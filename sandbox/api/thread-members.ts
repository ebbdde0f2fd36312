import { INTENT } from '../gateway/events.ts';
import {
  channelObject,
  threadMemberObject,
  threadMembersOf,
  threadsOf,
  wholeThreadMember,
} from '../payloads/channels.ts';
import { CHANNEL, isThread } from '../rules/channel.ts';
import { allows, channelPermissions, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Channel, ThreadMember } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import { addThreadMember, removeThreadMember } from '../threads.ts';
import type { World } from '../world.ts';
import { refusal } from './errors.ts';
import { botPermissions, checkActive, checkIntent, findChannel, findMember } from './find.ts';
import {
  type Answer,
  type Call,
  noContent,
  ok,
  param,
  queryFlag,
  queryId,
  queryNumber,
  queryTime,
  type Route,
} from './route.ts';

const VIEW = { channel: PERMISSION.VIEW_CHANNEL };
const MEMBERS = '/channels/:channel/thread-members';
const HISTORY = PERMISSION.READ_MESSAGE_HISTORY;

/** Who is in a thread, and which threads there are (docs: resources/channel, "Join Thread" and after). */
export const THREAD_MEMBER_ROUTES: readonly Route[] = [
  { method: 'GET', path: MEMBERS, needs: VIEW, run: listMembers },
  { method: 'PUT', path: `${MEMBERS}/@me`, needs: VIEW, run: join },
  { method: 'DELETE', path: `${MEMBERS}/@me`, needs: VIEW, run: leave },
  { method: 'GET', path: `${MEMBERS}/:user`, needs: VIEW, run: getMember },
  { method: 'PUT', path: `${MEMBERS}/:user`, needs: { channel: PERMISSION.SEND_MESSAGES }, run: add },
  { method: 'DELETE', path: `${MEMBERS}/:user`, needs: VIEW, run: remove },
  { method: 'GET', path: '/guilds/:guild/threads/active', needs: { guild: 0n }, run: listActive },
  {
    method: 'GET',
    path: '/channels/:channel/threads/archived/public',
    needs: { channel: HISTORY },
    run: (call) => listArchived(call, (thread) => thread.type !== CHANNEL.PRIVATE_THREAD),
  },
  {
    method: 'GET',
    path: '/channels/:channel/threads/archived/private',
    needs: { channel: HISTORY | PERMISSION.MANAGE_THREADS },
    run: (call) => listArchived(call, (thread) => thread.type === CHANNEL.PRIVATE_THREAD),
  },
  {
    method: 'GET',
    path: '/channels/:channel/users/@me/threads/archived/private',
    needs: { channel: HISTORY },
    run: listJoined,
  },
];

function threadOf(call: Call): Channel {
  const channel = findChannel(call.world, param(call, 'channel'));
  if (!isThread(channel)) throw refusal(50024);
  return channel;
}

function listMembers(call: Call): Answer {
  const { world } = call;
  const thread = threadOf(call);
  checkIntent(world, INTENT.GUILD_MEMBERS);
  const members = threadMembersOf(world.store, thread.id);
  if (!queryFlag(call, 'with_member')) return ok(members.map(threadMemberObject));
  const limit = queryNumber(call, 'limit', 100, 100);
  const after = queryId(call, 'after') ?? '0';
  const page = members.filter(({ user_id }) => compareIds(user_id, after) > 0).slice(0, limit);
  return ok(page.map((member) => wholeThreadMember(world.store, member)));
}

function memberOf(call: Call, thread: Channel): ThreadMember {
  const user = param(call, 'user');
  const id = user === '@me' ? call.world.bot.id : user;
  const member = call.world.store.get('threadMembers', memberKey(thread.id, id));
  if (member === undefined) throw refusal(10007);
  return member;
}

function getMember(call: Call): Answer {
  const member = memberOf(call, threadOf(call));
  return ok(queryFlag(call, 'with_member') ? wholeThreadMember(call.world.store, member) : threadMemberObject(member));
}

function join(call: Call): Answer {
  const thread = threadOf(call);
  checkActive(thread);
  addThreadMember(call.world, thread, call.world.bot.id);
  return noContent;
}

function leave(call: Call): Answer {
  const thread = threadOf(call);
  checkActive(thread);
  removeThreadMember(call.world, thread, call.world.bot.id);
  return noContent;
}

/** Adds a member of the guild who sees the parent; to a private thread only moderators add when it says so. */
function add(call: Call): Answer {
  const { world } = call;
  const thread = threadOf(call);
  checkActive(thread);
  const member = findMember(world, thread.guild_id ?? '', param(call, 'user'));
  const parent = findChannel(world, thread.parent_id ?? '');
  if (!allows(channelPermissions(world.store, member, parent), PERMISSION.VIEW_CHANNEL)) throw refusal(50001);
  const closed = thread.thread?.invitable === false && thread.thread.owner_id !== world.bot.id;
  if (closed && !allows(botPermissions(world, thread), PERMISSION.MANAGE_THREADS)) throw refusal(50013);
  addThreadMember(world, thread, member.user_id);
  return noContent;
}

function remove(call: Call): Answer {
  const { world } = call;
  const thread = threadOf(call);
  checkActive(thread);
  const owns = thread.type === CHANNEL.PRIVATE_THREAD && thread.thread?.owner_id === world.bot.id;
  if (!owns && !allows(botPermissions(world, thread), PERMISSION.MANAGE_THREADS)) throw refusal(50013);
  removeThreadMember(world, thread, memberOf(call, thread).user_id);
  return noContent;
}

/** Threads as lists answer them: with the bot's own membership of each that it has joined. */
function threads(world: World, found: Channel[], more: boolean): Answer {
  const own = found.flatMap(({ id }) => world.store.get('threadMembers', memberKey(id, world.bot.id)) ?? []);
  return ok({
    threads: found.map((thread) => channelObject(world.store, thread)),
    members: own.map(threadMemberObject),
    has_more: more,
  });
}

function listActive(call: Call): Answer {
  const { world } = call;
  const active = threadsOf(world.store, param(call, 'guild')).filter(
    (thread) => !thread.thread?.archived && allows(botPermissions(world, thread), PERMISSION.VIEW_CHANNEL),
  );
  return threads(world, active, false);
}

function archivedIn(call: Call): Channel[] {
  const parent = findChannel(call.world, param(call, 'channel'));
  return threadsOf(call.world.store, parent.guild_id ?? '').filter(
    ({ parent_id, thread }) => parent_id === parent.id && thread?.archived,
  );
}

/** Archived threads of a channel, the last archived first. */
function listArchived(call: Call, kind: (thread: Channel) => boolean): Answer {
  const limit = queryNumber(call, 'limit', 50, 100, 2);
  const before = queryTime(call, 'before') ?? Number.POSITIVE_INFINITY;
  const archivedAt = ({ thread }: Channel) => Date.parse(thread?.archive_timestamp ?? '');
  const found = archivedIn(call)
    .filter((thread) => kind(thread) && archivedAt(thread) < before)
    .sort((a, b) => archivedAt(b) - archivedAt(a));
  return threads(call.world, found.slice(0, limit), found.length > limit);
}

/** Archived private threads that the bot has joined, by id, the newest first. */
function listJoined(call: Call): Answer {
  const { world } = call;
  const limit = queryNumber(call, 'limit', 50, 100, 2);
  const before = queryId(call, 'before');
  const found = archivedIn(call).filter(
    ({ id, type }) =>
      type === CHANNEL.PRIVATE_THREAD &&
      world.store.get('threadMembers', memberKey(id, world.bot.id)) !== undefined &&
      (before === undefined || compareIds(id, before) < 0),
  );
  return threads(world, found.slice(0, limit), found.length > limit);
}
