import { createHash, randomBytes } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { channelsOf } from '../payloads/channels.ts';
import { webhookObject } from '../payloads/webhooks.ts';
import { takesWebhooks } from '../rules/channel.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Webhook } from '../state/model.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botPermissions, findChannel } from './find.ts';
import { type Answer, type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** How many webhooks a channel may have. */
const CAP = 15;
const MANAGE = PERMISSION.MANAGE_WEBHOOKS;
const BY_ID = '/webhooks/:webhook';
const BY_TOKEN = '/webhooks/:webhook/:token';
const open = { auth: 'none', exempt: true } as const;

/** Incoming webhooks themselves (docs: resources/webhook); what they write is in webhook-messages.ts. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:channel/webhooks',
    needs: { channel: MANAGE },
    schema: BODY.hookCreate,
    run: create,
  },
  {
    method: 'GET',
    path: '/channels/:channel/webhooks',
    needs: { channel: MANAGE },
    run: (call) => listed(call, ({ channel_id }) => channel_id === param(call, 'channel')),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/webhooks',
    needs: { guild: MANAGE },
    run: (call) => listed(call, ({ guild_id }) => guild_id === param(call, 'guild')),
  },
  { method: 'GET', path: BY_ID, run: (call) => ok(object(call, managed(call))) },
  { method: 'PATCH', path: BY_ID, schema: BODY.hookEdit, run: (call) => edit(call, managed(call)) },
  { method: 'DELETE', path: BY_ID, run: (call) => remove(call, managed(call)) },
  { method: 'GET', path: BY_TOKEN, ...open, run: (call) => ok(object(call, webhookByToken(call), true)) },
  {
    method: 'PATCH',
    path: BY_TOKEN,
    ...open,
    schema: BODY.hookEdit,
    run: (call) => edit({ ...call, body: { ...call.body, channel_id: undefined } }, webhookByToken(call), true),
  },
  { method: 'DELETE', path: BY_TOKEN, ...open, run: (call) => remove(call, webhookByToken(call)) },
];

/** The webhook of a path with its token: 10015 for an unknown one, 50027 for a wrong token. */
export function webhookByToken(call: Call): Webhook {
  const webhook = call.world.store.get('webhooks', param(call, 'webhook'));
  if (webhook === undefined) throw refusal(10015);
  if (webhook.token !== param(call, 'token')) throw refusal(50027);
  return webhook;
}

/** The webhook of a path, where the bot may manage it. */
function managed(call: Call): Webhook {
  const webhook = call.world.store.get('webhooks', param(call, 'webhook'));
  if (webhook === undefined) throw refusal(10015);
  checkManages(call.world, webhook.channel_id);
  return webhook;
}

function checkManages(world: World, channelId: string): void {
  if (!allows(botPermissions(world, findChannel(world, channelId)), MANAGE)) throw refusal(50013);
}

function object({ world }: Call, webhook: Webhook, byToken = false): JsonObject {
  return webhookObject(world.store, webhook, world.host, byToken);
}

function listed(call: Call, within: (webhook: Webhook) => boolean): Answer {
  return ok(
    call.world.store
      .all('webhooks')
      .filter(within)
      .map((webhook) => object(call, webhook)),
  );
}

function create(call: Call): Answer {
  const { world, body } = call;
  const channel = findChannel(world, param(call, 'channel'));
  if (channel.guild_id === null) throw refusal(50003);
  if (!takesWebhooks(channel)) throw refusal(50024);
  const there = world.store.all('webhooks').filter(({ channel_id }) => channel_id === channel.id);
  if (there.length >= CAP) throw refusal(30007);
  const webhook: Webhook = {
    id: world.newId(),
    guild_id: channel.guild_id,
    channel_id: channel.id,
    name: webhookName(body.name),
    avatar: avatarHash(body.avatar),
    token: randomBytes(51).toString('base64url'),
    user_id: world.bot.id,
  };
  keep(world, webhook);
  return ok(object(call, webhook));
}

function edit(call: Call, webhook: Webhook, byToken = false): Answer {
  const { world, body } = call;
  const changed = { ...webhook };
  if (body.name !== undefined) changed.name = webhookName(body.name);
  if (body.avatar !== undefined) changed.avatar = avatarHash(body.avatar);
  if (typeof body.channel_id === 'string') {
    const known = channelsOf(world.store, webhook.guild_id).find(({ id }) => id === body.channel_id);
    if (known === undefined) throw refusal(10003);
    if (!takesWebhooks(known)) throw refusal(50024);
    checkManages(world, known.id);
    changed.channel_id = known.id;
  }
  keep(world, changed);
  return ok(object(call, changed, byToken));
}

function remove({ world }: Call, webhook: Webhook): Answer {
  world.store.remove('webhooks', webhook.id);
  announce(world, webhook);
  return noContent;
}

function keep(world: World, webhook: Webhook): void {
  world.store.put('webhooks', webhook.id, webhook);
  announce(world, webhook);
}

function announce(world: World, { guild_id: guildId, channel_id: channelId }: Webhook): void {
  world.gateway.dispatch('WEBHOOKS_UPDATE', { guild_id: guildId, channel_id: channelId }, { guildId, channelId });
}

/** A webhook's name: nothing that could be taken for Discord itself. */
function webhookName(name: unknown): string {
  const text = String(name).trim();
  const form = new FormCheck().at('name');
  form.length([...text].length, 1, 80);
  const taken = /clyde|discord/i.exec(text)?.[0];
  if (taken !== undefined) form.add('USERNAME_INVALID_CONTAINS', `Username cannot contain "${taken.toLowerCase()}"`);
  form.done();
  return text;
}

/** What stands for an uploaded picture. */
export function avatarHash(avatar: unknown): string | null {
  return typeof avatar === 'string' ? createHash('md5').update(avatar).digest('hex') : null;
}
