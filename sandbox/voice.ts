import { randomBytes } from 'node:crypto';
import type { JsonObject } from './json.ts';
import { voiceStateObject } from './payloads/people.ts';
import { CHANNEL, isVoice } from './rules/channel.ts';
import { allows, channelPermissions, memberKey, PERMISSION } from './rules/permissions.ts';
import type { Channel, Member, VoiceState } from './state/model.ts';
import type { World } from './world.ts';

/** Who is connected to which voice channel: the state, then the gateway. */

export function voiceStateOf(world: World, { guild_id, user_id }: Member): VoiceState | undefined {
  return world.store.get('voiceStates', memberKey(guild_id, user_id));
}

/** Connects a member to a voice channel, or moves it there. */
export function connect(
  world: World,
  member: Member,
  channel: Channel,
  own: Partial<Pick<VoiceState, 'self_mute' | 'self_deaf'>> = {},
): void {
  const before = voiceStateOf(world, member);
  const state: VoiceState = {
    self_mute: false,
    self_deaf: false,
    ...before,
    ...own,
    // Who comes to a stage listens first.
    ...(before?.channel_id === channel.id
      ? {}
      : { suppress: channel.type === CHANNEL.STAGE, request_to_speak_timestamp: null }),
    guild_id: member.guild_id,
    user_id: member.user_id,
    channel_id: channel.id,
    session_id: before?.session_id ?? randomBytes(16).toString('hex'),
  };
  world.store.put('voiceStates', memberKey(member.guild_id, member.user_id), state);
  announceVoice(world, member);
}

/** Lets a member of a stage speak or listen, or notes that it asks to speak. */
export function changeVoiceState(
  world: World,
  member: Member,
  change: Pick<VoiceState, 'suppress' | 'request_to_speak_timestamp'>,
): void {
  const before = voiceStateOf(world, member);
  if (before === undefined) return;
  world.store.put('voiceStates', memberKey(member.guild_id, member.user_id), { ...before, ...change });
  announceVoice(world, member);
}

/** Ends a member's connection, if it has one. */
export function disconnect(world: World, member: Member): void {
  const before = voiceStateOf(world, member);
  if (before === undefined) return;
  world.store.remove('voiceStates', memberKey(member.guild_id, member.user_id));
  announceVoice(world, member, before);
}

/** Tells the gateway a member's voice state; `ended` is the one that it has no more. */
export function announceVoice(world: World, member: Member, ended?: VoiceState): void {
  const state = voiceStateOf(world, member);
  const shown = state ?? ended;
  if (shown === undefined) return;
  const object = voiceStateObject(world.store, member, { ...shown, channel_id: state?.channel_id ?? null });
  world.gateway.dispatch('VOICE_STATE_UPDATE', object, { guildId: member.guild_id });
}

/** The bot connects by the gateway, op 4 (docs: events/gateway-events, "Update Voice State"); there is no sound here. */
export function connectBot(world: World, body: JsonObject): void {
  const guildId = String(body.guild_id);
  const member = world.store.get('members', memberKey(guildId, world.bot.id));
  if (member === undefined) return;
  if (body.channel_id === null) {
    disconnect(world, member);
    return;
  }
  const channel = world.store.get('channels', String(body.channel_id));
  const here = channel !== undefined && channel.guild_id === guildId && isVoice(channel);
  if (!here || !allows(channelPermissions(world.store, member, channel), PERMISSION.CONNECT)) return;
  connect(world, member, channel, { self_mute: body.self_mute === true, self_deaf: body.self_deaf === true });
  const server = { guild_id: guildId, token: randomBytes(8).toString('hex'), endpoint: null };
  world.gateway.dispatch('VOICE_SERVER_UPDATE', server, { guildId });
}
