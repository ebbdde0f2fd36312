import { isObject, type JsonObject, list } from './json.ts';
import { attachedUrl, showMedia } from './media.ts';
import { messageEvent } from './payloads/messages.ts';
import { allComponents, numberComponents } from './rules/components.ts';
import { mentionsIn } from './rules/mentions.ts';
import { FLAG } from './rules/message.ts';
import type { Channel, Message } from './state/model.ts';
import { noteMessage } from './threads.ts';
import { timestamp, type World } from './world.ts';

/** What a new message takes from its sender; the rest is worked out. */
export interface NewMessage {
  channel: Channel;
  authorId: string;
  body: JsonObject;
  id?: string;
  type?: number;
  flags?: number;
  webhookId?: string;
  /** The name and avatar that a webhook writes under. */
  webhookAuthor?: Message['webhook_author'];
  interaction?: Message['interaction'];
  ephemeralFor?: string | null;
  attachments?: JsonObject[];
  /** The message that an application's answer stands under; it pings nobody. */
  under?: string | undefined;
  /** What a message of the system is about. */
  about?: Message['message_reference'];
}

/** Types of messages (docs: resources/message, "Message Types"). */
export const MESSAGE_TYPE = { DEFAULT: 0, PINNED: 6, THREAD_CREATED: 18, REPLY: 19, THREAD_STARTER: 21 } as const;
const SYSTEM_TYPES: readonly number[] = [MESSAGE_TYPE.PINNED, MESSAGE_TYPE.THREAD_CREATED, MESSAGE_TYPE.THREAD_STARTER];

/** Flags that a sender may set itself. */
const SENT_FLAGS = FLAG.SUPPRESS_EMBEDS | FLAG.SUPPRESS_NOTIFICATIONS | FLAG.V2;
/** How long the same nonce of the same author means the same message. */
const NONCE_MS = 5 * 60_000;

/** Stores a message and tells the gateway; the body was checked before. */
export function createMessage(world: World, message: NewMessage): Message {
  const { channel, authorId, body, webhookId, interaction } = message;
  const id = message.id ?? world.newId();
  const reference = message.about ?? referenceTo(world, channel, message.under ?? repliedTo(body));
  const ephemeral = message.ephemeralFor ?? null;
  const content = typeof body.content === 'string' ? body.content.trim() : '';
  const created: Message = {
    id,
    channel_id: channel.id,
    guild_id: channel.guild_id,
    author_id: authorId,
    type: message.type ?? (reference === undefined ? MESSAGE_TYPE.DEFAULT : MESSAGE_TYPE.REPLY),
    content,
    embeds: richEmbeds(body.embeds, message.attachments ?? []),
    components: componentsFrom(world, body.components, message.attachments ?? []),
    attachments: message.attachments ?? [],
    ...pings(world, channel, authorId, body, content, message.under === undefined ? reference?.message_id : undefined),
    tts: body.tts === true,
    timestamp: timestamp(world),
    edited_timestamp: null,
    flags: (message.flags ?? 0) | (Number(body.flags ?? 0) & SENT_FLAGS) | (ephemeral === null ? 0 : FLAG.EPHEMERAL),
    pinned: false,
    ...(typeof body.nonce === 'string' || typeof body.nonce === 'number' ? { nonce: body.nonce } : {}),
    ...(webhookId === undefined ? {} : { webhook_id: webhookId, application_id: world.application.id }),
    ...(message.webhookAuthor === undefined ? {} : { webhook_author: message.webhookAuthor }),
    ...(reference === undefined ? {} : { message_reference: reference }),
    ...(interaction === undefined ? {} : { interaction }),
    ephemeral_for: ephemeral,
  };
  world.store.put('messages', id, created);
  if (ephemeral === null) noteMessage(world, channel, authorId, !SYSTEM_TYPES.includes(created.type));
  announce(world, 'MESSAGE_CREATE', created);
  return created;
}

/** Changes the fields that the body names, and marks the message as edited. */
export function editMessage(world: World, message: Message, body: JsonObject, files: JsonObject[] = []): Message {
  const channel = world.store.get('channels', message.channel_id);
  const content = typeof body.content === 'string' ? body.content.trim() : body.content === null ? '' : message.content;
  const sent = Number(body.flags ?? message.flags) & SENT_FLAGS;
  const kept = Array.isArray(body.attachments)
    ? message.attachments.filter(({ id }) => list(body.attachments).some((item) => isObject(item) && item.id === id))
    : message.attachments;
  const components =
    body.components === undefined ? message.components : componentsFrom(world, body.components, [...kept, ...files]);
  const whole = { ...body, components };
  const edited: Message = {
    ...message,
    content,
    embeds: body.embeds === undefined ? message.embeds : richEmbeds(body.embeds, [...kept, ...files]),
    components,
    attachments: [...kept, ...files],
    ...(channel === undefined || body.content === undefined
      ? {}
      : pings(
          world,
          channel,
          message.author_id,
          whole,
          content,
          message.interaction === undefined ? message.message_reference?.message_id : undefined,
        )),
    flags: (message.flags & ~(SENT_FLAGS | FLAG.LOADING)) | sent | (message.flags & FLAG.V2),
    // Filling in a deferred answer does not count as an edit.
    edited_timestamp: (message.flags & FLAG.LOADING) === 0 ? timestamp(world) : message.edited_timestamp,
  };
  world.store.put('messages', message.id, edited);
  announce(world, 'MESSAGE_UPDATE', edited);
  return edited;
}

export function deleteMessage(world: World, message: Message): void {
  world.store.remove('messages', message.id);
  announce(world, 'MESSAGE_DELETE', message);
}

/** Deletes messages, and tells of those of one channel at once (docs: "Bulk Delete Messages"). */
export function deleteMessages(world: World, messages: Message[]): void {
  for (const [channelId, deleted] of Map.groupBy(messages, ({ channel_id }) => channel_id)) {
    const [only] = deleted;
    if (only !== undefined && deleted.length === 1) {
      deleteMessage(world, only);
      continue;
    }
    for (const { id } of deleted) world.store.remove('messages', id);
    const guildId = only?.guild_id ?? null;
    const data = { ids: deleted.map(({ id }) => id), channel_id: channelId, guild_id: guildId };
    world.gateway.dispatch('MESSAGE_DELETE_BULK', data, { guildId, channelId });
  }
}

/** Marks a message, as pinning and starting a thread do: it does not count as edited. */
export function markMessage(world: World, message: Message, change: Partial<Message>): Message {
  const marked = { ...message, ...change };
  world.store.put('messages', message.id, marked);
  announce(world, 'MESSAGE_UPDATE', marked);
  return marked;
}

/** The message that the same author already sent with this nonce, anywhere (docs: "Create Message", `enforce_nonce`). */
export function sentBefore(world: World, authorId: string, nonce: unknown): Message | undefined {
  const message = world.store.messageByNonce(authorId, nonce);
  const recent = message !== undefined && Date.parse(message.timestamp) > world.clock.now() - NONCE_MS;
  return recent ? message : undefined;
}

/** Ephemeral messages are between the application and their reader: the gateway does not see them. */
function announce(world: World, event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE' | 'MESSAGE_DELETE', message: Message): void {
  if (message.ephemeral_for !== null) return;
  const guildId = message.guild_id;
  if (event === 'MESSAGE_DELETE') {
    const guild = guildId === null ? {} : { guild_id: guildId };
    world.gateway.dispatch(
      event,
      { id: message.id, channel_id: message.channel_id, ...guild },
      {
        guildId,
        channelId: message.channel_id,
      },
    );
    return;
  }
  world.gateway.dispatch(event, messageEvent(world.store, message), { guildId, message });
}

function pings(
  world: World,
  channel: Channel,
  authorId: string,
  body: JsonObject,
  content: string,
  replied: string | undefined,
) {
  const shown = allComponents(body.components).map((component) => component.content);
  const text = [content, ...shown.filter((part) => typeof part === 'string')].join('\n');
  const answered = replied === undefined ? undefined : world.store.get('messages', replied)?.author_id;
  return mentionsIn(text, {
    store: world.store,
    channel,
    authorId,
    allowed: body.allowed_mentions ?? undefined,
    repliedTo: answered,
  });
}

function repliedTo(body: JsonObject): unknown {
  return isObject(body.message_reference) ? body.message_reference.message_id : undefined;
}

function referenceTo(world: World, channel: Channel, id: unknown): Message['message_reference'] {
  const message = typeof id === 'string' ? world.store.get('messages', id) : undefined;
  if (message === undefined || message.channel_id !== channel.id) return undefined;
  const guild = channel.guild_id === null ? {} : { guild_id: channel.guild_id };
  return { message_id: message.id, channel_id: channel.id, ...guild };
}

/** Components as they come back: numbered, with the addresses of their pictures and files. */
function componentsFrom(world: World, components: unknown, attachments: JsonObject[]): JsonObject[] {
  return showMedia(numberComponents(components), attachments, () => world.newId());
}

/** Where an embed may show a picture. */
const EMBED_PICTURES = [
  ['image', 'url'],
  ['thumbnail', 'url'],
  ['author', 'icon_url'],
  ['footer', 'icon_url'],
] as const;

/** Embeds as they come back: of type `rich`, empty fields left out, text trimmed. */
function richEmbeds(embeds: unknown, attachments: JsonObject[]): JsonObject[] {
  return list(embeds)
    .filter(isObject)
    .map((embed) => {
      const shown = Object.entries(embed).filter(([, value]) => value !== null && value !== undefined && value !== '');
      const fields = list(embed.fields)
        .filter(isObject)
        .map((field) => ({ ...field, inline: field.inline === true }));
      const filled: JsonObject = { ...Object.fromEntries(shown), type: 'rich' };
      for (const key of ['title', 'description']) if (typeof filled[key] === 'string') filled[key] = filled[key].trim();
      for (const [part, key] of EMBED_PICTURES) {
        const shown = filled[part];
        if (isObject(shown) && key in shown) filled[part] = { ...shown, [key]: attachedUrl(shown[key], attachments) };
      }
      if (typeof embed.timestamp === 'string') filled.timestamp = new Date(embed.timestamp).toISOString();
      return fields.length === 0 ? filled : { ...filled, fields };
    });
}
