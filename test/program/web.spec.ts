import assert from 'node:assert/strict';
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { createKey } from '../../platform/api-keys.ts';
import type { TraceSummary } from '../../platform/trace.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type FlowNode, Guildhall, until } from '../support/guildhall.ts';
import { Wire } from '../support/wire.ts';

const SCOPES = ['players:write', 'scores:write', 'scores:correct'];
const TAB = 'web-test';
const MEGABYTE = 1024 * 1024;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Sent {
  key?: string;
  body?: string | Buffer | Readable;
  headers?: object;
  agent?: Agent | false;
}

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
}

/** What the flow `echo` tells of the message that it got. */
interface Echo {
  payload: unknown;
  topic: string;
  params: object;
  actor: { community: string; player: null; discord_id: null; roles: string[]; scopes: string[]; source: string };
  own: string[];
  request: string;
}

const ECHO = `
const { req, res, actor, payload, topic, ...rest } = msg;
const { headers, rawHeaders, params } = req;
msg.payload = { payload, topic, params, actor, own: Object.keys(rest), request: JSON.stringify([headers, rawHeaders]) };
return msg;`;

const problemOf = ({ headers, body }: Answer): Problem => {
  assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8', body);
  const problem = JSON.parse(body) as Problem;
  assert.equal(problem.type, 'about:blank');
  assert.ok(problem.title && problem.detail);
  return problem;
};

/** Sends exactly this, and nothing that it only announces. @returns the answer, once it is complete */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (!answer.includes('\r\n\r\n') || body.length < length) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`cut off after: ${answer}`)));
  });
}

/** One row of a tab: an `http in` with whatever stands behind it. */
class Rows {
  readonly nodes: FlowNode[] = [{ id: TAB, type: 'tab', label: 'Web test' }];
  readonly #community: string;

  constructor(community: string) {
    this.#community = community;
  }

  add(node: Partial<FlowNode> & { id: string; type: string }): void {
    this.nodes.push({ z: TAB, x: 100, y: 40 * this.nodes.length, wires: [], ...node } as FlowNode);
  }

  /** @param next the id of the node behind it */
  entrance(id: string, [method = '', url = '']: string[], next: string, more: object = {}): void {
    this.add({ id, type: 'http in', method: method.toLowerCase(), url, wires: [[next]], ...more });
  }

  guard(id: string, next: string, more: object = {}): void {
    this.add({ id, type: 'guildhall-web-guard', community: this.#community, wires: [[next]], ...more });
  }

  /** An entrance with a guard of its own, before the node `next`. */
  row(route: string, next: string, guard: object = {}): void {
    const id = route.replace(/\W+/g, '-');
    this.entrance(`in-${id}`, route.split(' '), `guard-${id}`);
    this.guard(`guard-${id}`, next, guard);
  }

  reply(id: string, more: object = {}): void {
    this.add({ id, type: 'guildhall-reply', answer: 'json', ...more });
  }
}

/** The flows of these tests, on a tab of their own. */
async function deployRows(hall: Guildhall): Promise<void> {
  const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
  const community = flows.find(({ type }) => type === 'guildhall-community')?.id ?? '';
  const rows = new Rows(community);
  rows.reply('reply');
  rows.reply('created', { httpStatus: 201, body: 'payload.payload.name' });
  rows.add({ id: 'echo', type: 'function', func: ECHO, outputs: 1, wires: [['reply']] });
  rows.row('POST /echo', 'echo');
  rows.row('PUT /echo/:id', 'echo');
  rows.row('GET /echo', 'echo', { access: 'public' });
  rows.row('DELETE /echo', 'echo');
  for (const scope of SCOPES) rows.row(`POST /scopes/${scope.replace(':', '-')}`, 'reply', { scope });
  rows.row('POST /small', 'reply', { access: 'public', mostKilobytes: 1 });
  rows.row('POST /large', 'length', { access: 'public', mostKilobytes: 4096 });
  rows.add({ id: 'length', type: 'change', wires: [['reply']], rules: [LENGTH] });
  rows.row('POST /seldom', 'reply', { mostCalls: 3 });
  rows.row('GET /seldom', 'reply', { access: 'public', mostCalls: 2 });
  rows.row('GET /narrow', 'reply', { access: 'public', parameters: 'board, limit' });
  rows.row('POST /created', 'echo-created');
  rows.add({ id: 'echo-created', type: 'function', func: ECHO, outputs: 1, wires: [['created']] });
  // What flows can do wrong.
  rows.row('GET /silent', 'debug', { access: 'public' });
  rows.add({ id: 'debug', type: 'debug', active: false });
  rows.row('GET /fault', 'balances', { access: 'public' });
  rows.add({ id: 'balances', type: 'guildhall-credit-query', query: 'balances', wires: [['reply']] });
  rows.row('GET /thrown', 'throws', { access: 'public' });
  rows.add({ id: 'throws', type: 'function', func: 'throw new Error("/etc/secret")', outputs: 1, wires: [['reply']] });
  rows.row('GET /pending', 'pending', { access: 'public' });
  rows.add({ id: 'pending', type: 'guildhall-credit-query', query: 'pending requests', wires: [['count']] });
  rows.reply('count', { body: '$string(payload.pending.count)', bodyType: 'jsonata' });
  rows.row('GET /refused', 'refuses', { access: 'public' });
  rows.add({ id: 'refuses', type: 'function', func: REFUSE, outputs: 1, wires: [['reply']] });
  rows.row('GET /twice', 'first', { access: 'public' });
  rows.reply('first', { body: '"first"', bodyType: 'jsonata', wires: [['second']] });
  rows.reply('second', { body: '"second"', bodyType: 'jsonata' });
  rows.row('GET /unfit', 'circle', { access: 'public' });
  rows.add({ id: 'circle', type: 'function', func: 'msg.payload = msg; return msg;', outputs: 1, wires: [['reply']] });
  rows.row('GET /lost', 'loses', { access: 'public' });
  rows.add({ id: 'loses', type: 'function', func: 'return { actor: msg.actor };', outputs: 1, wires: [['reply']] });
  rows.row('GET /forged', 'forges', { access: 'public' });
  rows.add({ id: 'forges', type: 'function', func: FORGE, outputs: 1, wires: [['reply']] });
  rows.row('GET /slow', 'slow', { access: 'public', mostCalls: 100_000 });
  rows.add({
    id: 'slow',
    type: 'delay',
    pauseType: 'delay',
    timeout: '30',
    timeoutUnits: 'milliseconds',
    wires: [['reply']],
  });
  rows.row('GET /core', 'core', { access: 'public' });
  rows.add({ id: 'core', type: 'http response', statusCode: '202' });
  // What lacks a guard right behind it.
  rows.entrance('bare', ['GET', '/bare'], 'response');
  rows.entrance('bare-post', ['POST', '/bare'], 'response');
  rows.entrance('far', ['GET', '/far'], 'between');
  rows.add({ id: 'between', type: 'function', func: 'return msg;', outputs: 1, wires: [['guard-GET-echo']] });
  rows.entrance('double', ['GET', '/double'], 'guard-GET-echo', { wires: [['guard-GET-echo', 'guard-GET-silent']] });
  rows.entrance('shadow', ['GET', '/echo/shadow'], 'guard-GET-echo');
  rows.entrance('shadow-bare', ['GET', '/echo/shadow'], 'response');
  rows.entrance('raw', ['POST', '/raw'], 'guard-GET-echo', { skipBodyParsing: true });
  rows.entrance('off', ['GET', '/off'], 'guard-off');
  rows.guard('guard-off', 'reply', { d: true });
  rows.entrance('homeless', ['GET', '/homeless'], 'guard-homeless');
  rows.guard('guard-homeless', 'reply', { community: '' });
  rows.add({ id: 'response', type: 'http response' });
  await hall.deploy((all) => [...all.filter(({ id, z }) => id !== TAB && z !== TAB), ...rows.nodes]);
}

const LENGTH = { t: 'set', p: 'payload', pt: 'msg', to: '$length(payload.text)', tot: 'jsonata' };
const REFUSE = `
msg.refusal = { code: 'too-late', title: 'Too late', detail: 'It closed at noon.', status: 409 };
return msg;`;
const FORGE = 'msg.actor = { ...msg.actor, scopes: ["scores:correct"] }; return msg;';

describe('web apps that call in', () => {
  let hall: Guildhall;
  const keys: Record<string, string> = {};

  before(async function () {
    this.timeout(120_000);
    hall = await Guildhall.start({ GUILDHALL_TRUST_PROXY: '127.0.0.1' });
    await deployRows(hall);
    for (const scope of SCOPES) keys[scope] = make(scope.replace(':', '-'), scope);
    keys.all = make('all', ...SCOPES);
  });
  after(() => hall?.remove());

  const make = (...words: string[]): string => {
    const { status, output } = hall.run('key.js', 'create', ...words);
    assert.equal(status, 0, output);
    return output.trimEnd().split('\n').at(-1) ?? '';
  };

  /** Sends a request, with the key of this name. @param agent whose connection it takes; its own, unless told */
  const call = (route: string, { key, body, headers = {}, agent = false }: Sent = {}): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ');
    return new Promise((resolve, reject) => {
      const sent = httpRequest(`${hall.base}${path}`, {
        agent,
        method,
        headers: {
          ...(key && { authorization: `Bearer ${keys[key] ?? key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      });
      sent.on('error', reject);
      sent.on('response', (response: IncomingMessage) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
        response.on('error', reject);
      });
      if (body instanceof Readable) body.pipe(sent);
      else sent.end(body);
    });
  };
  const echo = async (...given: Parameters<typeof call>): Promise<Echo> => {
    const { status, body } = await call(...given);
    assert.equal(status, 200, body);
    return JSON.parse(body) as Echo;
  };
  const refused = async (...given: Parameters<typeof call>): Promise<[number, string]> => {
    const answer = await call(...given);
    const { status, code } = problemOf(answer);
    assert.equal(answer.status, status);
    return [status, code];
  };

  it('are let into a flow with a key, and answered by a reply', async () => {
    const { payload, topic, params, actor } = await echo('PUT /echo/a%20b', {
      key: 'players:write',
      body: '{"name":"Ada"}',
    });
    assert.deepEqual(payload, { name: 'Ada' });
    assert.deepEqual([topic, params], ['PUT /echo/:id', { id: 'a b' }]);
    const { community, player, discord_id, roles, scopes, source } = actor;
    assert.deepEqual([player, discord_id, roles, scopes], [null, null, [], ['players:write']]);
    assert.equal(community, (await hall.state()).guild.id);
    assert.match(source, /^web\/[0-9a-f-]{36}$/);
    const created = await call('POST /created', { key: 'all', body: '{"name":"Ada"}' });
    assert.deepEqual([created.status, created.body], [201, '"Ada"']);
    assert.equal(created.headers['cache-control'], 'no-store');
    assert.deepEqual((await echo('DELETE /echo', { key: 'all' })).payload, {});
  });

  it('may read what is public, and need not read it again', async () => {
    const { payload, actor } = await echo('GET /echo?a=1&b=2&b=3&c[d]=4');
    assert.deepEqual(payload, { a: '1', b: ['2', '3'], c: { d: '4' } });
    assert.deepEqual(actor.scopes, []);
    const first = await call('GET /api/community');
    assert.deepEqual(JSON.parse(first.body), { community: (await hall.state()).guild.id, name: 'Guildhall' });
    const again = await call('GET /api/community', { headers: { 'if-none-match': first.headers.etag } });
    assert.deepEqual([again.status, again.body], [304, '']);
    const head = await call('HEAD /api/community');
    assert.deepEqual([head.status, head.body, head.headers.etag], [200, '', first.headers.etag]);
  });

  it('never hand their key on to the flow', async () => {
    for (const given of ['all', 'gh_00000000_nothing']) {
      const { request } = await echo('GET /echo', { key: given, headers: { 'x-own': 'seen' } });
      assert.match(request, /seen/);
      assert.doesNotMatch(request, /gh_|Bearer/);
    }
    const { request } = await echo('POST /echo', { key: 'all', body: '{}' });
    assert.doesNotMatch(request, /gh_|Bearer/);
    for (const key of Object.values(keys)) assert.ok(!hall.output.includes(key.slice(12)));
  });

  it('are told in time what is wrong with their key', async () => {
    const secret = 'A'.repeat(43);
    const wrong = `${keys.all?.slice(0, 12)}${secret}`;
    const revoked = make('gone', 'players:write');
    assert.match(hall.run('key.js', 'revoke', 'gone').output, /“gone” \([0-9a-f]{8}\) is revoked/);
    const cases: [Parameters<typeof call>[1], string][] = [
      [{}, 'key-missing'],
      [{ headers: { authorization: `Basic ${secret}` } }, 'key-missing'],
      [{ key: 'x' }, 'key-unknown'],
      [{ key: `gh_00000000_${secret}` }, 'key-unknown'],
      [{ key: wrong }, 'key-unknown'],
      [{ key: revoked }, 'key-revoked'],
    ];
    for (const [given, code] of cases) {
      const answer = await call('POST /echo', { ...given, body: '{}' });
      assert.deepEqual([answer.status, problemOf(answer).code], [401, code]);
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/);
    }
  });

  it('may do what the scopes of their key say, and nothing else', async () => {
    for (const held of SCOPES) {
      for (const wanted of SCOPES) {
        const answer = await call(`POST /scopes/${wanted.replace(':', '-')}`, { key: held, body: '{}' });
        if (held === wanted) assert.equal(answer.status, 200);
        else assert.deepEqual([answer.status, problemOf(answer).code], [403, 'scope-missing'], `${held} ${wanted}`);
      }
      assert.equal((await call(`POST /scopes/${held.replace(':', '-')}`, { key: 'all', body: '{}' })).status, 200);
    }
  });

  it('are refused before a byte of their body is read', async () => {
    const head = (path: string, headers: string[]) =>
      [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${hall.port}`, ...headers, '', ''].join('\r\n');
    const length = `Content-Length: ${10 * MEGABYTE}`;
    const json = 'Content-Type: application/json';
    const cases: [string, string[], number][] = [
      ['/echo', [length, json], 401],
      ['/echo', [length, json, `Authorization: Bearer ${keys['scores:write']}`], 403],
      ['/echo', [length, json, `Authorization: Bearer ${keys.all}`], 413],
      ['/small', [length, json], 413],
      ['/small', ['Content-Length: 10', 'Content-Type: text/plain'], 415],
      ['/small', ['Transfer-Encoding: chunked', 'Content-Type: text/plain'], 415],
      ['/bare', [length, json], 403],
      ['/raw', [length, json], 403],
      ['/raw/', ['Transfer-Encoding: chunked', json], 403],
      ['/nothing', [length, json], 404],
      ['/echo', [length, json, 'Origin: https://evil.example'], 403],
    ];
    for (const [path, headers, status] of cases) {
      const answer = await sendRaw(hall.port, head(path, headers));
      assert.match(
        answer,
        new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*application/problem\\+json`),
        `${path} ${headers}`,
      );
    }
  });

  it('get 413 for too large a body, with or without a length, and can go on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const large = Buffer.alloc(10 * MEGABYTE, ' ');
    for (const body of [large, Readable.from([large.subarray(0, 900), large, large])]) {
      // Whoever is refused in the middle of sending loses the connection, but not the answer.
      const answer = await call('POST /small', { body, agent });
      assert.deepEqual([answer.status, problemOf(answer).code], [413, 'too-large']);
      assert.equal(answer.headers.connection, 'close');
      assert.equal((await call('GET /echo', { agent })).status, 200);
    }
    agent.destroy();
    const exactly = JSON.stringify({ text: 'x'.repeat(1024 - 11) });
    assert.equal((await call('POST /small', { body: exactly })).status, 200);
    assert.equal((await call('POST /small', { body: `${exactly} ` })).status, 413);
    const most = JSON.stringify({ text: 'x'.repeat(4 * MEGABYTE - 11) });
    assert.equal((await call('POST /large', { body: most })).body, String(4 * MEGABYTE - 11));
    assert.equal((await call('POST /large', { body: Readable.from([most, ' ']) })).status, 413);
  });

  it('hear what is wrong with a body, and do no harm by it', async () => {
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const cases: [string | Buffer, number, string, object?][] = [
      ['{"a":', 400, 'broken-json'],
      ['{"a":1e', 400, 'broken-json'],
      ['nonsense', 400, 'broken-json'],
      [' ', 400, 'broken-json'],
      [Buffer.from([0x22, 0xff, 0x22]), 400, 'broken-json'],
      ['{"__proto__":{"polluted":1}}', 400, 'unsafe-key'],
      ['{"a":[{"\\u005f_proto__":{"polluted":1}}]}', 400, 'unsafe-key'],
      ['{"constructor":{"prototype":{"polluted":1}}}', 400, 'unsafe-key'],
      ['{"toString":1}', 400, 'unsafe-key'],
      [deep(33), 400, 'too-deep'],
      [deep(200_000).slice(0, 900), 400, 'broken-json'],
      ['a=1', 415, 'not-json', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['{}', 415, 'not-json', { 'content-type': 'text/plain' }],
      ['{}', 415, 'not-json', { 'content-type': '' }],
      ['{}', 415, 'not-json', { 'content-type': 'application/json; charset=utf-16' }],
      [gzipSync('{}'), 415, 'not-json', { 'content-encoding': 'gzip' }],
      ['--x', 415, 'not-json', { 'content-type': 'multipart/form-data; boundary=x' }],
    ];
    for (const [body, status, code, headers = {}] of cases) {
      assert.deepEqual(await refused('POST /small', { body, headers }), [status, code], String(body).slice(0, 40));
    }
    assert.deepEqual(await refused('GET /echo?__proto__[a]=1&constructor[prototype][a]=1'), [400, 'unsafe-key']);
    assert.deepEqual(await refused('GET /echo?hasOwnProperty=1'), [400, 'unsafe-key']);
    for (const body of ['[]', '1', 'null', '"text"', '', deep(32)]) {
      assert.equal((await call('POST /small', { body })).status, 200, body);
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    const types = ['application/json; charset=UTF-8', 'application/merge-patch+json'];
    for (const type of types) {
      assert.equal((await call('POST /small', { body: '{}', headers: { 'content-type': type } })).status, 200);
    }
  });

  it('cannot say who acts', async () => {
    const forged = {
      actor: { player: 1, scopes: ['scores:correct'] },
      interaction: { id: '1' },
      event: { id: 1 },
      refusal: {},
    };
    const posted = await echo('POST /echo', { key: 'players:write', body: JSON.stringify(forged) });
    const asked = await echo('GET /echo?actor[player]=1&interaction=1&event=1&refusal=1');
    for (const { actor, own } of [posted, asked]) {
      assert.equal(actor.player, null);
      assert.ok(!actor.scopes.includes('scores:correct'));
      assert.deepEqual(
        own.filter((name) => ['interaction', 'event', 'refusal'].includes(name)),
        [],
      );
    }
    assert.deepEqual(posted.payload, forged);
    assert.deepEqual(await refused('GET /forged'), [500, 'actor-forged']);
  });

  it('may repeat headers', async () => {
    const text = [
      'POST /echo HTTP/1.1',
      `Host: 127.0.0.1:${hall.port}`,
      `Authorization: Bearer ${keys.all}`,
      'Authorization: Bearer another',
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'Idempotency-Key: a',
      'Idempotency-Key: b',
      'X-Own: 1',
      'X-Own: 2',
      'Content-Length: 2',
      '',
      '{}',
    ].join('\r\n');
    assert.match(await sendRaw(hall.port, text), /^HTTP\/1\.1 200 /);
  });

  it('are the same source when they come again with their Idempotency-Key', async () => {
    const source = async (route: string, key: string, idempotency: string) =>
      (await echo(route, { key, body: '{}', headers: { 'idempotency-key': idempotency } })).actor.source;
    const first = await source('PUT /echo/1', 'all', 'one');
    assert.match(first, /^web\/[\w-]{43}$/);
    assert.equal(await source('PUT /echo/1', 'all', 'one'), first);
    const others = [
      await source('PUT /echo/1', 'all', 'two'),
      await source('PUT /echo/2', 'all', 'one'),
      await source('PUT /echo/1', 'players:write', 'one'),
      await source('POST /echo', 'all', 'one'),
    ];
    assert.equal(new Set([first, ...others]).size, 5);
    for (const unfit of ['', 'x'.repeat(256)]) {
      const headers = { 'idempotency-key': unfit };
      assert.deepEqual(await refused('POST /echo', { key: 'all', body: '{}', headers }), [
        400,
        'idempotency-key-unfit',
      ]);
    }
  });

  it('are told of a parameter that the guard does not name, or that comes twice', async () => {
    for (const query of ['', '?board=x', '?limit=1&board=x', '?board=']) {
      assert.equal((await call(`GET /narrow${query}`)).status, 200, query);
    }
    for (const query of ['?lmit=1', '?limit=1&limit=2', '?limit[a]=1', '?board=x&Limit=1', `?${'x'.repeat(2000)}`]) {
      assert.deepEqual(await refused(`GET /narrow${query}`), [400, 'invalid-parameter'], query);
    }
    const { detail } = problemOf(await call('GET /narrow?lmit=1'));
    assert.equal(detail, '“lmit” is no parameter of this path. It takes: board, limit.');
    assert.equal((await call('GET /echo?whatever=1')).status, 200);
  });

  it('may be wrong so often in a minute from one address, then no key is looked at', async () => {
    const wrong = (address: string) => ({ key: 'wrong', headers: { 'x-forwarded-for': address } });
    const statuses = async (address: string, times: number): Promise<number[]> => {
      const seen = [];
      for (let at = 0; at < times; at += 1) seen.push((await call('POST /echo', wrong(address))).status);
      return seen;
    };
    assert.deepEqual(new Set(await statuses('203.0.113.40', 600)), new Set([401]));
    const answer = await call('POST /echo', wrong('203.0.113.40'));
    assert.deepEqual([answer.status, problemOf(answer).code], [429, 'too-many-calls']);
    assert.ok(Number(answer.headers['retry-after']) > 0);
    // Others, and what takes no key, go on; so does this machine, behind whose address many may stand.
    assert.deepEqual(await statuses('203.0.113.41', 1), [401]);
    assert.equal((await call('GET /echo', { headers: { 'x-forwarded-for': '203.0.113.40' } })).status, 200);
    assert.equal((await call('POST /echo', { key: 'wrong' })).status, 401);
  });

  it('may call so often in a minute as the guard says', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const cases = [
      ['POST /seldom', 3, { key: 'all' }],
      ['GET /seldom', 2, from('203.0.113.7')],
    ] as const;
    for (const [route, most, who] of cases) {
      for (let left = most - 1; left >= 0; left -= 1) {
        const { status, headers } = await call(route, who);
        const { 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': reset } = headers;
        assert.deepEqual([status, limit, remaining], [200, String(most), String(left)]);
        assert.ok(Number(reset) <= 60);
      }
      const answer = await call(route, who);
      assert.deepEqual([answer.status, problemOf(answer).code], [429, 'too-many-calls']);
      assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    // Others have their own count, and other paths count by themselves, with what is usual.
    assert.equal((await call('POST /seldom', { key: 'players:write' })).status, 200);
    assert.equal((await call('GET /seldom', from('203.0.113.8'))).status, 200);
    const limitOf = async (...given: Parameters<typeof call>) => (await call(...given)).headers['ratelimit-limit'];
    assert.equal(await limitOf('POST /echo', { key: 'all', body: '{}' }), '6000');
    assert.equal(await limitOf('GET /echo', from('203.0.113.7')), '600');
    // Behind the address of this machine many may stand.
    assert.equal(await limitOf('GET /seldom'), undefined);
  });

  it('find a path closed that has no guard right behind it, and the log says so once', async () => {
    const cases: [string, RegExp][] = [
      ['GET /bare', /GET \/bare is closed: nothing guards it\. Wire its “http in” node straight to a web-guard/],
      ['POST /bare', /POST \/bare is closed/],
      ['GET /far', /nothing guards it/],
      ['GET /off', /nothing guards it/],
      ['GET /homeless', /nothing guards it/],
      ['GET /double', /several guards/],
      ['GET /echo/shadow', /nothing guards it/],
      ['POST /raw', /does not parse the body\. Switch that off/],
    ];
    for (const [route, sentence] of cases) {
      for (let times = 0; times < 2; times += 1) {
        const answer = await call(route, { key: 'all', ...(route.startsWith('POST') && { body: '{}' }) });
        const { status, code, detail } = problemOf(answer);
        assert.deepEqual([answer.status, status, code], [403, 403, 'unguarded'], route);
        assert.match(detail, sentence);
      }
      const told = hall.output.split('\n').filter((line) => line.includes(`"${route} is closed`));
      assert.equal(told.length, 1, route);
    }
    assert.deepEqual(await refused('GET /nothing'), [404, 'not-found']);
    assert.equal(problemOf(await call('GET /nothing')).title, 'Not found');
    assert.deepEqual(await refused('GET /echo/%zz'), [400, 'not-understood']);
  });

  it('always get an answer, and never what lies within', async () => {
    assert.deepEqual(await refused('GET /silent'), [500, 'no-answer']);
    assert.deepEqual(await refused('GET /fault'), [500, 'nobody']);
    assert.deepEqual(await refused('GET /refused'), [409, 'too-late']);
    assert.deepEqual(await refused('GET /unfit'), [500, 'answer-unfit']);
    assert.deepEqual(await refused('GET /lost'), [500, 'no-request']);
    const thrown = await call('GET /thrown');
    const { status, code, detail } = problemOf(thrown);
    assert.deepEqual([status, code], [500, 'unexpected']);
    assert.doesNotMatch(thrown.body, /secret/);
    const reference = String(thrown.headers['x-request-id']);
    assert.ok(detail.includes(reference));
    assert.ok(hall.output.split('\n').some((line) => line.includes(reference) && line.includes('/etc/secret')));
    assert.deepEqual([(await call('GET /twice')).body, (await call('GET /pending')).body], ['"first"', '"0"']);
    await until('the fault', async () => hall.output.includes('answered-already'));
    assert.equal((await call('GET /core')).status, 202);
  });

  it('are shown with their way through the nodes', async () => {
    await call('PUT /echo/1', { key: 'all', body: '{"secret":1}' });
    const trace = await until('its end', async () => {
      const { traces } = await hall.admin<{ traces: TraceSummary[] }>('guildhall/traces');
      return traces.find(({ kind, name, outcome }) => kind === 'request' && /^PUT/.test(name) && outcome === 'done');
    });
    assert.equal(trace.name, 'PUT /echo/:id');
    const path = await hall.admin<{ hops: { type: string }[] }>(`guildhall/traces/${trace.id}`);
    assert.deepEqual(
      path.hops.map(({ type }) => type),
      ['guildhall-web-guard', 'function', 'guildhall-reply'],
    );
    assert.doesNotMatch(JSON.stringify(path), /secret/);
  });

  it('lose no request in a deploy', async function () {
    this.timeout(60_000);
    const answers: Promise<number>[] = [];
    let over = false;
    const deploys = (async () => {
      for (let times = 0; times < 3; times += 1) await deployRows(hall);
      over = true;
    })();
    while (!over) {
      answers.push(fetch(`${hall.base}/slow`).then(({ status }) => status));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await deploys;
    assert.deepEqual([...new Set(await Promise.all(answers))], [200]);
  });

  it('are told to come again where a deploy cannot wait for all that they send', async function () {
    this.timeout(60_000);
    const head = ['POST /small HTTP/1.1', `Host: 127.0.0.1:${hall.port}`, 'Content-Type: application/json'];
    const answer = sendRaw(hall.port, [...head, 'Content-Length: 10', '', '{'].join('\r\n'));
    await until('its arrival', async () => {
      const { traces } = await hall.admin<{ traces: TraceSummary[] }>('guildhall/traces');
      return traces.some(({ name, outcome }) => name === 'POST /small' && outcome === 'open');
    });
    await deployRows(hall);
    assert.match(await answer, /^HTTP\/1\.1 503 [\s\S]*Retry-After[\s\S]*"flows-changed"/);
    assert.equal((await call('POST /small', { body: '{}' })).status, 200);
  });

  it('get their keys from the command line, beside the running program', async function () {
    this.timeout(60_000);
    const shop = make('shop', 'scores:write', '--days', '30');
    assert.match(shop, /^gh_[0-9a-f]{8}_[\w-]{43}$/);
    await call('POST /scopes/scores-write', { key: shop, body: '{}' });
    const list = () => hall.run('key.js', 'list').output;
    await until('the note of its use', async () =>
      /^shop +[0-9a-f]{8} +valid +scores:write +2\S+Z +2\S+Z +2\S+Z +\d+$/m.test(list()),
    );
    assert.ok(!list().includes(shop.slice(12)));
    const wrong: [string[], RegExp][] = [
      [[], /npm run key -- create/],
      [['make'], /npm run key -- create/],
      [['create', 'shop', 'scores:write'], /“shop” already/],
      [['create', 'other', 'scores:read'], /no scope scores:read[\s\S]*scores:write/],
      [['create', 'other'], /needs a scope/],
      [['create', 'other', 'scores:write', '--days', '0'], /--days 0: use a whole number/],
      [['create', 'other', 'scores:write', '--community', '1'], /no community 1/],
      [['create', 'other', 'scores:write', '--colour', 'red'], /--colour/],
      [['revoke', 'nobody'], /No key/],
    ];
    for (const [words, sentence] of wrong) {
      const { status, output } = hall.run('key.js', ...words);
      assert.equal(status, 1);
      assert.match(output, sentence);
      assert.doesNotMatch(output, /\n\s+at /);
    }
    hall.run('key.js', 'revoke', 'shop');
    assert.deepEqual(await refused('POST /scopes/scores-write', { key: shop, body: '{}' }), [401, 'key-revoked']);
  });

  it('are guarded by the plain node-red command, too', async function () {
    this.timeout(60_000);
    await hall.end();
    await hall.startPlain();
    await until('the flows', async () => (await call('GET /echo')).status === 200);
    assert.equal((await call('POST /echo', { key: 'all', body: '{}' })).status, 200);
    assert.deepEqual(await refused('POST /echo', { body: '{}' }), [401, 'key-missing']);
    assert.deepEqual(await refused('POST /small', { body: Buffer.alloc(MEGABYTE) }), [413, 'too-large']);
    assert.deepEqual(await refused('GET /bare'), [403, 'unguarded']);
    assert.deepEqual(await refused('GET /echo/%zz'), [400, 'not-understood']);
  });
});

describe('web apps that call in while the database is away', () => {
  let hall: Guildhall;
  let test: TestDatabase;
  let wire: Wire;
  before(async function () {
    this.timeout(120_000);
    test = await createTestDatabase({ migrated: false });
    wire = await Wire.to(test.connectionString);
    hall = await Guildhall.start({ DATABASE_URL: wire.address });
    await deployRows(hall);
  });
  after(async () => {
    await hall?.remove();
    await wire?.cut();
    await test?.drop();
  });

  it('are told to come again, and can', async function () {
    this.timeout(60_000);
    const key = await createKey(test.database, { name: 'shop', scopes: ['players:write'] });
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
    };
    const ask = {
      key: () => fetch(`${hall.base}/echo`, { method: 'POST', headers, body: '{}' }),
      rule: () => fetch(`${hall.base}/pending`),
    };
    for (const asked of Object.values(ask)) assert.equal((await asked()).status, 200);
    await wire.cut();
    for (const asked of Object.values(ask)) {
      const answer = await asked();
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.equal(((await answer.json()) as Problem).code, 'database-away');
    }
    assert.equal((await fetch(`${hall.base}/echo`)).status, 200);
    await wire.mend();
    for (const asked of Object.values(ask)) await until('an answer', async () => (await asked()).status === 200);
  });
});
