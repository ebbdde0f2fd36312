import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { recordScores, type Scored } from '../../core/boards/index.ts';
import type { Boards } from '../../core/boards/live.ts';
import { board, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

describe('boards', () => {
  let rules: TestRules;
  let boards: Boards;
  let events = 0;
  beforeEach(async () => {
    rules = await startTestRules();
    boards = startInstance(rules);
  });
  afterEach(async () => {
    await boards.stop();
    await rules.drop();
  });

  const score = async (player: string, metrics: object) => {
    events += 1;
    const scored = await recordScores(rules, GUILD, [{ id: `event-${events}`, player, ...metrics }], 'test');
    assert.deepEqual({ ...scored }, { accepted: 1, duplicates: 0, rejected: [] });
    await boards.caughtUp();
  };
  const page = async (asking: object = {}) => {
    const answer = await boards.page(GUILD, asking);
    assert.ok('entries' in answer, JSON.stringify(answer));
    return answer;
  };
  const shown = async (asking: object = {}) =>
    (await page(asking)).entries.map(({ rank, score: points, player }) => [rank, player.id, points]);

  it('show a score at once, ranked as in competitions, whoever reached a score first before others', async () => {
    await makePlayers(rules, ['ana', 'bo', 'cy', 'di']);
    await boards.add(GUILD, board()).ready;
    await score('bo', { deals_closed: 2 });
    await score('ana', { deals_closed: 2 });
    await score('cy', { deals_closed: 3 });
    await score('di', { leads_generated: 1, response_rate: 0.5 });
    assert.deepEqual(await shown(), [
      [1, 'cy', 300],
      [2, 'bo', 200],
      [2, 'ana', 200],
      [4, 'di', 10],
    ]);
    // A board's first tick comes by itself, at any moment of the above.
    const ticks = [await boards.settle(GUILD), await boards.settle(GUILD)].map((settled) => {
      assert.ok('tick' in settled);
      return settled;
    });
    assert.deepEqual(
      ticks.map(({ board: key, total_players }) => [key, total_players]),
      [
        ['all-time', 4],
        ['all-time', 4],
      ],
    );
    assert.equal(ticks[1]?.tick, (ticks[0]?.tick ?? 0) + 1);
    await score('ana', { deals_closed: 5 });
    const [first] = (await page()).entries;
    assert.deepEqual(first, {
      rank: 1,
      previous_rank: 2,
      delta: 1,
      score: 700,
      tier: 'Champion',
      player: { id: 'ana', name: 'ANA', region: null, company: null },
    });
  });

  it('count each event once, and name what cannot count', async () => {
    await makePlayers(rules, ['ana']);
    await boards.add(GUILD, board()).ready;
    const given = [
      { id: 'a', player: 'ana', deals_closed: 1 },
      { id: 'a', player: 'ana', deals_closed: 1 },
      { id: 'b', player: 'nobody', deals_closed: 1 },
      { id: 'c', player: 'ana', deals_closed: '1' },
      { id: 'd', player: 'ana', goals: 1 },
      { id: 'e', player: 'ana', deals_closed: JSON.parse('1e400') },
      { id: 'f', player: 'ana', deals_closed: 2 ** 53 },
      { player: 'ana', deals_closed: 1 },
      7,
    ];
    const scored = (await recordScores(rules, GUILD, given, 'test')) as Scored;
    assert.equal(scored.accepted, 1);
    assert.equal(scored.duplicates, 1);
    assert.deepEqual(
      scored.rejected.map(({ id }) => id),
      ['c', 'e', 'f', null, null, 'b', 'd'],
    );
    await boards.caughtUp();
    assert.deepEqual(await shown(), [[1, 'ana', 100]]);
    const again = (await recordScores(rules, GUILD, given, 'test')) as Scored;
    assert.equal(again.accepted, 0);
    assert.equal(again.duplicates, 2);
  });

  it('begin a season anew, with the one before in the archive', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const weekly = board({ key: 'weekly', title: 'This week', reset: { cron: '0 0 * * 1', timeZone: 'UTC' } });
    await boards.add(GUILD, weekly).ready;
    await score('ana', { deals_closed: 2 });
    await score('bo', { deals_closed: 1 });
    await sql`update boards set resets_at = now()`.execute(rules.database);
    await until('the new season', async () => (await page()).total_players === 0);
    await score('bo', { leads_generated: 1 });
    assert.deepEqual(await shown(), [[1, 'bo', 10]]);
    const { rows } = await sql<{ total_players: number; best: number }>`
      select total_players, (top_100 -> 0 ->> 'score')::int as best from board_seasons`.execute(rules.database);
    assert.deepEqual(rows, [{ total_players: 2, best: 200 }]);
  });

  it('make scores anew where weights change, and have everything where they come later', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const first = boards.add(GUILD, board());
    await first.ready;
    await score('ana', { deals_closed: 1 });
    await score('bo', { leads_generated: 3 });
    first.remove();
    await boards.add(GUILD, board({ metrics: [{ name: 'leads_generated', operator: 'best', weight: 7 }] })).ready;
    await until('the new scores', async () => (await page()).entries[0]?.score === 21);
    assert.deepEqual(await shown(), [[1, 'bo', 21]]);
    await boards.add(GUILD, board({ key: 'deals', position: 1 })).ready;
    await until('the new board', async () => (await page({ board: 'deals' })).total_players === 2);
    assert.deepEqual(await shown({ board: 'deals' }), [
      [1, 'ana', 100],
      [2, 'bo', 30],
    ]);
  });
});
