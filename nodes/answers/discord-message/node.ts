import { z } from 'zod';
import { expectDone, type Outcome } from '../../../platform/discord/index.ts';
import type { PermissionName } from '../../../platform/discord/permissions.ts';
import { once } from '../../../platform/effects.ts';
import type { Platform } from '../../../platform/start.ts';
import { SNOWFLAKE } from '../../kit/channels.ts';
import { defineNode, type Result } from '../../kit/index.ts';
import { buildMessage, messageSettings } from '../../kit/message.ts';
import { migrations } from './migrations.ts';
import { channelTarget, memberTarget, type Target, webhookTarget } from './targets.ts';

const DIRECT_MESSAGES_CLOSED = 50007;
/** Unknown channel, unknown message, unknown webhook (Discord's opcodes page). */
const GONE = new Set([10003, 10008, 10015]);

const settings = z.object({
  name: z.string().default(''),
  operation: z.enum(['send', 'edit', 'delete']).default('send'),
  /** Where the message goes, or is. */
  target: z.enum(['channel', 'member', 'webhook']).default('channel'),
  ...messageSettings,
});

type Settings = z.output<typeof settings>;

/** Sends a message to a channel, a member or a webhook, or edits or deletes one. Coming again sends nothing twice. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-discord-message',
  version: 2,
  migrations,
  settings,
  values: {
    /** A channel's id or name; for an edit, of the message to edit. */
    channel: { type: 'channel', value: '' },
    member: { type: 'msg', value: 'payload.request.player.discord_id' },
    message: { type: 'msg', value: 'payload.request.discord_message_id' },
    ping: { type: 'member', value: '' },
  },
  credentials: ['webhook'],
  outputs: ['done', 'direct messages closed', 'gone'],
  needs: (settings, picked) => {
    // Direct messages and webhooks need no permission of the bot.
    if (settings.target !== 'channel') return [];
    const channel = (picked.channel ?? '').trim().replace(/^#/, '');
    return [{ permissions: permissionsFor(settings), ...(channel && { channel }) }];
  },
  handle: async ({ platform, settings, values, credentials, msg, actor, node }): Promise<Result> => {
    const { operation } = settings;
    const message = idOrNull(values.message);
    // No card was ever posted: nothing to change.
    if (operation !== 'send' && !message) return { output: 'gone' };
    const target = await targetOf(platform, settings, actor.community, values, credentials);
    if (target === null) return { output: operation === 'send' ? 'direct messages closed' : 'gone' };
    const body = operation === 'delete' ? {} : buildMessage(settings, msg, idOrNull(values.ping));

    if (operation !== 'send') {
      const outcome = await (operation === 'edit' ? target.edit(message ?? '', body) : target.delete(message ?? ''));
      if (isGone(outcome)) return { output: 'gone' };
      if (isClosed(outcome)) return { output: 'direct messages closed' };
      expectDone(outcome, operation === 'edit' ? 'Editing the message' : 'Deleting the message');
      return { output: 'done' };
    }

    const key = {
      community: actor.community,
      source: actor.source,
      node: node.id,
      target: target.key,
      part: String(msg.parts?.index ?? 0),
    };
    const { result } = await once(platform.database, key, async (nonce) => {
      const outcome = await target.send(body, nonce);
      if (isClosed(outcome)) return { closed: true };
      if (settings.target === 'webhook' && isGone(outcome)) return { gone: true };
      const { id, channel_id } = expectDone(outcome, 'Sending the message');
      return { channel_id, message_id: id };
    });
    if ('closed' in result && result.closed) return { output: 'direct messages closed' };
    if ('gone' in result) return { output: 'gone' };
    const { channel_id, message_id } = result;
    msg.sent = { channel_id, message_id };
    return { output: 'done' };
  },
});

/** Messages that are edited or deleted are the bot's own, for which seeing the channel is enough. */
function permissionsFor(settings: Settings): PermissionName[] {
  if (settings.operation === 'delete') return ['ViewChannel'];
  const { embedTitle, embedText, embedFields, embedImage, files } = settings;
  return [
    'ViewChannel',
    ...(settings.operation === 'send' ? ['SendMessages' as const] : []),
    ...(embedTitle || embedText || embedImage || embedFields.length > 0 ? ['EmbedLinks' as const] : []),
    ...(files ? ['AttachFiles' as const] : []),
  ];
}

/** @returns null where nobody is named to write to */
async function targetOf(
  platform: Platform,
  { operation, target }: Settings,
  community: string,
  values: Record<string, unknown>,
  credentials: Readonly<Record<string, string>>,
): Promise<Target | null> {
  if (target === 'webhook') return webhookTarget(platform, credentials.webhook ?? '');
  if (target === 'member') {
    const member = idOrNull(values.member);
    return member ? memberTarget(platform, member) : null;
  }
  const named = String(values.channel ?? '').trim();
  return named === '' && operation !== 'send' ? null : channelTarget(platform, community, named);
}

const isGone = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'gone' || (outcome.kind === 'permanent' && GONE.has(Number(outcome.code)));

/** The member takes none, is not there, or shares no server with the bot. */
const isClosed = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'permanent' && CLOSED.has(Number(outcome.code));

const CLOSED = new Set([DIRECT_MESSAGES_CLOSED, 10013, 50033, 50278]);

function idOrNull(value: unknown): string | null {
  return typeof value === 'string' && SNOWFLAKE.test(value) ? value : null;
}
