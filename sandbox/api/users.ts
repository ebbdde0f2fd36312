import { gatewayUrl } from '../gateway/ready.ts';
import { channelObject } from '../payloads/channels.ts';
import { userObject } from '../payloads/people.ts';

import { CHANNEL } from '../rules/channel.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { type Answer, type Call, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** The gateway's address and users (docs: events/gateway, resources/user). */
export const USER_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/gateway', auth: 'none', run: ({ world }) => ok({ url: gatewayUrl(world) }) },
  {
    method: 'GET',
    path: '/gateway/bot',
    run: ({ world }) =>
      ok({
        url: gatewayUrl(world),
        shards: 1,
        session_start_limit: world.limits.sessionStarts,
      }),
  },
  { method: 'PATCH', path: '/users/@me', schema: BODY.accountEdit, run: editSelf },
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

function editSelf({ world, body }: Call): Answer {
  const username = typeof body.username === 'string' ? body.username.trim() : world.bot.username;
  const form = new FormCheck().at('username');
  const taken = world.store.all('users').some((user) => user.username === username && user.id !== world.bot.id);
  if (taken) form.add('USERNAME_ALREADY_TAKEN', 'Username is already taken.');
  form.done();
  world.store.put('users', world.bot.id, { ...world.bot, username });
  const user = { ...userObject(world.bot), mfa_enabled: true, locale: world.bot.locale, verified: true, email: null };
  world.gateway.dispatch('USER_UPDATE', user, { guildId: null });
  return ok(user);
}

/** The DM channel of the bot and a user, made when there is none. */
export function openDm(world: World, userId: string) {
  const known = world.store
    .all('channels')
    .find((channel) => channel.type === CHANNEL.DM && channel.recipient_id === userId);
  if (known !== undefined) return known;
  const channel = {
    id: world.newId(),
    guild_id: null,
    type: CHANNEL.DM,
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
