import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { ROUTES } from '../../sandbox/api/router.ts';
import { CONTROL_ROUTES } from '../../sandbox/control/routes.ts';
import { Bench } from './kit.ts';

describe('sandbox: what a web page elsewhere may do', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
  });
  after(() => bench.stop());

  const ask = (method: string, path: string, headers: Record<string, string>, body = ''): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = bench.sandbox;
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const json = { 'content-type': 'application/json' };
  const say = JSON.stringify({ as: 'ana', content: 'x' });

  it('is addressed only as this machine', async () => {
    const { port } = bench.sandbox;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      assert.equal(await ask('GET', '/sandbox/state', { host }), 200, host);
    }
    for (const host of ['127.0.0.1', `evil.example:${port}`, 'localhost:1', `127.0.0.1:${port}.evil.example`]) {
      for (const path of ['/sandbox/state', '/api/v10/gateway', '/'])
        assert.equal(await ask('GET', path, { host }), 403, host);
    }
  });

  it('refuses foreign origins and cross-site requests', async () => {
    assert.equal(await ask('POST', '/sandbox/say', { ...json, origin: bench.url }, say), 200);
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1880']) {
      assert.equal(await ask('POST', '/sandbox/say', { ...json, origin }, say), 403, origin);
      assert.equal(await ask('DELETE', '/sandbox/faults', { origin }), 403, origin);
      assert.equal(await ask('GET', '/api/v10/gateway', { origin }), 403, origin);
    }
    assert.equal(await ask('POST', '/sandbox/say', { ...json, 'sec-fetch-site': 'cross-site' }, say), 403);
    assert.equal(await ask('GET', '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), 200);
  });

  it('lets no other site consent for a member', async () => {
    const query = { client_id: bench.sandbox.application.id, scope: 'identify', redirect_uri: 'http://localhost/' };
    const path = `/oauth2/authorize?${new URLSearchParams({ ...query, response_type: 'code', as: 'ana' })}`;
    const link = { 'sec-fetch-mode': 'navigate' };
    assert.equal(await ask('GET', path, { ...link, 'sec-fetch-site': 'same-site' }), 303);
    assert.equal(await ask('GET', path, { ...link, 'sec-fetch-site': 'cross-site' }), 200);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal(
      await ask('POST', path, { ...form, origin: 'https://evil.example' }, 'decision=authorize&as=ana'),
      403,
    );
  });

  it('wants JSON for what changes something', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      assert.equal(await ask('POST', '/sandbox/say', { 'content-type': type }, say), 415, type);
    }
    assert.equal(await ask('POST', '/sandbox/say', {}, say), 415);
    assert.equal(await ask('POST', '/sandbox/say', json, '{'), 400);
    assert.equal(await ask('POST', '/sandbox/say', json, '[]'), 400);
    assert.equal(await ask('PUT', '/sandbox/say', json, say), 405);
    assert.equal(await ask('GET', '/sandbox/nothing', {}), 404);
  });

  it('refuses a foreign origin on the gateway', async () => {
    const open = (origin?: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${bench.url.replace('http', 'ws')}/gateway`,
          origin === undefined ? {} : { origin },
        );
        socket.on('open', () => {
          socket.terminate();
          resolve('open');
        });
        socket.on('error', () => resolve('refused'));
      });
    assert.equal(await open('https://evil.example'), 'refused');
    assert.equal(await open(bench.url), 'open');
    assert.equal(await open(), 'open');
  });

  it('serves its page without letting data become markup', async () => {
    const response = await fetch(`${bench.url}/`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.doesNotMatch(response.headers.get('content-security-policy') ?? '', /unsafe/);
    for (const [path, type] of [
      ['page.js', /^text\/javascript/],
      ['page.css', /^text\/css/],
    ] as const) {
      const part = await fetch(`${bench.url}/${path}`);
      assert.match(part.headers.get('content-type') ?? '', type);
      assert.doesNotMatch(await part.text(), /innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
    }
  });

  it('listens on the loopback interface alone', async () => {
    await assert.rejects(
      () =>
        new Promise((resolve, reject) => {
          const socket = connect(bench.sandbox.port, '::1', () => {
            socket.destroy();
            resolve(undefined);
          });
          socket.on('error', reject);
        }),
    );
  });
});

describe('sandbox: whatever a client sends', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
  });
  after(() => bench.stop());

  const garbage: unknown[] = [
    null,
    [],
    [null],
    'text',
    7,
    {},
    { type: 4, data: null },
    { type: 4, data: { components: [{ type: 1, components: [null] }] } },
    { content: {}, embeds: {}, components: 5, flags: 'x', allowed_mentions: [] },
    { embeds: [null], components: [null], attachments: [null], message_reference: { message_id: {} } },
    { name: {}, description: [], options: [{ type: 2, options: [{ type: 2, options: [{ type: 1 }] }] }] },
    [{ name: 'a', description: 'b', options: [null, { type: 3 }], default_member_permissions: 'x' }],
    { roles: [{}], nick: 7, communication_disabled_until: 'x' },
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
    { as: {}, channel: [], input: {}, message: {}, interaction: [], fields: [], values: {}, username: [] },
    { as: 'ana', channel: 'general', input: '/', content: '\u0000', message: '__proto__', interaction: '__proto__' },
    { as: 'ana', input: '/__proto__ a:b', interaction: 'constructor', fields: { __proto__: 1 } },
    { gateway: {}, member: [], route: 7, status: 'x' },
  ];

  it('answers it without a fault of its own', async () => {
    const { application, guildId } = bench.sandbox;
    const values: Record<string, string> = {
      application: application.id,
      guild: guildId,
      channel: await bench.channelId('general'),
      user: await bench.memberId('ana'),
      role: await bench.roleId('Elite'),
    };
    const last = ({ method }: { method: string }) => Number(method === 'DELETE');
    for (const { method, path } of [...ROUTES].sort((a, b) => last(a) - last(b))) {
      const filled = path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? '1193847312875520000');
      for (const body of garbage) {
        if (method === 'GET') continue;
        const { status } = await bench.rest(method, filled, body);
        assert.ok(status > 0 && status < 500, `${method} ${path} ${JSON.stringify(body)}: ${status}`);
      }
      const query = '?limit=-1&before=x&after=%00&around=[]&query=&with_counts=x';
      if (method === 'GET') assert.ok((await bench.rest('GET', `${filled}${query}`)).status < 500, path);
    }
    for (const { method, path } of CONTROL_ROUTES) {
      if (method !== 'POST') continue;
      for (const body of garbage) {
        const { status } = await bench.control(path.replace('/sandbox/', ''), body as Record<string, unknown>);
        assert.ok(status < 500, `${path} ${JSON.stringify(body)}: ${status}`);
      }
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.ok((await bench.log()).length > 0);
  });

  it('refuses large and deep bodies', async () => {
    const send = (body: string) =>
      fetch(`${bench.url}/sandbox/join`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal((await send(JSON.stringify({ as: 'ana', content: 'x'.repeat(1024 * 1024) }))).status, 413);
    assert.equal((await send('['.repeat(100_000) + ']'.repeat(100_000))).status, 400);
    const channel = (await bench.state()).channels.find(({ type }) => type === 0)?.id;
    const response = await fetch(`${bench.url}/api/v10/channels/${channel}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${bench.sandbox.application.botToken}` },
      body: `{"content": ${'['.repeat(5000)}${']'.repeat(5000)}}`,
    });
    assert.equal(((await response.json()) as { code: number }).code, 50109);
    assert.equal((await bench.log()).at(-1)?.verdict, 'body: no valid JSON');
  });

  it('survives broken requests and paths', async () => {
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(bench.sandbox.port, '127.0.0.1', () => socket.end(text));
        let answer = '';
        socket.on('data', (data) => {
          answer += data;
        });
        socket.on('close', () => resolve(answer));
        socket.on('error', () => resolve(answer));
      });
    const host = `Host: 127.0.0.1:${bench.sandbox.port}\r\n`;
    assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400/);
    assert.match(await raw(`GET // HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), /^HTTP\/1\.1 4/);
    assert.match(await raw(`GET /api/v10/%ff/%00 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), /^HTTP\/1\.1 404/);
    assert.match(
      await raw(`GET /gateway HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`),
      /^HTTP\/1\.1 4/,
    );
    assert.equal((await bench.rest('GET', '/gateway')).status, 200);
  });
});
