import assert from 'node:assert/strict';
import { Bench } from './kit.ts';

describe('sandbox: faults of the REST API', () => {
  let bench: Bench;
  let path = '';
  const ROUTE = 'POST /channels/:channel/messages';
  before(async () => {
    bench = await Bench.start();
    path = `/channels/${await bench.channelId('general')}/messages`;
  });
  afterEach(() => bench.clearFaults());
  after(() => bench.stop());

  const send = (signal?: AbortSignal) =>
    bench.rest('POST', path, { content: 'x' }, signal === undefined ? {} : { signal });
  const messages = async () => (await bench.state()).channels[0]?.messages.length ?? 0;

  it('answers with a status and a code, so many times', async () => {
    const before = await messages();
    await bench.control('faults', { route: ROUTE, status: 503, code: 130000, times: 2 });
    assert.deepEqual([(await send()).status, (await send()).body.code], [503, 130000]);
    assert.equal((await send()).status, 200);
    assert.equal(await messages(), before + 1);
    assert.deepEqual(
      (await bench.log()).slice(-3).map(({ status }) => status),
      [503, 503, 200],
    );
  });

  it('strikes only its route, whatever its parameters are called', async () => {
    await bench.control('faults', { route: 'POST /channels/:id/messages', status: 500 });
    assert.equal((await send()).status, 500);
    assert.equal((await bench.rest('GET', '/users/@me')).status, 200);
  });

  it('strikes every route when it names none, until faults are cleared', async () => {
    await bench.control('faults', { status: 502 });
    assert.equal((await send()).status, 502);
    assert.equal((await bench.rest('GET', '/users/@me')).status, 502);
    await bench.clearFaults();
    assert.equal((await send()).status, 200);
  });

  it('answers 429 with retry_after', async () => {
    await bench.control('faults', { route: ROUTE, retryAfter: 1.5, times: 1 });
    const answer = await send();
    assert.equal(answer.status, 429);
    assert.equal(answer.body.retry_after, 1.5);
    assert.equal(answer.headers.get('retry-after'), '1.5');
  });

  it('hangs, and may do what was asked first', async () => {
    const before = await messages();
    await bench.control('faults', { route: ROUTE, hang: true, times: 1 });
    await assert.rejects(() => send(AbortSignal.timeout(50)));
    assert.equal(await messages(), before);
    await bench.control('faults', { route: ROUTE, hang: true, after: true, times: 1 });
    await assert.rejects(() => send(AbortSignal.timeout(50)));
    assert.equal(await messages(), before + 1);
  });

  it('delays', async () => {
    await bench.control('faults', { route: ROUTE, delayMs: 30, times: 1 });
    assert.equal((await send()).status, 200);
    assert.ok(((await bench.log()).at(-1)?.ms ?? 0) >= 29);
  });

  it('opens DMs again when faults are cleared', async () => {
    await bench.control('faults', { member: 'Ana Souza', dmsClosed: true });
    const dm = (await bench.rest('POST', '/users/@me/channels', { recipient_id: await bench.memberId('ana') })).body.id;
    assert.equal((await bench.rest('POST', `/channels/${dm}/messages`, { content: 'x' })).body.code, 50007);
    await bench.clearFaults();
    assert.equal((await bench.rest('POST', `/channels/${dm}/messages`, { content: 'x' })).status, 200);
  });
});
