import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Doer } from '../../core/boards/doers.ts';
import {
  type BoardDefinition,
  type Boards,
  correctScore,
  forgetPlayer,
  markPlayer,
  putPlayer,
  recordScores,
  takeBack,
} from '../../core/boards/index.ts';
import { closeBoard } from '../../core/boards/store-board.ts';
import { saveCommunity } from '../../platform/communities.ts';
import type { Fault } from '../../platform/fault.ts';
import { allCaughtUp, findDifferences } from '../support/board-oracle.ts';
import { board, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { until } from '../support/guildhall.ts';

/** More runs than a test suite has the time for. */
const { GUILDHALL_CHANCE_RUNS = '10' } = process.env;

const KEYS = ['one', 'two'] as const;
const PLAYERS = ['ana', 'bo', 'cy', 'di', 'ed', 'flo', 'gil'];
const METRICS = ['deals', 'leads', 'rate', 'lap'];
const corrector: Doer = { kind: 'server', key: 'test', scopes: ['scores:correct'] };
const actor = { key: 'test' };

const key = fc.constantFrom(...KEYS);
const player = fc.constantFrom(...PLAYERS);
const metric = fc.constantFrom(...METRICS);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.integer({ min: -50_000, max: 50_000 }).map((units) => units / 10_000),
  fc.constantFrom(0, -0, 12_345_678.9012, -9_999_999.0001),
);
const definition = fc.record({
  best: fc.constantFrom('highest' as const, 'lowest' as const),
  metrics: fc.uniqueArray(
    fc.record({
      name: metric,
      operator: fc.constantFrom('sum' as const, 'best' as const, 'latest' as const),
      weight: fc.constantFrom(0, 1, 1, 100, -3, 0.25, 0.0001, 2.5),
    }),
    { minLength: 1, maxLength: 3, selector: ({ name }) => name },
  ),
});
const event = fc.record({
  id: fc.nat(40),
  player: fc.oneof({ weight: 12, arbitrary: player }, fc.constant('nobody')),
  metrics: fc.dictionary(fc.oneof({ weight: 12, arbitrary: metric }, fc.constant('goals')), value, {
    minKeys: 1,
    maxKeys: 2,
  }),
});
const act = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ act: fc.constant('score' as const), events: fc.array(event, { maxLength: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('correct' as const),
      player,
      metric,
      value,
      board: fc.option(key),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('take back' as const), nth: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('mark' as const),
      player,
      mark: fc.constantFrom({ hidden: true }, { hidden: false }, { excluded: true }, { excluded: false }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('forget' as const), player }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('profile' as const),
      player,
      region: fc.constantFrom('EMEA', 'APAC', null),
      company: fc.constantFrom('Acme', 'Bolt', null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('end the season' as const), key }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('define' as const), key, definition, by: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('close' as const), key }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('tick' as const), key, by: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('check' as const) }) },
);
type Act = (typeof act)['generate'] extends (...args: never[]) => { value: infer One } ? One : never;

describe('boards, whatever happens', () => {
  let rules: TestRules;
  let instances: [Boards, Boards];
  let communities = 0;
  let sources = 0;
  before(async () => {
    rules = await startTestRules();
    instances = [startInstance(rules), startInstance(rules)];
  });
  after(async () => {
    for (const instance of instances ?? []) await instance.stop();
    await rules?.drop();
  });

  const source = () => {
    sources += 1;
    return `source-${sources}`;
  };

  const check = async (community: string) => {
    // Instances whose flows have a board open it again.
    await until('all boards to be open', async () => {
      const { rows } = await sql`
        select from boards where community_id = ${community} and closed_at is not null`.execute(rules.database);
      return rows.length === 0;
    });
    await allCaughtUp(rules.database, instances);
    assert.deepEqual(await findDifferences(rules.database, instances, community), []);
  };

  const define = async (community: string, by: number, definition: BoardDefinition) => {
    for (const instance of by === 0 ? instances : instances.toReversed()) {
      await instance.add(community, definition).ready;
    }
  };

  const does = async (community: string, doing: Act): Promise<unknown> => {
    switch (doing.act) {
      case 'score': {
        const events = doing.events.map(({ id, player, metrics }) => ({ id: `event-${id}`, player, ...metrics }));
        const scored = await recordScores(rules, community, events, source());
        assert.ok('accepted' in scored);
        return assert.equal(scored.accepted + scored.duplicates + scored.rejected.length, events.length);
      }
      case 'correct': {
        const { act: _act, ...correcting } = doing;
        return correctScore(rules, { ...correcting, community, reason: 'by chance', corrector, source: source() });
      }
      case 'take back': {
        const { rows } = await sql<{ seq: number }>`
          select seq from score_log where community_id = ${community} and kind in ('score', 'set')
          order by seq offset ${doing.nth} limit 1`.execute(rules.database);
        return takeBack(rules, { community, seq: rows[0]?.seq, reason: 'by chance', corrector, source: source() });
      }
      case 'mark': {
        const mark = 'excluded' in doing.mark ? { ...doing.mark, reason: 'by chance' } : doing.mark;
        return markPlayer(rules, { community, player: doing.player, mark, actor, source: source() });
      }
      case 'forget': {
        const { rows } = await sql<{ player: number }>`
          select player_id as player from profiles where community_id = ${community} and web_id = ${doing.player}
          `.execute(rules.database);
        const [found] = rows;
        return found && forgetPlayer(rules, { community, player: found.player, actor, source: source() });
      }
      case 'profile': {
        const { player, region, company } = doing;
        return putPlayer(rules, community, player, { name: player, region, company });
      }
      case 'end the season':
        return sql`update boards set resets_at = now() where community_id = ${community} and key = ${doing.key}`.execute(
          rules.database,
        );
      case 'define':
        return define(community, doing.by, board({ key: doing.key, ...doing.definition }));
      case 'close':
        return closeBoard(rules.database, community, doing.key);
      case 'tick':
        return instances[doing.by]?.settle(community, doing.key).catch((error: Fault) => {
          // An instance hears a moment later that a board is closed.
          assert.equal(error.code, 'board-closed');
        });
      case 'check':
        return check(community);
    }
  };

  it('are exact', async function () {
    this.timeout(120_000 + Number(GUILDHALL_CHANCE_RUNS) * 20_000);
    const steps = fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, definition, definition, async (life, first, second) => {
        communities += 1;
        const community = String(300000000000000000n + BigInt(communities));
        const settings = { approverRoles: [], creditsPerRequest: 100, creditsPerDay: 1000 };
        await saveCommunity(rules.database, { id: community, name: 'Chance', ...settings });
        for (const id of PLAYERS) await putPlayer(rules, community, id, { name: id, region: 'EMEA' });
        await define(community, 0, board({ key: 'one', ...first }));
        await define(community, 1, board({ key: 'two', ...second }));
        for (const together of life) {
          const isAlone = ({ act }: Act) => act === 'check' || act === 'close' || act === 'tick';
          await Promise.all(together.filter((one) => !isAlone(one)).map((one) => does(community, one)));
          for (const one of together.filter(isAlone)) await does(community, one);
        }
        await define(community, 0, board({ key: 'one', ...first }));
        await define(community, 1, board({ key: 'two', ...second }));
        await check(community);
      }),
      { numRuns: Number(GUILDHALL_CHANCE_RUNS), endOnFailure: true, includeErrorInReport: true },
    );
  });
});
