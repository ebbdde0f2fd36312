import { attach } from '../api/attachments.ts';
import type { JsonObject } from '../json.ts';
import { createMessage, deleteMessage, editMessage } from '../messages.ts';
import { addReaction, reactionOf, removeReaction } from '../reactions.ts';
import { checkEmoji, REACTIONS_CAP } from '../rules/emoji.ts';
import { checkMessage } from '../rules/message.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Member } from '../state/model.ts';
import { snowflakeTime } from '../state/snowflake.ts';
import { scaled, type World } from '../world.ts';
import { ControlError } from './errors.ts';
import { filesIn } from './files.ts';
import { channelNamed, guildNamed, memberNamed, messageNamed, permissionsIn } from './find.ts';
import { messageView } from './view.ts';

/** A member writes a message. */
export function say(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  const channel = channelNamed(world, guild, member, body.channel);
  const files = filesIn(body.files);
  if (typeof body.content !== 'string' && files.length === 0) throw new ControlError(400, '"content" must be a text');
  const content = typeof body.content === 'string' ? body.content : '';
  checkMayWrite(world, member, channel);
  checkPause(world, member, channel);
  checkMessage({ content }, { files });
  const attachments = attach({ world, files, body: {} });
  const message = createMessage(world, { channel, authorId: member.user_id, body: { content }, attachments });
  return { message: messageView(world, message) };
}

function checkMayWrite(world: World, member: Member, channel: Channel): void {
  const bits = permissionsIn(world, member, channel);
  if (!allows(bits, PERMISSION.SEND_MESSAGES)) throw new ControlError(403, 'this member may not write there');
  if (channel.thread?.locked && !allows(bits, PERMISSION.MANAGE_THREADS)) {
    throw new ControlError(403, 'this thread is locked');
  }
}

/** In slow mode members wait between messages; moderators do not (docs: resources/channel, `rate_limit_per_user`). */
function checkPause(world: World, member: Member, channel: Channel): void {
  const pause = scaled(world, Number(channel.settings?.rate_limit_per_user ?? 0) * 1000);
  const bits = permissionsIn(world, member, channel);
  if (pause === 0 || (bits & (PERMISSION.MANAGE_MESSAGES | PERMISSION.MANAGE_CHANNELS)) !== 0n) return;
  const last = world.store.messagesOf(channel.id).findLast(({ author_id }) => author_id === member.user_id);
  const left = last === undefined ? 0 : snowflakeTime(last.id) + pause - world.clock.now();
  if (left > 0) throw new ControlError(429, `slow mode: this member can write again in ${Math.ceil(left / 1000)} s`);
}

/** A member edits a message of its own. */
export function edit(world: World, body: JsonObject): JsonObject {
  const { message, member, channel } = messageNamed(world, body);
  if (message.author_id !== member.user_id) throw new ControlError(403, 'members edit only messages of their own');
  if (typeof body.content !== 'string') throw new ControlError(400, '"content" must be a text');
  checkMayWrite(world, member, channel);
  checkMessage({ content: body.content }, { old: message });
  return { message: messageView(world, editMessage(world, message, { content: body.content })) };
}

/** A member deletes a message: its own, one that is for it alone, or any where it may manage messages. */
export function remove(world: World, body: JsonObject): JsonObject {
  const { message, member, channel } = messageNamed(world, body);
  const own = message.author_id === member.user_id || message.ephemeral_for === member.user_id;
  const moderates =
    channel.guild_id !== null && allows(permissionsIn(world, member, channel), PERMISSION.MANAGE_MESSAGES);
  if (!own && !moderates) throw new ControlError(403, 'this member may not delete that message');
  deleteMessage(world, message);
  return { message: { id: message.id } };
}

/** A member reacts to a message with an emoji, or takes its reaction back. */
export function react(world: World, body: JsonObject): JsonObject {
  const { message, member, channel } = messageNamed(world, body);
  if (typeof body.emoji !== 'string') throw new ControlError(400, '"emoji" must be an emoji');
  const emoji = checkEmoji(body.emoji);
  if (message.ephemeral_for !== null) throw new ControlError(409, 'nobody reacts to a message that only one sees');
  if (channel.thread?.archived) throw new ControlError(409, 'this thread is archived');
  if (body.remove === true) {
    if (!removeReaction(world, message, emoji, member.user_id))
      throw new ControlError(404, 'there is no such reaction');
  } else {
    const fresh = reactionOf(message, emoji) === undefined;
    if (fresh && !allows(permissionsIn(world, member, channel), PERMISSION.ADD_REACTIONS)) {
      throw new ControlError(403, 'this member may not add reactions there');
    }
    if (fresh && (message.reactions ?? []).length >= REACTIONS_CAP) {
      throw new ControlError(409, `a message takes ${REACTIONS_CAP} different emojis`);
    }
    addReaction(world, message, emoji, member.user_id);
  }
  return { message: messageView(world, world.store.get('messages', message.id) ?? message) };
}
