import type { IncomingMessage, ServerResponse } from 'node:http';
import { personNamed } from '../control/find.ts';
import { contentType, readBody } from '../http.ts';
import { guildPermissions, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { User } from '../state/model.ts';
import type { World } from '../world.ts';
import { OAuthError } from './errors.ts';
import { issueCode } from './grants.ts';
import { installBot } from './install.ts';
import { consentPage, messagePage } from './page.ts';
import { type Scope, scopesOf } from './scopes.ts';

/** What an application asks for, checked. */
export interface AuthorizationRequest {
  scopes: Scope[];
  /** Where the person is sent afterwards; null for a bare installation of the bot. */
  redirectUri: string | null;
  state: string | null;
  challenge: string | null;
  challengeMethod: 'S256' | 'plain';
  prompt: 'consent' | 'none';
  permissions: string;
  guildId: string | null;
  guildFixed: boolean;
}

/** What is wrong with a request whose redirect URI is right: the person is sent back with it. */
class RedirectedError extends OAuthError {
  readonly redirectUri: string;
  readonly state: string | null;

  constructor({ error, message }: OAuthError, redirectUri: string, state: string | null) {
    super(error, message);
    this.redirectUri = redirectUri;
    this.state = state;
  }
}

/**
 * Discord's consent page (docs: topics/oauth2). `GET` shows it, or consents at once as the member that `as` names;
 * `POST` is its form.
 */
export async function serveAuthorize(
  world: World,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const asked = readRequest(world, url.searchParams);
    if (request.method !== 'POST') return show(world, asked, url.searchParams.get('as'), request, response);
    if (contentType(request) !== 'application/x-www-form-urlencoded') {
      throw new OAuthError('invalid_request', 'The consent page sends a form.');
    }
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    if (form.get('decision') !== 'authorize') return refuse(asked, response);
    const user = personFor(world, form.get('as'));
    const problem = whyNot(world, asked, user, form.get('guild_id'));
    const again = { ...asked, guildId: form.get('guild_id') ?? asked.guildId };
    if (problem !== undefined) return consentPage(world, again, { chosen: user, problem }, response);
    consent(world, asked, user, form.get('guild_id'), response);
  } catch (error) {
    if (error instanceof RedirectedError)
      return sendBack(response, error.redirectUri, { ...error.body(), state: error.state });
    if (error instanceof OAuthError) return messagePage(response, 400, 'That does not work', error.message);
    throw error;
  }
}

function show(
  world: World,
  asked: AuthorizationRequest,
  as: string | null,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A page elsewhere may lead here, but not say yes in somebody's place.
  if (as !== null && request.headers['sec-fetch-site'] !== 'cross-site') {
    consent(world, asked, personFor(world, as), null, response);
    return;
  }
  const last = as ?? /(?:^|;\s*)sandbox_member=(\d+)/.exec(request.headers.cookie ?? '')?.[1];
  const user = last === undefined ? undefined : personNamed(world, last);
  const granted = user === undefined ? [] : (world.store.get('authorizations', user.id)?.scopes ?? []);
  // Adding a bot is always asked anew (docs: topics/oauth2, "Authorization URL Example").
  const passed = asked.scopes.every((scope) => scope !== 'bot' && granted.includes(scope));
  if (as === null && user !== undefined && asked.prompt === 'none' && passed)
    consent(world, asked, user, null, response);
  else consentPage(world, asked, { chosen: user ?? firstManager(world, asked) }, response);
}

/** Reads the query of the authorize page. @throws OAuthError, with a redirect as soon as that is safe */
function readRequest(world: World, query: URLSearchParams): AuthorizationRequest {
  if (query.get('client_id') !== world.application.id) {
    throw new OAuthError('invalid_client', 'There is no application with this client_id.');
  }
  const scopes = scopesOf(query.get('scope') ?? '');
  const state = query.get('state');
  const installs = scopes?.some((scope) => scope === 'bot' || scope === 'applications.commands') === true;
  const bare = installs && query.get('response_type') === null && query.get('redirect_uri') === null;
  const redirectUri = bare ? null : redirectOf(world, query.get('redirect_uri'));
  try {
    if (scopes === undefined) {
      throw new OAuthError('invalid_scope', 'The requested scope is invalid, unknown, or malformed.');
    }
    if (redirectUri !== null && query.get('response_type') !== 'code') {
      throw new OAuthError('unsupported_response_type', 'The response_type must be "code".');
    }
    const permissions = query.get('permissions') || '0';
    if (!/^\d{1,19}$/.test(permissions)) throw new OAuthError('invalid_request', 'The permissions must be a number.');
    return {
      scopes,
      redirectUri,
      state,
      ...challengeOf(query),
      prompt: query.get('prompt') === 'none' ? 'none' : 'consent',
      permissions,
      guildId: query.get('guild_id'),
      guildFixed: query.get('disable_guild_select') === 'true',
    };
  } catch (error) {
    if (error instanceof OAuthError && redirectUri !== null) throw new RedirectedError(error, redirectUri, state);
    throw error;
  }
}

/** PKCE: a challenge of 43 to 128 letters, `plain` unless it says S256 (RFC 7636, section 4.3). */
function challengeOf(query: URLSearchParams): Pick<AuthorizationRequest, 'challenge' | 'challengeMethod'> {
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain') {
    throw new OAuthError('invalid_request', 'The code_challenge_method must be "S256" or "plain".');
  }
  if (challenge !== null && !/^[A-Za-z0-9._~-]{43,128}$/.test(challenge)) {
    throw new OAuthError('invalid_request', 'The code_challenge must have 43 to 128 unreserved characters.');
  }
  return { challenge, challengeMethod: method };
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The redirect URI, when it is registered; while none is, any on this machine will do. */
function redirectOf({ application }: World, text: string | null): string {
  const registered = application.redirect_uris ?? [];
  const only = text ?? (registered.length === 1 ? registered[0] : undefined);
  const url = only === undefined ? null : URL.parse(only);
  const web = url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hash === '';
  const known = registered.length > 0 ? registered.includes(only ?? '') : LOOPBACK.has(url?.hostname ?? '');
  if (only === undefined || !web || !known) {
    throw new OAuthError('invalid_request', 'This redirect_uri is not registered for the application.');
  }
  return only;
}

function personFor(world: World, name: string | null): User {
  const user = personNamed(world, name ?? '');
  if (user === undefined) throw new OAuthError('invalid_request', `There is no member "${name ?? ''}".`);
  return user;
}

/** The person agrees: the bot is installed when that was asked, and the application gets a code. */
function consent(
  world: World,
  asked: AuthorizationRequest,
  user: User,
  chosenGuild: string | null,
  response: ServerResponse,
): void {
  const { scopes, redirectUri, state, permissions } = asked;
  const problem = whyNot(world, asked, user, chosenGuild);
  if (problem !== undefined) throw new OAuthError('access_denied', problem);
  const guildId = scopes.includes('bot') ? targetGuild(world, asked, chosenGuild) : null;
  if (guildId !== null) installBot(world, guildId, permissions);
  const headers = { 'set-cookie': `sandbox_member=${user.id}; Path=/; HttpOnly; SameSite=Lax` };
  if (redirectUri === null) {
    world.store.flush();
    messagePage(response, 200, 'Authorized', `${world.application.name} was added. You can close this page.`, headers);
    return;
  }
  const code = issueCode(world, {
    user_id: user.id,
    scopes,
    redirect_uri: redirectUri,
    challenge: asked.challenge,
    challenge_method: asked.challengeMethod,
  });
  world.store.flush();
  const installed = guildId === null ? {} : { guild_id: guildId, permissions };
  sendBack(response, redirectUri, { code, state, ...installed }, headers);
}

/** The guild that the bot is added to. */
function targetGuild(world: World, asked: AuthorizationRequest, chosen: string | null): string {
  return (asked.guildFixed ? null : chosen) ?? asked.guildId ?? world.store.all('guilds')[0]?.id ?? '';
}

/** Why a person may not agree to this; undefined where it may. */
function whyNot(world: World, asked: AuthorizationRequest, user: User, chosen: string | null): string | undefined {
  if (!asked.scopes.includes('bot') || mayInstall(world, user, targetGuild(world, asked, chosen))) return undefined;
  return `${user.username} may not add bots to that server: it needs Manage Server.`;
}

/** Somebody who may add the bot where the link leads, if that is asked. */
function firstManager(world: World, asked: AuthorizationRequest): User | undefined {
  if (!asked.scopes.includes('bot')) return undefined;
  const guild = targetGuild(world, asked, null);
  return world.store.all('users').find((user) => !user.bot && mayInstall(world, user, guild));
}

/** Who may add bots to a guild: members with MANAGE_GUILD. */
export function mayInstall({ store }: World, user: User, guildId: string): boolean {
  const member = store.get('members', memberKey(guildId, user.id));
  return member !== undefined && (guildPermissions(store, member) & PERMISSION.MANAGE_GUILD) !== 0n;
}

function refuse({ redirectUri, state }: AuthorizationRequest, response: ServerResponse): void {
  if (redirectUri === null) {
    messagePage(response, 200, 'Cancelled', 'Nothing was added.');
    return;
  }
  const error_description = 'The resource owner or authorization server denied the request';
  sendBack(response, redirectUri, { error: 'access_denied', error_description, state });
}

function sendBack(
  response: ServerResponse,
  redirectUri: string,
  parameters: Record<string, unknown>,
  headers: Record<string, string> = {},
): void {
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'string') location.searchParams.set(name, value);
  }
  response
    .writeHead(303, { ...headers, location: location.href, 'cache-control': 'no-store', 'content-length': 0 })
    .end();
}
