import assert from 'node:assert/strict';
import { Bench, eventually } from './kit.ts';

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

  describe('what an admin gets wrong', () => {
    /** All roles and overwrites of the first guild. */
    const standing = async () => {
      const guild = bench.sandbox.guildId;
      const overwrites = (await bench.rest('GET', `/guilds/${guild}/channels`)).body as unknown as {
        id: string;
        permission_overwrites: unknown;
      }[];
      return [
        (await bench.rest('GET', `/guilds/${guild}/roles`)).body,
        overwrites.map(({ id, permission_overwrites }) => [id, permission_overwrites]),
      ];
    };
    const giveRole = async (name: string) => {
      const { guildId } = bench.sandbox;
      const path = `/guilds/${guildId}/members/${await bench.memberId('ana')}/roles/${await bench.roleId(name)}`;
      return (await bench.rest('PUT', path)).body.code ?? 204;
    };
    const listed = async () => (await (await fetch(`${bench.url}/sandbox/faults`)).json()) as { id: string }[];

    it('takes permissions from the bot, and gives all back in any order', async () => {
      const before = await standing();
      await bench.control('faults', { permission: 'MANAGE_ROLES' });
      assert.equal(await giveRole('Elite'), 50013);
      assert.equal((await send()).status, 200);
      await bench.control('faults', { permission: 'SEND_MESSAGES' });
      assert.equal((await send()).body.code, 50013);
      const [first, second] = await listed();
      await fetch(`${bench.url}/sandbox/faults?id=${first?.id}`, { method: 'DELETE' });
      assert.deepEqual([await giveRole('Elite'), (await send()).body.code], [204, 50013]);
      await fetch(`${bench.url}/sandbox/faults?id=${second?.id}`, { method: 'DELETE' });
      assert.deepEqual([await listed(), await standing()], [[], before]);
      assert.equal((await send()).status, 200);
    });

    it('moves a role above the bot, and back to where it stood', async () => {
      const before = await standing();
      await bench.control('faults', { role: 'Elite', aboveBot: true });
      assert.equal(await giveRole('Elite'), 50013);
      assert.equal(await giveRole('Bronze'), 204);
      assert.equal((await bench.control('faults', { role: 'Founder', aboveBot: true })).status, 409);
      await bench.clearFaults();
      assert.deepEqual(await standing(), before);
      assert.equal(await giveRole('Elite'), 204);
    });

    it('keeps the gateway away until it is back', async () => {
      const client = await bench.login();
      const resumed = new Promise((resolve) => client.once('shardResume', resolve));
      const connected = async () =>
        ((await (await fetch(`${bench.url}/sandbox/state`)).json()) as { connected: number }).connected;
      await bench.control('faults', { gateway: 'away' });
      await eventually('the client is gone', async () => (await connected()) === 0);
      assert.deepEqual(await listed(), [{ id: 'gateway', gateway: 'away' }]);
      await bench.clearFaults();
      await resumed;
      assert.equal(await connected(), 1);
    });
  });
});
