import type { JsonObject } from '../json.ts';
import { channelPermissions, guildPermissions, memberKey, rolesOf } from '../rules/permissions.ts';
import type { Channel, Guild, Member, Role } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { botId, channelObject, channelsOf, threadsOf } from './channels.ts';
import { memberObject, membersOf, voiceStateObject } from './people.ts';

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
    ...guild.settings,
  };
}

/** The payload of GUILD_CREATE: `members` are those that the session's intents show, threads those that the bot sees. */
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
    threads: visibleThreads(store, guild).map((thread) => channelObject(store, thread)),
    presences: [],
    voice_states: store
      .all('voiceStates')
      .filter(({ guild_id }) => guild_id === guild.id)
      .flatMap((state) => {
        const member = store.get('members', memberKey(guild.id, state.user_id));
        return member === undefined ? [] : [voiceStateObject(store, member, state)];
      }),
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** A guild as `GET /users/@me/guilds` lists it. */
export function partialGuild(store: Store, guild: Guild, member: Member): JsonObject {
  const permissions = String(guildPermissions(store, member));
  const { id, name } = guild;
  return { id, name, icon: null, banner: null, owner: guild.owner_id === member.user_id, permissions, features: [] };
}

/** The active threads of a guild that the bot may see. */
function visibleThreads(store: Store, guild: Guild): Channel[] {
  const bot = store.get('members', memberKey(guild.id, botId(store)));
  return threadsOf(store, guild.id).filter(
    (thread) => !thread.thread?.archived && bot !== undefined && channelPermissions(store, bot, thread) !== 0n,
  );
}

/** What anyone may see of a guild (docs: resources/guild, "Guild Preview Object"). */
export function guildPreview(store: Store, guild: Guild): JsonObject {
  const { id, name, icon, description, home_header, splash, discovery_splash, features, emojis, stickers } =
    guildObject(store, guild);
  const shown = { id, name, icon, description, home_header, splash, discovery_splash, features, emojis, stickers };
  return { ...shown, ...memberCounts(store, guild) };
}

/** How many members a guild has, and how many of them seem to be there. */
export function memberCounts(store: Store, guild: Guild): JsonObject {
  return { approximate_member_count: membersOf(store, guild.id).length, approximate_presence_count: 1 };
}
