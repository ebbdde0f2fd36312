import { type Client, Events, REST, Routes } from 'discord.js';
import { wait } from '../clock.ts';
import { type StatusCode, textsIn } from '../doctor/texts.ts';
import { type Log, limitBursts } from '../log.ts';
import { type DispatchListener, listenTo, makeClient, REST_OPTIONS, untilReady } from './gateway-client.ts';
import { createHeadroomMeter, type Headroom } from './headroom.ts';
import { createIntentChoice } from './intent-choice.ts';
import type { IntentName } from './intents.ts';

/** How the bot is connected. */
export interface ConnectionStatus {
  state: 'connecting' | 'ready' | 'reconnecting' | 'refused';
  /** What is wrong, for whoever has words of their own for it. */
  code: StatusCode | 'ready';
  /** What else is known of it, where that differs from time to time. */
  reason: string;
  /** What is wrong, in English for the log and the health page; empty when ready. */
  problem: string;
  /** What to do about it; empty when it mends itself. */
  fix: string;
}

/** A status with its words. */
export function statusOf(
  state: ConnectionStatus['state'],
  code: ConnectionStatus['code'],
  reason = '',
): ConnectionStatus {
  return { state, code, reason, ...textsIn([]).status(code, reason) };
}

/** Gateway close codes after which Discord lets nobody in again with the same settings (Discord, opcodes page). */
const FATAL_CLOSES: Record<number, StatusCode> = {
  4004: 'token',
  4010: 'shard',
  4011: 'guilds',
  4012: 'version',
  4013: 'intents',
};
/** An intent that is switched off: the bot goes on without it. */
const DISALLOWED_INTENTS = 4014;

/** A connection that is away longer than this is given up and made anew. */
const AWAY_TOO_LONG = 30_000;
/** So often it is looked whether an intent that was switched off is on by now. */
const REVIEW_MILLISECONDS = 60_000;
/** What deployed nodes need is said anew with every deploy. */
const SETTLE_MILLISECONDS = 100;
const FIRST_RETRY = 1000;
const LAST_RETRY = 300_000;
/** Discord gives the reason of a refused token as an HTTP 401 before any gateway is reached. */
const REFUSED_TOKEN = statusOf('refused', 'token');
const READY = statusOf('ready', 'ready');
const DROPPED = statusOf('reconnecting', 'dropped');
/** Why a connection is given up that has nothing wrong with it. */
const ANOTHER_SET = Symbol('another set of intents');

export interface Connection {
  /** The REST client; made anew when the token was refused, as discord.js forgets its token then. */
  rest(): REST;
  /** The REST client for answers to interactions, which Discord's global limit of 50 a second does not bind. */
  readonly answers: REST;
  /** The gateway client while there is one. */
  client(): Client | null;
  status(): ConnectionStatus;
  /** How long Discord took to acknowledge the last heartbeat, in milliseconds; null before the first. */
  latency(): number | null;
  headroom(): Headroom;
  /** Called with each change of the status, until the returned function is called. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** What the flows need from now on. Another set makes a new connection; the old one stands until that is ready. */
  needIntents(intents: readonly IntentName[]): void;
  /** Privileged intents that are needed and switched off at Discord. */
  missingIntents(): IntentName[];
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
 * @param intents what the flows will need, as far as their files tell
 */
export function connect(token: string, apiBase: string, log: Log, intents: Promise<readonly IntentName[]>): Connection {
  let status = statusOf('connecting', 'connecting');
  let client: Client | null = null;
  /** Two, while intents change. */
  const clients = new Set<Client>();
  const meter = createHeadroomMeter();
  const makeRest = (): REST => {
    const made = new REST({ ...REST_OPTIONS, api: apiBase, version: '10' }).setToken(token);
    meter.watch(made, true);
    return made;
  };
  let rest = makeRest();
  // https://discord.com/developers/docs/topics/rate-limits: "Interaction endpoints are not bound to the bot's Global
  // Rate Limit". In one queue with the rest, a crowd of answers would starve every message.
  const answers = new REST({ ...REST_OPTIONS, api: apiBase, version: '10', globalRequestsPerSecond: Infinity });
  meter.watch(answers, false);
  const statusListeners = new Set<(status: ConnectionStatus) => void>();
  const dispatchListeners: { event: string; listener: DispatchListener }[] = [];
  const closing = new AbortController();
  const report = limitBursts((message, count) => log.warn({ count }, `Discord: ${message}`));
  let giveUp: AbortController = new AbortController();
  const choice = createIntentChoice(intents, async () => {
    const { flags } = (await rest.get(Routes.currentApplication())) as { flags?: number };
    return flags ?? 0;
  });
  /** The intents of the newest connection. */
  let asked: IntentName[] = [];

  const setStatus = (next: ConnectionStatus) => {
    if (closing.signal.aborted || (next.state === status.state && next.problem === status.problem)) return;
    status = next;
    if (next.problem) report(`${next.problem}${next.fix ? `. ${next.fix}` : ''}`);
    for (const listener of statusListeners) listener(next);
  };

  /** What to ask for now. What is switched off is told as a change of the status. */
  const chooseIntents = async (): Promise<IntentName[]> => {
    const missing = choice.missing().join();
    const chosen = await choice.choose();
    if (choice.missing().join() !== missing) {
      const names = choice.missing().join(', ');
      if (names) report(`goes on without intents that are switched off: ${names}`);
      for (const listener of statusListeners) listener(status);
    }
    return chosen;
  };

  /** Makes another connection where another set of intents is right by now. */
  const review = async (): Promise<void> => {
    if (!client?.isReady()) return;
    try {
      const chosen = await chooseIntents();
      if (chosen.join() !== asked.join()) giveUp.abort(ANOTHER_SET);
    } catch (error) {
      report((error as Error).message);
    }
  };

  const end = async (ending: Client | null): Promise<void> => {
    if (!ending) return;
    clients.delete(ending);
    // discord.js goes on with an attempt to connect that was under way, and would stay connected beside its successor.
    ending.on(Events.ShardReady, () => void ending.destroy().catch(() => {}));
    await ending.destroy().catch(() => {});
  };

  /** Hears a dispatch for as long as this connection is one of ours. */
  const hear = (current: Client, event: string, listener: DispatchListener): void =>
    listenTo(current, event, (data) => {
      if (!clients.has(current)) return;
      try {
        listener(data);
      } catch (error) {
        // In a Node-RED that is not ours nobody else would hear of it, and the process would end.
        report(`${event}: ${(error as Error).message}`);
      }
    });

  /** Connects. A connection that stands already, with other intents, is ended once the new one is ready. */
  const open = async (): Promise<void> => {
    const before = client;
    rest = makeRest();
    asked = await chooseIntents();
    giveUp = new AbortController();
    const { signal } = giveUp;
    const current = makeClient(apiBase, asked);
    clients.add(current);
    client ??= current;
    meter.watch(current.rest, true);
    const say = (next: ConnectionStatus) => {
      if (clients.has(current)) setStatus(next);
    };
    current.on(Events.Error, (error) => report(error.message));
    current.on(Events.ShardError, (error) => report(error.message));
    current.on(Events.ClientReady, () => say(READY));
    current.on(Events.ShardResume, () => say(READY));
    current.on(Events.ShardReady, () => {
      if (current.isReady()) say(READY);
    });
    // A moment to look again at what was switched off.
    for (const event of [Events.ClientReady, Events.ShardReady, Events.ShardResume]) {
      current.on(event as Events.ShardResume, () => void review());
    }
    current.on(Events.ShardReconnecting, () => say(DROPPED));
    current.on(Events.ShardDisconnect, ({ code }) => {
      if (!clients.has(current)) return;
      if (code === DISALLOWED_INTENTS) choice.refused();
      else say(statusOf('refused', FATAL_CLOSES[code] ?? 'closed', String(code)));
      giveUp.abort();
    });
    current.on(Events.Invalidated, () => giveUp.abort());
    for (const { event, listener } of dispatchListeners) hear(current, event, listener);
    try {
      await current.login(token);
      if (before) await untilReady(current, AWAY_TOO_LONG, AbortSignal.any([signal, closing.signal]));
    } catch (error) {
      await end(current);
      throw error;
    }
    client = current;
    await end(before);
    while (!signal.aborted && !closing.signal.aborted) {
      const stateBefore = status.state;
      await wait(AWAY_TOO_LONG, AbortSignal.any([signal, closing.signal]));
      if (stateBefore !== 'ready' && status.state !== 'ready') break;
    }
  };

  const keepOpen = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; ) {
      const startedAt = Date.now();
      try {
        await open();
        if (giveUp.signal.reason === ANOTHER_SET) {
          // What stands is ended when the next one is ready.
          attempt = 0;
          continue;
        }
      } catch (error) {
        const { code, status: http, message } = error as { code?: string; status?: number; message: string };
        if (code === 'TokenInvalid' || http === 401) setStatus(REFUSED_TOKEN);
        else if (status.state !== 'refused') setStatus(statusOf('reconnecting', 'unreachable', message));
      }
      await end(client);
      client = null;
      if (Date.now() - startedAt > AWAY_TOO_LONG) attempt = 0;
      const pause = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** attempt) * (0.75 + Math.random() / 2);
      attempt += 1;
      await wait(pause, closing.signal);
    }
  };

  const reviewing = setInterval(() => {
    if (choice.missing().length > 0) void review();
  }, REVIEW_MILLISECONDS).unref();
  let soon: NodeJS.Timeout | undefined;
  const running = keepOpen();
  return {
    rest: () => rest,
    answers,
    client: () => client,
    status: () => status,
    latency: () => {
      // discord.js says -1 before the first acknowledgement.
      const ping = status.state === 'ready' ? (client?.ws.ping ?? -1) : -1;
      return ping < 0 ? null : ping;
    },
    headroom: meter.read,
    onStatus: (listener) => {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    needIntents: (intents) => {
      choice.want(intents);
      clearTimeout(soon);
      soon = setTimeout(review, SETTLE_MILLISECONDS);
    },
    missingIntents: choice.missing,
    onDispatch: (event, listener) => {
      dispatchListeners.push({ event, listener });
      for (const connected of clients) hear(connected, event, listener);
    },
    refused: () => {
      setStatus(REFUSED_TOKEN);
      giveUp.abort();
    },
    close: async () => {
      closing.abort();
      clearTimeout(soon);
      clearInterval(reviewing);
      await Promise.all([...clients].map(end));
      await running;
    },
  };
}
