import assert from 'node:assert/strict';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { LIMIT, RateLimits } from '../../sandbox/api/limits.ts';
import { Bench, eventually, ForwardClock } from './kit.ts';

describe('sandbox: rate limits', () => {
  it('counts five messages in five seconds for each channel', () => {
    const clock = new ForwardClock();
    const limits = new RateLimits(clock, 1, true);
    const take = (channel: string) => limits.take(LIMIT.messageCreate, channel, true);
    const remaining = [1, 2, 3, 4, 5].map(() => take('a').headers['x-ratelimit-remaining']);
    assert.deepEqual(remaining, ['4', '3', '2', '1', '0']);
    const refused = take('a').refused;
    assert.ok(refused !== undefined && refused.retryAfter > 4 && refused.retryAfter <= 5 && !refused.global);
    assert.equal(take('b').refused, undefined);
    clock.forward(5001);
    assert.equal(take('a').refused, undefined);
  });

  it('counts fifty requests a second over all buckets, interactions aside', () => {
    const limits = new RateLimits(new ForwardClock(), 0.01, true);
    for (let index = 0; index < 50; index++) {
      assert.equal(limits.take(LIMIT.default, `${index}`, true).refused, undefined);
    }
    const refused = limits.take(LIMIT.default, 'x', true);
    assert.equal(refused.refused?.global, true);
    assert.equal(refused.headers['x-ratelimit-global'], 'true');
    assert.equal(limits.take(LIMIT.webhook, 'x', false).refused, undefined);
  });

  it('runs faster with the speed', () => {
    const clock = new ForwardClock();
    const limits = new RateLimits(clock, 100, true);
    const take = () => limits.take(LIMIT.messageCreate, 'a', false).refused;
    for (let index = 0; index < 5; index++) take();
    clock.forward(51);
    assert.equal(take(), undefined);
  });

  it('answers 429, and discord.js waits for its turn', async () => {
    const bench = await Bench.start({ limits: true, speed: 20 });
    const client = await bench.login();
    const channel = await client.channels.fetch(await bench.channelId('general'));
    assert.ok(channel?.isSendable());
    await Promise.all(Array.from({ length: 7 }, (_, index) => channel.send(`${index}`)));
    assert.equal((await bench.state()).channels[0]?.messages.length, 7);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => bench.rest('POST', `/channels/${channel.id}/messages`, { content: 'x' })),
    );
    const limited = answers.find(({ status }) => status === 429);
    assert.equal(limited?.headers.get('x-ratelimit-scope'), 'user');
    assert.equal(limited?.headers.get('x-ratelimit-limit'), '5');
    assert.equal(typeof limited?.body.retry_after, 'number');
    await bench.stop();
  });
});

describe('sandbox: limits of a whole application', () => {
  const clock = new ForwardClock();
  let bench: Bench;
  before(async () => {
    bench = await Bench.start({ limits: true, clock });
  });
  after(() => bench.stop());

  /** A gateway connection that identifies; what came of it: op 9, READY or the close code. */
  const identify = (token: string) =>
    new Promise<{ result: string | number; socket: WebSocket }>((resolve) => {
      const socket = new WebSocket(`${bench.url.replace('http', 'ws')}/gateway`);
      socket.on('close', (code) => resolve({ result: code, socket }));
      socket.on('message', (data) => {
        const { op, t } = JSON.parse(String(data)) as { op: number; t: string | null };
        if (op === 10) socket.send(JSON.stringify({ op: 2, d: { token, intents: 0, properties: {} } }));
        if (op === 9 || t === 'READY') resolve({ result: t ?? 'op 9', socket });
      });
    });

  it('lets one session start in five seconds, and a connection send 120 times a minute', async () => {
    const { botToken } = bench.sandbox.application;
    const first = await identify(botToken);
    const second = await identify(botToken);
    assert.deepEqual([first.result, second.result], ['READY', 'op 9']);
    const { session_start_limit: limit } = (await bench.rest('GET', '/gateway/bot')).body;
    assert.deepEqual((limit as { remaining: number }).remaining, 998);
    const closed = new Promise((resolve) => first.socket.on('close', resolve));
    for (let index = 0; index < 120; index++) first.socket.send('{"op":1,"d":null}');
    assert.equal(await closed, 4008);
    second.socket.terminate();
  });

  it('gives the bot a new token when it identifies more than a thousand times a day', async () => {
    const { botToken } = bench.sandbox.application;
    let result: string | number = '';
    for (let count = 2; count <= 1000; count++) {
      clock.forward(5001);
      const attempt = await identify(botToken);
      result = attempt.result;
      attempt.socket.terminate();
    }
    assert.equal(result, 4004);
    assert.equal((await identify(botToken)).result, 4004);
    const { application } = await bench.state();
    assert.notEqual(application.botToken, botToken);
    assert.equal(
      (await bench.rest('GET', '/users/@me', undefined, { token: `Bot ${application.botToken}` })).status,
      200,
    );
  });

  it('shuts an address out after ten thousand invalid requests in ten minutes', async () => {
    const request = `GET /api/v10/users/@me HTTP/1.1\r\nHost: 127.0.0.1:${bench.sandbox.port}\r\n\r\n`;
    const counted = async () => (await bench.state()).invalidRequests.count;
    const before = await counted();
    assert.equal((await bench.rest('GET', '/users/@me', undefined, { token: null })).status, 401);
    assert.equal(await counted(), before + 1);
    const socket = connect(bench.sandbox.port, '127.0.0.1');
    socket.resume();
    for (let sent = before + 1; sent < 10_000; sent += 100) socket.write(request.repeat(100));
    await eventually('all are counted', async () => (await counted()) === 10_000);
    socket.destroy();
    const answer = await fetch(`${bench.url}/api/v10/gateway`);
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal(await answer.text(), 'error code: 1015');
    clock.forward(10 * 60_000);
    assert.equal((await fetch(`${bench.url}/api/v10/gateway`)).status, 200);
  });

  it('lets a channel be renamed twice in ten minutes, and edited more often', async () => {
    const clock = new ForwardClock();
    const bench = await Bench.start({ limits: true, clock });
    const path = `/channels/${await bench.channelId('general')}`;
    const edit = (body: Record<string, unknown>) => bench.rest('PATCH', path, body);
    for (const name of ['p1', 'p2']) assert.equal((await edit({ name })).status, 200);
    const refused = await edit({ name: 'p3' });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.body.retry_after) > 500);
    const other = await edit({ nsfw: true });
    assert.deepEqual([other.status, other.headers.get('x-ratelimit-limit')], [200, '5']);
    clock.forward(600_001);
    assert.equal((await edit({ topic: 'again' })).status, 200);
    await bench.stop();
  });
});
