import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wait } from '../../platform/clock.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { createTestDatabase } from '../support/database.ts';
import { type FlowNode, Guildhall, until } from '../support/guildhall.ts';
import { childrenOf, isFree, postgresPid, runs } from '../support/inside.ts';

/** No name of a person or a bot: only its shape is right. */
const LIVE = {
  DISCORD_BOT_TOKEN: 'MTE5Mzg0NDczOTg1NjQ4NjQwMA.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB',
  DISCORD_CLIENT_ID: '1193844739856486400',
  DISCORD_GUILD_ID: '1193844796293120000',
};

/** Takes a port until the returned server is closed. */
async function take(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

describe('the program', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.prepare({ DATABASE_URL: '' });
  });
  after(() => hall?.remove());
  const running = async () => {
    if (!runs(hall.pid)) await hall.start();
  };

  describe('ends', () => {
    beforeEach(async function () {
      this.timeout(60_000);
      await running();
    });
    /** Ends it by signals; nothing that it started may be left, and its ports are free. */
    const ends = async (...signals: NodeJS.Signals[]) => {
      const children = childrenOf(hall.pid);
      assert.ok(children.includes(postgresPid(hall)));
      assert.equal(children.length, 2);
      const ended = hall.end(signals[0]);
      for (const signal of signals.slice(1)) process.kill(hall.pid, signal);
      assert.equal(await ended, 0, hall.output);
      assert.deepEqual(children.filter(runs), []);
      for (const port of [hall.port, hall.sandboxPort]) assert.ok(await isFree(port), `port ${port}`);
    };

    it('wholly by SIGTERM', () => ends('SIGTERM')).timeout(10_000);
    it('wholly by SIGINT, also when it comes twice', () => ends('SIGINT', 'SIGINT')).timeout(10_000);
    it('wholly by SIGTERM when it comes twice', () => ends('SIGTERM', 'SIGTERM')).timeout(10_000);

    it('wholly while members run commands', async () => {
      const answers = Array.from({ length: 20 }, () => hall.command('ana', '/profile').catch(() => null));
      await ends('SIGTERM');
      await Promise.all(answers);
    }).timeout(10_000);

    describe('while a flow waits and Discord does not answer', () => {
      beforeEach(async () => {
        await hall.deploy((flows) => {
          const event = flows.find(({ event }) => event === 'credit.requested');
          assert.ok(event);
          const waiting: FlowNode = {
            id: 'wait00000000001',
            type: 'delay',
            z: event.z ?? '',
            pauseType: 'delay',
            timeout: '1',
            timeoutUnits: 'hours',
            outputs: 1,
            wires: [[]],
          };
          const wires = [[...(event.wires?.[0] ?? []), waiting.id]];
          return [...flows.map((node) => (node === event ? { ...node, wires } : node)), waiting];
        });
        await hall.faults({ route: 'POST /channels/:channel/messages', hang: true });
        await hall.ask('ana', 1);
      });
      it('wholly', () => ends('SIGTERM')).timeout(10_000);
    });
  });

  it('names among the problems of its start what flows ask for and Discord lacks', async function () {
    this.timeout(60_000);
    await hall.end();
    const file = join(hall.flows, 'credits.json');
    const flows = readFileSync(file, 'utf8');
    writeFileSync(file, flows.replaceAll('"channel": "credit-approvals"', '"channel": "nowhere"'));
    try {
      await hall.start();
      assert.match(hall.output, /1 problem\n {2}! There is no channel #nowhere in Guildhall Demo\./);
    } finally {
      await hall.end();
      writeFileSync(file, flows);
    }
  });

  it('is ended while it starts, and starts afterwards', async function () {
    this.timeout(60_000);
    await hall.end();
    const started = assert.rejects(hall.start());
    const server = await until('PostgreSQL', async () => runs(postgresPid(hall)) && postgresPid(hall));
    assert.equal(await hall.end(), 0);
    await started;
    await until('its end', async () => !runs(server));
    await hall.start();
  });

  it('keeps requests, members and buttons over a stop and a kill, and says what it recovered', async function () {
    this.timeout(60_000);
    await running();
    const before = await hall.state();
    const request = await hall.ask('kenji', 3);
    const card = await hall.card(request);
    await hall.end();
    await hall.start();
    assert.ok(!hall.output.includes('Recovered:'), hall.output);
    assert.match((await hall.command('kenji', '/request list')).messages[0]?.content ?? '', new RegExp(`#${request}`));
    const children = childrenOf(hall.pid);
    await hall.end('SIGKILL');
    await hall.start();
    assert.match(hall.output, /Recovered: .*PostgreSQL/);
    assert.deepEqual(children.filter(runs), []);
    const after = await hall.state();
    assert.deepEqual(after.application, before.application);
    assert.match((await hall.press('bo', card.id, 'Approve')).messages[0]?.content ?? '', /You approved/);
  });

  it('runs by the plain node-red command', async function () {
    this.timeout(60_000);
    await hall.end();
    await hall.startPlain();
    const children = childrenOf(hall.pid);
    const before = (await hall.balances('priya')).ai;
    const request = await hall.ask('priya', 4);
    const pressed = await hall.press('bo', (await hall.card(request)).id, 'Approve');
    assert.match(pressed.messages[0]?.content ?? '', /You approved/);
    assert.equal((await hall.balances('priya')).ai, before + 4);
    assert.equal((await fetch(`${hall.base}/editor/flows`)).status, 401);
    assert.equal((await fetch(`${hall.base}/nothing`)).status, 404);
    assert.equal(await hall.end(), 0);
    await until('the end of all that it started', async () => children.filter(runs).length === 0);
  });

  it('refuses a live bot on the data of a demo', async function () {
    this.timeout(60_000);
    await running();
    await hall.end();
    assert.equal(await hall.startInVain(LIVE), 1);
    await until('the sentence', async () =>
      /This database holds a demo, and DISCORD_BOT_TOKEN names a live bot/.test(hall.output),
    );
    assert.ok(!runs(postgresPid(hall)));
  });

  it('uses another sandbox instead of its own', async function () {
    this.timeout(60_000);
    await hall.end();
    const folder = mkdtempSync(join(tmpdir(), 'guildhall-sandbox-'));
    const sandbox = await startCheckedSandbox({ port: 0, dataFolder: folder, limits: false });
    const ownPort = hall.sandboxPort;
    try {
      const { id, botToken } = sandbox.application;
      await hall.start({
        DISCORD_BOT_TOKEN: botToken,
        DISCORD_CLIENT_ID: id,
        DISCORD_GUILD_ID: sandbox.guildId,
        DISCORD_API_BASE: `${sandbox.url}/api`,
      });
      assert.ok(await isFree(ownPort));
      assert.ok(!/Sandbox/.test(hall.output));
      hall.sandboxPort = sandbox.port;
      const request = await hall.ask('lukas', 5);
      assert.match(
        (await hall.press('bo', (await hall.card(request)).id, 'Approve')).messages[0]?.content ?? '',
        /You approved/,
      );
      await hall.end();
      await hall.start({
        DISCORD_BOT_TOKEN: LIVE.DISCORD_BOT_TOKEN,
        DISCORD_CLIENT_ID: id,
        DISCORD_GUILD_ID: sandbox.guildId,
        DISCORD_API_BASE: `${sandbox.url}/api`,
      });
      const refused = 'Discord: Discord refuses the bot token. Set DISCORD_BOT_TOKEN to the token on the Bot page.';
      assert.match(hall.output, /1 problem\n/);
      // What registers commands tries again within this time.
      for (const end = Date.now() + 1500; Date.now() < end; await wait(50)) {
        const { code, problems } = await hall.health();
        assert.deepEqual([code, ...problems], [503, refused]);
      }
      assert.doesNotMatch(hall.output, /Expected token/);
    } finally {
      hall.sandboxPort = ownPort;
      await hall.end();
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a first start', () => {
  let hall: Guildhall;
  beforeEach(async () => {
    hall = await Guildhall.prepare({ DATABASE_URL: '' });
  });
  afterEach(() => hall?.remove());

  /** It ends with code 1, says this, and leaves nothing running. */
  const refuses = async (environment: Record<string, string>, ...sentences: RegExp[]) => {
    assert.equal(await hall.startInVain(environment), 1);
    for (const sentence of sentences) await until(String(sentence), async () => sentence.test(hall.output));
    assert.ok(!runs(postgresPid(hall)));
  };

  it('names a taken PORT', async function () {
    this.timeout(60_000);
    const taken = await take(hall.port);
    try {
      await refuses({}, new RegExp(`Port ${hall.port} on 127\\.0\\.0\\.1 is taken\\. .*set PORT to a free port`));
      assert.ok(!existsSync(join(hall.folder, 'data', 'postgres')));
    } finally {
      taken.close();
    }
  });

  it('names a taken SANDBOX_PORT', async function () {
    this.timeout(60_000);
    const taken = await take(hall.sandboxPort);
    try {
      await refuses({}, new RegExp(`Port ${hall.sandboxPort} is taken.*Set SANDBOX_PORT to a free port`));
    } finally {
      taken.close();
    }
  });

  it('says every wrong and missing variable in a line of its own', async () => {
    await refuses({
      PORT: 'eighty',
      DISCORD_BOT_TOKEN: LIVE.DISCORD_BOT_TOKEN,
      DISCORD_GUILD_ID: 'my server',
      DISCORD_CLIENT_SECRET_FILE: join(hall.folder, 'missing'),
      GUILDHALL_EDITOR_PASSWORD: 'short',
      SANDBOX_LIMITS: 'maybe',
    });
    const [first, ...lines] = hall.output.trim().split('\n');
    assert.equal(first, 'Guildhall cannot start:');
    const names = lines.map((line) => line.trim().split(' ', 1)[0]);
    assert.deepEqual(names.sort(), [
      'DISCORD_CLIENT_ID',
      'DISCORD_CLIENT_SECRET_FILE',
      'DISCORD_GUILD_ID',
      'GUILDHALL_EDITOR_PASSWORD',
      'PORT',
      'SANDBOX_LIMITS',
    ]);
    for (const line of lines) assert.match(line, /\. \S.*\.$/, 'what is wrong, and the fix');
    assert.ok(!hall.output.includes(LIVE.DISCORD_BOT_TOKEN));
  });

  it('refuses an address that others can reach without a chosen password', () =>
    refuses(
      { HOST: '0.0.0.0', GUILDHALL_EDITOR_PASSWORD: '' },
      /GUILDHALL_EDITOR_PASSWORD is missing: HOST is 0\.0\.0\.0/,
    ));

  it('makes a password for the editor and shows it; one from a file is not shown', async function () {
    this.timeout(60_000);
    const signIn = async (password: string) =>
      (
        await fetch(`${hall.base}/editor/auth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            client_id: 'node-red-admin',
            grant_type: 'password',
            scope: '*',
            username: 'admin',
            password,
          }),
        })
      ).status;
    await hall.start({ GUILDHALL_EDITOR_PASSWORD: '' });
    const made = /password (\S{16,})/.exec(hall.output)?.[1] ?? '';
    assert.equal(await signIn(made), 200);
    assert.notEqual(await signIn(`${made}x`), 200);
    await hall.end();
    const file = join(hall.folder, 'password');
    writeFileSync(file, 'a password in a file\n');
    await hall.start({ GUILDHALL_EDITOR_PASSWORD: '', GUILDHALL_EDITOR_PASSWORD_FILE: file });
    assert.ok(!hall.output.includes('a password in a file'));
    assert.equal(await signIn('a password in a file'), 200);
    assert.notEqual(await signIn(made), 200);
  });
});

describe('a start with DATABASE_URL', () => {
  it('uses that server and starts none', async function () {
    this.timeout(60_000);
    const test = await createTestDatabase({ migrated: false });
    const hall = await Guildhall.prepare({ DATABASE_URL: test.connectionString });
    try {
      await hall.start();
      const request = await hall.ask('ana', 6);
      await hall.press('bo', (await hall.card(request)).id, 'Approve');
      assert.equal((await hall.balances('ana')).ai, 6);
      assert.equal(childrenOf(hall.pid).length, 1);
      assert.ok(!existsSync(join(hall.folder, 'data', 'postgres')));
      assert.equal(hall.run('verify.js').status, 0);
      assert.equal(await hall.end(), 0);
      const { rows } = await test.pool.query('select amount from credit_ledger');
      assert.deepEqual(rows, [{ amount: 6 }]);
      const missing = new URL(test.connectionString);
      missing.pathname = '/not_there';
      assert.equal(await hall.startInVain({ DATABASE_URL: missing.href }), 1);
      await until('the sentence', async () => /DATABASE_URL cannot be used: .*not_there/.test(hall.output));
    } finally {
      await hall.remove();
      await test.drop();
    }
  });
});
