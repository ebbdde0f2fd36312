import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../support/database.ts';
import { type FlowNode, freePort, Guildhall, until } from '../support/guildhall.ts';
import { allHandled, childrenOf, followStatus, postgresPid, runs } from '../support/inside.ts';

interface NodeSet {
  id: string;
  module: string;
  enabled: boolean;
  err?: unknown;
  types: string[];
}

const { name, 'node-red': palette } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Runs npm; undefined where it worked, or what it said. */
function npm(cwd: string, ...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  return status === 0 ? undefined : `npm ${args.join(' ')}: ${stdout}${stderr}`;
}

describe('the packed package in a Node-RED that is not ours', function () {
  this.bail(true);
  let hall: Guildhall;
  let userDir = '';

  before(async function () {
    this.timeout(300_000);
    hall = await Guildhall.prepare({ DATABASE_URL: '' });
    assert.equal(npm(ROOT, 'pack', '--silent', '--pack-destination', hall.folder), undefined);
    const tarball = readdirSync(hall.folder).find((file) => file.endsWith('.tgz')) ?? '';
    userDir = join(hall.folder, 'user');
    mkdirSync(userDir);
    writeFileSync(join(userDir, 'package.json'), '{ "name": "somebody", "private": true }');
    const settings = { uiHost: '127.0.0.1', uiPort: hall.port, flowFile: 'flows.json', telemetry: { enabled: false } };
    writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
    const options = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
    const fault = npm(userDir, 'install', ...options, join(hall.folder, tarball));
    if (fault && !process.env.CI && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(fault)) {
      console.log('      skipped: no package registry can be reached');
      this.skip();
    }
    assert.equal(fault, undefined);
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(hall.output);
  });
  after(() => hall?.remove());

  /** The page of the sandbox is on any free port; the log says on which. */
  const ready = async () => {
    const found = await until(
      'the platform',
      async () => /with a sandbox.*127\.0\.0\.1:(\d+)/.exec(hall.output),
      40_000,
    );
    hall.sandboxPort = Number(found[1]);
    await shows(/^status\.connected$/);
    await until('the commands', async () => (await hall.state()).commands.length > 0);
  };
  const start = async (environment: Record<string, string> = {}) => {
    await hall.startForeign(userDir, { SANDBOX_LIMITS: 'off', ...environment });
    assert.ok(!/uncaught/i.test(hall.output), hall.output);
  };
  const approve = async (as: string) => {
    const request = await hall.ask(as, 5);
    const { messages } = await hall.press('bo', (await hall.card(request)).id, 'Approve');
    assert.match(messages[0]?.content ?? '', /You approved/);
  };
  /** Waits until a node that takes commands shows this. */
  const shows = async (expected: RegExp) => {
    const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
    const id = flows.find(({ type }) => type === 'guildhall-slash-command')?.id ?? '';
    const status = await followStatus(hall);
    try {
      await until(`the status ${expected}`, async () => expected.test(status.of(id)?.text ?? ''));
    } finally {
      status.stop();
    }
  };

  it('shows every node in the palette, and starts nothing before there is a community', async () => {
    await start();
    const ours = async (kind: string) => {
      const response = await fetch(`${hall.base}/${kind}`, { headers: { accept: 'application/json' } });
      return ((await response.json()) as NodeSet[]).filter(({ module }) => module === name);
    };
    const nodes = await ours('nodes');
    const plugins = await ours('plugins');
    assert.deepEqual(
      [...nodes, ...plugins].filter(({ enabled, err }) => !enabled || err),
      [],
    );
    assert.deepEqual(nodes.flatMap(({ types }) => types).sort(), Object.keys(palette.nodes).sort());
    assert.deepEqual(plugins.map(({ id }) => id.split('/').at(-1)).sort(), Object.keys(palette.plugins).sort());
    assert.deepEqual(childrenOf(hall.pid), []);
  }).timeout(60_000);

  it('has importable examples, which deploy and work', async () => {
    assert.ok((await hall.admin<string[]>('library/examples/flows')).includes(name));
    const examples = await hall.admin<{ fn: string }[]>(`library/examples/flows/${name}/`);
    assert.ok(examples.length > 0);
    const flows: FlowNode[] = [];
    for (const { fn } of examples) {
      const entries = await hall.admin<FlowNode[]>(`library/examples/flows/${name}/${encodeURIComponent(fn)}`);
      // The editor asks before it takes a configuration node for another time; it is the same one.
      flows.push(...entries.filter(({ id }) => !flows.some((known) => known.id === id)));
    }
    await hall.admin('flows', { flows }, { 'node-red-deployment-type': 'full' });
    await ready();
    await approve('ana');
    assert.equal((await hall.balances('ana')).ai, 5);
  }).timeout(60_000);

  it('keeps running over deploys, and loses no command meanwhile', async () => {
    const server = postgresPid(hall);
    for (const type of ['full', 'nodes', 'flows', 'full']) {
      const answers = Array.from({ length: 10 }, () => hall.command('kenji', '/request ai-credit amount:1'));
      await hall.deploy(
        (flows) => flows.map((node) => (node.type === 'tab' ? { ...node, info: `${node.info ?? ''}.` } : node)),
        type,
      );
      for (const { messages, error } of await Promise.all(answers)) {
        assert.match(messages[0]?.content ?? error ?? '', /^You asked for/);
      }
    }
    await allHandled(hall);
    await approve('kenji');
    assert.equal(postgresPid(hall), server);
  }).timeout(60_000);

  it('lives on when its database and its sandbox are killed', async () => {
    const { pid } = hall;
    for (const child of childrenOf(pid)) process.kill(child, 'SIGKILL');
    await until('another PostgreSQL', async () => runs(postgresPid(hall)));
    await shows(/^status\.(dropped|unreachable|database)$/);
    assert.equal((await fetch(`${hall.base}/flows`)).status, 200);
    assert.ok(runs(pid));
  }).timeout(60_000);

  it('ends with the last community, and starts again with the next', async () => {
    const community = 'guildhall-community';
    const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
    await hall.deploy((all) => all.filter(({ type }) => type !== community));
    await until('the end of the platform', async () => childrenOf(hall.pid).length === 0);
    await shows(/vacant/);
    hall.output = '';
    await hall.deploy((all) => [...all, ...flows.filter(({ type }) => type === community)]);
    await ready();
    await approve('layla');
  }).timeout(60_000);

  it('leaves nothing behind when Node-RED ends, and remembers all at its next start', async () => {
    const children = childrenOf(hall.pid);
    assert.equal(children.length, 2);
    assert.equal(await hall.end(), 0, hall.output);
    assert.deepEqual(children.filter(runs), []);
    await start();
    await ready();
    assert.equal((await hall.balances('ana')).ai, 5);
    await hall.end('SIGKILL');
    await start();
    await ready();
    await approve('ana');
    assert.equal(await hall.end('SIGINT'), 0);
  }).timeout(120_000);

  it('says what keeps it from starting, and starts when that is mended', async () => {
    const port = await freePort();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    try {
      await start({ SANDBOX_PORT: String(port) });
      const sentence = new RegExp(`Port ${port} is taken`);
      await shows(sentence);
      assert.match(hall.output, sentence);
      assert.ok(runs(hall.pid));
      assert.ok(!runs(postgresPid(hall)));
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
    await ready();
    assert.equal(hall.sandboxPort, port);
    await approve('priya');
    assert.equal(await hall.end(), 0);
    await start({ DATABASE_URL: `postgres://somebody:secret@127.0.0.1:${port}/none` });
    await until('the sentence', async () => /DATABASE_URL cannot be used/.test(hall.output), 30_000);
    assert.ok(!/secret/.test(hall.output), hall.output);
    assert.equal(await hall.end(), 0);
  }).timeout(120_000);
});
