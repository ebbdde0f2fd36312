import { createMessage, deleteMessage, editMessage } from '../messages.ts';
import { messageObject } from '../payloads/messages.ts';
import { CHANNEL } from '../rules/channel.ts';
import { checkMessage } from '../rules/message.ts';
import type { Channel, Message, Webhook } from '../state/model.ts';
import { createThread } from '../threads.ts';
import type { World } from '../world.ts';
import { attach } from './attachments.ts';
import { refusal } from './errors.ts';
import { findChannel } from './find.ts';
import { editAnswer, findAnswer, followUp, removeAnswer } from './interactions.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryFlag, queryId, type Route } from './route.ts';
import { BODY } from './schemas.ts';
import { avatarHash, webhookByToken } from './webhooks.ts';

const PATH = '/webhooks/:webhook/:token';
const open = { auth: 'none', exempt: true, limit: LIMIT.webhook } as const;

/** Messages by a webhook's token: incoming webhooks, and the answers to interactions, whose webhook is the application. */
export const WEBHOOK_MESSAGE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: PATH,
    schema: BODY.webhookCreate,
    ...open,
    run: (call) => (isAnswer(call) ? followUp(call) : execute(call)),
  },
  ...['@original', ':message'].flatMap((message) => messageRoutes(`${PATH}/messages/${message}`)),
];

/** What can be done with one message: `@original`, which only interactions have, or a message by its id. */
function messageRoutes(path: string): Route[] {
  return [
    {
      method: 'GET',
      path,
      ...open,
      run: (call) => ok(messageObject(call.world.store, isAnswer(call) ? findAnswer(call) : written(call))),
    },
    {
      method: 'PATCH',
      path,
      schema: BODY.webhookEdit,
      ...open,
      run: (call) => ok(messageObject(call.world.store, isAnswer(call) ? editAnswer(call) : edit(call))),
    },
    {
      method: 'DELETE',
      path,
      ...open,
      run: (call) => {
        if (isAnswer(call)) removeAnswer(call);
        else deleteMessage(call.world, written(call));
        return noContent;
      },
    },
  ];
}

function isAnswer(call: Call): boolean {
  return param(call, 'webhook') === call.world.application.id;
}

/** Writes a message under the webhook's name or the body's; it is answered only to who waits. */
function execute(call: Call): Answer {
  const { world, body, files } = call;
  const webhook = webhookByToken(call);
  checkMessage(body, { files });
  const attachments = attach(call);
  const { channel, id } = target(call, webhook);
  const username = typeof body.username === 'string' ? body.username.trim() : '';
  const avatarUrl = typeof body.avatar_url === 'string' && body.avatar_url !== '' ? body.avatar_url : null;
  const message = createMessage(world, {
    channel,
    authorId: webhook.id,
    body,
    ...(id === undefined ? {} : { id }),
    webhookId: webhook.id,
    webhookAuthor: {
      username: username || webhook.name,
      avatar: avatarUrl === null ? webhook.avatar : avatarHash(avatarUrl),
      avatar_url: avatarUrl,
    },
    attachments,
  });
  return queryFlag(call, 'wait') ? ok(messageObject(world.store, message)) : noContent;
}

/** Where a webhook writes: its channel, a thread of it, or a new post of its forum. */
function target(call: Call, webhook: Webhook): { channel: Channel; id?: string } {
  const { world, body } = call;
  const own = findChannel(world, webhook.channel_id);
  const threadId = queryId(call, 'thread_id');
  const name = typeof body.thread_name === 'string' ? body.thread_name.trim() : '';
  if (threadId !== undefined) return { channel: threadOf(world, webhook, threadId) };
  if (own.type !== CHANNEL.FORUM) {
    if (name !== '') throw refusal(220003);
    return { channel: own };
  }
  if (name === '') throw refusal(220001);
  const post = { parent: own, type: CHANNEL.PUBLIC_THREAD, name, ownerId: webhook.id, applied_tags: [] };
  const channel = createThread(world, { ...post, auto_archive_duration: 4320, rate_limit_per_user: 0 });
  return { channel, id: channel.id };
}

function threadOf(world: World, webhook: Webhook, id: string): Channel {
  const thread = world.store.get('channels', id);
  if (thread === undefined || thread.parent_id !== webhook.channel_id) throw refusal(10003);
  return thread;
}

/** The message of a path that this webhook wrote; one in a thread needs `thread_id`. */
function written(call: Call): Message {
  const { world } = call;
  const webhook = webhookByToken(call);
  const threadId = queryId(call, 'thread_id');
  const place = threadId === undefined ? webhook.channel_id : threadOf(world, webhook, threadId).id;
  const message = world.store.get('messages', call.params.message ?? '');
  if (message === undefined || message.webhook_id !== webhook.id || message.channel_id !== place) throw refusal(10008);
  return message;
}

function edit(call: Call): Message {
  const { world, body, files } = call;
  const message = written(call);
  checkMessage(body, { files, old: message });
  return editMessage(world, message, body, attach(call));
}
