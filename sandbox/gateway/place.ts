import { allows, channelPermissions, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Message } from '../state/model.ts';
import type { World } from '../world.ts';

/** Where an event belongs: a guild, or a DM (null). */
export interface Place {
  guildId: string | null;
  /** The channel of an event that only those are told who see it. */
  channelId?: string;
  /** What the bot must be allowed there beyond seeing it. */
  needs?: bigint;
  /** The message of a message event, whose content some sessions may not see. */
  message?: Message;
  /** The intents that this event needs, where they are others than those of its name. */
  intents?: number;
}

/** True when the bot is in a guild, and sees the channel when one is named; of a channel that is gone everyone hears. */
export function botMay({ store, bot }: World, guildId: string, channelId: string | undefined, needs: bigint): boolean {
  const member = store.get('members', memberKey(guildId, bot.id));
  const channel = channelId === undefined ? undefined : store.get('channels', channelId);
  if (member === undefined || channel === undefined) return member !== undefined;
  return allows(channelPermissions(store, member, channel), PERMISSION.VIEW_CHANNEL | needs);
}
