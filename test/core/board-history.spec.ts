import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { recordScores } from '../../core/boards/index.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { board, type Instance, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD, ROOT } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

const HEAVY = { metrics: [{ name: 'deals_closed', operator: 'sum' as const, weight: 150 }] };

describe('what boards tell of earlier times', () => {
  let rules: TestRules;
  let boards: Instance;
  let steps = 0;
  beforeEach(async () => {
    rules = await startTestRules();
    boards = startInstance(rules);
    await makePlayers(rules, ['ana', 'bo', 'cy']);
  });
  afterEach(async () => {
    await boards.stop();
    await rules.drop();
  });

  const begin = async (): Promise<void> => {
    await boards.add(GUILD, board()).ready;
    // Its first tick comes by itself.
    await until('the first tick', async () => boards.live()[0]?.settled.tick === 1);
  };
  const source = (): string => {
    steps += 1;
    return `step-${steps}`;
  };
  const score = async (player: string, metrics: object): Promise<number> => {
    await recordScores(rules, GUILD, [{ id: source(), player, ...metrics }], 'test');
    await boards.caughtUp();
    const { rows } = await sql<{ seq: number }>`select max(seq) as seq from score_log`.execute(rules.database);
    return rows[0]?.seq ?? 0;
  };
  const reweigh = async (): Promise<void> => {
    const { changes = 0 } = boards.live()[0] ?? {};
    await boards.add(GUILD, board(HEAVY)).ready;
    await until('the new weights', async () => (boards.live()[0]?.changes ?? 0) > changes);
    await until('the new scores', async () => boards.live()[0]?.loaded && !boards.live()[0]?.isReading);
  };
  /** All that is there becomes so many hours older. */
  const pass = async (hours: number): Promise<void> => {
    const later = sql`- ${hours} * interval '1 hour'`;
    await sql`alter table score_log disable trigger user`.execute(rules.database);
    await sql`update score_log set at = at ${later}`.execute(rules.database);
    await sql`alter table score_log enable trigger user`.execute(rules.database);
    await sql`update rank_history set taken_at = taken_at ${later}`.execute(rules.database);
    await sql`update boards set season_began_at = season_began_at ${later}, scored_since = scored_since ${later}`.execute(
      rules.database,
    );
  };
  const taken = async (): Promise<string[]> => {
    const { rows } = await sql<{ at: Date }>`
      select distinct taken_at as at from rank_history order by taken_at`.execute(rules.database);
    return rows.map(({ at }) => at.toISOString());
  };
  describe('the history of a player', () => {
    const history = async (days?: number) => {
      const found = await boards.history(GUILD, 'ana', undefined, days);
      assert.ok('points' in found, JSON.stringify(found));
      return found.points;
    };

    it('has each score and rank at its true time, none before the first deed', async () => {
      await begin();
      const before = new Date().toISOString();
      await score('ana', { deals_closed: 3 });
      await boards.settle(GUILD);
      const points = await history();
      assert.deepEqual(
        points.map(({ score: points, rank }) => [points, rank]),
        [
          [300, null],
          [300, 1],
          [300, 1],
        ],
      );
      const times = points.map(({ at }) => at);
      assert.deepEqual(times, times.toSorted());
      assert.ok((times[0] ?? '') >= before, times[0]);
      assert.equal(times[1], (await taken())[0]);
      await pass(0.01);
      await sql`update rank_history set taken_at = taken_at - interval '1 hour'`.execute(rules.database);
      assert.deepEqual(
        (await history()).map(({ rank }) => rank),
        [null, 1],
      );
    });

    it('is by the weights of now, from its first point on', async () => {
      await begin();
      await score('ana', { deals_closed: 3 });
      await boards.settle(GUILD);
      await pass(2);
      await reweigh();
      await boards.settle(GUILD);
      const points = await history();
      assert.deepEqual([...new Set(points.map(({ score: points }) => points))], [450]);
      assert.ok(points.length >= 3, JSON.stringify(points));
    });

    it('begins with what held when the time began that is asked for', async () => {
      await begin();
      await score('ana', { deals_closed: 3 });
      await pass(40);
      await score('ana', { deals_closed: 1 });
      assert.deepEqual(
        (await history(1)).map(({ score: points }) => points),
        [300, 400, 400],
      );
    });
  });

  it('gets its true time, where a tick still tells it, from before the hour was no longer its time', async () => {
    await begin();
    await score('ana', { deals_closed: 3 });
    await boards.settle(GUILD);
    const [at = ''] = await taken();
    await migrate(rules.database, ROOT, '0013-forgotten');
    await sql`update rank_history set taken_at = date_trunc('hour', taken_at)`.execute(rules.database);
    await sql`
      insert into rank_history (board_id, taken_at, chunk, season, ranks, scores)
      select board_id, taken_at - interval '9 days', chunk, season, ranks, scores from rank_history`.execute(
      rules.database,
    );
    await migrate(rules.database, ROOT);
    const [old, moved] = await taken();
    assert.equal(moved, at);
    assert.match(old ?? '', /:00:00\.000Z$/);
  });
});
