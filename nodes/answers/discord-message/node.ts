import { z } from 'zod';
import { expectDone } from '../../../platform/discord/index.ts';
import { once } from '../../../platform/effects.ts';
import { Fault } from '../../../platform/fault.ts';
import type { Platform } from '../../../platform/start.ts';
import { defineNode, type Result, renderPlain } from '../../kit/index.ts';
import { buildMessage, messageSettings } from '../../kit/message.ts';

const DIRECT_MESSAGES_CLOSED = 50007;
const SNOWFLAKE = /^\d{17,20}$/;

/** Sends a message to a channel or a member, or edits or deletes one. Coming again sends nothing twice. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-discord-message',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    operation: z.enum(['send', 'edit', 'delete']).default('send'),
    target: z.enum(['channel', 'member']).default('channel'),
    /** A channel's id or name; for an edit, of the message to edit. A template. */
    channel: z.string().default(''),
    ...messageSettings,
  }),
  values: {
    member: { type: 'msg', value: 'payload.request.player.discord_id' },
    message: { type: 'msg', value: 'payload.request.discord_message_id' },
    ping: { type: 'str', value: '' },
  },
  outputs: ['done', 'direct messages closed', 'gone'],
  handle: async ({ platform, settings, values, msg, actor, node }): Promise<Result> => {
    const { discord, database } = platform;
    const key = {
      community: actor.community,
      source: actor.source,
      node: node.id,
      part: String(msg.parts?.index ?? 0),
    };
    const body = settings.operation === 'delete' ? {} : buildMessage(settings, msg, idOrNull(values.ping));

    if (settings.operation !== 'send') {
      const message = idOrNull(values.message);
      const named = renderPlain(settings.channel, msg);
      // No card was ever posted: nothing to change.
      if (!message || !named) return { output: 'gone' };
      const channel = await findChannel(platform, actor.community, named);
      const outcome =
        settings.operation === 'edit'
          ? await discord.editMessage(channel, message, body)
          : await discord.deleteMessage(channel, message);
      if (outcome.kind === 'gone' || (outcome.kind === 'permanent' && GONE.has(Number(outcome.code))))
        return { output: 'gone' };
      expectDone(outcome, settings.operation === 'edit' ? 'Editing the message' : 'Deleting the message');
      return { output: 'done' };
    }

    const toMember = settings.target === 'member';
    const target = toMember
      ? idOrNull(values.member)
      : await findChannel(platform, actor.community, renderPlain(settings.channel, msg));
    if (!target) return { output: 'direct messages closed' };
    const { result } = await once(database, { ...key, target }, async (nonce) => {
      const channel = toMember ? await discord.openDirectMessages(target) : null;
      if (channel && channel.kind === 'permanent') return { closed: true };
      const channelId = channel ? expectDone(channel, 'Opening the direct messages').id : target;
      const outcome = await discord.sendMessage(channelId, body, nonce);
      if (outcome.kind === 'permanent' && outcome.code === DIRECT_MESSAGES_CLOSED) return { closed: true };
      const message = expectDone(outcome, 'Sending the message');
      return { closed: false, channel_id: channelId, message_id: message.id };
    });
    if (result.closed) return { output: 'direct messages closed' };
    msg.sent = { channel_id: result.channel_id, message_id: result.message_id };
    return { output: 'done' };
  },
});

/** Text and announcement channels (Discord's channel types): a category or a voice channel may share their name. */
const TEXT_CHANNELS = new Set([0, 5]);

/** Unknown channel, unknown message (Discord's opcodes page). */
const GONE = new Set([10003, 10008]);

function idOrNull(value: unknown): string | null {
  return typeof value === 'string' && SNOWFLAKE.test(value) ? value : null;
}

/** @throws Fault `channel-not-found` that names the channel */
async function findChannel(platform: Platform, guild: string, named: string): Promise<string> {
  if (SNOWFLAKE.test(named)) return named;
  const name = named.trim().replace(/^#/, '');
  if (!name) throw new Fault('channel-missing', 'This node names no channel. Open it and choose one.');
  const channels = expectDone(await platform.discord.channels(guild), 'Reading the channels');
  const found = channels.find((channel) => channel.name === name && TEXT_CHANNELS.has(channel.type));
  if (!found) {
    const sentence = `There is no channel #${name} in this server. Make it, or name another one in this node.`;
    throw new Fault('channel-not-found', sentence, { retry: true });
  }
  return found.id;
}
