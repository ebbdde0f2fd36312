import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REST, Routes } from 'discord.js';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Bench, ForwardClock } from './kit.ts';

const REDIRECT = 'http://127.0.0.1:1880/auth/discord/callback';
const ACCESS_MS = 604_800_000;

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  scope: string;
  token_type: string;
  error?: string;
}

describe('sandbox: OAuth2', () => {
  const clock = new ForwardClock();
  let bench: Bench;
  before(async () => {
    bench = await Bench.start({ clock });
  });
  after(() => bench.stop());

  const authorizeUrl = (parameters: Record<string, string>) => {
    const client_id = bench.sandbox.application.id;
    const query = { client_id, response_type: 'code', redirect_uri: REDIRECT, scope: 'identify', ...parameters };
    return `${bench.url}/oauth2/authorize?${new URLSearchParams(query)}`;
  };
  /** Where the consent of a member, or the page's form, leads. */
  const sentTo = async (parameters: Record<string, string>, form?: Record<string, string>, cookie = '') => {
    const response = await fetch(authorizeUrl(parameters), {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    const location = response.headers.get('location');
    const query = location === null ? {} : Object.fromEntries(new URL(location).searchParams);
    return { status: response.status, query, location, text: await response.text(), headers: response.headers };
  };
  const ask = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${bench.url}/api/oauth2/${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Tokens };
  };
  const client = () => {
    const { id: client_id, clientSecret: client_secret } = bench.sandbox.application;
    return { client_id, client_secret };
  };
  const exchange = (code: string | undefined, more: Record<string, string> = {}) =>
    ask('token', { ...client(), grant_type: 'authorization_code', code: code ?? '', redirect_uri: REDIRECT, ...more });
  const tokensOf = async (as: string, scope: string): Promise<Tokens> => {
    const { query } = await sentTo({ as, scope });
    return (await exchange(query.code)).body;
  };
  const bearer = (token: string) => ({ token: `Bearer ${token}` });

  it('sends a member who consents back with code and state, and gives tokens for the code once', async () => {
    const { status, query, location } = await sentTo({ as: 'ana', scope: 'identify email', state: 'a&b=c' });
    assert.equal(status, 303);
    assert.ok(location?.startsWith(`${REDIRECT}?`));
    assert.equal(query.state, 'a&b=c');
    const { body, headers } = await exchange(query.code);
    assert.deepEqual([body.token_type, body.expires_in, body.scope], ['Bearer', 604_800, 'identify email']);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.deepEqual((await exchange(query.code)).body.error, 'invalid_grant');
    const me = (await bench.rest('GET', '/users/@me', undefined, bearer(body.access_token))).body;
    assert.deepEqual([me.username, me.email, me.verified], ['ana', 'ana@example.com', true]);
    const about = (await bench.rest('GET', '/oauth2/@me', undefined, bearer(body.access_token))).body;
    assert.deepEqual(about.scopes, ['identify', 'email']);
    assert.equal((about.user as { username: string }).username, 'ana');
  });

  it('shows a page on which a member says yes or no', async () => {
    const { status, text, headers } = await sentTo({ scope: 'identify guilds.join' });
    assert.equal(status, 200);
    assert.match(text, /Add you to servers/);
    assert.match(headers.get('content-security-policy') ?? '', /form-action 'self' http:\/\/127\.0\.0\.1:1880;/);
    const yes = await sentTo({ state: 's' }, { as: await bench.memberId('kenji'), decision: 'authorize' });
    assert.equal((await exchange(yes.query.code)).status, 200);
    const no = await sentTo({ state: 's' }, { as: await bench.memberId('kenji'), decision: 'cancel' });
    assert.deepEqual([no.query.error, no.query.state, no.query.code], ['access_denied', 's', undefined]);
    // Whoever consented before is not asked again where the application says prompt=none.
    const cookie = yes.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.ok((await sentTo({ prompt: 'none' }, undefined, cookie)).query.code);
    assert.equal((await sentTo({ prompt: 'none', scope: 'identify email' }, undefined, cookie)).status, 200);
    assert.equal((await sentTo({ prompt: 'none' })).status, 200);
  });

  it('sends nobody to a place that is not registered', async () => {
    for (const redirect_uri of ['https://evil.example/', 'javascript:alert(1)', 'x', `${REDIRECT}#x`]) {
      const { status, location } = await sentTo({ as: 'ana', redirect_uri });
      assert.deepEqual([status, location], [400, null], redirect_uri);
    }
    assert.equal((await sentTo({ as: 'ana', client_id: '1' })).status, 400);
    await bench.control('application', { redirectUris: ['https://club.example/callback'] });
    assert.equal((await sentTo({ as: 'ana' })).status, 400);
    const { location } = await sentTo({ as: 'ana', redirect_uri: 'https://club.example/callback' });
    assert.match(location ?? '', /^https:\/\/club\.example\/callback\?code=/);
    await bench.control('application', { redirectUris: [] });
    assert.equal((await bench.control('application', { redirectUris: ['x:y'] })).status, 400);
  });

  const refused: [what: string, error: string, parameters: Record<string, string>][] = [
    ['an unknown scope', 'invalid_scope', { scope: 'identify everything' }],
    ['no scope', 'invalid_scope', { scope: '' }],
    ['the implicit grant', 'unsupported_response_type', { response_type: 'token' }],
    ['an unknown challenge method', 'invalid_request', { code_challenge: 'x'.repeat(43), code_challenge_method: 'S1' }],
    ['a short challenge', 'invalid_request', { code_challenge: 'x', code_challenge_method: 'S256' }],
  ];
  for (const [what, error, parameters] of refused) {
    it(`sends back ${error} for ${what}`, async () => {
      const { query } = await sentTo({ as: 'ana', state: 's', ...parameters });
      assert.deepEqual([query.error, query.state], [error, 's']);
    });
  }

  it('wants the verifier of a challenge (PKCE), hashed or plain', async () => {
    const verifier = 'v'.repeat(64);
    const hashed = createHash('sha256').update(verifier).digest('base64url');
    for (const [code_challenge, method] of [
      [hashed, { code_challenge_method: 'S256' }],
      [verifier, {}],
    ] as const) {
      const { query } = await sentTo({ as: 'ana', code_challenge, ...method });
      assert.equal((await exchange(query.code)).body.error, 'invalid_grant');
      assert.equal((await exchange(query.code, { code_verifier: 'w'.repeat(64) })).body.error, 'invalid_grant');
      assert.equal((await exchange(query.code, { code_verifier: verifier })).status, 200);
    }
  });

  it('answers the token endpoint’s mistakes by RFC 6749', async () => {
    const { id, clientSecret } = bench.sandbox.application;
    const { query } = await sentTo({ as: 'ana' });
    const basic = (secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
    const asked = async (form: Record<string, string>, headers = {}) => {
      const { status, body } = await ask('token', form, headers);
      return [status, body.error];
    };
    assert.deepEqual(await asked({ grant_type: 'password', ...client() }), [400, 'unsupported_grant_type']);
    assert.deepEqual(await asked(client()), [400, 'invalid_request']);
    assert.deepEqual(await asked({ grant_type: 'authorization_code', ...client() }), [400, 'invalid_request']);
    assert.deepEqual(await asked({ grant_type: 'refresh_token', refresh_token: 'x', ...client() }), [
      400,
      'invalid_grant',
    ]);
    assert.deepEqual(await asked({ grant_type: 'client_credentials', scope: 'bot', ...client() }), [
      400,
      'invalid_scope',
    ]);
    assert.deepEqual(await asked({ ...client(), client_secret: 'x', grant_type: 'x' }), [401, 'invalid_client']);
    assert.deepEqual(await asked({ grant_type: 'x' }, basic('x')), [401, 'invalid_client']);
    assert.deepEqual(await asked({ grant_type: 'x' }), [401, 'invalid_client']);
    const elsewhere = await exchange(query.code, { redirect_uri: 'http://127.0.0.1/other' });
    assert.equal(elsewhere.body.error, 'invalid_grant');
    const own = await ask('token', { grant_type: 'client_credentials', scope: 'identify' }, basic(clientSecret));
    assert.deepEqual([own.status, own.body.refresh_token], [200, undefined]);
    const json = await fetch(`${bench.url}/api/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...client(), grant_type: 'authorization_code', code: query.code }),
    });
    assert.deepEqual([json.status, ((await json.json()) as Tokens).error], [400, 'invalid_request']);
    clock.forward(10 * 60_000 + 1);
    assert.equal((await exchange(query.code)).body.error, 'invalid_grant');
    assert.ok(!JSON.stringify(await bench.log()).includes(clientSecret), 'the log keeps no secret');
  });

  it('gives a new refresh token with each refresh, and ends access after a week', async () => {
    const first = await tokensOf('layla', 'identify guilds');
    const refresh = (refresh_token: string, more = {}) =>
      ask('token', { ...client(), grant_type: 'refresh_token', refresh_token, ...more });
    clock.forward(ACCESS_MS + 1);
    assert.equal((await bench.rest('GET', '/users/@me', undefined, bearer(first.access_token))).status, 401);
    assert.equal((await refresh(first.refresh_token, { scope: 'identify email' })).body.error, 'invalid_scope');
    const second = (await refresh(first.refresh_token)).body;
    assert.equal((await refresh(first.refresh_token)).body.error, 'invalid_grant');
    assert.equal((await bench.rest('GET', '/users/@me', undefined, bearer(second.access_token))).status, 200);
    assert.equal((await refresh(second.refresh_token)).status, 200);
  });

  it('ends the whole authorization with any of its tokens, or when the member takes it away', async () => {
    const [first, second] = [await tokensOf('eleni', 'identify'), await tokensOf('eleni', 'identify')];
    const works = async ({ access_token }: Tokens) =>
      (await bench.rest('GET', '/users/@me', undefined, bearer(access_token))).status;
    assert.equal((await ask('token/revoke', { token: first.refresh_token })).status, 401);
    assert.equal((await ask('token/revoke', { ...client(), token: first.refresh_token })).status, 200);
    assert.deepEqual([await works(first), await works(second)], [401, 401]);
    assert.equal((await ask('token/revoke', { ...client(), token: 'unknown' })).status, 200);
    const third = await tokensOf('eleni', 'identify');
    assert.equal(await works(third), 200);
    await bench.control('deauthorize', { as: 'eleni' });
    assert.equal(await works(third), 401);
  });

  it('lets a token do what its scopes say', async () => {
    const { id: application } = bench.sandbox.application;
    const guild = bench.sandbox.guildId;
    const connection = `/users/@me/applications/${application}/role-connection`;
    const paths: [scope: string, path: string][] = [
      ['guilds', '/users/@me/guilds'],
      ['guilds.members.read', `/users/@me/guilds/${guild}/member`],
      ['role_connections.write', connection],
      ['connections', '/users/@me/connections'],
    ];
    const narrow = await tokensOf('ana', 'identify');
    assert.equal(
      'email' in (await bench.rest('GET', '/users/@me', undefined, bearer(narrow.access_token))).body,
      false,
    );
    for (const [scope, path] of paths) {
      const wide = await tokensOf('ana', scope);
      assert.equal((await bench.rest('GET', path, undefined, bearer(wide.access_token))).status, 200, path);
      assert.equal((await bench.rest('GET', path, undefined, bearer(narrow.access_token))).body.code, 50026, path);
      assert.equal((await bench.rest('GET', path, undefined, bearer('x'))).status, 401, path);
    }
    assert.equal((await bench.rest('GET', '/oauth2/@me')).body.code, 20001);
    assert.equal((await bench.rest('GET', `/guilds/${guild}`, undefined, bearer(narrow.access_token))).status, 401);
    const { access_token } = await tokensOf('ana', 'role_connections.write');
    const record = { platform_name: 'Guildhall', platform_username: 'ana#1', metadata: { deals: '7' } };
    assert.deepEqual((await bench.rest('PUT', connection, record, bearer(access_token))).body, record);
    assert.deepEqual((await bench.rest('GET', connection, undefined, bearer(access_token))).body, record);
    const long = { metadata: { deals: 'x'.repeat(101) } };
    assert.equal((await bench.rest('PUT', connection, long, bearer(access_token))).body.code, 50035);
  });

  it('lets a token that allows it bring its owner into a server, with roles', async () => {
    const [, second] = (await bench.state()).guilds;
    const [user, role] = [await bench.memberId('priya'), second?.roles.find(({ name }) => name === 'Approver')];
    const path = `/guilds/${second?.id}/members/${user}`;
    const add = (access_token: string, more = {}) => bench.rest('PUT', path, { access_token, ...more });
    const { access_token } = await tokensOf('priya', 'identify guilds.join');
    assert.equal((await add((await tokensOf('priya', 'identify')).access_token)).body.code, 50026);
    assert.equal((await add((await tokensOf('ana', 'guilds.join')).access_token)).body.code, 50025);
    assert.equal((await add('x')).body.code, 50025);
    const managed = second?.roles.find(({ managed }) => managed);
    assert.equal((await add(access_token, { roles: [managed?.id] })).body.code, 50028);
    const added = await add(access_token, { roles: [role?.id], nick: 'Priya' });
    assert.deepEqual([added.status, added.body.roles, added.body.nick], [201, [role?.id], 'Priya']);
    assert.equal((await add(access_token, { roles: [] })).status, 204);
    assert.deepEqual((await bench.rest('GET', path)).body.roles, [role?.id]);
  });

  it('serves stock discord.js', async () => {
    const sent = await sentTo({ as: 'ana', scope: 'identify guilds' });
    const rest = new REST({ api: `${bench.url}/api`, retries: 0 });
    const tokens = (await rest.post(Routes.oauth2TokenExchange(), {
      body: new URLSearchParams({
        ...client(),
        grant_type: 'authorization_code',
        code: sent.query.code ?? '',
        redirect_uri: REDIRECT,
      }),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      passThroughBody: true,
      auth: false,
    })) as Tokens;
    const person = new REST({ api: `${bench.url}/api`, retries: 0, authPrefix: 'Bearer' }).setToken(
      tokens.access_token,
    );
    assert.equal(((await person.get(Routes.user())) as { username: string }).username, 'ana');
    const guilds = (await person.get(Routes.userGuilds())) as { id: string }[];
    assert.equal(guilds.length, 2);
    const query = new URLSearchParams({ after: guilds[0]?.id ?? '', with_counts: 'true' });
    assert.equal(((await person.get(Routes.userGuilds(), { query })) as { id: string }[])[0]?.id, guilds[1]?.id);
    await assert.rejects(() => person.get(Routes.userGuildMember(bench.sandbox.guildId)), { code: 50026 });
    await rest.post(Routes.oauth2TokenRevocation(), {
      body: new URLSearchParams({ ...client(), token: tokens.access_token }),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      passThroughBody: true,
      auth: false,
    });
    await assert.rejects(() => person.get(Routes.user()), { status: 401 });
  });

  it('lets who manages a server add the bot, with the permissions that the link names', async () => {
    const guild = bench.sandbox.guildId;
    const link = { scope: 'bot applications.commands', permissions: '268435456', guild_id: guild };
    assert.equal((await sentTo({ ...link, as: 'ana' })).status, 400);
    const bare = new URLSearchParams({ client_id: bench.sandbox.application.id, ...link, as: 'amara' });
    assert.match(await (await fetch(`${bench.url}/oauth2/authorize?${bare}`)).text(), /Authorized/);
    const roles = (await bench.rest('GET', `/guilds/${guild}/roles`)).body as unknown as {
      name: string;
      permissions: string;
    }[];
    assert.equal(roles.find(({ name }) => name === 'Guildhall')?.permissions, '268435456');
    const sent = await sentTo({ ...link, permissions: '8', as: 'amara' });
    assert.deepEqual([sent.query.guild_id, sent.query.permissions], [guild, '8']);
    const client = await bench.login();
    const [, second] = (await bench.state()).guilds;
    assert.equal((await bench.rest('DELETE', `/users/@me/guilds/${second?.id}`)).status, 204);
    const back = new Promise<string>((resolve) => client.once('guildCreate', ({ id }) => resolve(id)));
    await sentTo({ ...link, guild_id: second?.id ?? '', as: 'eleni' });
    assert.equal(await back, second?.id);
    assert.equal((await bench.rest('GET', `/guilds/${second?.id}/roles`)).status, 200);
  });
});

describe('sandbox: the consent page', () => {
  let bench: Bench;
  let browser: TestBrowser;
  let target: Server;
  const arrived: URL[] = [];
  before(async function () {
    browser = await openBrowser(this);
    bench = await Bench.start();
    target = createServer((request, response) => {
      arrived.push(new URL(request.url ?? '/', 'http://127.0.0.1'));
      response.end('arrived');
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    await browser?.close();
    target?.close();
    await bench?.stop();
  });

  it('is read and answered by keyboard, narrow and in the dark', async () => {
    const { port } = target.address() as AddressInfo;
    const query = {
      client_id: bench.sandbox.application.id,
      response_type: 'code',
      redirect_uri: `http://127.0.0.1:${port}/back`,
      scope: 'identify bot',
      permissions: '268435459',
      state: 's',
    };
    const url = `${bench.url}/oauth2/authorize?${new URLSearchParams(query)}`;
    const page = await browser.newPage(url, { width: 390, height: 780, dark: true });
    const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(wide, false, 'it scrolls sideways');
    assert.equal(await page.locator(':focus').getAttribute('name'), 'as');
    assert.match((await page.locator('select[name=as] :checked').textContent()) ?? '', /amara/);
    await page.keyboard.type('Ana');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.getByRole('alert').getByText('ana may not add bots to that server').waitFor();
    assert.match(browser.problems.splice(0).join(), /status of 403/);
    await page.keyboard.type('Amara');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('arrived').waitFor();
    const back = arrived.find(({ pathname }) => pathname === '/back');
    assert.deepEqual(
      [back?.searchParams.get('state'), back?.searchParams.get('guild_id')],
      ['s', bench.sandbox.guildId],
    );
    assert.deepEqual(browser.problems, []);
  });
});
