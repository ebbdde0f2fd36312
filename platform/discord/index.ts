import type { REST } from 'discord.js';
import {
  type APIApplicationCommand,
  type APIMessage,
  type APIRole,
  DiscordAPIError,
  HTTPError,
  RateLimitError,
  Routes,
} from 'discord.js';
import { Fault } from '../fault.ts';
import type { Log } from '../log.ts';
import { type Connection, type ConnectionStatus, connect } from './connection.ts';
import { classify, type Outcome } from './outcomes.ts';

export type { APIInteraction, APIMessage } from 'discord.js';
export type { ConnectionStatus } from './connection.ts';
export type { Outcome } from './outcomes.ts';

/** A message as we send it: Discord's JSON. */
export interface MessageBody {
  content?: string;
  embeds?: object[];
  components?: object[];
  flags?: number;
  allowed_mentions?: { parse: string[]; users?: string[]; roles?: string[] };
}

/** A named thing of a guild. */
export interface Named {
  id: string;
  name: string;
}

/** All that Guildhall asks of Discord. Every answer is an outcome, typed by what to do next; nothing throws. */
export interface Discord {
  readonly applicationId: string;
  status(): ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  onDispatch(event: string, listener: (data: unknown) => void): void;
  /** The first answer to an interaction (https://discord.com/developers/docs/interactions/receiving-and-responding). */
  respond(interaction: { id: string; token: string }, body: { type: number; data?: object }): Promise<Outcome<null>>;
  editOriginal(token: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  followUp(token: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  /** Sends a message; with the same nonce again, Discord answers with the message it already has. */
  sendMessage(channel: string, body: MessageBody, nonce: string): Promise<Outcome<APIMessage>>;
  editMessage(channel: string, message: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  deleteMessage(channel: string, message: string): Promise<Outcome<null>>;
  /** The channel of direct messages with a user. */
  openDirectMessages(user: string): Promise<Outcome<Named>>;
  commands(guild: string): Promise<Outcome<APIApplicationCommand[]>>;
  setCommands(guild: string, commands: object[]): Promise<Outcome<APIApplicationCommand[]>>;
  roles(guild: string): Promise<Outcome<Named[]>>;
  channels(guild: string): Promise<Outcome<(Named & { type: number })[]>>;
  /** Gives up messages that wait for Discord's limits: what they belong to comes again. */
  giveUpWaiting(): void;
  close(): Promise<void>;
}

/**
 * Logs a bot in and gives the port to it.
 * @param settings its token, application and where its API is
 */
export function openDiscord(settings: { token: string; applicationId: string; apiBase: string }, log: Log): Discord {
  const connection = connect(settings.token, settings.apiBase, log);
  const { applicationId } = settings;
  let waiting = new AbortController();
  const call = <T>(operation: string, act: (rest: REST, signal: AbortSignal) => Promise<unknown>) =>
    ask<T>(connection, operation, (rest) => act(rest, waiting.signal));
  const answer = <T>(operation: string, act: (rest: REST) => Promise<unknown>) =>
    ask<T>(connection, operation, () => act(connection.answers));
  const guildOf = (guild: string) => connection.client()?.guilds.cache.get(guild);
  // These carry their own secret in the path.
  const unauthorised = { auth: false };

  return {
    applicationId,
    status: connection.status,
    onStatus: connection.onStatus,
    onDispatch: connection.onDispatch,
    close: connection.close,
    giveUpWaiting: () => {
      waiting.abort();
      waiting = new AbortController();
    },
    respond: ({ id, token }, body) =>
      answer('respond', (rest) =>
        rest.post(Routes.interactionCallback(id, token), {
          ...unauthorised,
          body: body.data && SHOWS_A_MESSAGE.has(body.type) ? { ...body, data: quiet(body.data) } : body,
        }),
      ),
    editOriginal: (token, body) =>
      answer('editOriginal', (rest) =>
        rest.patch(Routes.webhookMessage(applicationId, token), { ...unauthorised, body: quiet(body) }),
      ),
    followUp: (token, body) =>
      answer('followUp', (rest) =>
        rest.post(Routes.webhook(applicationId, token), { ...unauthorised, body: quiet(body) }),
      ),
    sendMessage: (channel, body, nonce) =>
      call('sendMessage', (rest, signal) =>
        rest.post(Routes.channelMessages(channel), { signal, body: { ...quiet(body), nonce, enforce_nonce: true } }),
      ),
    editMessage: (channel, message, body) =>
      call('editMessage', (rest, signal) =>
        rest.patch(Routes.channelMessage(channel, message), { signal, body: quiet(body) }),
      ),
    deleteMessage: (channel, message) =>
      call('deleteMessage', (rest, signal) => rest.delete(Routes.channelMessage(channel, message), { signal })),
    openDirectMessages: (user) =>
      call('openDirectMessages', (rest, signal) =>
        rest.post(Routes.userChannels(), { signal, body: { recipient_id: user } }),
      ),
    commands: (guild) =>
      call('commands', (rest) =>
        rest.get(Routes.applicationGuildCommands(applicationId, guild), {
          query: new URLSearchParams({ with_localizations: 'true' }),
        }),
      ),
    setCommands: (guild, body) =>
      call('setCommands', (rest) => rest.put(Routes.applicationGuildCommands(applicationId, guild), { body })),
    roles: async (guild) => {
      const cached = guildOf(guild)?.roles.cache;
      if (cached && cached.size > 0) return { kind: 'done', value: cached.map(({ id, name }) => ({ id, name })) };
      return call<APIRole[]>('roles', (rest) => rest.get(Routes.guildRoles(guild)));
    },
    channels: async (guild) => {
      const cached = guildOf(guild)?.channels.cache;
      if (cached && cached.size > 0) {
        return { kind: 'done', value: cached.map(({ id, name, type }) => ({ id, name: name ?? '', type })) };
      }
      return call('channels', (rest) => rest.get(Routes.guildChannels(guild)));
    },
  };
}

/** The callback types that show a message: a new one, a changed one. */
const SHOWS_A_MESSAGE = new Set([4, 7]);

/** Nobody is pinged unless the message itself names who may be; Discord would ping everybody that it finds. */
function quiet<Body extends object>(body: Body): Body {
  return { allowed_mentions: { parse: [] }, ...body };
}

async function ask<T>(
  connection: Connection,
  operation: string,
  act: (rest: REST) => Promise<unknown>,
): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: (await act(connection.rest())) as T };
  } catch (error) {
    const failure = describe(error);
    const outcome = classify(failure, operation);
    if (outcome.kind === 'stop' && failure.status === 401) connection.refused();
    return outcome;
  }
}

/** Takes from discord.js' errors what says what to do next. Their `url` holds tokens and goes nowhere. */
function describe(error: unknown) {
  if (error instanceof RateLimitError) {
    return { status: 429, code: 0, message: 'rate limited', retryAfter: error.retryAfter, global: error.global };
  }
  if (error instanceof DiscordAPIError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof HTTPError) return { status: error.status, code: 0, message: error.message };
  return { status: 0, code: 0, message: error instanceof Error ? error.message : String(error) };
}

/** What Discord or an admin mends in time: an event that met it comes again until then. */
const RETRIED = new Set(['retry', 'stop', 'admin']);

/**
 * The value of an outcome that is done.
 * @param doing what was tried, for the error's sentence, such as "Sending the card"
 * @throws Fault with the code `discord-<kind>` for every other outcome; one that may be tried again says so
 */
export function expectDone<T>(outcome: Outcome<T>, doing: string): T {
  if (outcome.kind === 'done') return outcome.value;
  const fix = 'fix' in outcome && outcome.fix ? ` ${outcome.fix}` : '';
  throw new Fault(`discord-${outcome.kind}`, `${doing} failed: ${outcome.message}.${fix}`, {
    retry: RETRIED.has(outcome.kind),
    ...(outcome.kind === 'retry' && { after: outcome.after }),
  });
}
