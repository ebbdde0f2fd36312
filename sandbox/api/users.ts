import { gatewayUrl } from '../gateway/gateway.ts';
import { channelObject, partialGuild, userObject } from '../payloads.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Application } from '../state/model.ts';
import type { World } from '../world.ts';
import { refusal } from './errors.ts';
import { ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** Presence, member and message content intents are allowed (docs: resources/application, "Application Flags"). */
const APPLICATION_FLAGS = (1 << 13) | (1 << 15) | (1 << 19);

/** The gateway's address, the application and users (docs: events/gateway, resources/application, resources/user). */
export const USER_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/gateway', auth: 'none', run: ({ world }) => ok({ url: gatewayUrl(world) }) },
  {
    method: 'GET',
    path: '/gateway/bot',
    run: ({ world }) =>
      ok({
        url: gatewayUrl(world),
        shards: 1,
        session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 1 },
      }),
  },
  {
    method: 'GET',
    path: '/users/@me',
    run: ({ world }) =>
      ok({ ...userObject(world.bot), mfa_enabled: true, verified: true, locale: 'en-US', email: null }),
  },
  { method: 'GET', path: '/applications/@me', run: ({ world }) => ok(applicationObject(world, world.application)) },
  {
    method: 'GET',
    path: '/oauth2/applications/@me',
    run: ({ world }) => ok(applicationObject(world, world.application)),
  },
  {
    method: 'GET',
    path: '/users/@me/guilds',
    run: ({ world }) =>
      ok(
        world.store.all('guilds').flatMap((guild) => {
          const member = world.store.get('members', memberKey(guild.id, world.bot.id));
          return member === undefined ? [] : [partialGuild(world.store, guild, member)];
        }),
      ),
  },
  {
    method: 'GET',
    path: '/users/:user',
    run: (call) => {
      const user = call.world.store.get('users', param(call, 'user'));
      if (user === undefined) throw refusal(10013);
      return ok(userObject(user));
    },
  },
  {
    method: 'POST',
    path: '/users/@me/channels',
    schema: BODY.dmCreate,
    run: ({ world, body }) => {
      const user = world.store.get('users', String(body.recipient_id));
      if (user === undefined || user.bot) throw refusal(50033);
      return ok(channelObject(world.store, openDm(world, user.id)));
    },
  },
];

/** The DM channel of the bot and a user, made when there is none. */
export function openDm(world: World, userId: string) {
  const known = world.store.all('channels').find((channel) => channel.type === 1 && channel.recipient_id === userId);
  if (known !== undefined) return known;
  const channel = {
    id: world.newId(),
    guild_id: null,
    type: 1,
    name: '',
    position: 0,
    parent_id: null,
    topic: null,
    permission_overwrites: [],
    recipient_id: userId,
  };
  world.store.put('channels', channel.id, channel);
  return channel;
}

function applicationObject(world: World, application: Application) {
  const guilds = world.store.all('guilds');
  const owner = world.store.get('users', guilds[0]?.owner_id ?? '') ?? world.bot;
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    summary: '',
    type: null,
    bot: userObject(world.bot),
    owner: userObject(owner),
    team: null,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: application.publicKey,
    flags: APPLICATION_FLAGS,
    flags_new: String(APPLICATION_FLAGS),
    eligible_oauth2_scopes: [],
    approximate_guild_count: guilds.length,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    event_webhooks_url: null,
    event_webhooks_status: 1,
    explicit_content_filter: 0,
    integration_types_config: { 0: {} },
    is_monetized: false,
    is_verified: false,
    hook: true,
  };
}
