import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { correctScore, recordScores, takeBack } from '../../core/boards/index.ts';
import { markPlayer } from '../../core/boards/players.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { board, type Instance, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD, ROOT } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

const corrector = { kind: 'server' as const, key: 'test', scopes: ['scores:correct'] };
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
  const correct = async (player: string, metric: string, value: number): Promise<void> => {
    const said = { community: GUILD, player, metric, value, reason: 'counted', corrector, board: null };
    const corrected = await correctScore(rules, { ...said, source: source() });
    assert.ok('correction' in corrected, JSON.stringify(corrected));
    await boards.caughtUp();
  };
  const undo = async (seq: number): Promise<void> => {
    const taken = await takeBack(rules, { community: GUILD, seq, reason: null, corrector, source: source() });
    assert.ok('correction' in taken, JSON.stringify(taken));
    await boards.caughtUp();
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
  const began = async (): Promise<string> => {
    const { rows } = await sql<{ at: Date }>`select season_began_at as at from boards`.execute(rules.database);
    return rows[0]?.at.toISOString() ?? '';
  };

  describe('the player to watch', () => {
    const watch = async (hours = 24) => {
      const rise = await boards.toWatch(GUILD, undefined, hours);
      assert.ok(rise === null || 'gained' in rise, JSON.stringify(rise));
      return rise && { player: rise.entry.player.id, gained: rise.gained, metrics: rise.metrics, since: rise.since };
    };

    it('rose by what the metrics say that are named, corrected ones and none that was taken back', async () => {
      await begin();
      await score('ana', { deals_closed: 2, leads_generated: 5, response_rate: 60 });
      await correct('ana', 'deals_closed', 5);
      await undo(await score('ana', { campaigns_launched: 9 }));
      const metrics = [
        { name: 'deals_closed', value: 5 },
        { name: 'leads_generated', value: 5 },
      ];
      // A day ago there was no board: all there is was gained since it began.
      assert.deepEqual(await watch(), { player: 'ana', gained: 550, metrics, since: await began() });
    });

    it('is compared with what was settled that long ago', async () => {
      await begin();
      await score('ana', { deals_closed: 7 });
      const wrong = await score('bo', { deals_closed: 1, leads_generated: 2 });
      await pass(1);
      await boards.settle(GUILD);
      const [then = ''] = await taken();
      await score('ana', { deals_closed: 1 });
      await score('bo', { deals_closed: 4 });
      await correct('bo', 'leads_generated', 5);
      await undo(wrong);
      await pass(2);
      const metrics = [
        { name: 'deals_closed', value: 3 },
        { name: 'leads_generated', value: 3 },
      ];
      const since = new Date(Date.parse(then) - 2 * 3_600_000).toISOString();
      assert.deepEqual(await watch(2), { player: 'bo', gained: 330, metrics, since });
    });

    it('is nobody for whom the same deeds count more since', async () => {
      await begin();
      await score('ana', { deals_closed: 9 });
      await boards.settle(GUILD);
      await pass(30);
      await score('bo', { deals_closed: 1 });
      await reweigh();
      assert.equal(await watch(), null);
      await boards.settle(GUILD);
      assert.equal(await watch(), null);
      await score('cy', { deals_closed: 2 });
      const since = (await taken()).at(-1);
      const metrics = [{ name: 'deals_closed', value: 2 }];
      assert.deepEqual(await watch(), { player: 'cy', gained: 300, metrics, since });
      // The whole season counts by the weights of now.
      assert.deepEqual((await watch(48))?.gained, 1350);
    });

    it('is nobody who only shows again', async () => {
      await begin();
      await score('ana', { deals_closed: 9 });
      await score('bo', { deals_closed: 1 });
      const hide = async (hidden: boolean): Promise<void> => {
        const actor = { key: 'test' };
        await markPlayer(rules, { community: GUILD, player: 'ana', mark: { hidden }, actor, source: source() });
        await boards.caughtUp();
      };
      await hide(true);
      await pass(1);
      await boards.settle(GUILD);
      await pass(2);
      await hide(false);
      assert.equal(await watch(2), null);
      await score('bo', { deals_closed: 1 });
      assert.equal((await watch(2))?.player, 'bo');
    });

    it('has the whole of a season that began since, and where a board has all there ever was, of that', async () => {
      await begin();
      await score('ana', { deals_closed: 1 });
      await pass(50);
      await boards.add(GUILD, board({ key: 'later', position: 1 })).ready;
      await until('the later board', async () => boards.live().length === 2 && boards.live()[1]?.loaded);
      const rise = await boards.toWatch(GUILD, 'later', 100);
      assert.ok(rise && 'gained' in rise, JSON.stringify(rise));
      assert.equal(rise.gained, 100);
      const { rows } = await sql<{ at: Date }>`select min(at) as at from score_log where kind = 'score'`.execute(
        rules.database,
      );
      assert.equal(rise.since, rows[0]?.at.toISOString());
    });
  });

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
