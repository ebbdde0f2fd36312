import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import {
  type Answer,
  askForCredits,
  balancesOf,
  cancelRequest,
  type Decider,
  decide,
  findRequest,
  mayDecide,
  requestId,
  verifyBalances,
  verifyDecisions,
} from '../../core/credits/index.ts';
import { playerOfMember } from '../../core/people/index.ts';
import { isRefusal } from '../../platform/fault.ts';
import { GUILD } from '../support/database.ts';
import { newMember, startTestRules, type TestRules } from '../support/platform.ts';

const APPROVER = { id: '300000000000000001', name: 'Approver' };

describe('credits', () => {
  let test: TestRules;
  let sources = 0;
  before(async () => {
    test = await startTestRules();
  });
  after(() => test.drop());

  const source = () => {
    sources += 1;
    return `source-${sources}`;
  };
  const newPlayer = () => playerOfMember(test.database, GUILD, newMember());
  const ask = (player: number, more: object = {}) =>
    askForCredits(test, {
      community: GUILD,
      player,
      creditType: 'ai',
      amount: 25,
      reason: null,
      via: 'discord',
      source: source(),
      ...more,
    });
  const person = (player: number, roles = [APPROVER]): Decider => ({ kind: 'person', player, discordId: null, roles });
  const decideIt = (request: number, decider: Decider, more: object = {}) =>
    decide(test, {
      community: GUILD,
      request,
      decision: 'approve',
      note: null,
      decider,
      source: source(),
      card: null,
      ...more,
    });
  const code = (answer: Answer) => (isRefusal(answer) ? answer.refusal.code : 'done');
  const made = (answer: Answer) => {
    assert.ok('request' in answer, code(answer));
    return answer.request;
  };
  const ledgerOf = async (request: number) => {
    const { rows } = await sql`select amount from credit_ledger where request_id = ${request}`.execute(test.database);
    return rows;
  };

  it('are asked for once by each source, with one event', async () => {
    const player = await newPlayer();
    const once = source();
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(player, { source: once })));
    const ids = new Set(answers.map((answer) => made(answer).id));
    assert.equal(ids.size, 1);
    const [id] = ids;
    const { rows } = await sql`select type from events where subject = ${`credit-request/${id}`}`.execute(
      test.database,
    );
    assert.deepEqual(rows, [{ type: 'credit.requested' }]);
  });

  const refusals: [string, object, string][] = [
    ['an amount of 0', { amount: 0 }, 'invalid-amount'],
    ['a negative amount', { amount: -5 }, 'invalid-amount'],
    ['half a credit', { amount: 1.5 }, 'invalid-amount'],
    ['an amount in letters', { amount: '25' }, 'invalid-amount'],
    ['no amount', { amount: undefined }, 'invalid-amount'],
    ['an amount beyond exact numbers', { amount: 2 ** 53 }, 'invalid-amount'],
    ['more than one request may have', { amount: 101 }, 'amount-over-limit'],
    ['an unknown kind', { creditType: 'gold' }, 'unknown-credit-type'],
    ['an inherited kind', { creditType: 'constructor' }, 'unknown-credit-type'],
    ['a reason of 501 characters', { reason: '😀'.repeat(501) }, 'reason-too-long'],
    ['a reason that is no text', { reason: { toString: 1 } }, 'invalid-reason'],
  ];
  for (const [what, more, expected] of refusals) {
    it(`refuses ${what} and stores nothing`, async () => {
      const player = await newPlayer();
      assert.equal(code(await ask(player, more)), expected);
      const { rows } = await sql`select 1 from credit_requests where player_id = ${player}`.execute(test.database);
      assert.deepEqual(rows, []);
    });
  }

  it('store a reason as it was written', async () => {
    const player = await newPlayer();
    const reason = '@everyone **bold** https://example.com \u202Etxt.exe 👩‍👩‍👧 '.padEnd(500, 'x');
    assert.equal(made(await ask(player, { reason })).reason, reason);
  });

  it('keep to the daily limit, also when many are asked for at once', async () => {
    const player = await newPlayer();
    const answers = await Promise.all(Array.from({ length: 15 }, () => ask(player, { amount: 100 })));
    assert.equal(answers.filter((answer) => code(answer) === 'done').length, 10);
    assert.equal(answers.filter((answer) => code(answer) === 'daily-limit').length, 5);
  });

  it('are decided by one of many who press at once, and counted once', async () => {
    const player = await newPlayer();
    const approvers = await Promise.all(Array.from({ length: 8 }, newPlayer));
    const { id } = made(await ask(player));
    const answers = await Promise.all(
      approvers.map((approver, index) =>
        decideIt(id, person(approver), { decision: index % 2 === 0 ? 'approve' : 'reject' }),
      ),
    );
    assert.equal(answers.filter((answer) => code(answer) === 'done').length, 1);
    assert.equal(answers.filter((answer) => code(answer) === 'already-decided').length, 7);
    const request = await findRequest(test.database, GUILD, id);
    assert.equal((await ledgerOf(id)).length, request?.approved ? 1 : 0);
    assert.equal((await balancesOf(test.database, GUILD, player)).ai, request?.approved ? 25 : 0);
    const loser = answers.find((answer) => code(answer) === 'already-decided');
    assert.match(loser && isRefusal(loser) ? loser.refusal.detail : '', /was (approved|rejected) by .+<t:\d+:R>/);
  });

  it('are decided by approvers alone, and never by the one who asks', async () => {
    const player = await newPlayer();
    const other = await newPlayer();
    const { id } = made(await ask(player));
    assert.equal(code(await decideIt(id, person(other, []))), 'not-an-approver');
    assert.equal(code(await decideIt(id, person(other, [{ id: '1', name: 'approver' }]))), 'not-an-approver');
    assert.equal(code(await decideIt(id, person(player))), 'own-request');
    assert.equal(
      code(await mayDecide(test, { community: GUILD, request: id, decider: person(player) })),
      'own-request',
    );
    assert.equal(code(await mayDecide(test, { community: GUILD, request: id, decider: person(other) })), 'done');
    assert.equal(made(await decideIt(id, person(other))).status, 'approved');
  });

  it('stay under the cap of a policy, which the audit names with its node and flow revision', async () => {
    const policy: Decider = { kind: 'policy', name: 'small ones', node: source(), revision: 'abc', dailyCap: 30 };
    const requests = await Promise.all([
      ask(await newPlayer(), { amount: 20 }),
      ask(await newPlayer(), { amount: 20 }),
    ]);
    const answers = await Promise.all(requests.map((request) => decideIt(made(request).id, policy)));
    assert.deepEqual(answers.map(code).sort(), ['done', 'policy-cap']);
    const { rows } = await sql<{ actor: object }>`
      select actor from audit_log where actor ->> 'node' = ${policy.node}`.execute(test.database);
    assert.deepEqual(rows, [{ actor: { policy: 'small ones', node: policy.node, revision: 'abc' } }]);
  });

  it('give a decision that comes again from the same source and node the same answer', async () => {
    const policy: Decider = { kind: 'policy', name: 'small ones', node: source(), revision: 'abc', dailyCap: 30 };
    const { id } = made(await ask(await newPlayer()));
    const event = source();
    made(await decideIt(id, policy, { source: event }));
    assert.equal(made(await decideIt(id, policy, { source: event })).status, 'approved');
    assert.equal(code(await decideIt(id, { ...policy, node: source() }, { source: event })), 'already-decided');
    assert.equal((await ledgerOf(id)).length, 1);
  });

  it('cannot be decided or taken back from another community or by another member', async () => {
    const player = await newPlayer();
    const { id } = made(await ask(player));
    const elsewhere = '100000000000000002';
    await sql`insert into communities (id, name, approver_roles) values (${elsewhere}, 'Two', '["Approver"]')
      on conflict do nothing`.execute(test.database);
    const answer = await decide(test, {
      community: elsewhere,
      request: id,
      decision: 'approve',
      note: null,
      decider: person(await newPlayer()),
      source: source(),
      card: null,
    });
    assert.equal(code(answer), 'request-not-found');
    const cancelling = { community: GUILD, request: id, source: source() };
    assert.equal(code(await cancelRequest(test, { ...cancelling, player: await newPlayer() })), 'request-not-found');
    assert.equal(made(await cancelRequest(test, { ...cancelling, player })).status, 'cancelled');
  });

  it('have a ledger and an audit log that nobody can change', async () => {
    const { id } = made(await ask(await newPlayer()));
    made(await decideIt(id, person(await newPlayer())));
    for (const statement of [
      sql`update credit_ledger set amount = 1`,
      sql`delete from credit_ledger`,
      sql`truncate credit_ledger`,
      sql`update audit_log set action = 'x'`,
      sql`delete from audit_log`,
      sql`truncate audit_log`,
    ]) {
      await assert.rejects(statement.execute(test.database), /append-only/);
    }
  });

  it('read ids from buttons without trusting them', () => {
    assert.deepEqual(
      ['17', 17, '', '1e3', '-1', 'x', '9'.repeat(16), Number.NaN, null, {}].map(requestId),
      [17, 17, 0, 0, 0, 0, 0, 0, 0, 0],
    );
  });

  it('follow the model of a request through any life', async () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant('ask' as const), amount: fc.integer({ min: -5, max: 130 }), again: fc.boolean() }),
      fc.record({
        act: fc.constantFrom('approve' as const, 'reject' as const),
        request: fc.nat(4),
        by: fc.constantFrom('approver', 'member', 'self'),
        times: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({ act: fc.constant('cancel' as const), request: fc.nat(4), own: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 14 }), async (life) => {
        const player = await newPlayer();
        const approver = await newPlayer();
        const model: { id: number; amount: number; status: string; source: string }[] = [];
        for (const step of life) {
          if (step.act === 'ask') {
            const before = step.again ? model.at(-1) : undefined;
            const asked = before?.source ?? source();
            const answer = await ask(player, { amount: step.amount, source: asked });
            const asking = model.filter(({ status }) => status === 'pending' || status === 'approved');
            const total = asking.reduce((sum, { amount }) => sum + amount, 0);
            if (step.amount < 1) assert.equal(code(answer), 'invalid-amount');
            else if (step.amount > 100) assert.equal(code(answer), 'amount-over-limit');
            else if (before) assert.equal(made(answer).id, before.id);
            else if (total + step.amount > 1000) assert.equal(code(answer), 'daily-limit');
            else model.push({ id: made(answer).id, amount: step.amount, status: 'pending', source: asked });
            continue;
          }
          const target = model[step.request];
          if (!target) continue;
          if (step.act === 'cancel') {
            const cancelling = { community: GUILD, request: target.id, source: source() };
            const answer = await cancelRequest(test, { ...cancelling, player: step.own ? player : approver });
            if (!step.own) assert.equal(code(answer), 'request-not-found');
            else if (target.status === 'pending' || target.status === 'cancelled') target.status = made(answer).status;
            else assert.equal(code(answer), 'already-decided');
            continue;
          }
          const decider =
            step.by === 'self' ? person(player) : person(approver, step.by === 'member' ? [] : [APPROVER]);
          const answers = await Promise.all(
            Array.from({ length: step.times }, () => decideIt(target.id, decider, { decision: step.act })),
          );
          const decided = answers.filter((answer) => code(answer) === 'done').length;
          const mayWin = step.by === 'approver' && target.status === 'pending';
          assert.equal(decided, mayWin ? 1 : 0);
          if (mayWin) target.status = step.act === 'approve' ? 'approved' : 'rejected';
        }
        const approved = model.filter(({ status }) => status === 'approved');
        const balance = approved.reduce((sum, { amount }) => sum + amount, 0);
        assert.equal((await balancesOf(test.database, GUILD, player)).ai, balance);
        for (const { id, status } of model) {
          assert.equal((await findRequest(test.database, GUILD, id))?.status, status);
          assert.equal((await ledgerOf(id)).length, status === 'approved' ? 1 : 0);
        }
      }),
      { numRuns: 40 },
    );
    assert.deepEqual((await verifyBalances(test.database)).differences, []);
    assert.deepEqual((await verifyDecisions(test.database)).broken, []);
  });

  it('are missed by verify when somebody changes a balance behind the rules', async () => {
    const player = await newPlayer();
    made(await decideIt(made(await ask(player)).id, person(await newPlayer())));
    await sql`update credit_accounts set balance = balance + 1 where player_id = ${player}`.execute(test.database);
    const { differences } = await verifyBalances(test.database);
    assert.deepEqual(differences, [{ community: GUILD, player, creditType: 'ai', balance: 26, ledger: 25 }]);
    await sql`update credit_accounts set balance = balance - 1 where player_id = ${player}`.execute(test.database);
  });

  it('make one player of a member who sends several first commands at once', async () => {
    const member = newMember();
    const ids = await Promise.all(Array.from({ length: 6 }, () => playerOfMember(test.database, GUILD, member)));
    assert.equal(new Set(ids).size, 1);
  });
});
