import { meantBy } from '../../platform/configuration.ts';
import { expectDone } from '../../platform/discord/index.ts';
import { Fault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';

export const SNOWFLAKE = /^\d{17,20}$/;
/** Text and announcement channels (Discord's channel types): a category or a voice channel may share their name. */
const TEXT_CHANNELS = new Set([0, 5]);

/**
 * The id of a channel that is named by id or name.
 * @throws Fault `channel-missing` or `channel-not-found`, which names the channel
 */
export async function findChannel(platform: Platform, guild: string, named: string): Promise<string> {
  const name = meantBy(platform.configuration, 'channels', named.trim().replace(/^#/, ''), guild);
  if (SNOWFLAKE.test(name)) return name;
  if (!name) throw new Fault('channel-missing', 'This node names no channel. Open it and choose one.');
  const channels = expectDone(await platform.discord.channels(guild), 'Reading the channels');
  const found = channels.find((channel) => channel.name === name && TEXT_CHANNELS.has(channel.type));
  if (!found) {
    const sentence = `There is no channel #${name} in this server. Make it, or name another one in this node.`;
    throw new Fault('channel-not-found', sentence, { retry: true });
  }
  return found.id;
}
