import assert from 'node:assert/strict';
import { ROUTES } from '../../sandbox/api/router.ts';
import { contractFaults, contractMissing, type Exchange } from '../support/contract.ts';
import { Bench } from './kit.ts';

/** Every spec's requests and answers are held against Discord's OpenAPI document when its bench stops. */
describe('sandbox: Discord’s OpenAPI document', () => {
  let bench: Bench;
  before(async function () {
    const missing = contractMissing();
    if (missing !== null) {
      console.log(missing);
      this.skip();
    }
    bench = await Bench.start();
  });
  after(() => bench?.stop());

  const exchange = (change: Partial<Exchange>): Exchange => ({
    method: 'GET',
    path: '/gateway',
    query: '',
    status: 200,
    body: null,
    answer: { url: 'ws://127.0.0.1:1/gateway' },
    verdict: 'ok',
    ...change,
  });
  const message = { method: 'POST', path: '/channels/1193847312875520000/messages' };
  const faulty: [what: string, fault: RegExp, exchange: Partial<Exchange>][] = [
    ['an answer of another shape', /answered \/url must be string/, { answer: { url: 7 } }],
    ['an answer without a body', /answered \/ must be object/, { answer: null }],
    ['an unknown status', /knows no such status/, { status: 203 }],
    ['an error without a code', /required property 'code'/, { status: 403, answer: { message: 'x' } }],
    ['an unknown route', /no such route/, { path: '/gateways' }],
    ['an accepted body of another shape', /accepted the body although \/content/, { ...message, body: { content: 5 } }],
    [
      'an accepted query of another shape',
      /accepted the query although limit=0/,
      { path: message.path, query: '?limit=0', answer: [] },
    ],
    ['an accepted body with a bad verdict', /verdict "x"/, { ...message, body: { content: 'x' }, verdict: 'x' }],
  ];
  for (const [what, fault, change] of faulty) {
    it(`notices ${what}`, () => assert.match(contractFaults([exchange(change)]).join('\n'), fault));
  }

  it('lets pass what is as published, asked-for faults, and digits for numbers', () => {
    const fine: Partial<Exchange>[] = [
      {},
      { path: message.path, query: '?limit=5&after=1193847312875520000', answer: [] },
      { path: '/nothing', status: 404, answer: { message: '404: Not Found', code: 0 } },
      { status: 503, answer: { strange: true }, fault: true },
      { method: 'POST', path: '/oauth2/token', answer: {} },
      { method: 'DELETE', path: '/guilds/1193847312875520000/roles/1193847312875520001', status: 204, answer: null },
      { ...message, status: 400, body: { content: 5 }, answer: { message: 'x', code: 50035, errors: {} } },
    ];
    for (const change of fine) assert.deepEqual(contractFaults([exchange(change)]), [], JSON.stringify(change));
    const permissions = { name: 'x', permissions: '8', color: '255' };
    const made = { method: 'POST', path: '/guilds/1193847312875520000/roles', body: permissions };
    assert.doesNotMatch(contractFaults([exchange(made)]).join(), /accepted the body/);
  });

  it('has each route once', () => {
    const shapes = ROUTES.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`);
    assert.deepEqual(
      shapes.filter((shape, index) => shapes.indexOf(shape) !== index),
      [],
    );
  });

  it('has every route that is served', async () => {
    const { application, guildId } = bench.sandbox;
    const state = await bench.state();
    const values: Record<string, string> = {
      application: application.id,
      guild: guildId,
      channel: state.channels[0]?.id ?? '',
      user: state.members[0]?.id ?? '',
      role: state.roles.find(({ name }) => name === 'Elite')?.id ?? '',
    };
    for (const { method, path } of ROUTES) {
      const filled = path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? '1193847312875520000');
      await bench.rest(method, filled, method === 'GET' || method === 'DELETE' ? undefined : {});
    }
    assert.ok((await bench.log()).length >= ROUTES.length);
  });
});
