import { emojiObject } from './payloads/messages.ts';
import { memberObject } from './payloads/people.ts';
import { memberKey } from './rules/permissions.ts';
import type { Message, Reaction } from './state/model.ts';
import type { World } from './world.ts';

/** What happens to a message's reactions: the state, then the gateway. */

export function reactionOf(message: Message, emoji: string): Reaction | undefined {
  return message.reactions?.find((reaction) => reaction.emoji === emoji);
}

/** A user reacts with an emoji; once, however often it asks. */
export function addReaction(world: World, message: Message, emoji: string, userId: string): void {
  const known = reactionOf(message, emoji);
  if (known?.users.includes(userId)) return;
  const users = [...(known?.users ?? []), userId];
  const reactions = message.reactions ?? [];
  keep(
    world,
    message,
    known === undefined
      ? [...reactions, { emoji, users }]
      : reactions.map((reaction) => (reaction === known ? { emoji, users } : reaction)),
  );
  const { guild_id: guildId, author_id } = message;
  const member = guildId === null ? undefined : world.store.get('members', memberKey(guildId, userId));
  announce(world, 'ADD', message, {
    ...by(userId, emoji),
    message_author_id: author_id,
    burst_colors: [],
    ...(member === undefined ? {} : { member: memberObject(world.store, member) }),
  });
}

/** Takes back a user's reaction; false when there was none. */
export function removeReaction(world: World, message: Message, emoji: string, userId: string): boolean {
  const known = reactionOf(message, emoji);
  if (!known?.users.includes(userId)) return false;
  const users = known.users.filter((id) => id !== userId);
  const reactions = (message.reactions ?? []).map((reaction) => (reaction === known ? { emoji, users } : reaction));
  keep(world, message, reactions);
  announce(world, 'REMOVE', message, by(userId, emoji));
  return true;
}

/** Takes all reactions from a message, or all with one emoji. */
export function clearReactions(world: World, message: Message, emoji?: string): void {
  if (emoji === undefined) {
    keep(world, message, []);
    announce(world, 'REMOVE_ALL', message, {});
    return;
  }
  keep(
    world,
    message,
    (message.reactions ?? []).filter((reaction) => reaction.emoji !== emoji),
  );
  announce(world, 'REMOVE_EMOJI', message, { emoji: emojiObject(emoji) });
}

function keep(world: World, message: Message, reactions: Reaction[]): void {
  world.store.put('messages', message.id, {
    ...message,
    reactions: reactions.filter(({ users }) => users.length > 0),
  });
}

function by(userId: string, emoji: string) {
  return { user_id: userId, emoji: emojiObject(emoji), burst: false, type: 0 };
}

type Change = 'ADD' | 'REMOVE' | 'REMOVE_ALL' | 'REMOVE_EMOJI';

function announce(world: World, what: Change, message: Message, data: Record<string, unknown>): void {
  const { id, channel_id: channelId, guild_id: guildId } = message;
  const guild = guildId === null ? {} : { guild_id: guildId };
  const where = { channel_id: channelId, message_id: id, ...guild };
  world.gateway.dispatch(`MESSAGE_REACTION_${what}`, { ...where, ...data }, { guildId, channelId });
}
