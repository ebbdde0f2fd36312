import assert from 'node:assert/strict';
import { EventReader } from '../support/event-source.ts';
import { type FlowNode, Guildhall, until } from '../support/guildhall.ts';
import { type Answer, ask as askServer } from '../support/http.ts';

const TAB = 'kept-test';

/** An `http in` with a guard that lets everybody pass, before the node `next`. */
function entrance(method: string, path: string, community: string, next: string): FlowNode[] {
  const guard = `guard-${next}`;
  return [
    { id: `in-${next}`, type: 'http in', method, url: path, wires: [[guard]] },
    { id: guard, type: 'guildhall-web-guard', community, access: 'public', wires: [[next]] },
  ];
}

const reply = (id: string, more: object = {}): FlowNode => ({
  ...{ id, type: 'guildhall-reply', answer: 'json', keep: 'boards', body: '{"a": 1}', bodyType: 'json', wires: [[]] },
  ...more,
});

/** Paths whose answers are kept, or not, and a board with a path by which somebody scores on it. */
function flowsOf(community: string): FlowNode[] {
  const nodes = [
    ...entrance('get', '/kept', community, 'kept'),
    reply('kept'),
    ...entrance('get', '/not-kept', community, 'not-kept'),
    reply('not-kept', { keep: 'no' }),
    ...entrance('get', '/created', community, 'created'),
    reply('created', { httpStatus: 201 }),
    ...entrance('post', '/posted', community, 'posted'),
    reply('posted'),
    ...entrance('get', '/board', community, 'page'),
    { id: 'page', type: 'guildhall-board-query', query: 'page', wires: [['board'], ['board']] },
    reply('board', { body: 'payload', bodyType: 'msg' }),
    ...entrance('post', '/deed', community, 'deed'),
    { id: 'deed', type: 'guildhall-score-event', as: 'this flow', wires: [['scored'], ['scored']] },
    reply('scored', { body: 'payload', bodyType: 'msg' }),
  ];
  return [
    { id: TAB, type: 'tab', label: 'Kept' },
    ...nodes.map((node, index) => ({ z: TAB, x: 100, y: 40 * index, ...node })),
  ];
}

describe('answers that flows have kept', () => {
  let hall: Guildhall;
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    askServer(hall.port, path, headers, method);
  /** Only who comes into a flow has a number in the log. */
  const isKept = ({ headers }: Answer) => headers['x-request-id'] === undefined;
  /** Boards settle by themselves now and then, and what was kept goes. */
  const kept = (path: string) =>
    until(`${path} to be kept`, async () => {
      const answer = await ask(path);
      return isKept(answer) && answer;
    });
  const deploy = () =>
    hall.deploy((flows) => [
      ...flows.filter(({ id, z }) => id !== TAB && z !== TAB),
      ...flowsOf(flows.find(({ type }) => type === 'guildhall-community')?.id ?? ''),
    ]);

  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
    await deploy();
  });
  after(() => hall?.remove());

  it('serve whoever asks for the same address', async () => {
    const made = await ask('/kept?a=1');
    assert.ok(!isKept(made));
    const served = await kept('/kept?a=1');
    assert.deepEqual([served.status, served.text], [200, '{"a":1}']);
    for (const name of [
      'content-type',
      'content-length',
      'etag',
      'cache-control',
      'x-frame-options',
      'referrer-policy',
    ]) {
      assert.equal(served.headers[name], made.headers[name], name);
    }
    assert.ok(!isKept(await ask('/kept?a=2')));
    const etag = made.headers.etag ?? '';
    assert.equal((await ask('/kept?a=1', { 'if-none-match': etag })).status, 304);
    assert.equal((await ask('/kept?a=1', {}, 'HEAD')).headers.etag, etag);
  });

  it('are made anew for who asks so, for who sends a cookie, and after a deploy', async () => {
    await kept('/kept');
    assert.ok(!isKept(await ask('/kept', { 'cache-control': 'no-cache' })));
    assert.ok(!isKept(await ask('/kept', { cookie: 'a=b' })));
    await kept('/kept');
    await deploy();
    assert.ok(!isKept(await ask('/kept')));
    await kept('/kept');
  });

  it('go when the boards change, and pages hear of that', async () => {
    await hall.command('ana', '/profile');
    const ana = (await hall.state()).members.find(({ username }) => username === 'ana')?.id;
    const placesIn = ({ text }: Answer) => {
      const { entries } = JSON.parse(text) as { entries: { rank: number; score: number }[] };
      return entries.map(({ rank, score }) => [rank, score]);
    };
    const live = await EventReader.open(hall.port, '/api/live?board=all-time');
    for (let deals = 1; deals <= 3; deals += 1) {
      const scored = await fetch(`${hall.base}/deed`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ player: `<@${ana}>`, deals_closed: 1 }),
      });
      assert.equal(scored.status, 200, await scored.text());
      assert.deepEqual(placesIn(await ask('/board')), [[1, 100 * deals]]);
      assert.deepEqual(placesIn(await kept('/board')), [[1, 100 * deals]]);
      await until('the news', async () => JSON.stringify(live.events.at(-1)?.data)?.includes(`"score":${100 * deals}`));
    }
    live.close();
  });

  it('are refused to pages of other sites, as the flow is', async () => {
    const foreign: Record<string, string>[] = [{ origin: 'https://elsewhere.example' }, { host: 'elsewhere.example' }];
    await kept('/kept');
    for (const headers of foreign) assert.equal((await ask('/kept', headers)).status, 403);
  });

  it('are none where the node does not say so, for other answers and for other methods', async () => {
    for (const [path, method] of [
      ['/not-kept', 'GET'],
      ['/created', 'GET'],
      ['/posted', 'POST'],
    ] as const) {
      for (let time = 1; time <= 3; time += 1) assert.ok(!isKept(await ask(path, {}, method)), path);
    }
  });

  it('are served from within Express under the plain node-red command', async function () {
    this.timeout(60_000);
    await hall.end();
    await hall.startPlain();
    const made = await ask('/kept');
    const served = await kept('/kept');
    for (const name of ['content-type', 'etag', 'cache-control', 'x-content-type-options']) {
      assert.equal(served.headers[name], made.headers[name], name);
    }
    assert.ok(!isKept(await ask('/kept', { 'cache-control': 'no-cache' })));
  });
});
