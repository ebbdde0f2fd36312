import { INTENT } from '../gateway/events.ts';
import { type JsonObject, list } from '../json.ts';
import { createMessage, deleteMessage, deleteMessages, editMessage, sentBefore } from '../messages.ts';
import { messageObject, withoutContent } from '../payloads/messages.ts';
import { holdsMessages } from '../rules/channel.ts';
import { allowedIntents } from '../rules/intents.ts';
import { checkMessage, FLAG } from '../rules/message.ts';
import { allows, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Message } from '../state/model.ts';
import { compareIds, snowflakeTime } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import { attach } from './attachments.ts';
import { FormCheck, refusal } from './errors.ts';
import { botPermissions, checkActive, findChannel, findMessage } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryId, queryNumber, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const VIEW = { channel: PERMISSION.VIEW_CHANNEL };
const MESSAGES = '/channels/:channel/messages';
const MESSAGE = `${MESSAGES}/:message`;
const BULK_DELETE_MS = 14 * 86_400_000;

/** Messages of a channel (docs: resources/message). */
export const MESSAGE_ROUTES: readonly Route[] = [
  { method: 'GET', path: MESSAGES, needs: VIEW, run: listMessages },
  {
    method: 'POST',
    path: MESSAGES,
    schema: BODY.messageCreate,
    needs: VIEW,
    limit: LIMIT.messageCreate,
    run: sendMessage,
  },
  {
    method: 'GET',
    path: MESSAGE,
    needs: { channel: PERMISSION.READ_MESSAGE_HISTORY },
    run: (call) => ok(shownMessage(call.world, messageOf(call))),
  },
  {
    method: 'PATCH',
    path: MESSAGE,
    schema: BODY.messageEdit,
    needs: VIEW,
    limit: LIMIT.messageEdit,
    run: (call) => {
      const message = messageOf(call);
      if (message.author_id !== call.world.bot.id) throw refusal(50005);
      checkActive(findChannel(call.world, message.channel_id));
      checkMessage(call.body, { files: call.files, old: message });
      return ok(messageObject(call.world.store, editMessage(call.world, message, call.body, attach(call))));
    },
  },
  {
    method: 'DELETE',
    path: MESSAGE,
    needs: VIEW,
    limit: LIMIT.messageDelete,
    run: (call) => {
      const message = messageOf(call);
      const channel = findChannel(call.world, message.channel_id);
      const own = message.author_id === call.world.bot.id;
      if (!own && channel.guild_id === null) throw refusal(50003);
      if (!own && !allows(botPermissions(call.world, channel), PERMISSION.MANAGE_MESSAGES)) throw refusal(50013);
      deleteMessage(call.world, message);
      return noContent;
    },
  },
  {
    method: 'POST',
    path: `${MESSAGES}/bulk-delete`,
    schema: BODY.bulkDelete,
    needs: { channel: PERMISSION.MANAGE_MESSAGES },
    limit: LIMIT.bulkDelete,
    run: bulkDelete,
  },
];

function messageOf(call: Call): Message {
  return findMessage(call.world, param(call, 'channel'), param(call, 'message'));
}

/** A message as the application may read it: without content where it is not allowed the intent. */
export function shownMessage(world: World, message: Message): JsonObject {
  const object = messageObject(world.store, message);
  const allowed = (allowedIntents(world.application) & INTENT.MESSAGE_CONTENT) !== 0;
  return allowed ? object : withoutContent(object, message, world.bot.id);
}

/** Deletes up to 100 messages that are younger than two weeks; ids that are not there do not count. */
function bulkDelete(call: Call): Answer {
  const { world, body } = call;
  const channel = findChannel(world, param(call, 'channel'));
  if (channel.guild_id === null) throw refusal(50003);
  const ids = [...new Set(list(body.messages).map(String))];
  if (ids.some((id) => snowflakeTime(id) < world.clock.now() - BULK_DELETE_MS)) throw refusal(50034);
  const messages = ids.map((id) => world.store.get('messages', id)).filter((message) => message !== undefined);
  deleteMessages(
    world,
    messages.filter((message) => message.channel_id === channel.id && message.ephemeral_for === null),
  );
  return noContent;
}

function listMessages(call: Call) {
  const { world } = call;
  const channel = findChannel(world, param(call, 'channel'));
  if (!allows(botPermissions(world, channel), PERMISSION.READ_MESSAGE_HISTORY)) return ok([]);
  const limit = queryNumber(call, 'limit', 50, 100);
  const [before, after, around] = ['before', 'after', 'around'].map((name) => queryId(call, name));
  let messages = world.store.messagesOf(channel.id).filter((message) => message.ephemeral_for === null);
  if (around !== undefined) {
    const older = messages.filter(({ id }) => compareIds(id, around) <= 0).slice(-Math.ceil(limit / 2));
    messages = [...older, ...messages.filter(({ id }) => compareIds(id, around) > 0).slice(0, Math.floor(limit / 2))];
  } else if (after !== undefined) {
    messages = messages.filter(({ id }) => compareIds(id, after) > 0).slice(0, limit);
  } else if (before !== undefined) {
    messages = messages.filter(({ id }) => compareIds(id, before) < 0);
  }
  return ok(
    messages
      .slice(-limit)
      .reverse()
      .map((message) => shownMessage(world, message)),
  );
}

function sendMessage(call: Call) {
  const { world, body, files } = call;
  const channel = findChannel(world, param(call, 'channel'));
  checkSending(world, channel, body, files.length);
  checkMessage(body, { files });
  checkReply(world, channel, body);
  if (body.enforce_nonce === true && body.nonce !== undefined && body.nonce !== null) {
    const known = sentBefore(world, world.bot.id, body.nonce);
    if (known !== undefined) return ok(messageObject(world.store, known));
  }
  const created = createMessage(world, { channel, authorId: world.bot.id, body, attachments: attach(call) });
  return ok(messageObject(world.store, created));
}

/** Refuses what the bot may not send there. */
function checkSending(world: World, channel: Channel, body: Call['body'], files: number): void {
  if (!holdsMessages(channel)) throw refusal(50008);
  const reader = channel.recipient_id;
  if (reader !== undefined) {
    const mutual = world.store
      .all('guilds')
      .some(
        ({ id }) =>
          world.store.get('members', memberKey(id, reader)) && world.store.get('members', memberKey(id, world.bot.id)),
      );
    if (!mutual) throw refusal(50278);
    if (world.store.get('closedDms', reader) !== undefined) throw refusal(50007);
  }
  const bits = botPermissions(world, channel);
  if (!allows(bits, PERMISSION.SEND_MESSAGES)) throw refusal(50013);
  if (channel.thread?.locked && !allows(bits, PERMISSION.MANAGE_THREADS)) throw refusal(160005);
  if (list(body.embeds).length > 0 && !allows(bits, PERMISSION.EMBED_LINKS)) throw refusal(50013);
  if (files > 0 && !allows(bits, PERMISSION.ATTACH_FILES)) throw refusal(50013);
  if ((Number(body.flags ?? 0) & FLAG.EPHEMERAL) !== 0) {
    const form = new FormCheck();
    form.at('flags').add('MESSAGE_FLAGS_INVALID', 'Only interaction responses can be ephemeral.');
    form.done();
  }
}

function checkReply(world: World, channel: Channel, body: Call['body']): void {
  const reference = body.message_reference as { message_id?: string; fail_if_not_exists?: boolean } | null | undefined;
  if (!reference?.message_id || reference.fail_if_not_exists === false) return;
  const message = world.store.get('messages', reference.message_id);
  if (message !== undefined && message.channel_id === channel.id && message.ephemeral_for === null) return;
  const form = new FormCheck();
  form.at('message_reference').add('REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  form.done();
}
