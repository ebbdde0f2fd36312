import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { recordScores, takeBack } from '../../core/boards/index.ts';
import type { SettledTick } from '../../core/boards/settle.ts';
import { board, type Instance, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

const POINTS = { metrics: [{ name: 'points', operator: 'sum' as const, weight: 1 }] };
const corrector = { kind: 'server' as const, key: 'test', scopes: ['scores:correct'] };

describe('what ticks leave behind', () => {
  let rules: TestRules;
  let boards: Instance;
  let players: Map<string, number>;
  let events = 0;
  beforeEach(async () => {
    rules = await startTestRules();
    boards = startInstance(rules);
    players = await makePlayers(rules, ['ana', 'bo', 'cy']);
    await boards.add(GUILD, board(POINTS)).ready;
    // Its first tick comes by itself.
    await until('the first tick', async () => boards.live()[0]?.settled.tick === 1);
  });
  afterEach(async () => {
    await boards.stop();
    await rules.drop();
  });

  const score = async (player: string, points: number): Promise<number> => {
    events += 1;
    await recordScores(rules, GUILD, [{ id: `event-${events}`, player, points }], 'test');
    const { rows } = await sql<{ seq: number }>`select max(seq) as seq from score_log`.execute(rules.database);
    return rows[0]?.seq ?? 0;
  };

  describe('the champion', () => {
    /** Settles, and tells who is named as leading now, and as having led. */
    const champion = async (): Promise<[string, string | null] | null> => {
      const { rows: before } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from events`.execute(
        rules.database,
      );
      await boards.settle(GUILD);
      const { rows } = await sql<{ payload: SettledTick }>`
        select payload from events where type = 'board.settled' and id > ${before[0]?.id ?? 0} order by id`.execute(
        rules.database,
      );
      const named = rows.flatMap(({ payload: { champion } }) => champion ?? []);
      assert.ok(named.length <= 1, JSON.stringify(named));
      const [one] = named;
      const idOf = (player: number) => [...players].find(([, known]) => known === player)?.[0] ?? String(player);
      return one ? [idOf(one.player), one.previous === null ? null : idOf(one.previous)] : null;
    };

    it('is who stood second in a tie, once the first of it drops', async () => {
      const lead = await score('ana', 5);
      await score('cy', 1);
      assert.deepEqual(await champion(), ['ana', null]);
      await score('bo', 5);
      assert.equal(await champion(), null);
      const taken = await takeBack(rules, { community: GUILD, seq: lead, reason: null, corrector, source: 'undo' });
      assert.ok(!('refusal' in taken), JSON.stringify(taken));
      // Who led has no place any more, and goes unnamed.
      assert.deepEqual(await champion(), ['bo', null]);
      assert.equal(await champion(), null);
      await score('ana', 5);
      assert.equal(await champion(), null);
      await score('bo', -3);
      assert.deepEqual(await champion(), ['ana', 'bo']);
    });

    it('is the one who comes to stand first in a tie that stays one', async () => {
      await score('ana', 5);
      await score('bo', 5);
      assert.deepEqual(await champion(), ['ana', null]);
      await score('ana', 1);
      await score('ana', -1);
      assert.deepEqual(await champion(), ['bo', 'ana']);
    });

    it('is known to the next leader, too', async () => {
      await score('ana', 5);
      await score('bo', 5);
      await champion();
      await boards.stop();
      await score('ana', -1);
      boards = startInstance(rules);
      await boards.add(GUILD, board(POINTS)).ready;
      await until('the board', async () => boards.live()[0]?.loaded);
      assert.deepEqual(await champion(), ['bo', 'ana']);
    });

    it('of a new season is named, whoever led the one before', async () => {
      await score('ana', 5);
      await champion();
      await sql`update boards set resets_at = now()`.execute(rules.database);
      await until('the new season', async () => boards.live()[0]?.board.season === 2);
      await score('ana', 1);
      assert.deepEqual(await champion(), ['ana', null]);
    });
  });
});
