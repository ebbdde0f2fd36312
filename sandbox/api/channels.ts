import { changeChannel, createChannel, deleteChannel } from '../channels.ts';
import { isObject, type JsonObject, list } from '../json.ts';
import { CHANNEL_SETTINGS, channelObject, channelsOf } from '../payloads/channels.ts';
import { memberObject } from '../payloads/people.ts';
import { CHANNEL, canBeMade, isThread } from '../rules/channel.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Channel } from '../state/model.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botGuildPermissions, botMember, botPermissions, findChannel } from './find.ts';
import { LIMIT } from './limits.ts';
import { newOverwrites } from './overwrites.ts';
import { type Answer, type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';
import { editThread } from './threads.ts';

const SEEN = { guild: 0n };
const VIEW = { channel: PERMISSION.VIEW_CHANNEL };
const MANAGE = { guild: PERMISSION.MANAGE_CHANNELS };
const CHANNELS = '/guilds/:guild/channels';
/** How many channels a guild and a category may have; threads do not count. */
const GUILD_CAP = 500;
const CATEGORY_CAP = 50;

/** Channels of a guild (docs: resources/channel, resources/guild). */
export const CHANNEL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: CHANNELS,
    needs: SEEN,
    run: (call) =>
      ok(channelsOf(call.world.store, param(call, 'guild')).map((one) => channelObject(call.world.store, one))),
  },
  { method: 'POST', path: CHANNELS, needs: MANAGE, schema: BODY.channelCreate, run: create },
  { method: 'PATCH', path: CHANNELS, needs: MANAGE, schema: BODY.channelPositions, run: reorder },
  {
    method: 'GET',
    path: '/channels/:channel',
    needs: VIEW,
    run: (call) => ok(channelObject(call.world.store, findChannel(call.world, param(call, 'channel')))),
  },
  {
    method: 'PATCH',
    path: '/channels/:channel',
    needs: VIEW,
    schema: BODY.channelOrThreadEdit,
    limit: LIMIT.channelEdit,
    sublimit: ({ name, topic }) => (name === undefined && topic === undefined ? undefined : LIMIT.channelName),
    run: edit,
  },
  { method: 'DELETE', path: '/channels/:channel', needs: VIEW, run: remove },
  {
    method: 'POST',
    path: '/channels/:channel/typing',
    needs: { channel: PERMISSION.SEND_MESSAGES },
    run: typing,
  },
];

/** Tells that the bot is writing (docs: events/gateway-events, "Typing Start"). */
function typing(call: Call): Answer {
  const { world } = call;
  const { id: channelId, guild_id: guildId } = findChannel(world, param(call, 'channel'));
  const member =
    guildId === null ? {} : { guild_id: guildId, member: memberObject(world.store, botMember(world, guildId)) };
  const data = { channel_id: channelId, user_id: world.bot.id, timestamp: Math.floor(world.clock.now() / 1000) };
  world.gateway.dispatch('TYPING_START', { ...data, ...member }, { guildId, channelId });
  return noContent;
}

function create(call: Call): Answer {
  const { world, body } = call;
  const guildId = param(call, 'guild');
  const channels = channelsOf(world.store, guildId);
  if (channels.length >= GUILD_CAP) throw refusal(30013);
  const type = Number(body.type ?? CHANNEL.TEXT);
  const form = new FormCheck();
  if (!canBeMade({ type })) form.at('type').add('BASE_TYPE_CHOICES', 'Value must be one of (0, 2, 4, 5, 13, 15).');
  checkSettings(type, body, form);
  form.done();
  const parent = parentOf(world, { guild_id: guildId, type }, body.parent_id);
  // A channel that says nothing of its permissions has those of its category.
  const inherited = parent?.permission_overwrites ?? [];
  const channel = createChannel(world, {
    guild_id: guildId,
    type,
    name: channelName(type, String(body.name)),
    position: Number(body.position ?? Math.max(-1, ...channels.map(({ position }) => position)) + 1),
    parent_id: parent?.id ?? null,
    topic: typeof body.topic === 'string' && body.topic !== '' ? body.topic : null,
    permission_overwrites: Array.isArray(body.permission_overwrites)
      ? newOverwrites(world, guildId, [], body.permission_overwrites, botGuildPermissions(world, guildId))
      : inherited,
    settings: settingsOf(world, { type }, body),
  });
  return { status: 201, body: channelObject(world.store, channel) };
}

function edit(call: Call): Answer {
  const { world, body } = call;
  const channel = findChannel(world, param(call, 'channel'));
  const { guild_id: guildId, type } = channel;
  if (guildId === null) throw refusal(50003);
  if (isThread(channel)) return editThread(call, channel);
  const bits = botPermissions(world, channel);
  if (!allows(bits, PERMISSION.MANAGE_CHANNELS)) throw refusal(50013);
  const form = new FormCheck();
  checkSettings(type, body, form);
  form.done();
  const change: Partial<Channel> = { settings: settingsOf(world, channel, body) };
  if (typeof body.name === 'string') change.name = channelName(type, body.name);
  if (body.topic !== undefined) change.topic = body.topic === null || body.topic === '' ? null : String(body.topic);
  if (typeof body.position === 'number') change.position = body.position;
  if (body.parent_id !== undefined) change.parent_id = parentOf(world, channel, body.parent_id)?.id ?? null;
  if (Array.isArray(body.permission_overwrites)) {
    if (!allows(bits, PERMISSION.MANAGE_ROLES)) throw refusal(50013);
    const old = channel.permission_overwrites;
    change.permission_overwrites = newOverwrites(world, guildId, old, body.permission_overwrites, bits);
  }
  if (body.type !== undefined && body.type !== null && Number(body.type) !== type) {
    const both = [type, Number(body.type)].every((one) => one === CHANNEL.TEXT || one === CHANNEL.ANNOUNCEMENT);
    if (!both) throw refusal(50024);
    change.type = Number(body.type);
  }
  return ok(channelObject(world.store, changeChannel(world, channel, change)));
}

/** Deletes a channel or thread; a direct message is only closed. */
function remove(call: Call): Answer {
  const { world } = call;
  const channel = findChannel(world, param(call, 'channel'));
  const object = channelObject(world.store, channel);
  if (channel.guild_id === null) return ok(object);
  const needed = isThread(channel) ? PERMISSION.MANAGE_THREADS : PERMISSION.MANAGE_CHANNELS;
  if (!allows(botPermissions(world, channel), needed)) throw refusal(50013);
  deleteChannel(world, channel);
  return ok(object);
}

/** Moves channels; only one may change its category at a time (docs: "Modify Guild Channel Positions"). */
function reorder(call: Call): Answer {
  const { world, raw } = call;
  const guildId = param(call, 'guild');
  const moves = list(raw)
    .filter(isObject)
    .map((move) => {
      const channel = findChannel(world, String(move.id));
      if (channel.guild_id !== guildId || isThread(channel)) throw refusal(10003);
      const parent = move.parent_id === undefined ? undefined : parentOf(world, channel, move.parent_id);
      return { move, channel, parent, moved: parent !== undefined && (parent?.id ?? null) !== channel.parent_id };
    });
  if (moves.filter(({ moved }) => moved).length > 1) throw refusal(40009);
  for (const { move, channel, parent, moved } of moves) {
    const change: Partial<Channel> = {};
    if (typeof move.position === 'number') change.position = move.position;
    if (moved) change.parent_id = parent?.id ?? null;
    if (parent && move.lock_permissions === true) change.permission_overwrites = parent.permission_overwrites;
    changeChannel(world, channel, change);
  }
  return noContent;
}

/** The category that a body names: of the same guild, with room; null where it names none. */
function parentOf(world: World, channel: Pick<Channel, 'guild_id' | 'type'> & { id?: string }, id: unknown) {
  if (id === null || id === undefined) return null;
  const parent = world.store.get('channels', String(id));
  const form = new FormCheck();
  const at = form.at('parent_id');
  if (parent === undefined || parent.guild_id !== channel.guild_id) {
    at.add('CHANNEL_PARENT_INVALID', 'Category does not exist');
  } else if (parent.type !== CHANNEL.CATEGORY || channel.type === CHANNEL.CATEGORY) {
    at.add('CHANNEL_PARENT_INVALID_TYPE', 'Not a category');
  } else {
    const children = channelsOf(world.store, parent.guild_id ?? '').filter((other) => other.parent_id === parent.id);
    if (children.length >= CATEGORY_CAP && !children.some((child) => child.id === channel.id)) {
      at.add('CHANNEL_PARENT_MAX_CHANNELS', `Maximum number of channels in category reached (${CATEGORY_CAP})`);
    }
  }
  form.done();
  return parent ?? null;
}

/** What the published schema leaves open (docs: "Modify Channel"). */
function checkSettings(type: number, body: JsonObject, form: FormCheck): void {
  const stage = type === CHANNEL.STAGE;
  if (typeof body.topic === 'string')
    form.at('topic').length([...body.topic].length, 0, type === CHANNEL.FORUM ? 4096 : 1024);
  if (typeof body.bitrate === 'number') form.at('bitrate').range(body.bitrate, 8000, stage ? 64_000 : 96_000);
  if (typeof body.user_limit === 'number') form.at('user_limit').range(body.user_limit, 0, stage ? 10_000 : 99);
}

/** The settings of a channel with what the body says of those that its type has. */
function settingsOf(
  world: World,
  { type, settings }: Pick<Channel, 'type' | 'settings'>,
  body: JsonObject,
): JsonObject {
  const defaults = CHANNEL_SETTINGS[type] ?? {};
  const known = [...Object.keys(defaults), 'default_auto_archive_duration', 'default_thread_rate_limit_per_user'];
  const changed = known.filter((key) => body[key] !== undefined && type !== CHANNEL.CATEGORY);
  const values = changed.map((key): [string, unknown] => [
    key,
    key === 'available_tags' ? tags(world, body[key]) : body[key],
  ]);
  return Object.fromEntries(
    Object.entries({ ...settings, ...Object.fromEntries(values) }).filter(([, value]) => value !== null),
  );
}

function tags(world: World, value: unknown): JsonObject[] {
  return list(value)
    .filter(isObject)
    .map(({ id, name, moderated, emoji_id, emoji_name }) => ({
      id: typeof id === 'string' ? id : world.newId(),
      name,
      moderated: moderated === true,
      emoji_id: emoji_id ?? null,
      emoji_name: emoji_name ?? null,
    }));
}

/** Text channels have names in small letters, with dashes for spaces and without most punctuation. */
function channelName(type: number, name: string): string {
  const free = type === CHANNEL.CATEGORY || type === CHANNEL.VOICE || type === CHANNEL.STAGE;
  if (free) return name.trim() || name;
  const plain = name.toLowerCase().replace(/[!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~]/g, '');
  return plain.trim().replace(/[\s-]+/g, '-') || '-';
}
