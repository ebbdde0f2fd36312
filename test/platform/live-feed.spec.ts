import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createLiveFeed, type LiveFeed } from '../../platform/web/live-feed.ts';
import { EventReader } from '../support/event-source.ts';
import { until } from '../support/guildhall.ts';

const GUILD = '1';

/** A server whose every path is a feed of community `GUILD`; `?topic=` and `?community=` choose, X-From names who asks. */
class House {
  readonly feed: LiveFeed;
  readonly readers: EventReader[] = [];
  private readonly server: Server;

  constructor(options: { mostViewers?: number; heartbeat?: number; slice?: number } = {}) {
    this.feed = createLiveFeed({
      clock: { random: () => 0.5 },
      addressOf: ({ headers }) => (headers['x-from'] as string) ?? null,
      ...options,
    });
    this.server = createServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      const view = { community: query.get('community') ?? GUILD, topic: query.get('topic') };
      const refused = this.feed.view(request, response, view);
      if (refused) response.writeHead(503).end(refused);
    });
  }

  open = () => new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async read(path = '/', headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = await EventReader.open(this.port, path, headers);
    this.readers.push(reader);
    return reader;
  }

  /** Without `closeAllConnections`: what still streams would keep it open. */
  async close(): Promise<void> {
    this.feed.stop();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const dataOf = ({ events }: EventReader) => events.map(({ data }) => data);

describe('the live feed', () => {
  let house: House;
  beforeEach(async () => {
    house = new House({ slice: 2 });
    await house.open();
  });
  afterEach(() => house.close());

  it('tells everybody the same, in order, and each its own community alone', async () => {
    const readers = await Promise.all(Array.from({ length: 7 }, () => house.read()));
    const other = await house.read('/?community=2');
    assert.equal(house.feed.viewers(), 8);
    for (let n = 1; n <= 5; n += 1) {
      house.feed.send(GUILD, 'changes', { n });
      if (n % 2) await new Promise((resolve) => setImmediate(resolve));
    }
    house.feed.send('2', 'changes', { other: true });
    for (const reader of readers) await reader.heard(5);
    await other.heard(1);
    for (const reader of readers) {
      assert.deepEqual(dataOf(reader), [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
      assert.deepEqual(reader.events, readers[0]?.events);
    }
    assert.deepEqual(dataOf(other), [{ other: true }]);
    assert.equal(new Set(readers[0]?.events.map(({ id }) => id)).size, 5);
  });

  it('says what browsers and proxies must know', async () => {
    const { status, headers, retry, lastId } = await house.read();
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/event-stream');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-accel-buffering'], 'no');
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(retry, 3500);
    assert.match(lastId, /^[0-9a-f]{12}-0$/);
  });

  it('keeps text whole, whatever is in it', async () => {
    const reader = await house.read();
    const data = { text: 'a\nb\r\n\n:c\u2028 “d” 🏁 data: x' };
    house.feed.send(GUILD, 'changes', data);
    assert.deepEqual((await reader.heard(1))[0]?.data, data);
    for (const name of ['', 'a b', 'a\ndata: x']) assert.throws(() => house.feed.send(GUILD, name, {}), /name/);
  });

  it('tells of a topic those who asked for it and those who asked for all', async () => {
    const [all, a, b] = await Promise.all(['/', '/?topic=a', '/?topic=b'].map((path) => house.read(path)));
    house.feed.send(GUILD, 'changes', { n: 1 }, 'a');
    house.feed.send(GUILD, 'changes', { n: 2 }, 'b');
    house.feed.send(GUILD, 'changes', { n: 3 });
    await all?.heard(3);
    await a?.heard(2);
    await b?.heard(2);
    assert.deepEqual(
      [all, a, b].map((reader) => reader && dataOf(reader)),
      [
        [{ n: 1 }, { n: 2 }, { n: 3 }],
        [{ n: 1 }, { n: 3 }],
        [{ n: 2 }, { n: 3 }],
      ],
    );
  });

  it('tells who comes back what it missed, of its topic', async () => {
    const first = await house.read('/?topic=a');
    house.feed.send(GUILD, 'changes', { n: 1 }, 'a');
    await first.heard(1);
    first.close();
    await until('its end', async () => house.feed.viewers() === 0);
    for (let n = 2; n <= 6; n += 1) house.feed.send(GUILD, 'changes', { n }, n % 2 ? 'a' : 'b');
    const back = await house.read('/?topic=a', { 'last-event-id': first.lastId });
    house.feed.send(GUILD, 'changes', { n: 7 });
    await back.heard(3);
    assert.deepEqual(dataOf(back), [{ n: 3 }, { n: 5 }, { n: 7 }]);
    const again = await house.read('/', { 'last-event-id': back.lastId });
    house.feed.send(GUILD, 'changes', { n: 8 });
    await again.heard(1);
    assert.deepEqual(dataOf(again), [{ n: 8 }]);
  });

  it('tells who lost the connection before the first event what it missed', async () => {
    const first = await house.read();
    first.close();
    house.feed.send(GUILD, 'changes', { n: 1 });
    const back = await house.read('/', { 'last-event-id': first.lastId });
    await back.heard(1);
    assert.deepEqual(dataOf(back), [{ n: 1 }]);
  });

  it('asks who missed more than it remembers to read anew', async () => {
    const present = await house.read();
    const start = present.lastId;
    for (let n = 1; n <= 101; n += 1) house.feed.send(GUILD, 'changes', { n });
    const back = await house.read('/', { 'last-event-id': start });
    for (const reader of [present, back]) {
      const [event] = await reader.heard(1);
      assert.deepEqual([event?.event, event?.data], ['resync', {}]);
    }
    const afterOne = await house.read('/', { 'last-event-id': start.replace(/0$/, '1') });
    await afterOne.heard(100);
    assert.deepEqual(dataOf(afterOne).at(-1), { n: 101 });
    house.feed.send(GUILD, 'changes', { n: 102 });
    await back.heard(2);
    assert.deepEqual(back.events[1]?.data, { n: 102 });
  });

  it('tells nobody again what is to be forgotten', async () => {
    const present = await house.read();
    const start = present.lastId;
    house.feed.send(GUILD, 'changes', { n: 1 });
    await present.heard(1);
    house.feed.forget(GUILD);
    const back = await house.read('/', { 'last-event-id': start });
    assert.equal((await back.heard(1))[0]?.event, 'resync');
    house.feed.send(GUILD, 'changes', { n: 2 });
    await present.heard(2);
    await back.heard(2);
    assert.deepEqual(
      [dataOf(present), dataOf(back)],
      [
        [{ n: 1 }, { n: 2 }],
        [{}, { n: 2 }],
      ],
    );
  });

  it('remembers no more than a megabyte of events', async () => {
    const first = await house.read();
    first.close();
    const text = 'x'.repeat(300_000);
    for (let n = 1; n <= 5; n += 1) house.feed.send(GUILD, 'changes', { n, text });
    const back = await house.read('/', { 'last-event-id': first.lastId.replace(/0$/, '2') });
    await back.heard(3);
    assert.equal(back.events[0]?.event, 'changes');
    const late = await house.read('/', { 'last-event-id': first.lastId.replace(/0$/, '1') });
    await late.heard(1);
    assert.equal(late.events[0]?.event, 'resync');
  });

  it('asks who comes from another process, or with no id of its kind, to read anew', async () => {
    house.feed.send(GUILD, 'changes', { n: 1 });
    const { lastId } = await house.read();
    assert.match(lastId, /-1$/);
    for (const foreign of [`000000000000-1`, lastId.replace(/1$/, '2'), 'nonsense', '', `${lastId}, ${lastId}`]) {
      const reader = await house.read('/', { 'last-event-id': foreign });
      await reader.heard(1);
      assert.deepEqual([foreign, reader.events[0]?.event, reader.lastId], [foreign, 'resync', lastId]);
    }
  });

  it('ends what does not read, and the others hear everything', async () => {
    const slow = await new Promise<Socket>((resolve) => {
      const socket = connect(house.port, '127.0.0.1', () => resolve(socket.pause()));
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    slow.on('error', () => {});
    await until('the slow one', async () => house.feed.viewers() === 1);
    const reader = await house.read();
    const text = 'x'.repeat(200_000);
    let sent = 0;
    while (house.feed.viewers() === 2 && sent < 400) {
      sent += 1;
      house.feed.send(GUILD, 'changes', { sent, text });
      await reader.heard(sent);
    }
    assert.equal(house.feed.viewers(), 1);
    house.feed.send(GUILD, 'changes', { last: true });
    await reader.heard(sent + 1);
    assert.deepEqual(reader.events.at(-1)?.data, { last: true });
    assert.ok(reader.events.every(({ event }) => event === 'changes'));
    slow.destroy();
  });

  it('gives one address 20 places, and those behind one that many share as many as there are', async () => {
    const own = await Promise.all(Array.from({ length: 20 }, () => house.read('/', { 'x-from': '192.0.2.1' })));
    assert.equal((await house.read('/', { 'x-from': '192.0.2.1' })).text, 'greedy');
    assert.equal((await house.read('/', { 'x-from': '192.0.2.2' })).status, 200);
    for (let n = 0; n < 30; n += 1) assert.equal((await house.read()).status, 200);
    own[0]?.close();
    await until('a place', async () => house.feed.viewers() === 50);
    assert.equal((await house.read('/', { 'x-from': '192.0.2.1' })).status, 200);
    assert.equal((await house.read('/', { 'x-from': '192.0.2.1' })).text, 'greedy');
  });

  it('ends with all its streams, so that its server closes, and begins no other', async () => {
    const readers = await Promise.all(Array.from({ length: 9 }, () => house.read()));
    house.feed.send(GUILD, 'changes', { n: 1 });
    house.feed.stop();
    await until('their ends', async () => readers.every(({ ended }) => ended));
    assert.equal(house.feed.viewers(), 0);
    house.feed.send(GUILD, 'changes', { n: 2 });
    assert.equal((await house.read()).text, 'stopped');
  });
});

describe('the live feed, where places are few,', () => {
  it('turns away who comes too late, until somebody goes', async () => {
    const house = new House({ mostViewers: 2 });
    await house.open();
    try {
      const first = await house.read();
      await house.read();
      assert.equal((await house.read()).text, 'crowded');
      first.close();
      await until('a place', async () => house.feed.viewers() === 1);
      assert.equal((await house.read()).status, 200);
    } finally {
      await house.close();
    }
  });
});

describe('the live feed’s heartbeat', () => {
  it('keeps silent streams alive, and is no event', async () => {
    const house = new House({ heartbeat: 5 });
    await house.open();
    try {
      const reader = await house.read();
      await until('three beats', async () => reader.comments >= 3);
      assert.deepEqual(reader.events, []);
    } finally {
      await house.close();
    }
  });
});
