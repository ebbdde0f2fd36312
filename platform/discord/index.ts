import type { REST } from 'discord.js';
import {
  type APIApplicationCommand,
  type APIGuildChannel,
  type APIGuildMember,
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
import {
  cachedChannels,
  cachedRoles,
  channelOf,
  type GuildChannel,
  type GuildMember,
  type GuildRole,
  type MemberWithRoles,
  memberOf,
  memberWithRolesOf,
  type Named,
  roleOf,
} from './guild-lists.ts';
import type { Headroom } from './headroom.ts';
import type { IntentName } from './intents.ts';
import { callbackOf, type MessageBody, requestOf, type Webhook, webhookQuery } from './message-request.ts';
import { classify, type Outcome } from './outcomes.ts';

export type { APIInteraction, APIMessage } from 'discord.js';
export type { ConnectionStatus } from './connection.ts';
export type { GuildChannel, GuildMember, GuildRole, Named } from './guild-lists.ts';
export type { Headroom } from './headroom.ts';
export type { FileUpload, MessageBody, Webhook } from './message-request.ts';
export type { Outcome } from './outcomes.ts';

/** All that Guildhall asks of Discord. Every answer is an outcome, typed by what to do next; nothing throws. */
export interface Discord {
  readonly applicationId: string;
  status(): ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** The bot's own account while it is connected. */
  bot(): Named | null;
  /** How long Discord took to acknowledge the last heartbeat, in milliseconds; null before the first. */
  latency(): number | null;
  headroom(): Headroom;
  /** What the flows need from now on; intents that are switched off at Discord are left out. */
  needIntents(intents: readonly IntentName[]): void;
  /** Privileged intents that are needed and switched off at Discord. */
  missingIntents(): IntentName[];
  onDispatch(event: string, listener: (data: unknown) => void): void;
  /** The first answer to an interaction (https://discord.com/developers/docs/interactions/receiving-and-responding). */
  respond(interaction: { id: string; token: string }, body: { type: number; data?: object }): Promise<Outcome<null>>;
  editOriginal(token: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  deleteOriginal(token: string): Promise<Outcome<null>>;
  followUp(token: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  /** Sends a message; with the same nonce again, Discord answers with the message it already has. */
  sendMessage(channel: string, body: MessageBody, nonce: string): Promise<Outcome<APIMessage>>;
  editMessage(channel: string, message: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  deleteMessage(channel: string, message: string): Promise<Outcome<null>>;
  /** Sends through an incoming webhook, which knows no nonce. */
  sendToWebhook(webhook: Webhook, body: MessageBody): Promise<Outcome<APIMessage>>;
  editWebhookMessage(webhook: Webhook, message: string, body: MessageBody): Promise<Outcome<APIMessage>>;
  deleteWebhookMessage(webhook: Webhook, message: string): Promise<Outcome<null>>;
  /** The channel of direct messages with a user. */
  openDirectMessages(user: string): Promise<Outcome<Named>>;
  commands(guild: string): Promise<Outcome<APIApplicationCommand[]>>;
  setCommands(guild: string, commands: object[]): Promise<Outcome<APIApplicationCommand[]>>;
  /** The guilds that the bot is in. */
  guilds(): Promise<Outcome<Named[]>>;
  roles(guild: string): Promise<Outcome<GuildRole[]>>;
  channels(guild: string): Promise<Outcome<GuildChannel[]>>;
  member(guild: string, user: string): Promise<Outcome<GuildMember>>;
  /** Every member with their roles, for which the Server Members Intent is needed; null where there are more. */
  allMembers(guild: string, most: number): Promise<Outcome<MemberWithRoles[] | null>>;
  /** Members whose name or nickname begins so; needs no privileged intent. */
  searchMembers(guild: string, query: string, limit: number): Promise<Outcome<GuildMember[]>>;
  /** Gives up messages that wait for Discord's limits: what they belong to comes again. */
  giveUpWaiting(): void;
  close(): Promise<void>;
}

/**
 * Logs a bot in and gives the port to it.
 * @param settings its token, application and where its API is
 * @param intents what the flows will need, as far as their files tell
 */
export function openDiscord(
  settings: { token: string; applicationId: string; apiBase: string },
  log: Log,
  intents: Promise<readonly IntentName[]> = Promise.resolve([]),
): Discord {
  const connection = connect(settings.token, settings.apiBase, log, intents);
  const { applicationId } = settings;
  /** One for each call: @discordjs/rest adds a listener to the signal of a request and never takes it away. */
  const waiting = new Set<AbortController>();
  const call = <T>(operation: string, act: (rest: REST, signal: AbortSignal) => Promise<unknown>) => {
    const controller = new AbortController();
    waiting.add(controller);
    return ask<T>(connection, operation, (rest) => act(rest, controller.signal)).finally(() =>
      waiting.delete(controller),
    );
  };
  const answer = <T>(operation: string, act: (rest: REST) => Promise<unknown>) =>
    ask<T>(connection, operation, () => act(connection.answers));
  const guildOf = (guild: string) => connection.client()?.guilds.cache.get(guild);
  // These carry their own secret in the path.
  const unauthorised = { auth: false };

  return {
    applicationId,
    status: connection.status,
    onStatus: connection.onStatus,
    bot: () => {
      const user = connection.client()?.user;
      return user ? { id: user.id, name: user.displayName } : null;
    },
    latency: connection.latency,
    headroom: connection.headroom,
    needIntents: connection.needIntents,
    missingIntents: connection.missingIntents,
    onDispatch: connection.onDispatch,
    close: connection.close,
    giveUpWaiting: () => {
      for (const controller of waiting) controller.abort();
      waiting.clear();
    },
    respond: ({ id, token }, body) =>
      answer('respond', (rest) =>
        rest.post(Routes.interactionCallback(id, token), { ...unauthorised, ...callbackOf(body) }),
      ),
    editOriginal: (token, body) =>
      answer('editOriginal', (rest) =>
        rest.patch(Routes.webhookMessage(applicationId, token), { ...unauthorised, ...requestOf(body) }),
      ),
    deleteOriginal: (token) =>
      answer('deleteOriginal', (rest) => rest.delete(Routes.webhookMessage(applicationId, token), unauthorised)),
    followUp: (token, body) =>
      answer('followUp', (rest) =>
        rest.post(Routes.webhook(applicationId, token), { ...unauthorised, ...requestOf(body) }),
      ),
    sendMessage: (channel, body, nonce) =>
      call('sendMessage', (rest, signal) =>
        rest.post(Routes.channelMessages(channel), { signal, ...requestOf(body, { nonce, enforce_nonce: true }) }),
      ),
    editMessage: (channel, message, body) =>
      call('editMessage', (rest, signal) =>
        rest.patch(Routes.channelMessage(channel, message), { signal, ...requestOf(body) }),
      ),
    deleteMessage: (channel, message) =>
      call('deleteMessage', (rest, signal) => rest.delete(Routes.channelMessage(channel, message), { signal })),
    sendToWebhook: ({ id, token }, body) =>
      call('webhook', (rest, signal) => {
        const query = webhookQuery(body, { wait: 'true' });
        return rest.post(Routes.webhook(id, token), { ...unauthorised, signal, query, ...requestOf(body) });
      }),
    editWebhookMessage: ({ id, token }, message, body) =>
      call('editWebhookMessage', (rest, signal) => {
        const query = webhookQuery(body);
        return rest.patch(Routes.webhookMessage(id, token, message), {
          ...unauthorised,
          signal,
          query,
          ...requestOf(body),
        });
      }),
    deleteWebhookMessage: ({ id, token }, message) =>
      call('deleteWebhookMessage', (rest, signal) =>
        rest.delete(Routes.webhookMessage(id, token, message), { ...unauthorised, signal }),
      ),
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
    guilds: async () => {
      const cached = connection.client()?.guilds.cache;
      if (cached && cached.size > 0) return done(cached.map(named));
      return changed(await call<Named[]>('guilds', (rest) => rest.get(Routes.userGuilds())), (guilds) =>
        guilds.map(named),
      );
    },
    roles: async (guild) => {
      const cached = guildOf(guild);
      if (cached && cached.roles.cache.size > 0) return done(cachedRoles(cached));
      const outcome = await call<APIRole[]>('roles', (rest) => rest.get(Routes.guildRoles(guild)));
      return changed(outcome, (roles) => roles.map(roleOf));
    },
    channels: async (guild) => {
      const cached = guildOf(guild);
      if (cached && cached.channels.cache.size > 0) return done(cachedChannels(cached));
      const outcome = await call<APIGuildChannel[]>('channels', (rest) => rest.get(Routes.guildChannels(guild)));
      return changed(outcome, (channels) => channels.map(channelOf));
    },
    member: async (guild, user) =>
      changed(await call<APIGuildMember>('member', (rest) => rest.get(Routes.guildMember(guild, user))), memberOf),
    allMembers: async (guild, most) => {
      const members: MemberWithRoles[] = [];
      for (let after = '0'; members.length <= most; ) {
        const query = new URLSearchParams({ limit: String(PAGE), after });
        const outcome = await call<APIGuildMember[]>('members', (rest) =>
          rest.get(Routes.guildMembers(guild), { query }),
        );
        if (outcome.kind !== 'done') return outcome;
        members.push(...outcome.value.map(memberWithRolesOf));
        after = members.at(-1)?.id ?? after;
        if (outcome.value.length < PAGE) return done(members);
      }
      return done(null);
    },
    searchMembers: async (guild, query, limit) => {
      const outcome = await call<APIGuildMember[]>('searchMembers', (rest) =>
        rest.get(Routes.guildMembersSearch(guild), { query: new URLSearchParams({ query, limit: String(limit) }) }),
      );
      return changed(outcome, (members) => members.map(memberOf));
    },
  };
}

/** As many members as Discord lists at once (resources/guild, "List Guild Members"). */
const PAGE = 1000;

const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });

const named = ({ id, name }: Named): Named => ({ id, name });

/** An outcome with its value in our words. */
function changed<From, To>(outcome: Outcome<From>, change: (value: From) => To): Outcome<To> {
  return outcome.kind === 'done' ? done(change(outcome.value)) : outcome;
}

async function ask<T>(
  connection: Connection,
  operation: string,
  act: (rest: REST) => Promise<unknown>,
): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: (await act(connection.rest())) as T };
  } catch (error) {
    const { state, problem } = connection.status();
    const described = describe(error);
    // discord.js forgets a refused token and then fails before it asks: Discord's refusal is what it is about.
    const isTokenless = state === 'refused' && described.status === 0;
    const failure = isTokenless ? { status: 401, code: 0, message: problem } : described;
    const outcome = classify(failure, operation);
    if (outcome.kind === 'stop' && failure.status === 401) connection.refused();
    return outcome;
  }
}

/** Takes from discord.js' errors what says what to do next. Their `url` holds tokens and goes nowhere. */
export function describe(error: unknown) {
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
