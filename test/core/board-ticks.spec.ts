import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { recordScores, savePlayers, takeBack } from '../../core/boards/index.ts';
import { cleanBoards } from '../../core/boards/retention.ts';
import type { SettledTick } from '../../core/boards/settle.ts';
import { wait } from '../../platform/clock.ts';
import { inTransaction } from '../../platform/database/index.ts';
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

  describe('the changes that a tick tells', () => {
    const CROWD = 450;
    /** Settles after everybody got as many points, and tells what the event carries. */
    const told = async (pointsOf: (at: number) => number): Promise<SettledTick> => {
      const ids = Array.from({ length: CROWD }, (_, at) => `crowd-${at}`);
      const crowd = await inTransaction(rules.database, (tx) =>
        savePlayers(
          tx,
          GUILD,
          ids.map((id) => ({ id, profile: { name: id } })),
        ),
      );
      await sql`
        insert into links (discord_id, player_id, discord_username, discord_display_name)
        select 100000000000000000 + player, player, 'crowd', 'Crowd'
        from unnest(${crowd.map(({ player }) => player)}::bigint[]) as player`.execute(rules.database);
      await boards.add(GUILD, board({ ...POINTS, tiers: [{ name: 'All', until: 1000 }] })).ready;
      const scores = ids.map((id, at) => ({ id: `points-${id}`, player: id, points: pointsOf(at) }));
      await recordScores(rules, GUILD, scores, 'test');
      await boards.settle(GUILD);
      const { rows } = await sql<{ payload: SettledTick }>`
        select payload from events where type = 'board.settled' order by id desc limit 1`.execute(rules.database);
      return rows[0]?.payload as SettledTick;
    };
    const FIRST = Array.from({ length: 200 }, (_, at) => at + 1);

    it('are those of the best, whoever came first', async () => {
      const { tiers, linked, top_100 } = await told((at) => at + 1);
      assert.deepEqual(
        tiers.map(({ rank }) => rank),
        FIRST,
      );
      assert.deepEqual(
        linked.map(({ rank }) => rank),
        FIRST,
      );
      assert.equal(top_100.length, 100);
    });

    it('are no more where all have the first rank', async () => {
      const { tiers, linked, top_100 } = await told(() => 1);
      for (const list of [tiers, linked, top_100]) {
        assert.deepEqual([list.length, new Set(list.map(({ rank }) => rank))], [200, new Set([1])]);
      }
    });
  });

  describe('the history of everybody', () => {
    const NEWEST = '2 days';
    /** Keeps what a tick settles at these times of a day so many days ago, as the hours would have it. */
    const kept = async (daysAgo: number, hours: number[], season = 1): Promise<void> => {
      await sql`
        insert into rank_history (board_id, taken_at, chunk, season, ranks, scores)
        select boards.id, date_trunc('day', now()) - ${daysAgo} * interval '1 day' + hour * interval '1 hour', chunk,
          ${season}, '', ''
        from boards, unnest(${hours}::int[]) as hour, generate_series(0, 1) as chunk`.execute(rules.database);
    };
    const left = async (): Promise<string[]> => {
      const { rows } = await sql<{ at: string }>`
        select (date_trunc('day', now())::date - taken_at::date) || ' days, ' || extract(hour from taken_at) as at
        from rank_history where taken_at < now() - ${NEWEST}::interval
        group by taken_at having count(*) = 2 order by taken_at`.execute(rules.database);
      return rows.map(({ at }) => at);
    };

    it('stays by the day for a year, also where nothing was settled at midnight', async () => {
      await kept(400, [0, 9]);
      await kept(200, [9, 10, 23]);
      await kept(100, [0, 5]);
      await kept(40, [13]);
      await kept(20, [9, 10]);
      await cleanBoards(rules.database);
      const first = ['200 days, 9', '100 days, 0', '40 days, 13', '20 days, 9', '20 days, 10'];
      assert.deepEqual(await left(), first);
      await cleanBoards(rules.database);
      assert.deepEqual(await left(), first);
    });

    it('stays of both seasons of a day, and for good of how one ended', async () => {
      await sql`
        insert into board_seasons (board_id, season, began_at, ended_at, top_100, total_players)
        select id, days, now(), date_trunc('day', now()) - days * interval '1 day' + interval '12 hours', '[]', 0
        from boards, unnest(array[500, 100]) as days`.execute(rules.database);
      await kept(500, [11, 12]);
      await kept(100, [9, 11, 12]);
      await kept(100, [13, 14], 2);
      await cleanBoards(rules.database);
      assert.deepEqual(await left(), ['500 days, 12', '100 days, 9', '100 days, 12', '100 days, 13']);
    });

    it('has what was last so, an hour after nothing changes any more', async () => {
      const moments = async (): Promise<string[]> => {
        const { rows } = await sql<{ score: number }>`
          select score_at(scores, 0) as score from rank_history order by taken_at`.execute(rules.database);
        return rows.map(({ score }) => String(score));
      };
      const anHourPasses = async (): Promise<void> => {
        await sql`update rank_history set taken_at = taken_at - interval '1 hour'`.execute(rules.database);
        await sql`update boards set settled_at = settled_at - interval '1 hour'`.execute(rules.database);
      };
      await score('ana', 5);
      await boards.settle(GUILD);
      await score('ana', 2);
      await boards.settle(GUILD);
      await boards.settle(GUILD);
      assert.deepEqual(await moments(), ['5']);
      await anHourPasses();
      await until('the next hour’s history', async () => (await moments()).length === 2);
      assert.deepEqual(await moments(), ['5', '7']);
      await anHourPasses();
      await wait(1000);
      assert.deepEqual(await moments(), ['5', '7']);
    });
  });
});
