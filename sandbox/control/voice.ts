import type { JsonObject } from '../json.ts';
import { isVoice } from '../rules/channel.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import { connect, disconnect } from '../voice.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';
import { channelNamed, guildNamed, memberNamed, permissionsIn } from './find.ts';

/** A member connects to a voice channel, or to none when `channel` is null. */
export function speak(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  if (body.channel === null) {
    disconnect(world, member);
    return { member: { id: member.user_id, voice: null } };
  }
  if (typeof body.channel !== 'string') throw new ControlError(400, '"channel" must be a voice channel, or null');
  const channel = channelNamed(world, guild, member, body.channel);
  if (!isVoice(channel)) throw new ControlError(400, `"${channel.name}" is no voice channel`);
  const bits = permissionsIn(world, member, channel);
  if (!allows(bits, PERMISSION.CONNECT)) throw new ControlError(403, 'this member may not connect there');
  const limit = Number(channel.settings?.user_limit ?? 0);
  const there = world.store
    .all('voiceStates')
    .filter(({ channel_id, user_id }) => channel_id === channel.id && user_id !== member.user_id);
  if (limit > 0 && there.length >= limit && !allows(bits, PERMISSION.MOVE_MEMBERS)) {
    throw new ControlError(409, `"${channel.name}" is full`);
  }
  connect(world, member, channel);
  return { member: { id: member.user_id, voice: channel.id } };
}
