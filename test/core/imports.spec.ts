import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import { putPlayer, recordScores, ScoreImport, savePlayers, verifyBoards } from '../../core/boards/index.ts';
import { storeBoard } from '../../core/boards/store-board.ts';
import {
  askForCredits,
  balancesOf,
  enterOpenings,
  type Opening,
  openingsBefore,
  verifyBalances,
} from '../../core/credits/index.ts';
import { compareProfiles, lockPlayers, playerOfMember, saveProfiles } from '../../core/people/index.ts';
import { inTransaction, type Tx } from '../../platform/database/index.ts';
import type { Fault } from '../../platform/fault.ts';
import { board, makePlayers, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD, someoneWaits } from '../support/database.ts';
import { until } from '../support/guildhall.ts';
import { newMember } from '../support/platform.ts';

describe('many at once', () => {
  let rules: TestRules;
  beforeEach(async () => {
    rules = await startTestRules();
  });
  afterEach(() => rules.drop());

  const inOne = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(rules.database, work);
  const profiles = async () => {
    const { rows } = await sql<{ player: number; id: string; name: string; region: string | null }>`
      select player_id as player, web_id as id, full_name as name, region from profiles order by player_id`.execute(
      rules.database,
    );
    return rows;
  };
  const count = async (table: string) => {
    const { rows } = await sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(rules.database);
    return rows[0]?.count;
  };

  describe('players', () => {
    const given = (id: string, more: object = {}) => ({ id, profile: { name: id.toUpperCase(), ...more } });

    it('are made new in their order, and brought up to date where anything differs', async () => {
      const first = await inOne((tx) => saveProfiles(tx, GUILD, [given('bo', { region: 'North' }), given('ana')]));
      assert.deepEqual(
        first.map(({ change }) => change),
        ['new', 'new'],
      );
      const next = [
        given('cy'),
        given('ana'),
        given('bo', { email: 'bo@example.com' }),
        { id: 'di', profile: { name: 'Di', company: 'Sun' } },
      ];
      const expected = ['new', 'none', 'unseen', 'new'];
      const compared = await compareProfiles(rules.database, GUILD, next);
      const saved = await inOne((tx) => saveProfiles(tx, GUILD, next));
      for (const changes of [compared, saved]) {
        assert.deepEqual(
          changes.map(({ change }) => change),
          expected,
        );
      }
      const [moved] = await inOne((tx) => saveProfiles(tx, GUILD, [given('ana', { region: 'South' })]));
      assert.equal(moved?.change, 'shown');
      assert.deepEqual(
        (await profiles()).map(({ id, name, region }) => [id, name, region]),
        [
          ['bo', 'BO', 'North'],
          ['ana', 'ANA', 'South'],
          ['cy', 'CY', null],
          ['di', 'Di', null],
        ],
      );
      assert.equal(await count('players'), 4);
    });

    it('are made once by two who make the same ones at the same moment', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `user-${index}`);
      const make = (order: string[]) =>
        inOne((tx) =>
          saveProfiles(
            tx,
            GUILD,
            order.map((id) => given(id)),
          ),
        );
      const both = await Promise.all([make(ids), make(ids), make(ids.slice(100))]);
      assert.equal(both.flat().filter(({ change }) => change === 'new').length, ids.length);
      assert.deepEqual([await count('profiles'), await count('players')], [ids.length, ids.length]);
      const [one = [], other = []] = both;
      assert.deepEqual(
        one.map(({ player }) => player),
        other.map(({ player }) => player),
      );
    });

    it('tell boards of those alone whom boards show otherwise', async () => {
      await inOne((tx) => savePlayers(tx, GUILD, [given('ana'), given('bo'), given('cy')]));
      const [ana] = await inOne((tx) =>
        savePlayers(tx, GUILD, [given('ana', { company: 'Sun' }), given('bo', { email: 'b@c' }), given('cy')]),
      );
      const { rows } = await sql`select kind, player_id from score_log`.execute(rules.database);
      assert.deepEqual(rows, [{ kind: 'player', player_id: ana?.player }]);
    });

    it('wait for a long transaction that makes them, and then bring it up to date', async () => {
      let put = Promise.resolve<unknown>(null);
      await inOne(async (tx) => {
        await saveProfiles(tx, GUILD, [given('ana')]);
        put = putPlayer(rules, GUILD, 'ana', { name: 'Ana', region: 'North' });
        await until('the other one to wait', () => someoneWaits(tx));
      });
      const { created, name } = (await put) as { created: boolean; name: string };
      assert.deepEqual({ created, name }, { created: false, name: 'Ana' });
      assert.deepEqual(
        (await profiles()).map(({ region }) => region),
        ['North'],
      );
    });
  });

  describe('score events', () => {
    const NAMES = ['ana', 'bo', 'cy', 'di', 'eve', 'fay'];
    const BOARDS = [
      board(),
      board({
        key: 'laps',
        position: 1,
        best: 'lowest',
        metrics: [
          { name: 'response_rate', operator: 'best', weight: 1 },
          { name: 'deals_closed', operator: 'latest', weight: 0.5 },
        ],
      }),
    ];
    beforeEach(async () => {
      for (const definition of BOARDS) await storeBoard(rules.database, GUILD, definition, null);
      await makePlayers(rules, NAMES);
    });

    const standings = async () => {
      const { rows } = await sql<{ slot: number; board_id: number }>`
        select board_id, player_id, slot, metrics, score, reached from board_scores order by board_id, slot`.execute(
        rules.database,
      );
      return rows;
    };
    const withoutSlots = async () => (await standings()).map(({ slot: _, ...row }) => JSON.stringify(row)).sort();
    const assertSlots = async () => {
      const { rows } = await sql<{ id: number; slots: number }>`select id, slots from boards`.execute(rules.database);
      for (const { id, slots } of rows) {
        const given = (await standings()).filter(({ board_id }) => board_id === id).map(({ slot }) => slot);
        assert.deepEqual(
          given,
          Array.from({ length: slots }, (_, slot) => slot),
        );
      }
    };

    const event = fc.record({
      player: fc.constantFrom(...NAMES),
      metric: fc.constantFrom('deals_closed', 'leads_generated', 'response_rate'),
      value: fc.integer({ min: -500, max: 500 }).map((value) => value / 10),
    });

    it('of one long transaction make what they make one by one, in the same order', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), async (given, size) => {
          const events = given.map(({ player, metric, value }, index) => ({
            id: `event-${index}`,
            player,
            metrics: { [metric]: value },
          }));
          const clean = () =>
            inOne(async (tx) => {
              await sql`alter table score_log disable trigger user`.execute(tx);
              await sql`truncate score_log, score_corrections, board_scores restart identity`.execute(tx);
              await sql`alter table score_log enable trigger user`.execute(tx);
              await sql`update boards set slots = 0, season_after = 0`.execute(tx);
            });
          await clean();
          for (const { metrics, ...one } of events) await recordScores(rules, GUILD, [{ ...one, ...metrics }], 'api');
          const single = await withoutSlots();
          await clean();
          await inOne(async (tx) => {
            const scores = await ScoreImport.begin(tx, GUILD, 'import');
            for (let at = 0; at < events.length; at += size) {
              const some = events.slice(at, at + size);
              const { accepted } = await scores.count(some);
              assert.equal(accepted, some.length);
            }
            await scores.finish();
          });
          assert.deepEqual(await withoutSlots(), single);
          await assertSlots();
          assert.deepEqual((await verifyBoards(rules.database)).differences, []);
        }),
        { numRuns: 30 },
      );
    });

    it('of others count meanwhile, also of who is new on a board, and no slot stays free', async () => {
      const count = async (id: string, player: string) => {
        const scored = await recordScores(rules, GUILD, [{ id, player, deals_closed: 1, response_rate: 0.5 }], 'api');
        assert.deepEqual(scored, { accepted: 1, duplicates: 0, rejected: [] });
      };
      await count('before', 'ana');
      await inOne(async (tx) => {
        const scores = await ScoreImport.begin(tx, GUILD, 'import');
        await lockPlayers(tx, GUILD, ['bo', 'cy', 'di']);
        await scores.count([{ id: 'a', player: 'bo', metrics: { deals_closed: 2, response_rate: 0.25 } }]);
        await count('meanwhile 1', 'eve');
        await scores.count([{ id: 'b', player: 'cy', metrics: { deals_closed: 2 } }]);
        await count('meanwhile 2', 'ana');
        await scores.count([{ id: 'c', player: 'bo', metrics: { deals_closed: 1 } }]);
        await scores.count([{ id: 'd', player: 'di', metrics: { response_rate: 7 } }]);
        await count('meanwhile 3', 'fay');
        await scores.finish();
      });
      await assertSlots();
      assert.equal((await standings()).length, 12);
      assert.deepEqual((await verifyBoards(rules.database)).differences, []);
    });

    it('go on being counted while a board waits until an import is done', async () => {
      const changed = board({ metrics: [{ name: 'deals_closed', operator: 'sum', weight: 7 }] });
      const store = () => storeBoard(rules.database, GUILD, changed, null);
      await inOne(async (tx) => {
        const scores = await ScoreImport.begin(tx, GUILD, 'import');
        await scores.count([{ id: 'a', player: 'bo', metrics: { deals_closed: 2 } }]);
        await assert.rejects(store, (error: Fault) => error.code === 'import-under-way' && error.retry);
        const scored = await recordScores(rules, GUILD, [{ id: 'b', player: 'ana', deals_closed: 3 }], 'api');
        assert.deepEqual(scored, { accepted: 1, duplicates: 0, rejected: [] });
        await scores.finish();
      });
      await store();
      const { rows } = await sql<{ score: number }>`
        select score from board_scores join boards on boards.id = board_id where key = ${changed.key} order by score`.execute(
        rules.database,
      );
      assert.deepEqual(
        rows.map(({ score }) => score),
        [14, 21],
      );
    });

    it('leave nothing where the transaction comes to nothing', async () => {
      await assert.rejects(
        inOne(async (tx) => {
          const scores = await ScoreImport.begin(tx, GUILD, 'import');
          await scores.count([{ id: 'a', player: 'bo', metrics: { deals_closed: 2 } }]);
          await scores.finish();
          throw new Error('no');
        }),
        /no/,
      );
      assert.deepEqual(await standings(), []);
      await recordScores(rules, GUILD, [{ id: 'a', player: 'cy', deals_closed: 1 }], 'api');
      await assertSlots();
    });

    it('keep nobody from asking for credits', async () => {
      const player = await playerOfMember(rules.database, GUILD, newMember());
      await inOne(async (tx) => {
        const scores = await ScoreImport.begin(tx, GUILD, 'import');
        await scores.count([{ id: 'a', player, metrics: { deals_closed: 2 } }]);
        const asking = { community: GUILD, player, creditType: 'ai', amount: 5, reason: null, via: 'discord' } as const;
        assert.ok('request' in (await askForCredits(rules, { ...asking, source: 'a' })));
        await scores.finish();
      });
    });
  });

  describe('openings', () => {
    const opening = (id: string, player: string, amount: number, creditType: Opening['creditType'] = 'ai') => ({
      id,
      player,
      creditType,
      amount,
    });
    const enter = (openings: Opening[]) => inOne((tx) => enterOpenings(tx, GUILD, openings));

    it('are added to balances, each id once', async () => {
      const players = await makePlayers(rules, ['ana', 'bo']);
      const given = [
        opening('1', 'ana', 20),
        opening('2', 'ana', 5),
        opening('3', `player:${players.get('bo')}`, 7, 'lead'),
      ];
      assert.deepEqual(await enter(given), { entered: 3, before: 0, rejected: [] });
      assert.deepEqual(await enter([...given, opening('4', 'bo', 1, 'lead')]), { entered: 1, before: 3, rejected: [] });
      assert.deepEqual(await balancesOf(rules.database, GUILD, players.get('ana') ?? 0), { ai: 25, lead: 0 });
      assert.deepEqual(await balancesOf(rules.database, GUILD, players.get('bo') ?? 0), { ai: 0, lead: 8 });
      assert.deepEqual((await verifyBalances(rules.database)).differences, []);
    });

    it('are named where their player is unknown, or their id stands for something else', async () => {
      const players = await makePlayers(rules, ['ana', 'bo']);
      await enter([opening('1', 'ana', 20)]);
      const { entered, before, rejected } = await enter([
        opening('1', 'bo', 20),
        opening('5', 'cy', 20),
        opening('6', 'bo', 20),
      ]);
      assert.deepEqual([entered, before], [1, 0]);
      assert.deepEqual(rejected, [
        { id: '1', reason: `it was entered before, as 20 AI credits of player:${players.get('ana')}` },
        { id: '5', reason: 'there is no player "cy"' },
      ]);
      assert.deepEqual([...(await openingsBefore(rules.database, GUILD, ['1', '5', '6', '7'])).keys()], ['1', '6']);
    });

    it('count once where two enter the same ones at the same moment', async () => {
      const players = await makePlayers(rules, ['ana']);
      const given = Array.from({ length: 50 }, (_, index) => opening(String(index), 'ana', 2));
      const both = await Promise.all([enter(given), enter(given), enter(given)]);
      assert.deepEqual(both.map(({ entered }) => entered).sort(), [0, 0, 50]);
      assert.deepEqual(await balancesOf(rules.database, GUILD, players.get('ana') ?? 0), { ai: 100, lead: 0 });
    });
  });
});
