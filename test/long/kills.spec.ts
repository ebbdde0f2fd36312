import assert from 'node:assert/strict';
import { wait } from '../../platform/clock.ts';
import { Guildhall, until } from '../support/guildhall.ts';
import { allHandled, postgresPid, query, runs } from '../support/inside.ts';
import { randomFrom } from '../support/random.ts';
import { Acknowledged } from './acknowledged.ts';
import { findProblems } from './checks.ts';
import { Members } from './members.ts';

/** Repeat a run with GUILDHALL_SOAK_SEED; make it longer with GUILDHALL_SOAK_ROUNDS (of 12 kills and some). */
const { GUILDHALL_SOAK_SEED, GUILDHALL_SOAK_ROUNDS = '3' } = process.env;
const seed = Number(GUILDHALL_SOAK_SEED ?? Math.floor(Math.random() * 2 ** 32));
const rounds = Number(GUILDHALL_SOAK_ROUNDS);

const ANSWER = 'POST /interactions/:interaction/:token/callback';
const SEND = 'POST /channels/:channel/messages';
const EDIT = 'PATCH /channels/:channel/messages/:message';

describe('kill -9 of the whole program under load', () => {
  let hall: Guildhall;
  const random = randomFrom(seed);
  const acknowledged = new Acknowledged();
  let members: Members;
  before(async function () {
    this.timeout(60_000);
    console.log(`      seed ${seed}`);
    hall = await Guildhall.start({ DATABASE_URL: '', LOG_LEVEL: 'warn' });
    members = new Members(hall, random, acknowledged);
  });
  after(async () => {
    await members?.stop();
    await hall?.remove();
  });

  const kill = () => hall.end('SIGKILL');
  const soon = (least = 100, most = 1200) => wait(random.between(least, most));
  const isDecided = async (request: number) => {
    const rows = await query(hall, "select 1 from credit_requests where id = $1 and status <> 'pending'", [request]);
    return rows.length > 0;
  };
  const calls = async (route: string, status: number) =>
    (await hall.sandbox<{ method: string; route: string; status: number }[]>('log')).filter(
      (call) => `${call.method} ${call.route}` === route && call.status === status,
    ).length;

  /** The moments at which it is killed. The load goes on meanwhile. */
  const moments: Record<string, () => Promise<unknown>> = {
    'at any moment': () => soon(),
    'at any other moment': () => soon(),
    'soon after the start': () => soon(0, 100),
    'right after a press': async () => {
      await soon();
      await members.pressOne();
      await wait(random.between(0, 25));
    },
    'between the commit and the answer': async () => {
      await soon();
      await hall.faults({ route: ANSWER, delayMs: 2500 });
      const { request } = await members.pressOne();
      await until('the commit', () => isDecided(request));
    },
    'between Discord’s answer and ours': async () => {
      await soon();
      await hall.faults({ route: ANSWER, hang: true, after: true });
      const { answered } = await members.pressOne();
      await answered;
    },
    'while messages are taken without an answer': async () => {
      await soon();
      await hall.faults({ route: SEND, hang: true, after: true });
      await until('a lost answer', async () => (await calls(SEND, 0)) > 0);
      await soon(0, 300);
    },
    'while edits are taken without an answer': async () => {
      await soon();
      await hall.faults({ route: EDIT, hang: true, after: true });
      const { answered } = await members.pressOne();
      await answered;
      await soon(0, 300);
    },
    'while Discord is slow': async () => {
      await hall.faults({ route: SEND, delayMs: 400 });
      await soon();
    },
    'while Discord fails': async () => {
      await soon();
      await hall.faults({ route: SEND, status: 500, after: random.chance(0.5) });
      await soon(300, 1500);
    },
    'after PostgreSQL was killed': async () => {
      await soon();
      process.kill(postgresPid(hall), 'SIGKILL');
      await soon(0, 1000);
    },
    'together with PostgreSQL': async () => {
      await soon();
      process.kill(postgresPid(hall), 'SIGKILL');
    },
  };
  const plan = random.shuffle(Array.from({ length: rounds }, () => Object.keys(moments)).flat());
  let kills = 0;

  for (const [index, moment] of plan.entries()) {
    it(`comes back: ${moment}`, async function () {
      this.timeout(120_000);
      if (!runs(hall.pid)) await hall.start();
      members.start();
      try {
        await moments[moment]?.();
      } finally {
        // Also after a moment that did not come, or its faults would meet the next one.
        await kill();
        kills += 1;
        await members.stop();
      }
      if (index % 5 === 4) {
        const started = hall.start().catch(() => null);
        await wait(random.between(100, 1500));
        await kill();
        kills += 1;
        await started;
        return hall.start();
      }
      await hall.start();
      assert.match(hall.output, /Recovered: /);
    });
  }

  it('loses and doubles nothing', async function () {
    this.timeout(240_000);
    if (!runs(hall.pid)) await hall.start();
    await allHandled(hall, 180_000);
    const { problems, duplicates, requests, statuses } = await findProblems(hall, acknowledged);
    const count = (list: unknown[] | undefined) => list?.length ?? 0;
    const told = [...acknowledged.answers].map(([kind, times]) => `${times} ${kind}`).join(', ');
    console.log(
      `      seed ${seed}: ${kills} kills; ${requests} requests, ${count(statuses.approved)} approved, ` +
        `${count(statuses.rejected)} rejected, ${count(statuses.cancelled)} cancelled, ${count(statuses.pending)} pending; ` +
        `members were told ${told}; ${duplicates} messages twice, ${problems.length} problems`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(acknowledged.unknown, []);
    assert.ok(kills >= 20, `${kills} kills`);
    const { status, output } = hall.run('verify.js');
    assert.equal(status, 0, output);
  });
});
