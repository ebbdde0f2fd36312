import assert from 'node:assert/strict';
import { EventReader } from '../support/event-source.ts';
import { Guildhall, until } from '../support/guildhall.ts';
import { ask } from '../support/http.ts';

describe('GET /api/live', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
  });
  after(() => hall?.remove());

  it('streams to pages of this server and to programs, and to no page of another', async () => {
    const { guild } = await hall.state();
    for (const headers of [{}, { origin: hall.base }] as Record<string, string>[]) {
      const reader = await EventReader.open(hall.port, `/api/live?community=${guild.id}&board=weekly`, headers);
      assert.equal(reader.status, 200);
      assert.equal(reader.headers['content-type'], 'text/event-stream');
      assert.equal(reader.headers['cache-control'], 'no-store');
      assert.equal(reader.headers['x-content-type-options'], 'nosniff');
      reader.close();
    }
    const foreign = await ask(hall.port, '/api/live', { origin: 'https://elsewhere.example' });
    assert.deepEqual(
      [foreign.status, foreign.headers['content-type']?.split(';')[0]],
      [403, 'application/problem+json'],
    );
    assert.equal((await ask(hall.port, '/api/live', { host: 'elsewhere.example' })).status, 403);
  });

  it('asks who was connected before a restart to read anew', async () => {
    const reader = await EventReader.open(hall.port, '/api/live', { 'last-event-id': '0123456789ab-7' });
    assert.equal((await reader.heard(1))[0]?.event, 'resync');
    reader.close();
  });

  it('answers HEAD, and refuses what it does not understand', async () => {
    const head = await ask(hall.port, '/api/live', {}, 'HEAD');
    assert.deepEqual([head.status, head.text], [200, '']);
    for (const query of [
      'community=1',
      'board=a&board=b',
      'board=',
      'boards=a',
      'community[x]=1',
      `board=${'x'.repeat(200)}`,
    ]) {
      const { status, headers, text } = await ask(hall.port, `/api/live?${query}`);
      assert.deepEqual(
        [query, status, headers['content-type']?.split(';')[0]],
        [query, 400, 'application/problem+json'],
      );
      assert.equal((JSON.parse(text) as { code: string }).code, 'bad-parameter');
    }
    assert.equal((await ask(hall.port, '/api/live', {}, 'POST')).status, 404);
  });

  it('refuses a board that there is not as its page does', async () => {
    const { status, text } = await ask(hall.port, '/api/live?board=nope');
    assert.equal(status, 404);
    assert.deepEqual(JSON.parse(text), JSON.parse((await ask(hall.port, '/api/leaderboard?board=nope')).text));
  });

  it('is open to everybody while the pages of boards are, and ends where they close', async () => {
    const setAccess = (access: string) =>
      hall.deploy((all) => {
        const page = all.find(({ type, url }) => type === 'http in' && url === '/api/leaderboard');
        return all.map((node) => (node.id === page?.wires?.flat()[0] ? { ...node, access } : node));
      });
    const other = await ask(hall.port, `/api/live?community=${'9'.repeat(18)}`);
    assert.deepEqual([other.status, (JSON.parse(other.text) as { code: string }).code], [403, 'closed']);
    const reader = await EventReader.open(hall.port, '/api/live');
    await setAccess('key');
    const closed = await ask(hall.port, '/api/live');
    assert.deepEqual(
      [
        closed.status,
        closed.headers['content-type']?.split(';')[0],
        (JSON.parse(closed.text) as { code: string }).code,
      ],
      [403, 'application/problem+json', 'closed'],
    );
    await until('the end of the stream', async () => reader.ended);
    await setAccess('public');
    const again = await EventReader.open(hall.port, '/api/live');
    assert.equal(again.status, 200);
    again.close();
  });

  it('holds up no stop', async () => {
    const readers = await Promise.all(Array.from({ length: 50 }, () => EventReader.open(hall.port, '/api/live')));
    assert.ok(readers.every(({ status }) => status === 200));
    // After nine seconds it would end by force, with another code.
    assert.equal(await hall.end(), 0, hall.output);
    await until('the end of all streams', async () => readers.every(({ ended }) => ended));
  });

  it('holds up no stop of the plain node-red command either', async function () {
    this.timeout(60_000);
    await hall.startPlain();
    const readers = await Promise.all(Array.from({ length: 5 }, () => EventReader.open(hall.port, '/api/live')));
    assert.equal(await hall.end(), 0, hall.output);
    await until('the end of all streams', async () => readers.every(({ ended }) => ended));
  });
});
