import type { JsonObject } from '../json.ts';
import type { Member, User, VoiceState } from '../state/model.ts';
import type { Store } from '../state/store.ts';

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

/** A guild's members: people in the order they joined, then bots. */
export function membersOf(store: Store, guildId: string): Member[] {
  const isBot = (member: Member) => Number(store.get('users', member.user_id)?.bot ?? false);
  return store
    .all('members')
    .filter((member) => member.guild_id === guildId)
    .sort((a, b) => isBot(a) - isBot(b));
}

/** A voice state (docs: resources/voice); one without a channel tells that the connection ended. */
export function voiceStateObject(
  store: Store,
  member: Member,
  state: Omit<VoiceState, 'channel_id'> & { channel_id: string | null },
): JsonObject {
  return {
    guild_id: state.guild_id,
    channel_id: state.channel_id,
    user_id: state.user_id,
    member: memberObject(store, member),
    session_id: state.session_id,
    deaf: member.deaf,
    mute: member.mute,
    self_deaf: state.self_deaf,
    self_mute: state.self_mute,
    self_stream: false,
    self_video: false,
    suppress: state.suppress ?? false,
    request_to_speak_timestamp: state.request_to_speak_timestamp ?? null,
  };
}
