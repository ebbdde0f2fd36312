import assert from 'node:assert/strict';
import { wait } from '../../platform/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Answered, type FlowNode, Guildhall, until } from '../support/guildhall.ts';
import { allHandled, followStatus, postgresPid, runs } from '../support/inside.ts';
import { Wire } from '../support/wire.ts';

const APPROVER = 'bo';
const SEND = 'POST /channels/:channel/messages';

const said = ({ messages, error }: Answered) => error ?? messages[0]?.content ?? 'no message';

/** Members run a command every so many milliseconds while `during` goes on; returns all answers. */
async function meanwhile(hall: Guildhall, during: () => Promise<unknown>, every = 25): Promise<Answered[]> {
  const answers: Promise<Answered>[] = [];
  let over = false;
  const going = during().finally(() => {
    over = true;
  });
  for (; !over; await wait(every)) answers.push(hall.command('kenji', '/request list'));
  await going;
  return Promise.all(answers);
}

describe('when Discord fails', () => {
  let hall: Guildhall;
  let shipped: FlowNode[];
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
    ({ flows: shipped } = await hall.admin<{ flows: FlowNode[] }>('flows'));
  });
  after(() => hall?.remove());
  afterEach(async () => {
    await hall.clearFaults();
    await until('the connection', async () => (await hall.health('/health/discord')).code === 200);
  });

  const online = async () => (await hall.health('/health/discord')).code === 200;
  const titles = async () => (await hall.messages('credit-approvals')).map(({ embeds }) => embeds[0]?.title ?? '');
  /** The statuses that calls of this route got so far. */
  const calls = async (of: string) =>
    (await hall.sandbox<{ method: string; route: string; status: number }[]>('log'))
      .filter(({ method, route }) => `${method} ${route}` === of)
      .map(({ status }) => status);
  /** How many cards and direct messages a request has. */
  const shown = async (request: number, member: string) => ({
    cards: (await titles()).filter((title) => new RegExp(`^Request #${request}\\b`).test(title)).length,
    told: (await hall.directMessages(member)).filter(({ content }) => content.includes(`#${request} `)).length,
  });

  for (const fault of [{ gateway: 'drop' }, { gateway: 'reconnect' }, { gateway: 'close', code: 4000 }]) {
    it(`resumes and loses no interaction (${Object.values(fault).join(' ')})`, async () => {
      const answers = await meanwhile(hall, async () => {
        for (let times = 0; times < 3; times += 1) {
          await wait(200);
          await hall.faults(fault);
        }
        await wait(200);
      });
      assert.ok(answers.length > 15);
      assert.deepEqual(
        answers.map(said).filter((content) => !/^(\*\*#|You have not asked)/.test(content)),
        [],
      );
    });
  }

  it('logs in again after an invalidated session', async () => {
    await hall.faults({ gateway: 'invalidate' });
    await until('an answer', async () => !(await hall.command('kenji', '/profile')).error);
    assert.ok(await online());
  });

  it('stays up with a refused token, says what to do, and mends by itself', async function () {
    this.timeout(60_000);
    const { pid } = hall;
    const status = await followStatus(hall);
    try {
      await hall.faults({ route: 'GET /gateway/bot', status: 401 });
      await hall.faults({ gateway: 'close', code: 4004 });
      const { status: discord } = await until('the news', async () => {
        const health = await hall.health('/health/discord');
        return health.code === 503 && health;
      });
      assert.equal(discord, 'degraded');
      const { problems } = await hall.health();
      assert.match(problems.join(), /Discord refuses the bot token\. Set DISCORD_BOT_TOKEN/);
      const intakes = shipped.filter(({ type }) => type === 'guildhall-slash-command');
      for (const { id } of intakes) {
        const shown = await until('the status', async () => status.of(id)?.fill === 'red' && status.of(id));
        assert.equal(shown.text, 'status.token');
      }
      assert.ok((await hall.admin<{ flows: FlowNode[] }>('flows')).flows.length > 0);
      // It has tried again in vain by now.
      await until('another try', async () => (await calls('GET /gateway/bot')).includes(401));
      await hall.clearFaults();
      await until('the connection', online, 30_000);
      assert.equal(said(await hall.command('kenji', '/profile')), '');
      for (const { id } of intakes) await until('the status', async () => status.of(id)?.fill === 'green');
      assert.equal(hall.pid, pid);
    } finally {
      status.stop();
    }
  });

  it('sends what an outage of its servers held up, once', async function () {
    this.timeout(60_000);
    const outage = async (during: () => Promise<unknown>) => {
      await hall.faults({ route: SEND, status: 500 });
      await hall.faults({ route: 'PATCH /channels/:channel/messages/:message', status: 503 });
      await during();
      await wait(1500);
      await hall.clearFaults();
      // The first call after it takes effect, and only its answer is lost.
      await hall.faults({ route: SEND, status: 502, after: true, times: 1 });
      await allHandled(hall, 30_000);
    };
    let request = 0;
    await outage(async () => {
      request = await hall.ask('ana', 21);
    });
    const card = await hall.card(request);
    await outage(async () => {
      assert.match(said(await hall.press(APPROVER, card.id, 'Approve')), /You approved/);
    });
    assert.deepEqual(await shown(request, 'ana'), { cards: 1, told: 1 });
    assert.ok((await titles()).includes(`Request #${request}: approved`));
  });

  it('shows on a late card that its request was taken back before', async () => {
    await hall.faults({ route: SEND, delayMs: 700, times: 1 });
    const request = await hall.ask('minji', 24);
    const list = (await hall.command('minji', '/request list')).messages[0];
    await hall.press('minji', list?.id ?? '', `Cancel #${request}`);
    await allHandled(hall);
    assert.deepEqual(
      (await titles()).filter((title) => title.startsWith(`Request #${request}`)),
      [`Request #${request}: cancelled`],
    );
  });

  it('sends once what was taken without an answer', async function () {
    this.timeout(60_000);
    await hall.faults({ route: SEND, hang: true, after: true, times: 1 });
    const request = await hall.ask('ana', 22);
    await hall.card(request);
    await allHandled(hall, 30_000);
    assert.deepEqual(await shown(request, 'ana'), { cards: 1, told: 0 });
  });

  it('waits as long as a rate limit says, and asks once more', async function () {
    this.timeout(60_000);
    for (const retryAfter of [1.2, 6]) {
      const before = (await calls(SEND)).length;
      await hall.faults({ route: SEND, retryAfter, times: 1 });
      const request = await hall.ask('priya', 23);
      await until('the refusal', async () => (await calls(SEND)).length > before);
      await wait(retryAfter * 900);
      assert.deepEqual((await calls(SEND)).slice(before), [429], `${retryAfter} s`);
      await until('the card', () => hall.card(request), 30_000);
      await allHandled(hall, 30_000);
      assert.deepEqual((await calls(SEND)).slice(before), [429, 200], `${retryAfter} s`);
    }
  });
});

describe('when the database fails', () => {
  describe('embedded', () => {
    let hall: Guildhall;
    before(async function () {
      this.timeout(60_000);
      hall = await Guildhall.start({ DATABASE_URL: '' });
    });
    after(() => hall?.remove());

    it('is started again after a kill; every command is answered and work goes on by itself', async () => {
      const before = await hall.ask('ana', 31);
      const card = await hall.card(before);
      const { pid } = hall;
      const killed = new Set<number>();
      const answers = await meanwhile(hall, async () => {
        for (let times = 0; times < 3; times += 1) {
          await wait(150);
          const server = await until('the server', async () => {
            const now = postgresPid(hall);
            return runs(now) && !killed.has(now) && now;
          });
          process.kill(server, 'SIGKILL');
          killed.add(server);
        }
        await wait(150);
      });
      const right = /^(\*\*#|You have not asked|This (cannot be done|did not work) at the moment\.)/;
      assert.deepEqual(
        answers.map(said).filter((content) => !right.test(content)),
        [],
      );
      await until('work', async () =>
        /You approved|Decided already/.test(said(await hall.press(APPROVER, card.id, 'Approve'))),
      );
      const after = await hall.ask('ana', 32);
      await hall.card(after);
      await allHandled(hall, 30_000);
      assert.equal((await hall.balances('ana')).ai, 31);
      assert.equal(hall.pid, pid);
      assert.equal((await hall.health()).code, 200);
      assert.equal(hall.run('verify.js').status, 0);
    });
  });

  describe('at the end of a wire', () => {
    let hall: Guildhall;
    let test: TestDatabase;
    let wire: Wire;
    before(async function () {
      this.timeout(60_000);
      test = await createTestDatabase({ migrated: false });
      wire = await Wire.to(test.connectionString);
      hall = await Guildhall.start({ DATABASE_URL: wire.address });
    });
    after(async () => {
      await hall?.remove();
      await wire?.cut();
      await test?.drop();
    });
    afterEach(async () => {
      wire.delay = 0;
      await until('health', async () => (await hall.health()).code === 200);
    });

    it('answers kindly while it is away, says so, and goes on by itself', async () => {
      const request = await hall.ask('ana', 33);
      const card = await hall.card(request);
      const { pid } = hall;
      const status = await followStatus(hall);
      const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
      const intake = flows.find(({ type }) => type === 'guildhall-slash-command')?.id ?? '';
      await wire.cut();
      try {
        for (const answer of [await hall.command('ana', '/profile'), await hall.press(APPROVER, card.id, 'Approve')]) {
          assert.match(said(answer), /This cannot be done at the moment\. Nothing was changed: please try again/);
          assert.ok(answer.messages[0]?.ephemeralFor);
        }
        const { code, problems } = await hall.health();
        assert.equal(code, 503);
        assert.match(problems.join(), /The database does not answer/);
        assert.equal((await hall.health('/health/discord')).code, 503);
        await until('the status', async () => status.of(intake)?.text === 'status.database');
        assert.ok((await hall.admin<{ flows: FlowNode[] }>('flows')).flows.length > 0);
      } finally {
        await wire.mend();
      }
      await until('the status', async () => status.of(intake)?.fill === 'green');
      status.stop();
      await until('work', async () => said(await hall.command('ana', '/profile')) === '');
      assert.match(said(await hall.press(APPROVER, card.id, 'Approve')), /You approved/);
      await allHandled(hall, 30_000);
      assert.deepEqual(await hall.balances('ana'), { ai: 33, lead: 0 });
      assert.equal(hall.pid, pid);
    });

    it('answers in time however slow it is', async function () {
      this.timeout(60_000);
      wire.delay = 800;
      const { acknowledgedMs, messages, error } = await hall.command('kenji', '/profile');
      assert.equal(error, undefined);
      assert.ok(acknowledgedMs < 3000, `${acknowledgedMs} ms`);
      assert.equal(messages[0]?.ephemeralFor, 'kenji');
      assert.ok(messages[0]?.embeds[0]);
    });
  });
});

describe('when a flow fails its members', () => {
  let hall: Guildhall;
  let shipped: FlowNode[];
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
    ({ flows: shipped } = await hall.admin<{ flows: FlowNode[] }>('flows'));
  });
  after(() => hall?.remove());

  const named = (name: string) => {
    const node = shipped.find((candidate) => candidate.name === name);
    assert.ok(node, `no node "${name}"`);
    return node;
  };
  const changed = (name: string, change: object) =>
    shipped.map((node) => (node === named(name) ? { ...node, ...change } : node));

  it('puts a slow flow off and answers in the end', async () => {
    const slow = {
      id: 'slow00000000001',
      type: 'delay',
      z: named('tell the member').z ?? '',
      pauseType: 'delay',
      timeout: '2',
      timeoutUnits: 'seconds',
      outputs: 1,
      wires: [[named('tell the member').id]],
    };
    await hall.deploy(() => [...changed('ask for AI credits', { wires: [[slow.id], [slow.id]] }), slow]);
    const answer = await hall.command('ana', '/request ai-credit amount:41');
    assert.match(said(answer), /You asked for/);
    assert.equal(answer.messages.length, 1);
    assert.equal(answer.messages[0]?.ephemeralFor, 'ana');
    assert.ok(answer.acknowledgedMs < 2000, `${answer.acknowledgedMs} ms`);
  });

  it('answers for a flow that answers nothing', async () => {
    await hall.deploy(() => changed('ask for AI credits', { wires: [[], []] }));
    const answer = await hall.command('ana', '/request ai-credit amount:42');
    assert.match(said(answer), /no flow says what came of \/request ai-credit/);
    assert.equal(answer.messages[0]?.ephemeralFor, 'ana');
  });

  it('answers a button whose node was removed', async () => {
    await hall.deploy(() => shipped);
    const request = await hall.ask('ana', 43);
    const card = await hall.card(request);
    await hall.deploy(() => shipped.filter(({ name }) => name !== 'Approve pressed'));
    assert.match(said(await hall.press(APPROVER, card.id, 'Approve')), /No flow takes this button any more/);
    await hall.deploy(() => shipped);
    assert.match(said(await hall.press(APPROVER, card.id, 'Approve')), /You approved/);
  });
});
