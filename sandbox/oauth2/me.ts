import { refusal } from '../api/errors.ts';
import {
  type Answer,
  type Call,
  noContent,
  ok,
  param,
  queryFlag,
  queryId,
  queryNumber,
  type Route,
} from '../api/route.ts';
import { BODY } from '../api/schemas.ts';
import { isObject, type JsonObject } from '../json.ts';
import { memberCounts, partialGuild } from '../payloads/guilds.ts';
import { memberObject, userObject } from '../payloads/people.ts';
import { guildPermissions, memberKey } from '../rules/permissions.ts';
import type { Guild, OAuthToken, User } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import { leaveGuild } from './install.ts';

const ROLE_CONNECTION = '/users/@me/applications/:application/role-connection';
const linked = { auth: 'user', scope: 'role_connections.write' } as const;

/** What an application may ask and do with a person's access token (docs: topics/oauth2, resources/user). */
export const PERSON_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/oauth2/@me', auth: 'user', run: currentAuthorization },
  { method: 'GET', path: '/users/@me', auth: 'any', scope: 'identify', run: currentUser },
  { method: 'GET', path: '/users/@me/guilds', auth: 'any', scope: 'guilds', run: currentGuilds },
  {
    method: 'DELETE',
    path: '/users/@me/guilds/:guild',
    run: (call) => {
      leaveGuild(call.world, param(call, 'guild'));
      return noContent;
    },
  },
  { method: 'GET', path: '/users/@me/connections', auth: 'user', scope: 'connections', run: () => ok([]) },
  {
    method: 'GET',
    path: '/users/@me/guilds/:guild/member',
    auth: 'user',
    scope: 'guilds.members.read',
    run: currentMember,
  },
  { method: 'GET', path: ROLE_CONNECTION, ...linked, run: (call) => ok(connectionOf(call)) },
  { method: 'PUT', path: ROLE_CONNECTION, ...linked, schema: BODY.roleConnection, run: setConnection },
  {
    method: 'DELETE',
    path: ROLE_CONNECTION,
    ...linked,
    run: (call) => {
      connectionOf(call);
      call.world.store.remove('roleConnections', bearerOf(call).user_id);
      return noContent;
    },
  },
];

function bearerOf({ bearer }: Call): OAuthToken {
  if (bearer === undefined) throw refusal(20001);
  return bearer;
}

/** The person of the token; for the bot's own token the bot. */
function personOf({ world, bearer }: Call): User {
  return (bearer && world.store.get('users', bearer.user_id)) ?? world.bot;
}

function currentAuthorization(call: Call): Answer {
  const { application } = call.world;
  const { scopes, expires } = bearerOf(call);
  const about = { id: application.id, name: application.name, icon: null, description: '', summary: '', type: null };
  return ok({
    application: {
      ...about,
      hook: true,
      bot_public: true,
      bot_require_code_grant: false,
      verify_key: application.publicKey,
      flags: 0,
      flags_new: '0',
    },
    scopes,
    expires: new Date(expires ?? 0).toISOString(),
    ...(scopes.includes('identify') ? { user: userObject(personOf(call)) } : {}),
  });
}

/** The bot, or the person with an address where the scope `email` allows it. */
function currentUser(call: Call): Answer {
  const user = personOf(call);
  const own = { ...userObject(user), mfa_enabled: user.bot, locale: user.locale };
  if (call.bearer === undefined) return ok({ ...own, verified: true, email: null });
  const shown = call.bearer.scopes.includes('email');
  return ok({ ...own, premium_type: 0, ...(shown ? { verified: true, email: emailOf(user) } : {}) });
}

/** An address that reaches nobody (RFC 2606). */
function emailOf({ username }: User): string {
  return `${encodeURIComponent(username).replaceAll('%', '.').toLowerCase()}@example.com`;
}

/** The guilds of the person, by id, a page of them (docs: resources/user, "Get Current User Guilds"). */
function currentGuilds(call: Call): Answer {
  const { store } = call.world;
  const { id } = personOf(call);
  const limit = queryNumber(call, 'limit', 200, 200);
  const [before, after] = [queryId(call, 'before'), queryId(call, 'after') ?? '0'];
  const mine = store.all('guilds').flatMap((guild) => {
    const member = store.get('members', memberKey(guild.id, id));
    const early = before === undefined || compareIds(guild.id, before) < 0;
    return member === undefined || !early || compareIds(guild.id, after) <= 0 ? [] : [{ guild, member }];
  });
  const sorted = mine.sort((a, b) => compareIds(a.guild.id, b.guild.id));
  const page = before === undefined ? sorted.slice(0, limit) : sorted.slice(-limit);
  const counts = (guild: Guild) => (queryFlag(call, 'with_counts') ? memberCounts(store, guild) : {});
  return ok(page.map(({ guild, member }) => ({ ...partialGuild(store, guild, member), ...counts(guild) })));
}

function currentMember(call: Call): Answer {
  const { store } = call.world;
  const guildId = param(call, 'guild');
  const member = store.get('members', memberKey(guildId, bearerOf(call).user_id));
  if (member === undefined) throw refusal(10004);
  return ok({ ...memberObject(store, member), permissions: String(guildPermissions(store, member)) });
}

/** What the application told of this person for linked roles; nothing yet is an empty record. */
function connectionOf(call: Call): JsonObject {
  const { world } = call;
  if (param(call, 'application') !== world.application.id) throw refusal(10002);
  const known = world.store.get('roleConnections', bearerOf(call).user_id);
  return { platform_name: '', platform_username: null, metadata: {}, ...known?.connection };
}

function setConnection(call: Call): Answer {
  const { world, body } = call;
  const changed = { ...connectionOf(call) };
  for (const key of ['platform_name', 'platform_username'] as const) {
    if (body[key] !== undefined) changed[key] = body[key] ?? (key === 'platform_name' ? '' : null);
  }
  if (body.metadata !== undefined) changed.metadata = isObject(body.metadata) ? body.metadata : {};
  const { user_id: id } = bearerOf(call);
  world.store.put('roleConnections', id, { user_id: id, connection: changed });
  return ok(changed);
}
