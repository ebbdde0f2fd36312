import { REST, Routes } from 'discord.js';
import { describe } from './index.ts';
import { classify, type Outcome } from './outcomes.ts';
import type { Overwrite } from './permissions.ts';

const TEXT_CHANNEL = 0;
const ANSWER_WITHIN_MILLISECONDS = 8000;
/** A page that looks every few seconds asks for no token each time. */
const SECRET_KNOWN_MILLISECONDS = 60_000;

/** What of Discord's objects an inspection reads; they hold more. */
export interface InspectedUser {
  id: string;
  username: string;
  avatar: string | null;
}
export interface InspectedApplication {
  id: string;
  name: string;
  verify_key: string;
  flags?: number;
  redirect_uris?: string[];
  interactions_endpoint_url?: string | null;
  bot_require_code_grant?: boolean;
}
export interface InspectedRole {
  id: string;
  name: string;
  permissions: string;
  position: number;
  managed: boolean;
  tags?: { bot_id?: string };
}
export interface InspectedGuild {
  id: string;
  name: string;
  owner_id: string;
  roles: InspectedRole[];
}
export interface InspectedChannel {
  id: string;
  name: string;
  type: number;
  position: number;
  parent_id?: string | null;
  permission_overwrites?: Overwrite[];
}

export interface InspectedMessage {
  id: string;
  content: string;
  author: { username: string };
}

/**
 * Looks at Discord as it is now, past every cache, with a token that need not be the connected bot's. What was read
 * once is not read again: for a fresh look make a new one. A client secret alone is known for a minute.
 */
export interface Inspection {
  self(): Promise<Outcome<InspectedUser>>;
  application(): Promise<Outcome<InspectedApplication>>;
  guilds(): Promise<Outcome<{ id: string; name: string }[]>>;
  /** A guild with its roles. */
  guild(id: string): Promise<Outcome<InspectedGuild>>;
  channels(guild: string): Promise<Outcome<InspectedChannel[]>>;
  member(guild: string, user: string): Promise<Outcome<{ roles: string[] }>>;
  createTextChannel(guild: string, name: string): Promise<Outcome<{ id: string; name: string }>>;
  /** Sends a plain text that pings nobody. */
  sendText(channel: string, text: string): Promise<Outcome<InspectedMessage>>;
  /** Whether a client secret is the application's, by OAuth2's client credentials grant. */
  clientSecret(applicationId: string, secret: string): Promise<Outcome<null>>;
  /** By how many milliseconds this machine's clock is ahead of Discord's, from the Date of its last answer. */
  clockAhead(): number | null;
}

/** @param settings a bot's token and where its API is */
export function inspectDiscord({ token, apiBase }: { token: string; apiBase: string }): Inspection {
  const rest = new REST({
    api: apiBase,
    version: '10',
    retries: 0,
    timeout: ANSWER_WITHIN_MILLISECONDS,
    rejectOnRateLimit: () => true,
  });
  rest.setToken(token);
  let ahead: number | null = null;
  rest.on('response', (_request, { headers }) => {
    const date = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(date)) ahead = Date.now() - date;
  });
  const answers = new Map<string, Promise<Outcome<unknown>>>();
  const read = <T>(operation: string, route: `/${string}`): Promise<Outcome<T>> => {
    const answer = answers.get(route) ?? ask(operation, () => rest.get(route));
    answers.set(route, answer);
    return answer as Promise<Outcome<T>>;
  };
  return {
    self: () => read('self', Routes.user()),
    application: () => read('application', Routes.currentApplication()),
    guilds: () => read('guilds', Routes.userGuilds()),
    guild: (id) => read('guild', Routes.guild(id)),
    channels: (guild) => read('channels', Routes.guildChannels(guild)),
    member: (guild, user) => read('member', Routes.guildMember(guild, user)),
    createTextChannel: (guild, name) =>
      ask('createChannel', () => rest.post(Routes.guildChannels(guild), { body: { name, type: TEXT_CHANNEL } })),
    sendText: (channel, content) =>
      ask('sendMessage', () =>
        rest.post(Routes.channelMessages(channel), { body: { content, allowed_mentions: { parse: [] } } }),
      ),
    clientSecret: (applicationId, secret) => knownClientSecret(apiBase, applicationId, secret),
    clockAhead: () => ahead,
  };
}

async function ask<T>(operation: string, act: () => Promise<unknown>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: (await act()) as T };
  } catch (error) {
    return classify(describe(error), operation);
  }
}

/** The last secret that Discord took or refused. */
let lastSecret = { of: '', at: 0, outcome: null as Outcome<null> | null };

async function knownClientSecret(apiBase: string, applicationId: string, secret: string): Promise<Outcome<null>> {
  const of = JSON.stringify([apiBase, applicationId, secret]);
  const { outcome: known, at } = lastSecret;
  if (known && lastSecret.of === of && performance.now() - at < SECRET_KNOWN_MILLISECONDS) return known;
  const outcome = await checkClientSecret(apiBase, applicationId, secret);
  if (outcome.kind === 'done' || outcome.kind === 'admin') lastSecret = { of, at: performance.now(), outcome };
  return outcome;
}

/** Asks for a token as the application itself and throws it away (Discord, OAuth2, Client Credentials Grant). */
async function checkClientSecret(apiBase: string, applicationId: string, secret: string): Promise<Outcome<null>> {
  try {
    const response = await fetch(`${apiBase}/v10${Routes.oauth2TokenExchange()}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${applicationId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'identify' }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS),
    });
    if (response.ok) return { kind: 'done', value: null };
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    const failure = { status: response.status, message: error ?? response.statusText };
    return classify({ ...failure, ...(error && { code: error }) }, 'exchangeCode');
  } catch (error) {
    return classify(describe(error), 'exchangeCode');
  }
}
