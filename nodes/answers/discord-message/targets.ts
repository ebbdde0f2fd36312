import type { MessageBody, Outcome, Webhook } from '../../../platform/discord/index.ts';
import { Fault } from '../../../platform/fault.ts';
import type { Platform } from '../../../platform/start.ts';
import { findChannel } from '../../kit/channels.ts';
import { parseWebhook } from '../../kit/webhook.ts';

/** Where messages can be: what sending, editing and deleting are there. */
export interface Target {
  /** What an effect is counted by. */
  key: string;
  send(body: MessageBody, nonce: string): Promise<Outcome<{ id: string; channel_id: string }>>;
  edit(message: string, body: MessageBody): Promise<Outcome<unknown>>;
  delete(message: string): Promise<Outcome<null>>;
}

/** @throws Fault `channel-missing` or `channel-not-found`, which name the channel */
export async function channelTarget(platform: Platform, guild: string, named: string): Promise<Target> {
  return inChannel(platform, await findChannel(platform, guild, named));
}

/** The direct messages with a user. */
export function memberTarget(platform: Platform, user: string): Target {
  const opened = async <T>(act: (target: Target) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const channel = await platform.discord.openDirectMessages(user);
    return channel.kind === 'done' ? act(inChannel(platform, channel.value.id)) : channel;
  };
  return {
    key: user,
    send: (body, nonce) => opened((target) => target.send(body, nonce)),
    edit: (message, body) => opened((target) => target.edit(message, body)),
    delete: (message) => opened((target) => target.delete(message)),
  };
}

/** An incoming webhook, by the URL that Discord shows for it. */
export function webhookTarget({ discord, discordSettings }: Platform, url: string): Target {
  const webhook = readWebhook(url, discordSettings.apiBase);
  return {
    key: `webhook/${webhook.id}`,
    send: (body) => discord.sendToWebhook(webhook, body),
    edit: (message, body) => discord.editWebhookMessage(webhook, message, body),
    delete: (message) => discord.deleteWebhookMessage(webhook, message),
  };
}

function inChannel({ discord }: Platform, channel: string): Target {
  return {
    key: channel,
    send: (body, nonce) => discord.sendMessage(channel, body, nonce),
    edit: (message, body) => discord.editMessage(channel, message, body),
    delete: (message) => discord.deleteMessage(channel, message),
  };
}

/**
 * Only the id and the token of a webhook's URL are used: requests go to the bot's own Discord and nowhere else.
 * @param apiBase Discord's, or a sandbox's, which the URL must be of
 * @throws Fault `webhook-unfit`, which does not show the URL, as that is a secret
 */
export function readWebhook(url: string, apiBase: string): Webhook {
  const webhook = parseWebhook(url, apiBase);
  if (typeof webhook !== 'string') return webhook;
  const sentence =
    webhook === 'missing'
      ? 'This node has no webhook address. Open it and paste the one from the channel’s settings in Discord, under Integrations.'
      : 'The address in this node is no webhook of this Discord. Copy it from the channel’s settings in Discord, under Integrations.';
  throw new Fault('webhook-unfit', sentence);
}
