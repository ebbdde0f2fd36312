import assert from 'node:assert/strict';
import { ROUTES } from '../../sandbox/api/router.ts';
import { Bench, button, row, slash } from './kit.ts';

interface Step {
  route: string;
  body?: unknown;
  query?: string;
  /** What the answer's `id` (or `code`) is called in the steps after it. */
  as?: string;
  /** Other names for what a parameter of the path stands for here. */
  with?: Record<string, string>;
  form?: Record<string, string>;
}

const COMMAND = slash('swept', [{ type: 3, name: 'a', description: 'A text' }]);
const RECORD = { type: 2, key: 'deals', name: 'Deals', description: 'Deals closed' };

/** One call of every route that works, in an order in which it does. Parameters mean what was made before. */
const STEPS: Step[] = [
  { route: 'GET /gateway' },
  { route: 'GET /gateway/bot' },
  { route: 'GET /voice/regions' },
  { route: 'GET /applications/@me' },
  { route: 'PATCH /applications/@me', body: { description: 'Swept', tags: ['a'] } },
  { route: 'GET /oauth2/applications/@me' },
  { route: 'PUT /applications/:application/role-connections/metadata', body: [RECORD] },
  { route: 'GET /applications/:application/role-connections/metadata' },
  ...['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'].flatMap((path) => [
    { route: `PUT ${path}`, body: [slash('set')] },
    { route: `POST ${path}`, body: COMMAND, as: 'command' },
    { route: `GET ${path}` },
    { route: `GET ${path}/:command` },
    { route: `PATCH ${path}/:command`, body: { description: 'Changed' } },
    { route: `DELETE ${path}/:command` },
  ]),
  { route: 'PATCH /users/@me', body: { username: 'swept' } },
  { route: 'GET /users/@me' },
  { route: 'GET /users/@me/guilds' },
  { route: 'GET /users/:user' },
  { route: 'POST /users/@me/channels', body: { recipient_id: ':user' } },
  { route: 'GET /guilds/:guild', query: '?with_counts=true' },
  { route: 'PATCH /guilds/:guild', body: { name: 'Swept' } },
  { route: 'GET /guilds/:guild/preview' },
  { route: 'GET /guilds/:guild/regions' },
  { route: 'GET /guilds/:guild/channels' },
  { route: 'POST /guilds/:guild/roles', body: { name: 'Made', permissions: '1024', color: 255 }, as: 'role' },
  { route: 'GET /guilds/:guild/roles' },
  { route: 'GET /guilds/:guild/roles/member-counts' },
  { route: 'GET /guilds/:guild/roles/:role' },
  { route: 'PATCH /guilds/:guild/roles/:role', body: { hoist: true } },
  { route: 'PATCH /guilds/:guild/roles', body: [{ id: ':role', position: 2 }] },
  { route: 'GET /guilds/:guild/members', query: '?limit=5' },
  { route: 'GET /guilds/:guild/members/search', query: '?query=ana' },
  { route: 'GET /guilds/:guild/members/:user' },
  { route: 'PATCH /guilds/:guild/members/:user', body: { nick: 'Swept' } },
  { route: 'PATCH /guilds/:guild/members/@me', body: { nick: 'Sweeper' } },
  { route: 'PUT /guilds/:guild/members/:user/roles/:role' },
  { route: 'DELETE /guilds/:guild/members/:user/roles/:role' },
  { route: 'DELETE /guilds/:guild/roles/:role' },
  { route: 'GET /guilds/:guild/voice-states/:user' },
  { route: 'PATCH /guilds/:guild/voice-states/:user', body: { suppress: false } },

  { route: 'POST /guilds/:guild/channels', body: { name: 'swept', type: 0 }, as: 'channel' },
  { route: 'PATCH /guilds/:guild/channels', body: [{ id: ':channel', position: 3 }] },
  { route: 'GET /channels/:channel' },
  { route: 'PATCH /channels/:channel', body: { topic: 'Swept' } },
  { route: 'POST /channels/:channel/typing' },
  { route: 'PUT /channels/:channel/permissions/:overwrite', body: { type: 1, allow: '1024', deny: '0' } },
  { route: 'DELETE /channels/:channel/permissions/:overwrite' },

  {
    route: 'POST /channels/:channel/messages',
    body: { content: 'x', components: [row(button('y', 'x'))] },
    as: 'message',
  },
  { route: 'GET /channels/:channel/messages' },
  { route: 'GET /channels/:channel/messages/:message' },
  { route: 'PATCH /channels/:channel/messages/:message', body: { content: 'y', embeds: [{ title: 'z' }] } },
  ...['/channels/:channel/messages/pins', '/channels/:channel/pins'].flatMap((path) => [
    { route: `PUT ${path}/:message` },
    { route: `GET ${path}` },
    { route: 'GET /channels/:channel/messages' },
    { route: `DELETE ${path}/:message` },
  ]),
  ...[
    'DELETE /channels/:channel/messages/:message/reactions/:emoji/@me',
    'DELETE /channels/:channel/messages/:message/reactions/:emoji/:user',
    'DELETE /channels/:channel/messages/:message/reactions/:emoji',
    'DELETE /channels/:channel/messages/:message/reactions',
  ].flatMap((route) => [
    { route: 'PUT /channels/:channel/messages/:message/reactions/:emoji/@me' },
    { route: 'GET /channels/:channel/messages/:message/reactions/:emoji' },
    { route: 'GET /channels/:channel/messages/:message' },
    { route, with: { user: 'bot' } },
  ]),

  { route: 'POST /channels/:channel/messages/:message/threads', body: { name: 'from a message' }, as: 'thread' },
  { route: 'POST /channels/:channel/threads', body: { name: 'private', type: 12 }, as: 'private' },
  { route: 'GET /guilds/:guild/threads/active' },
  ...['thread', 'private'].flatMap((channel) => [
    { route: 'PUT /channels/:channel/thread-members/:user', with: { channel } },
    { route: 'GET /channels/:channel/thread-members', with: { channel } },
    { route: 'GET /channels/:channel/thread-members/:user', with: { channel }, query: '?with_member=true' },
    { route: 'DELETE /channels/:channel/thread-members/:user', with: { channel } },
    { route: 'DELETE /channels/:channel/thread-members/@me', with: { channel } },
    { route: 'PUT /channels/:channel/thread-members/@me', with: { channel } },
    { route: 'PATCH /channels/:channel', with: { channel }, body: { archived: true } },
  ]),
  { route: 'GET /channels/:channel/threads/archived/public' },
  { route: 'GET /channels/:channel/threads/archived/private' },
  { route: 'GET /channels/:channel/users/@me/threads/archived/private' },

  { route: 'POST /channels/:channel/invites', body: { max_age: 3600, unique: true }, as: 'code' },
  { route: 'GET /channels/:channel/invites' },
  { route: 'GET /guilds/:guild/invites' },
  { route: 'GET /invites/:code', query: '?with_counts=true' },
  { route: 'PUT /invites/:code/target-users', form: { target_users_file: 'users' } },
  { route: 'GET /invites/:code/target-users/job-status' },
  { route: 'GET /invites/:code/target-users' },
  { route: 'DELETE /invites/:code' },

  { route: 'POST /channels/:channel/webhooks', body: { name: 'Swept' }, as: 'webhook' },
  { route: 'GET /channels/:channel/webhooks' },
  { route: 'GET /guilds/:guild/webhooks' },
  { route: 'GET /webhooks/:webhook' },
  { route: 'PATCH /webhooks/:webhook', body: { name: 'Renamed' } },
  { route: 'GET /webhooks/:webhook/:token' },
  { route: 'PATCH /webhooks/:webhook/:token', body: { name: 'Again' } },
  {
    route: 'POST /webhooks/:webhook/:token',
    body: { content: 'x', username: 'Board' },
    query: '?wait=true',
    as: 'message',
  },
  { route: 'GET /webhooks/:webhook/:token/messages/:message' },
  { route: 'PATCH /webhooks/:webhook/:token/messages/:message', body: { content: 'y' } },
  { route: 'DELETE /webhooks/:webhook/:token/messages/:message' },
  { route: 'DELETE /webhooks/:webhook/:token' },
  { route: 'POST /channels/:channel/webhooks', body: { name: 'Swept' }, as: 'webhook' },
  { route: 'DELETE /webhooks/:webhook' },

  { route: 'POST /channels/:channel/messages', body: { content: 'x' }, as: 'message' },
  { route: 'POST /channels/:channel/messages', body: { content: 'x' }, as: 'second' },
  { route: 'POST /channels/:channel/messages/bulk-delete', body: { messages: [':message', ':second'] } },
  { route: 'POST /channels/:channel/messages', body: { content: 'x' }, as: 'message' },
  { route: 'DELETE /channels/:channel/messages/:message' },
  { route: 'DELETE /channels/:channel' },

  { route: 'PUT /guilds/:guild/bans/:user', body: { delete_message_seconds: 0 } },
  { route: 'GET /guilds/:guild/bans' },
  { route: 'GET /guilds/:guild/bans/:user' },
  { route: 'DELETE /guilds/:guild/bans/:user' },
  { route: 'POST /guilds/:guild/bulk-ban', body: { user_ids: [':other'] } },
  { route: 'DELETE /guilds/:guild/members/:user', with: { user: 'third' } },
  { route: 'PUT /guilds/:guild/members/:user', with: { user: 'third' }, body: { access_token: ':access' } },
];

/** The same with a person's access token. */
const PERSONAL: Step[] = [
  { route: 'GET /oauth2/@me' },
  { route: 'GET /users/@me' },
  { route: 'GET /users/@me/guilds' },
  { route: 'GET /users/@me/connections' },
  { route: 'GET /users/@me/guilds/:guild/member' },
  {
    route: 'PUT /users/@me/applications/:application/role-connection',
    body: { platform_name: 'Swept', metadata: { deals: '7' } },
  },
  { route: 'GET /users/@me/applications/:application/role-connection' },
  { route: 'DELETE /users/@me/applications/:application/role-connection' },
];

describe('sandbox: every route at work', () => {
  const swept = new Set<string>();
  const values: Record<string, string> = { emoji: encodeURIComponent('🦊') };
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
    const { application, guildId } = bench.sandbox;
    const { members } = await bench.state();
    Object.assign(values, { application: application.id, bot: application.id, guild: guildId });
    for (const [index, key] of ['user', 'other', 'third'].entries()) values[key] = members[index]?.id ?? '';
    values.overwrite = values.user ?? '';
  });
  // The bench holds every answer against Discord's document when it stops.
  after(() => bench.stop());

  const fill = (text: string, names: Record<string, string> = {}) =>
    text.replace(/:([a-z]+)/g, (_, name: string) => values[names[name] ?? name] ?? `:${name}`);
  const take = async ({ route, body, query = '', as, with: names, form }: Step, token?: string) => {
    const [method = '', path = ''] = route.split(' ');
    const content = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body)));
    const filled = fill(path, names) + query;
    const answer =
      form === undefined
        ? await bench.rest(method, filled, content, token === undefined ? {} : { token: `Bearer ${token}` })
        : await upload(method, filled, form);
    assert.ok(answer.status < 300, `${route} → ${answer.status} ${JSON.stringify(answer.body)}`);
    swept.add(route);
    if (as === undefined) return;
    values[as] = String(answer.body.id ?? answer.body.code);
    if (typeof answer.body.token === 'string') values.token = answer.body.token;
  };
  const upload = async (method: string, path: string, files: Record<string, string>) => {
    const body = new FormData();
    for (const name of Object.keys(files)) body.set(name, new File([`user_id\n${values.user}\n`], 'users.csv'));
    const authorization = `Bot ${bench.sandbox.application.botToken}`;
    const response = await fetch(`${bench.url}/api/v10${path}`, { method, headers: { authorization }, body });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as { id?: string; code?: string; token?: string },
    };
  };
  const signIn = async () => {
    const { id, clientSecret } = bench.sandbox.application;
    const redirect_uri = 'http://127.0.0.1/';
    const scope = 'identify guilds guilds.join guilds.members.read connections role_connections.write';
    const asked = { client_id: id, response_type: 'code', redirect_uri, scope, as: values.third ?? '' };
    const sent = await fetch(`${bench.url}/oauth2/authorize?${new URLSearchParams(asked)}`, { redirect: 'manual' });
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id: id, client_secret: clientSecret, redirect_uri, code };
    const post = (path: string, body: Record<string, string>) =>
      fetch(`${bench.url}/api/v10${path}`, { method: 'POST', body: new URLSearchParams(body) });
    const { access_token } = (await (await post('/oauth2/token', form)).json()) as { access_token: string };
    swept.add('POST /oauth2/token');
    values.access = access_token;
    return async () => {
      const revoked = await post('/oauth2/token/revoke', {
        client_id: id,
        client_secret: clientSecret,
        token: access_token,
      });
      assert.equal(revoked.status, 200);
      swept.add('POST /oauth2/token/revoke');
    };
  };

  it('answers an interaction', async () => {
    const client = await bench.bot([COMMAND], () => {});
    client.on('interactionCreate', async ({ id, token }) => {
      values.interaction = id;
      values.token = token;
      values.webhook = bench.sandbox.application.id;
      await take({
        route: 'POST /interactions/:interaction/:token/callback',
        body: { type: 4, data: { content: 'x' } },
      });
    });
    const { messages } = await bench.command('ana', '/swept a:b');
    assert.equal(messages.length, 1);
    const original = '/webhooks/:webhook/:token/messages/@original';
    await take({ route: `GET ${original}` });
    await take({ route: `PATCH ${original}`, body: { content: 'y' } });
    await take({ route: `DELETE ${original}` });
  });

  it('answers everything else', async () => {
    const revoke = await signIn();
    const stage = await bench.rest('POST', `/guilds/${bench.sandbox.guildId}/channels`, { name: 'Stage', type: 13 });
    await bench.control('voice', { as: 'ana', channel: stage.body.id });
    for (const step of STEPS) await take(step);
    for (const step of PERSONAL) await take(step, values.access);
    await revoke();
    await take({ route: 'DELETE /users/@me/guilds/:guild' });
  });

  it('leaves no route out', () => {
    const all = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
    // A bot is never in a voice channel here.
    for (const method of ['GET', 'PATCH']) all.delete(`${method} /guilds/:guild/voice-states/@me`);
    assert.deepEqual(
      [...all].filter((route) => !swept.has(route)),
      [],
    );
  });
});
