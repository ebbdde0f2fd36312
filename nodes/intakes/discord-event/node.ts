import { z } from 'zod';
import { playerBehind } from '../../../core/people/index.ts';
import type { IntentName } from '../../../platform/discord/intents.ts';
import { GUILD_EVENT_KINDS, type GuildEvent } from '../../../platform/guild-events.ts';
import { findChannel } from '../../kit/channels.ts';
import { defineNode, type Message } from '../../kit/index.ts';

const settings = z.object({
  name: z.string().default(''),
  community: z.string().default(''),
  event: z.enum(GUILD_EVENT_KINDS, 'choose an event'),
  /** Ids or names, separated by commas; empty: all. Of messages and reactions. */
  channels: z.string().default(''),
  /** What a message must hold. */
  contains: z.string().default(''),
  /** The message's text is wanted, for which Discord has an intent of its own. */
  content: z.boolean().default(false),
  emoji: z.string().default(''),
  ignoreBots: z.boolean().default(true),
});
type Settings = z.output<typeof settings>;

/** Takes what happens in the guild: members who join, leave or get other roles, messages, reactions. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-discord-event',
  version: 1,
  settings,
  outputs: ['event'],
  needs: (settings) => [{ intents: intentsFor(settings) }],
  start: ({ platform, settings, community, run }) =>
    platform.intakes.addGuildEvent({
      community,
      kind: settings.event,
      accepts: async (event) => {
        if (!fits(event, settings)) return false;
        if (event.channel === null || settings.channels.trim() === '') return true;
        const named = settings.channels.split(',').filter((name) => name.trim() !== '');
        const ids = await Promise.allSettled(named.map((name) => findChannel(platform, community, name)));
        return ids.some((found) => found.status === 'fulfilled' && found.value === event.channel);
      },
      take: (event) =>
        run(event.key, async () => ({
          acting: {
            player: await playerBehind(platform.database, event.user.id),
            discord_id: event.user.id,
            roles: event.roles,
            scopes: [],
          },
          message: messageOf(event),
        })),
    }),
});

/** The fewest intents with which Discord tells it (https://discord.com/developers/docs/events/gateway#list-of-intents). */
function intentsFor({ event, content, contains }: Settings): IntentName[] {
  switch (event) {
    case 'message':
      return ['GuildMessages', ...(content || contains ? ['MessageContent' as const] : [])];
    case 'reaction added':
      return ['GuildMessageReactions'];
    default:
      return ['GuildMembers'];
  }
}

function fits({ kind, user, message, emoji }: GuildEvent, settings: Settings): boolean {
  if (user.bot && settings.ignoreBots) return false;
  if (kind === 'message' && !holds(message?.content ?? '', settings.contains)) return false;
  const wanted = bareEmoji(settings.emoji);
  return kind !== 'reaction added' || wanted === '' || wanted === emoji?.id || wanted === bareEmoji(emoji?.name ?? '');
}

const holds = (text: string, part: string): boolean => text.toLowerCase().includes(part.trim().toLowerCase());

/** An emoji however it is written: `👍`, `:party:`, `<:party:123…>`. */
function bareEmoji(text: string): string {
  const written = text.trim();
  const id = /^<a?:\w+:(\d+)>$/.exec(written)?.[1];
  return id ?? written.replace(/\uFE0F/gu, '').replace(/^:(\w+):$/, '$1');
}

function messageOf({ kind, community, key, user, roles, joinedAt, ...event }: GuildEvent): Message {
  const { added, removed, channel, message, emoji } = event;
  const member = {
    id: user.id,
    username: user.username,
    name: user.displayName,
    bot: user.bot,
    roles,
    joined_at: joinedAt ? Math.floor(Date.parse(joinedAt) / 1000) : null,
  };
  return {
    topic: kind,
    payload: {
      member,
      ...(kind === 'roles changed' && { added, removed }),
      ...(message && { message: { ...message, channel } }),
      ...(emoji && { emoji: emoji.name, emoji_id: emoji.id }),
    },
    event: { id: key, type: kind, subject: `member/${user.id}`, community, occurred_at: Math.floor(Date.now() / 1000) },
  };
}
