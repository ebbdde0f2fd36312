import { Client, Events, GatewayIntentBits, Options, REST } from 'discord.js';
import { wait } from '../clock.ts';
import { type Log, limitBursts } from '../log.ts';

/** How the bot is connected, in words for a node's status and the health page. */
export interface ConnectionStatus {
  state: 'connecting' | 'ready' | 'reconnecting' | 'refused';
  /** What is wrong; empty when ready. */
  problem: string;
  /** What to do about it; empty when it mends itself. */
  fix: string;
}

/** Gateway close codes after which Discord lets nobody in again with the same settings (Discord, opcodes page). */
const FATAL_CLOSES: Record<number, { problem: string; fix: string }> = {
  4004: { problem: 'Discord refuses the bot token', fix: 'Set DISCORD_BOT_TOKEN to the token on the Bot page.' },
  4010: { problem: 'invalid shard', fix: 'Start again.' },
  4011: { problem: 'too many guilds for one connection', fix: 'Sharding is needed.' },
  4012: { problem: 'invalid gateway version', fix: 'Update Guildhall.' },
  4013: { problem: 'invalid intents', fix: 'Update Guildhall.' },
  4014: { problem: 'an intent is not allowed', fix: 'Switch on the privileged intents on the Bot page.' },
};

/** A connection that is away longer than this is given up and made anew. */
const AWAY_TOO_LONG = 30_000;
const FIRST_RETRY = 1000;
const LAST_RETRY = 300_000;
/** Discord gives the reason of a refused token as an HTTP 401 before any gateway is reached. */
const REFUSED_TOKEN = FATAL_CLOSES[4004] ?? { problem: '', fix: '' };

export type DispatchListener = (data: unknown) => void;

export interface Connection {
  /** The REST client; made anew when the token was refused, as discord.js forgets its token then. */
  rest(): REST;
  /** The REST client for answers to interactions, which Discord's global limit of 50 a second does not bind. */
  readonly answers: REST;
  /** The gateway client while there is one. */
  client(): Client | null;
  status(): ConnectionStatus;
  /** Called with each change of the status, until the returned function is called. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Called with the data of each gateway event of that name, as Discord sent it. */
  onDispatch(event: string, listener: DispatchListener): void;
  /** Says that Discord refused the token in a REST call. */
  refused(): void;
  close(): Promise<void>;
}

/**
 * Keeps one bot connected, whatever happens: no error of discord.js leaves this file, and a refused token is tried
 * again ever more rarely, so that a mended one works without a restart and a wrong one makes no storm.
 * @param apiBase `https://discord.com/api` or a sandbox's
 */
export function connect(token: string, apiBase: string, log: Log): Connection {
  let status: ConnectionStatus = { state: 'connecting', problem: 'connecting to Discord', fix: '' };
  let client: Client | null = null;
  let rest = makeRest(token, apiBase);
  // https://discord.com/developers/docs/topics/rate-limits: "Interaction endpoints are not bound to the bot's Global
  // Rate Limit". In one queue with the rest, a crowd of answers would starve every message.
  const answers = new REST({ ...REST_OPTIONS, api: apiBase, version: '10', globalRequestsPerSecond: Infinity });
  const statusListeners = new Set<(status: ConnectionStatus) => void>();
  const dispatchListeners: { event: string; listener: DispatchListener }[] = [];
  const closing = new AbortController();
  const report = limitBursts((message, count) => log.warn({ count }, `Discord: ${message}`));
  let giveUp: AbortController = new AbortController();

  const setStatus = (next: ConnectionStatus) => {
    if (closing.signal.aborted || (next.state === status.state && next.problem === status.problem)) return;
    status = next;
    if (next.problem) report(`${next.problem}${next.fix ? `. ${next.fix}` : ''}`);
    for (const listener of statusListeners) listener(next);
  };

  const open = async (): Promise<void> => {
    giveUp = new AbortController();
    const current = makeClient(apiBase);
    client = current;
    rest = makeRest(token, apiBase);
    current.on(Events.Error, (error) => report(error.message));
    current.on(Events.ShardError, (error) => report(error.message));
    current.on(Events.ClientReady, () => setStatus({ state: 'ready', problem: '', fix: '' }));
    current.on(Events.ShardResume, () => setStatus({ state: 'ready', problem: '', fix: '' }));
    current.on(Events.ShardReady, () => {
      if (current.isReady()) setStatus({ state: 'ready', problem: '', fix: '' });
    });
    current.on(Events.ShardReconnecting, () =>
      setStatus({
        state: 'reconnecting',
        problem: 'the connection to Discord dropped; it comes back by itself',
        fix: '',
      }),
    );
    current.on(Events.ShardDisconnect, ({ code }) => {
      setStatus({ state: 'refused', ...(FATAL_CLOSES[code] ?? { problem: `Discord closed with ${code}`, fix: '' }) });
      giveUp.abort();
    });
    current.on(Events.Invalidated, () => giveUp.abort());
    for (const { event, listener } of dispatchListeners) listenTo(current, event, listener);
    await current.login(token);
    while (!giveUp.signal.aborted && !closing.signal.aborted) {
      const stateBefore = status.state;
      await wait(AWAY_TOO_LONG, AbortSignal.any([giveUp.signal, closing.signal]));
      if (stateBefore !== 'ready' && status.state !== 'ready') break;
    }
  };

  const keepOpen = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      const startedAt = Date.now();
      try {
        await open();
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code === 'TokenInvalid') setStatus({ state: 'refused', ...REFUSED_TOKEN });
        else if (status.state !== 'refused') {
          setStatus({ state: 'reconnecting', problem: `Discord cannot be reached (${message})`, fix: '' });
        }
      }
      await client?.destroy().catch(() => {});
      client = null;
      if (Date.now() - startedAt > AWAY_TOO_LONG) attempt = 0;
      const pause = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** attempt) * (0.75 + Math.random() / 2);
      await wait(pause, closing.signal);
    }
  };

  const running = keepOpen();
  return {
    rest: () => rest,
    answers,
    client: () => client,
    status: () => status,
    onStatus: (listener) => {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    onDispatch: (event, listener) => {
      dispatchListeners.push({ event, listener });
      if (client) listenTo(client, event, listener);
    },
    refused: () => {
      setStatus({ state: 'refused', ...REFUSED_TOKEN });
      giveUp.abort();
    },
    close: async () => {
      closing.abort();
      await client?.destroy().catch(() => {});
      await running;
    },
  };
}

/** Hears a dispatch as raw data, before discord.js makes objects of it: the same shape as over HTTP. */
function listenTo(client: Client, event: string, listener: DispatchListener): void {
  (client.ws as unknown as NodeJS.EventEmitter).on(event, listener);
}

const REST_OPTIONS = {
  // Retries belong to the job queue: discord.js would repeat a POST after a timeout and so post twice.
  retries: 0,
  timeout: 10_000,
  // A longer wait than this belongs into the queue too.
  rejectOnRateLimit: (limit: { retryAfter: number; sublimitTimeout: number; timeToReset: number }) =>
    Math.max(limit.retryAfter, limit.sublimitTimeout) > 5000,
  invalidRequestWarningInterval: 100,
};

function makeRest(token: string, apiBase: string): REST {
  return new REST({ ...REST_OPTIONS, api: apiBase, version: '10' }).setToken(token);
}

function makeClient(apiBase: string): Client {
  return new Client({
    intents: [GatewayIntentBits.Guilds],
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
