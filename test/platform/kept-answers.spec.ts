import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { etagOf, hasAlready } from '../../platform/web/etag.ts';
import { createKeptAnswers, type KeptAnswers } from '../../platform/web/kept-answers.ts';
import { until } from '../support/guildhall.ts';
import { type Answer, ask as askServer } from '../support/http.ts';

const TOPIC = 'boards/1';

interface Limits {
  answers?: number;
  bytes?: number;
  patience?: number;
}

/** A server whose answers are made one by one, slowly where a test wants so, and kept. */
class House {
  kept: KeptAnswers;
  arrived = 0;
  /** How many answers were made. */
  made = 0;
  status = 200;
  type = 'text/plain';
  topic = TOPIC;
  /** What the answers show. */
  board = 'first';
  /** Called when an answer is made and before it is given. */
  meanwhile: () => Promise<void> | void = () => {};
  private readonly server: Server;

  constructor(limits?: Limits) {
    this.kept = createKeptAnswers(limits);
    this.server = createServer((request, response) => {
      this.arrived += 1;
      this.kept.serve(request, response, () => void this.make(request, response));
    });
  }

  private async make(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.made += 1;
    const body = Buffer.from(this.board);
    await this.meanwhile();
    const { status, type } = this;
    const etag = etagOf(body);
    try {
      this.kept.keep(this.topic, request, { status, type, body, etag });
      response.writeHead(status, { 'content-type': type, etag }).end(body);
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
    body.fill('x');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  open = () => new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  close = () => new Promise((resolve) => this.server.close(resolve));
  ask = (path = '/', headers: Record<string, string> = {}, method = 'GET') =>
    askServer(this.port, path, headers, method);
}

describe('kept answers', () => {
  let house: House;
  beforeEach(async () => {
    house = new House();
    await house.open();
  });
  afterEach(() => house.close());

  it('are made once and given as they were made, with what browsers should know', async () => {
    const first = await house.ask();
    const second = await house.ask();
    assert.equal(house.made, 1);
    assert.equal(second.text, 'first');
    assert.equal(second.headers.etag, first.headers.etag);
    assert.equal(second.headers['content-type'], 'text/plain');
    assert.equal(second.headers['content-length'], '5');
    assert.equal(second.headers['cache-control'], 'no-cache');
    assert.equal(second.headers['x-content-type-options'], 'nosniff');
    assert.equal(second.headers['x-frame-options'], 'DENY');
    assert.equal(second.headers['referrer-policy'], 'no-referrer');
  });

  it('belong to one address each, parameters and all', async () => {
    await house.ask('/?a=1');
    await house.ask('/?a=2');
    await house.ask('/?a=1&b=1');
    assert.equal(house.made, 3);
    await house.ask('/?a=2');
    assert.equal(house.made, 3);
  });

  it('serve HEAD without a body, which itself keeps nothing', async () => {
    await house.ask('/', {}, 'HEAD');
    await house.ask();
    assert.equal(house.made, 2);
    const { status, headers, text } = await house.ask('/', {}, 'HEAD');
    assert.equal(house.made, 2);
    assert.deepEqual({ status, length: headers['content-length'], text }, { status: 200, length: '5', text: '' });
  });

  it('are not given to other methods', async () => {
    await house.ask();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) await house.ask('/', {}, method);
    assert.equal(house.made, 5);
  });

  for (const header of ['authorization', 'cookie']) {
    it(`neither serve nor come from a request with ${header}`, async () => {
      await house.ask('/', { [header]: 'x' });
      await house.ask();
      assert.equal(house.made, 2);
      await house.ask('/', { [header]: 'x' });
      assert.equal(house.made, 3);
      await house.ask();
      assert.equal(house.made, 3);
    });
  }

  it('are made anew for who asks so, and that is kept', async () => {
    await house.ask();
    house.board = 'second';
    assert.equal((await house.ask('/', { 'cache-control': 'max-age=0' })).text, 'first');
    assert.equal((await house.ask('/', { 'cache-control': 'max-age=0, No-Cache' })).text, 'second');
    assert.equal((await house.ask()).text, 'second');
    assert.equal(house.made, 2);
  });

  it('answer 304 to who has them, as fetch asks', async () => {
    const { headers } = await house.ask();
    const etag = headers.etag ?? '';
    for (const known of [etag, `W/${etag}`, `"other", W/"a,b", ${etag}`, ' * ', '*']) {
      const asked = { 'if-none-match': known, 'cache-control': 'no-cache', pragma: 'no-cache' };
      const { status, text, headers: told } = await house.ask('/', asked);
      assert.deepEqual([known, status, text, told.etag], [known, 304, '', etag]);
      assert.equal(told['cache-control'], 'no-cache');
      assert.equal(told['content-length'], undefined);
    }
    for (const other of ['', '"other"', etag.slice(1, -1), 'W/"other", "more"']) {
      assert.equal((await house.ask('/', { 'if-none-match': other })).status, 200);
    }
    assert.equal(house.made, 1);
  });

  it('are forgotten by topic', async () => {
    await house.ask('/a');
    await house.ask('/b');
    house.topic = 'boards/2';
    await house.ask('/c');
    house.kept.forget(TOPIC);
    house.board = 'second';
    assert.equal((await house.ask('/c')).text, 'first');
    assert.equal((await house.ask('/a')).text, 'second');
    assert.equal((await house.ask('/b')).text, 'second');
  });

  it('are all forgotten at once', async () => {
    await house.ask('/a');
    house.meanwhile = () => house.kept.forgetAll();
    await house.ask('/b');
    assert.equal(house.made, 2);
    await house.ask('/a');
    await house.ask('/b');
    assert.equal(house.made, 4);
  });

  it('are not kept where their topic changed after the request began', async () => {
    house.meanwhile = () => {
      house.board = 'second';
      house.kept.forget(TOPIC);
    };
    assert.equal((await house.ask()).text, 'first');
    house.meanwhile = () => house.kept.forget('boards/2');
    assert.equal((await house.ask()).text, 'second');
    await house.ask();
    assert.equal(house.made, 2);
  });

  it('never show what was before a change to who asks after it', async () => {
    const steps = fc.array(fc.constantFrom('ask', 'answer', 'change'), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        house.kept.forgetAll();
        let version = 0;
        house.board = '0';
        const waiting: (() => void)[] = [];
        house.meanwhile = () => new Promise((resolve) => waiting.push(resolve));
        const asked: Promise<unknown>[] = [];
        for (const step of sequence) {
          if (step === 'change') {
            version += 1;
            house.board = String(version);
            house.kept.forget(TOPIC);
          } else if (step === 'answer') waiting.shift()?.();
          else {
            const [least, arrived] = [version, house.arrived];
            const check = ({ text }: Answer) => assert.ok(Number(text) >= least, `asked at ${least}, got ${text}`);
            asked.push(house.ask().then(check));
            while (house.arrived === arrived) await new Promise((resolve) => setImmediate(resolve));
          }
        }
        house.meanwhile = () => {};
        for (const answer of waiting) answer();
        await Promise.all(asked);
      }),
      { numRuns: 40 },
    );
  });

  describe('once they were kept,', () => {
    /** Ends the making of the answers that were begun. */
    let made: (() => void)[];
    const begun = (count: number) => until(`${count} answers`, async () => made.length === count);
    /** So many have arrived since `beforeEach`. */
    const arrived = (count: number) => until(`${count} requests`, async () => house.arrived === count + 1);
    beforeEach(async () => {
      await house.ask();
      house.kept.forget(TOPIC);
      house.board = 'second';
      made = [];
      house.meanwhile = () => new Promise((resolve) => made.push(resolve));
    });

    it('are made once for all who ask meanwhile', async () => {
      const all = Array.from({ length: 5 }, () => house.ask());
      const head = house.ask('/', {}, 'HEAD');
      const current = house.ask('/', { 'if-none-match': etagOf('second') });
      await begun(1);
      await arrived(7);
      made[0]?.();
      assert.deepEqual(
        (await Promise.all(all)).map(({ text }) => text),
        Array(5).fill('second'),
      );
      assert.equal((await head).headers['content-length'], '6');
      assert.equal((await current).status, 304);
      assert.equal(house.made, 2);
      assert.equal((await house.ask()).text, 'second');
      assert.equal(house.made, 2);
    });

    it('are made for who waited also where they are true no more', async () => {
      const [first, second] = [house.ask(), house.ask()];
      await arrived(2);
      house.kept.forget(TOPIC);
      house.board = 'third';
      const third = house.ask();
      await begun(2);
      for (const end of made) end();
      assert.deepEqual(
        (await Promise.all([first, second, third])).map(({ text }) => text),
        ['second', 'second', 'third'],
      );
      assert.equal((await house.ask()).text, 'third');
      assert.equal(house.made, 3);
    });

    it('are made by all where the first makes none', async () => {
      house.status = 404;
      const first = house.ask();
      await begun(1);
      const others = [house.ask(), house.ask()];
      await arrived(3);
      made[0]?.();
      assert.equal((await first).status, 404);
      await begun(3);
      for (const end of made) end();
      assert.deepEqual(
        (await Promise.all(others)).map(({ status }) => status),
        [404, 404],
      );
    });

    it('are made by the next where the first hangs up', async () => {
      const first = connect(house.port, '127.0.0.1').on('error', () => {});
      first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await begun(1);
      const next = house.ask();
      await arrived(2);
      first.destroy();
      await begun(2);
      for (const end of made) end();
      assert.equal((await next).text, 'second');
      assert.equal(house.made, 3);
    });
  });

  it('are kept only where they are a 200', async () => {
    for (const status of [404, 500, 206]) {
      house.status = status;
      await house.ask();
    }
    assert.equal(house.made, 3);
    house.status = 200;
    await house.ask();
    await house.ask();
    assert.equal(house.made, 4);
  });

  it('are refused where their type could be no header', async () => {
    house.type = 'text/plain\r\nx: y';
    assert.match((await house.ask()).text, /Content-Type/);
    house.type = 'text/plain';
    assert.equal((await house.ask()).text, 'first');
    assert.equal(house.made, 2);
  });

  it('are not kept for an address that is longer than any', async () => {
    for (const length of [1990, 1990, 2010, 2010]) await house.ask(`/?${'x'.repeat(length)}`);
    assert.equal(house.made, 3);
  });
});

describe('kept answers, where room is short,', () => {
  const withLimits = async (limits: Limits, check: (house: House) => Promise<void>) => {
    const house = new House(limits);
    await house.open();
    try {
      await check(house);
    } finally {
      await house.close();
    }
  };

  it('give way by number, what was asked for least recently first', () =>
    withLimits({ answers: 2 }, async (house) => {
      for (const path of ['/a', '/b', '/a', '/c']) await house.ask(path);
      assert.equal(house.made, 3);
      await house.ask('/a');
      await house.ask('/c');
      assert.equal(house.made, 3);
      await house.ask('/b');
      assert.equal(house.made, 4);
    }));

  it('give way by bytes, and one that is too large is not kept', () =>
    withLimits({ bytes: 25_000 }, async (house) => {
      house.board = 'x'.repeat(10_000);
      for (const path of ['/a', '/b', '/c']) await house.ask(path);
      await house.ask('/b');
      await house.ask('/c');
      assert.equal(house.made, 3);
      house.board = 'x'.repeat(26_000);
      await house.ask('/large');
      await house.ask('/large');
      assert.equal(house.made, 5);
      await house.ask('/c');
      assert.equal(house.made, 5);
      house.board = 'x'.repeat(20_000);
      await house.ask('/c', { 'cache-control': 'no-cache' });
      await house.ask('/c');
      await house.ask('/b');
      assert.equal(house.made, 7);
    }));
});

describe('kept answers, where a flow takes long,', () => {
  it('are not waited for any longer', async () => {
    const house = new House({ patience: 5 });
    await house.open();
    try {
      await house.ask();
      house.kept.forget(TOPIC);
      let end = () => {};
      house.meanwhile = () =>
        new Promise((resolve) => {
          end = resolve;
          house.meanwhile = () => {};
        });
      const first = house.ask();
      await until('the first', async () => house.made === 2);
      assert.equal((await house.ask()).text, 'first');
      end();
      await first;
      assert.equal(house.made, 3);
    } finally {
      await house.close();
    }
  });
});

describe('an ETag', () => {
  it('is the same for the same bytes alone, and is known again in any list', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.array(fc.uint8Array()), (body, other, more) => {
        const etag = etagOf(body);
        assert.match(etag, /^"[\w-]{22}"$/);
        assert.equal(hasAlready(etagOf(other), etag), Buffer.compare(body, other) === 0);
        const list = [...more, body, other].map((one, index) => `${index % 2 ? 'W/' : ''}${etagOf(one)}`).join(', ');
        assert.ok(hasAlready(list, etag));
      }),
    );
  });
});
