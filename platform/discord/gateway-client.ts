import { once } from 'node:events';
import { Client, Events, GatewayIntentBits, Options } from 'discord.js';
import { wait } from '../clock.ts';
import type { IntentName } from './intents.ts';

export type DispatchListener = (data: unknown) => void;

/** Hears a dispatch as raw data, before discord.js makes objects of it: the same shape as over HTTP. */
export function listenTo(client: Client, event: string, listener: DispatchListener): void {
  (client.ws as unknown as NodeJS.EventEmitter).on(event, listener);
}

/** Waits until a client is ready, but not for ever. */
export async function untilReady(client: Client, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (client.isReady()) return;
  const ready = once(client, Events.ClientReady, { signal }).catch(() => {});
  await Promise.race([ready, wait(milliseconds, signal)]);
}

export const REST_OPTIONS = {
  // Retries belong to the job queue: discord.js would repeat a POST after a timeout and so post twice.
  retries: 0,
  timeout: 10_000,
  // A longer wait than this belongs into the queue too.
  rejectOnRateLimit: (limit: { retryAfter: number; sublimitTimeout: number; timeToReset: number }) =>
    Math.max(limit.retryAfter, limit.sublimitTimeout) > 5000,
  invalidRequestWarningInterval: 100,
};

export function makeClient(apiBase: string, intents: readonly IntentName[]): Client {
  return new Client({
    intents: intents.map((name) => GatewayIntentBits[name]),
    // Guilds, their roles and channels stay; everything else would only grow.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      UserManager: 0,
      GuildMemberManager: {
        maxSize: 0,
        keepOverLimit: (member: { id: string; client: Client }) => member.id === member.client.user?.id,
      },
      ThreadManager: 0,
      ThreadMemberManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      GuildInviteManager: 0,
      GuildScheduledEventManager: 0,
      StageInstanceManager: 0,
    }),
    rest: { ...REST_OPTIONS, api: apiBase },
  });
}
