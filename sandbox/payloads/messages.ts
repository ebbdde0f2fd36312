import type { JsonObject } from '../json.ts';
import { COMMAND } from '../rules/command.ts';
import { FLAG } from '../rules/message.ts';
import { memberKey } from '../rules/permissions.ts';
import type { AnsweredInteraction, Message, Reaction } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { botId, channelObject } from './channels.ts';
import { partialMember, userOf } from './people.ts';

/** Types of messages that show the message that they refer to: a reply, a thread's first message. */
const REFERRING: readonly number[] = [19, 20, 21, 23];

export function messageObject(store: Store, message: Message): JsonObject {
  const reference = message.message_reference;
  const replied = reference?.message_id === undefined ? undefined : store.get('messages', reference.message_id);
  const { message_reference: _, ...flat } = replied ?? message;
  const refers = reference !== undefined && REFERRING.includes(message.type);
  const thread = message.id === message.channel_id ? undefined : store.get('channels', message.id);
  return {
    id: message.id,
    type: message.type,
    channel_id: message.channel_id,
    author: authorOf(store, message),
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    // Components show these files themselves (docs: resources/message, "Message Object").
    attachments: (message.flags & FLAG.V2) === 0 ? message.attachments : [],
    mentions: message.mentions.map((id) => userOf(store, id)),
    mention_roles: message.mention_roles,
    mention_everyone: message.mention_everyone,
    tts: message.tts,
    timestamp: message.timestamp,
    edited_timestamp: message.edited_timestamp,
    flags: message.flags,
    pinned: message.pinned,
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.webhook_id === undefined ? {} : { webhook_id: message.webhook_id }),
    ...(message.application_id === undefined ? {} : { application_id: message.application_id }),
    ...(reference === undefined ? {} : { message_reference: { type: 0, ...reference } }),
    ...(refers ? { referenced_message: replied ? messageObject(store, flat) : null } : {}),
    ...(thread === undefined ? {} : { thread: channelObject(store, thread) }),
    ...(message.reactions?.length ? { reactions: message.reactions.map((one) => reactionObject(store, one)) } : {}),
    ...interactionFields(store, message),
  };
}

/** A webhook writes under a name of its own. */
function authorOf(store: Store, { author_id, webhook_author }: Message): JsonObject {
  const user = userOf(store, author_id);
  if (webhook_author === undefined) return user;
  const { username, avatar } = webhook_author;
  return { ...user, username, avatar, global_name: null, discriminator: '0000', bot: true };
}

/** An emoji of a reaction; guilds of the sandbox have none of their own. */
export function emojiObject(name: string): JsonObject {
  return { id: null, name };
}

function reactionObject(store: Store, { emoji, users }: Reaction): JsonObject {
  return {
    emoji: emojiObject(emoji),
    count: users.length,
    count_details: { burst: 0, normal: users.length },
    burst_colors: [],
    me_burst: false,
    me: users.includes(botId(store)),
  };
}

/** What of a message an application sees that is not allowed its content (docs: events/gateway, "Message Content Intent"). */
export function withoutContent(data: JsonObject, message: Message, botId: string): JsonObject {
  const open = message.guild_id === null || message.author_id === botId || message.mentions.includes(botId);
  if (open || data.content === undefined) return data;
  return { ...data, content: '', embeds: [], attachments: [], components: [] };
}

function interactionFields(store: Store, message: Message): JsonObject {
  const interaction = message.interaction;
  if (interaction === undefined) return {};
  const metadata = metadataOf(store, interaction, message.guild_id);
  if (interaction.name === undefined) return { interaction_metadata: metadata };
  const { id, type, name, user_id: userId } = interaction;
  return { interaction_metadata: metadata, interaction: { id, type, name, user: userOf(store, userId) } };
}

/** What a message says of its interaction (docs: resources/message, "Message Interaction Metadata Object"). */
function metadataOf(store: Store, interaction: AnsweredInteraction, guildId: string | null): JsonObject {
  const { id, type, user_id: userId, name, triggering, opener, command_type = COMMAND.CHAT_INPUT } = interaction;
  const target = interaction.target_id ?? '';
  return {
    id,
    type,
    user: userOf(store, userId),
    authorizing_integration_owners: { 0: guildId ?? '0' },
    ...(name === undefined ? {} : { name, command_type }),
    ...(command_type === COMMAND.USER ? { target_user: userOf(store, target) } : {}),
    ...(command_type === COMMAND.MESSAGE ? { target_message_id: target } : {}),
    ...(opener === undefined
      ? triggering === undefined
        ? {}
        : { interacted_message_id: triggering }
      : { triggering_interaction_metadata: metadataOf(store, opener, guildId) }),
  };
}

/** A message as the gateway sends it: with its guild and the author's member. */
export function messageEvent(store: Store, message: Message): JsonObject {
  if (message.guild_id === null) return { ...messageObject(store, message), channel_type: 1 };
  const member = store.get('members', memberKey(message.guild_id, message.author_id));
  const mentions = message.mentions.map((id) => {
    const mentioned = store.get('members', memberKey(message.guild_id ?? '', id));
    return { ...userOf(store, id), ...(mentioned === undefined ? {} : { member: partialMember(mentioned) }) };
  });
  return {
    ...messageObject(store, message),
    mentions,
    guild_id: message.guild_id,
    channel_type: store.get('channels', message.channel_id)?.type ?? 0,
    ...(member === undefined ? {} : { member: partialMember(member) }),
  };
}
