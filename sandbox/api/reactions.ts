import { userOf } from '../payloads/people.ts';
import { addReaction, clearReactions, reactionOf, removeReaction } from '../reactions.ts';
import { checkEmoji, REACTIONS_CAP } from '../rules/emoji.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Message } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import { refusal } from './errors.ts';
import { botPermissions, checkActive, findChannel, findMessage } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryId, queryNumber, type Route } from './route.ts';

const READ = { channel: PERMISSION.READ_MESSAGE_HISTORY };
const REACTIONS = '/channels/:channel/messages/:message/reactions';
const EMOJI = `${REACTIONS}/:emoji`;
const own = { needs: READ, limit: LIMIT.reaction };
const others = {
  needs: { channel: PERMISSION.READ_MESSAGE_HISTORY | PERMISSION.MANAGE_MESSAGES },
  limit: LIMIT.reaction,
};

/** Reactions to a message (docs: resources/message, "Create Reaction" and after). */
export const REACTION_ROUTES: readonly Route[] = [
  { method: 'PUT', path: `${EMOJI}/@me`, ...own, run: react },
  { method: 'DELETE', path: `${EMOJI}/@me`, ...own, run: (call) => takeBack(call, call.world.bot.id) },
  { method: 'DELETE', path: `${EMOJI}/:user`, ...others, run: (call) => takeBack(call, param(call, 'user')) },
  { method: 'GET', path: EMOJI, needs: READ, run: listUsers },
  {
    method: 'DELETE',
    path: EMOJI,
    ...others,
    run: (call) => {
      const { message, emoji } = named(call);
      if (reactionOf(message, emoji) === undefined) throw refusal(10014);
      clearReactions(call.world, message, emoji);
      return noContent;
    },
  },
  {
    method: 'DELETE',
    path: REACTIONS,
    ...others,
    run: (call) => {
      clearReactions(call.world, messageOf(call));
      return noContent;
    },
  },
];

function messageOf(call: Call): Message {
  return findMessage(call.world, param(call, 'channel'), param(call, 'message'));
}

function named(call: Call): { message: Message; emoji: string } {
  return { message: messageOf(call), emoji: checkEmoji(param(call, 'emoji')) };
}

/** The first reaction with an emoji needs ADD_REACTIONS; to join one does not. */
function react(call: Call): Answer {
  const { world } = call;
  const { message, emoji } = named(call);
  const channel = findChannel(world, message.channel_id);
  checkActive(channel);
  const bits = botPermissions(world, channel);
  if (channel.thread?.locked && !allows(bits, PERMISSION.MANAGE_THREADS)) throw refusal(160005);
  if (reactionOf(message, emoji) === undefined) {
    if (!allows(bits, PERMISSION.ADD_REACTIONS)) throw refusal(50013);
    if ((message.reactions ?? []).length >= REACTIONS_CAP) throw refusal(30010);
  }
  addReaction(world, message, emoji, world.bot.id);
  return noContent;
}

function takeBack(call: Call, userId: string): Answer {
  const { message, emoji } = named(call);
  checkActive(findChannel(call.world, message.channel_id));
  removeReaction(call.world, message, emoji, userId);
  return noContent;
}

function listUsers(call: Call): Answer {
  const { message, emoji } = named(call);
  const limit = queryNumber(call, 'limit', 25, 100);
  const after = queryId(call, 'after') ?? '0';
  const users = [...(reactionOf(message, emoji)?.users ?? [])].sort(compareIds);
  const page = users.filter((id) => compareIds(id, after) > 0).slice(0, limit);
  return ok(page.map((id) => userOf(call.world.store, id)));
}
