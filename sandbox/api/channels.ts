import { list } from '../json.ts';
import { createMessage, deleteMessage, editMessage, sentBefore } from '../messages.ts';
import { channelObject, messageObject } from '../payloads.ts';
import { checkMessage, FLAG } from '../rules/message.ts';
import { allows, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Message } from '../state/model.ts';
import { isSnowflake } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import { attach } from './attachments.ts';
import { FormCheck, refusal } from './errors.ts';
import { botPermissions, findChannel, findMessage } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Call, noContent, ok, param, queryNumber, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const VIEW = { channel: PERMISSION.VIEW_CHANNEL };
const TEXT_CHANNELS: readonly number[] = [0, 1, 2, 5, 10, 11, 12, 13];

/** Channels and their messages (docs: resources/channel, resources/message). */
export const CHANNEL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/channels/:channel',
    needs: VIEW,
    run: (call) => ok(channelObject(call.world.store, findChannel(call.world, param(call, 'channel')))),
  },
  {
    method: 'POST',
    path: '/channels/:channel/typing',
    needs: { channel: PERMISSION.SEND_MESSAGES },
    run: () => noContent,
  },
  { method: 'GET', path: '/channels/:channel/messages', needs: VIEW, run: listMessages },
  {
    method: 'POST',
    path: '/channels/:channel/messages',
    schema: BODY.messageCreate,
    needs: VIEW,
    limit: LIMIT.messageCreate,
    run: sendMessage,
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages/:message',
    needs: { channel: PERMISSION.READ_MESSAGE_HISTORY },
    run: (call) => ok(messageObject(call.world.store, messageOf(call))),
  },
  {
    method: 'PATCH',
    path: '/channels/:channel/messages/:message',
    schema: BODY.messageEdit,
    needs: VIEW,
    limit: LIMIT.messageEdit,
    run: (call) => {
      const message = messageOf(call);
      if (message.author_id !== call.world.bot.id) throw refusal(50005);
      checkMessage(call.body, { files: call.files.length, old: messageObject(call.world.store, message) });
      return ok(messageObject(call.world.store, editMessage(call.world, message, call.body, attach(call))));
    },
  },
  {
    method: 'DELETE',
    path: '/channels/:channel/messages/:message',
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
];

function messageOf(call: Call): Message {
  return findMessage(call.world, param(call, 'channel'), param(call, 'message'));
}

function listMessages(call: Call) {
  const { world, query } = call;
  const channel = findChannel(world, param(call, 'channel'));
  if (!allows(botPermissions(world, channel), PERMISSION.READ_MESSAGE_HISTORY)) return ok([]);
  const limit = Math.max(1, queryNumber(call, 'limit', 50, 100));
  const [before, after, around] = ['before', 'after', 'around'].map((name) => {
    const id = query.get(name);
    return id !== null && isSnowflake(id) ? BigInt(id) : undefined;
  });
  let messages = world.store.messagesOf(channel.id).filter((message) => message.ephemeral_for === null);
  if (around !== undefined) {
    const older = messages.filter(({ id }) => BigInt(id) <= around).slice(-Math.ceil(limit / 2));
    messages = [...older, ...messages.filter(({ id }) => BigInt(id) > around).slice(0, Math.floor(limit / 2))];
  } else if (after !== undefined) {
    messages = messages.filter(({ id }) => BigInt(id) > after).slice(0, limit);
  } else if (before !== undefined) {
    messages = messages.filter(({ id }) => BigInt(id) < before);
  }
  return ok(
    messages
      .slice(-limit)
      .reverse()
      .map((message) => messageObject(world.store, message)),
  );
}

function sendMessage(call: Call) {
  const { world, body, files } = call;
  const channel = findChannel(world, param(call, 'channel'));
  checkSending(world, channel, body, files.length);
  checkMessage(body, { files: files.length });
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
  if (!TEXT_CHANNELS.includes(channel.type)) throw refusal(50008);
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
