import type { JsonObject } from './json.ts';
import { channelPermissions, guildPermissions, memberKey, rolesOf } from './rules/permissions.ts';
import type { Channel, Command, Guild, Member, Message, Role, User } from './state/model.ts';
import type { Store } from './state/store.ts';

/** Discord's objects, made from the state (docs: resources/*). */

export function userObject(user: User): JsonObject {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.bot ? '0001' : '0',
    global_name: user.global_name,
    avatar: null,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
    public_flags: 0,
    flags: 0,
    ...(user.bot ? { bot: true } : {}),
  };
}

/** The user of an id; a user who is gone keeps only the id. */
export function userOf(store: Store, id: string): JsonObject {
  const user = store.get('users', id);
  return userObject(user ?? { id, username: 'deleted-user', global_name: null, bot: false, locale: 'en-US' });
}

/** A member without its user, as in messages and `resolved`. */
export function partialMember(member: Member): JsonObject {
  return {
    nick: member.nick,
    avatar: null,
    banner: null,
    roles: member.roles,
    joined_at: member.joined_at,
    premium_since: null,
    pending: member.pending,
    communication_disabled_until: member.communication_disabled_until,
    flags: 0,
  };
}

export function memberObject(store: Store, member: Member): JsonObject {
  return {
    ...partialMember(member),
    user: userOf(store, member.user_id),
    deaf: member.deaf,
    mute: member.mute,
  };
}

export function roleObject(role: Role): JsonObject {
  return {
    id: role.id,
    name: role.name,
    description: null,
    color: role.color,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    hoist: role.hoist,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: role.permissions,
    managed: role.managed,
    mentionable: role.mentionable,
    flags: 0,
    ...(role.tags === undefined ? {} : { tags: role.tags }),
  };
}

export function channelObject(store: Store, channel: Channel): JsonObject {
  const last = store.newestIn(channel.id);
  if (channel.guild_id === null) {
    const recipients = channel.recipient_id === undefined ? [] : [userOf(store, channel.recipient_id)];
    return { id: channel.id, type: channel.type, last_message_id: last, flags: 0, recipients };
  }
  const text = {
    topic: channel.topic,
    nsfw: false,
    last_message_id: last,
    rate_limit_per_user: 0,
    last_pin_timestamp: null,
  };
  const voice = { bitrate: 64_000, user_limit: 0, rtc_region: null, nsfw: false, rate_limit_per_user: 0 };
  return {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guild_id,
    name: channel.name,
    position: channel.position,
    parent_id: channel.parent_id,
    permission_overwrites: channel.permission_overwrites,
    flags: 0,
    ...(channel.type === 0 || channel.type === 5 ? text : {}),
    ...(channel.type === 2 ? { ...voice, last_message_id: last } : {}),
  };
}

/** A guild's channels in the order that a client shows them. */
export function channelsOf(store: Store, guildId: string): Channel[] {
  return store
    .all('channels')
    .filter((channel) => channel.guild_id === guildId)
    .sort((a, b) => a.position - b.position || a.id.localeCompare(b.id));
}

/** A guild's members: people in the order they joined, then bots. */
export function membersOf(store: Store, guildId: string): Member[] {
  const isBot = (member: Member) => Number(store.get('users', member.user_id)?.bot ?? false);
  return store
    .all('members')
    .filter((member) => member.guild_id === guildId)
    .sort((a, b) => isBot(a) - isBot(b));
}

export function guildObject(store: Store, guild: Guild): JsonObject {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.owner_id,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: rolesOf(store, guild.id).map(roleObject),
    default_message_notifications: 1,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.preferred_locale,
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  };
}

/** The payload of GUILD_CREATE; `members` are those that the session's intents show. */
export function guildCreate(store: Store, guild: Guild, members: Member[]): JsonObject {
  const all = membersOf(store, guild.id);
  const joined = all.find((member) => store.get('users', member.user_id)?.bot)?.joined_at;
  return {
    ...guildObject(store, guild),
    joined_at: joined,
    large: all.length > 250,
    unavailable: false,
    member_count: all.length,
    members: members.map((member) => memberObject(store, member)),
    channels: channelsOf(store, guild.id).map((channel) => channelObject(store, channel)),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function messageObject(store: Store, message: Message): JsonObject {
  const reference = message.message_reference;
  const replied = reference === undefined ? undefined : store.get('messages', reference.message_id);
  const { message_reference: _, ...flat } = replied ?? message;
  return {
    id: message.id,
    type: message.type,
    channel_id: message.channel_id,
    author: userOf(store, message.author_id),
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    attachments: message.attachments,
    mentions: message.mentions.map((id) => userOf(store, id)),
    mention_roles: message.mention_roles,
    mention_everyone: message.mention_everyone,
    tts: message.tts,
    timestamp: message.timestamp,
    edited_timestamp: message.edited_timestamp,
    flags: message.flags,
    pinned: message.pinned,
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.webhook_id === undefined ? {} : { webhook_id: message.webhook_id }),
    ...(message.application_id === undefined ? {} : { application_id: message.application_id }),
    ...(reference === undefined ? {} : { message_reference: { type: 0, ...reference } }),
    ...(reference === undefined ? {} : { referenced_message: replied ? messageObject(store, flat) : null }),
    ...interactionFields(store, message),
  };
}

function interactionFields(store: Store, message: Message): JsonObject {
  const interaction = message.interaction;
  if (interaction === undefined) return {};
  const user = userOf(store, interaction.user_id);
  const metadata = {
    id: interaction.id,
    type: interaction.type,
    user,
    authorizing_integration_owners: { 0: message.guild_id ?? '0' },
    ...(interaction.name === undefined ? {} : { name: interaction.name, command_type: 1 }),
    ...(interaction.triggering === undefined ? {} : { interacted_message_id: interaction.triggering }),
  };
  if (interaction.name === undefined) return { interaction_metadata: metadata };
  const { id, type, name } = interaction;
  return { interaction_metadata: metadata, interaction: { id, type, name, user } };
}

/** A message as the gateway sends it: with its guild and the author's member. */
export function messageEvent(store: Store, message: Message): JsonObject {
  if (message.guild_id === null) return { ...messageObject(store, message), channel_type: 1 };
  const member = store.get('members', memberKey(message.guild_id, message.author_id));
  const mentions = message.mentions.map((id) => {
    const mentioned = store.get('members', memberKey(message.guild_id ?? '', id));
    return { ...userOf(store, id), ...(mentioned === undefined ? {} : { member: partialMember(mentioned) }) };
  });
  return {
    ...messageObject(store, message),
    mentions,
    guild_id: message.guild_id,
    channel_type: store.get('channels', message.channel_id)?.type ?? 0,
    ...(member === undefined ? {} : { member: partialMember(member) }),
  };
}

export function commandObject(command: Command): JsonObject {
  const { guild_id, options, name_localizations, description_localizations, ...rest } = command;
  return {
    ...rest,
    name_localizations,
    description_localizations,
    ...(guild_id === null ? {} : { guild_id }),
    ...(options.length === 0 ? {} : { options }),
  };
}

/** A channel as interactions carry it, with what `member` may do there. */
export function resolvedChannel(store: Store, channel: Channel, member: Member | undefined): JsonObject {
  const bits = member === undefined ? 0n : channelPermissions(store, member, channel);
  return { ...channelObject(store, channel), permissions: String(bits) };
}

/** A guild as `GET /users/@me/guilds` lists it. */
export function partialGuild(store: Store, guild: Guild, member: Member): JsonObject {
  const permissions = String(guildPermissions(store, member));
  const { id, name } = guild;
  return { id, name, icon: null, banner: null, owner: guild.owner_id === member.user_id, permissions, features: [] };
}
