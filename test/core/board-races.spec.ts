import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { markPlayer, recordScores, type Scored, takeBack } from '../../core/boards/index.ts';
import { closeBoard, storeBoard } from '../../core/boards/store-board.ts';
import { systemClock, wait } from '../../platform/clock.ts';
import { saveCommunity } from '../../platform/communities.ts';
import { type Leadership, lead } from '../../platform/leadership.ts';
import { createLiveFeed } from '../../platform/web/live-feed.ts';
import { allCaughtUp, findDifferences } from '../support/board-oracle.ts';
import { board, type Instance, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD, silent } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

const actor = { key: 'test' };
const corrector = { kind: 'server' as const, key: 'test', scopes: ['scores:correct'] };
const POINTS = { metrics: [{ name: 'points', operator: 'sum' as const, weight: 1 }] };

describe('boards, in races', () => {
  let rules: TestRules;
  const instances: Instance[] = [];
  let events = 0;
  beforeEach(async () => {
    rules = await startTestRules();
  });
  afterEach(async () => {
    await Promise.all([...held].map((release) => release()));
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
    await rules.drop();
  });

  const start = (...given: Parameters<typeof startInstance> extends [unknown, ...infer More] ? More : never) => {
    const instance = startInstance(rules, ...given);
    instances.push(instance);
    return instance;
  };
  const newId = () => {
    events += 1;
    return `event-${events}`;
  };
  const record = async (
    given: { id?: string; player: string; points?: number }[],
    on: Pick<Instance, 'database'> = rules,
  ) => {
    const scored = await recordScores(
      on,
      GUILD,
      given.map((event) => ({ id: newId(), points: 1, ...event })),
      'test',
    );
    assert.ok('accepted' in scored, JSON.stringify(scored));
    return scored;
  };
  const isExact = async (...which: Instance[]) => {
    const asked = which.length > 0 ? which : instances;
    await allCaughtUp(rules.database, asked);
    assert.deepEqual(await findDifferences(rules.database, asked), []);
  };
  const page = async (instance: Instance, asking: object = {}) => {
    const answer = await instance.page(GUILD, asking);
    assert.ok('entries' in answer, JSON.stringify(answer));
    return answer;
  };
  const ids = async (instance: Instance, asking: object = {}) =>
    (await page(instance, asking)).entries.map(({ player }) => player.id);
  const liveOf = (instance: Instance, key = 'all-time') => {
    const live = instance.live().find(({ board: { key: its } }) => its === key);
    assert.ok(live);
    return live;
  };
  const leads = (instance: Instance, key = 'all-time') =>
    until('the first tick', async () => liveOf(instance, key).settled.tick > 0);

  const held = new Set<() => Promise<void>>();
  /** Holds a table still, so that whoever needs it waits there. */
  const hold = async (table: string) => {
    const client = await rules.pool.connect();
    await client.query('begin');
    await client.query(`lock table ${table} in access exclusive mode`);
    const release = async () => {
      if (!held.delete(release)) return;
      await client.query('commit');
      client.release();
    };
    held.add(release);
    return release;
  };
  const waitsFor = (statement: string) =>
    until(`somebody to wait with “${statement}”`, async () => {
      const { rows } = await rules.pool.query(
        `select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query ilike $1`,
        [`%${statement}%`],
      );
      return rows[0] as { pid: number } | undefined;
    });
  /** Several scores at a time, again and again until it is told to stop. @returns how many were counted */
  const write = (players: string[], { writers = 4, batch = 5, on = rules as Pick<Instance, 'database'> } = {}) => {
    let isOver = false;
    let accepted = 0;
    const working = Array.from({ length: writers }, async (_, writer) => {
      for (let turn = 0; !isOver; turn += 1) {
        const given = Array.from({ length: batch }, (__, at) => ({
          id: newId(),
          player: players[(turn * 7 + writer * 3 + at) % players.length] ?? '',
        }));
        // Whoever is refused or cut off sends the same again.
        for (let done = false; !done; ) {
          const scored = await record(given, on).catch(() => null);
          done = scored !== null;
          accepted += scored ? scored.accepted + scored.duplicates : 0;
          if (!done) await wait(20);
        }
      }
    });
    return async () => {
      isOver = true;
      await Promise.all(working);
      return accepted;
    };
  };
  const names = (count: number) => Array.from({ length: count }, (_, at) => `player-${at}`);
  const total = async () => {
    const { rows } = await sql<{ sum: number }>`select sum(score)::float8 as sum from board_scores`.execute(
      rules.database,
    );
    return rows[0]?.sum ?? 0;
  };

  it('know what was written while they were read for the first time', async () => {
    const players = names(40);
    await makePlayers(rules, players);
    await start().add(GUILD, board(POINTS)).ready;
    const stop = write(players);
    for (let round = 0; round < 3; round += 1) {
      const late = start();
      const more = board({ ...POINTS, key: `more-${round}`, position: 1 });
      await Promise.all([late.add(GUILD, more).ready, late.add(GUILD, board(POINTS)).ready]);
      await wait(100);
    }
    const written = await stop();
    await isExact();
    assert.equal((await total()) / 4, written);
  });

  it('know what was written after a board was read and before it counts as read', async () => {
    await makePlayers(rules, ['ana', 'bo', 'cy']);
    await start().add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana' }, { player: 'bo' }]);
    const late = start();
    const release = await hold('settled_ranks');
    await late.add(GUILD, board(POINTS)).ready;
    await waitsFor('settled_ranks on board_id');
    await record([{ player: 'bo' }, { player: 'cy', points: 7 }]);
    await late.caughtUp();
    assert.equal((await page(late)).warming, true);
    const change = record([{ player: 'ana', points: 3 }]);
    await release();
    await change;
    await isExact();
    assert.deepEqual(await ids(late), ['cy', 'ana', 'bo']);
  });

  it('show and settle no mixture while scores are made by new rules', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await leads(one);
    await record([
      { player: 'ana', points: 1 },
      { player: 'bo', points: 2 },
    ]);
    await one.settle(GUILD);
    const release = await hold('settled_ranks');
    const tenfold = board({ metrics: [{ name: 'points', operator: 'sum', weight: 10 }] });
    await one.add(GUILD, tenfold).ready;
    await waitsFor('settled_ranks on board_id');
    await record([{ player: 'ana', points: 0.1 }]);
    await one.caughtUp();
    const shown = (await page(one)).entries.map(({ player, score }) => [player.id, score]);
    assert.deepEqual(shown, [
      ['bo', 2],
      ['ana', 1],
    ]);
    const asked = one.settle(GUILD);
    await wait(600);
    await release();
    await asked;
    await isExact();
    assert.deepEqual(
      (await page(one)).entries.map(({ player, score }) => [player.id, score]),
      [
        ['bo', 20],
        ['ana', 11],
      ],
    );
    const { rows } = await sql<{ scores: number[] }>`
      select array_agg(leaderboard_score order by leaderboard_rank) as scores from leaderboard`.execute(rules.database);
    assert.deepEqual(rows[0]?.scores, [20, 11]);
  });

  it('leave a place alone where a result is no improvement', async () => {
    await makePlayers(rules, ['ana', 'bo', 'cy']);
    const one = start();
    const laps = { best: 'lowest' as const, metrics: [{ name: 'points', operator: 'best' as const, weight: 1 }] };
    await one.add(GUILD, board(laps)).ready;
    for (const player of ['bo', 'ana', 'cy']) await record([{ player, points: 61.5 }]);
    await record([{ player: 'ana', points: 61.5 }]);
    await record([{ player: 'bo', points: 70 }]);
    await record([{ player: 'cy', points: 61.5001 }]);
    await isExact();
    assert.deepEqual(
      (await page(one)).entries.map(({ rank, player, score }) => [rank, player.id, score]),
      [
        [1, 'bo', 61.5],
        [1, 'ana', 61.5],
        [1, 'cy', 61.5],
      ],
    );
    await record([{ player: 'cy', points: 61.4999 }]);
    await isExact();
    assert.deepEqual(await ids(one), ['cy', 'bo', 'ana']);
  });

  it('show a player among neighbours, at both ends, within filters, and pages in either direction', async () => {
    const players = names(11);
    for (const [at, id] of players.entries()) {
      await makePlayers(rules, [id], { region: at % 2 ? 'EMEA' : 'APAC', company: at % 3 ? 'Acme' : null });
    }
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    // Scores 10, 10, 9, 9, 8 … from the first on.
    await record(players.map((player, at) => ({ player, points: 10 - Math.floor(at / 2) })));
    await one.caughtUp();
    const around = (id: string, more: object = {}) => ids(one, { around: id, limit: 5, ...more });
    const some = (...at: number[]) => at.map((index) => `player-${index}`);
    assert.deepEqual(await around('player-0'), some(0, 1, 2, 3, 4));
    assert.deepEqual(await around('player-1'), some(0, 1, 2, 3, 4));
    assert.deepEqual(await around('player-5'), some(3, 4, 5, 6, 7));
    assert.deepEqual(await around('player-9'), some(6, 7, 8, 9, 10));
    assert.deepEqual(await around('player-10'), some(6, 7, 8, 9, 10));
    assert.deepEqual(await around('player-4', { limit: 1 }), some(4));
    assert.deepEqual(await around('player-4', { limit: 2 }), some(4, 5));
    assert.deepEqual(await around('player-4', { limit: 100 }), players);
    assert.deepEqual(await around('player-9', { region: 'EMEA', limit: 3 }), some(5, 7, 9));
    assert.deepEqual(await around('player-1', { region: 'EMEA', limit: 3 }), some(1, 3, 5));
    assert.deepEqual(await around('player-7', { region: 'EMEA', company: 'Acme', limit: 2 }), some(5, 7));
    assert.deepEqual(await around('player-2', { region: 'EMEA' }), []);
    assert.deepEqual(await around('player-2', { region: 'nowhere' }), []);
    const middle = await page(one, { around: 'player-5', region: 'EMEA', limit: 3 });
    assert.deepEqual(
      middle.entries.map(({ rank, tier, player }) => [rank, tier, player.id]),
      [
        [2, 'Bronze', 'player-3'],
        [3, 'Top 10', 'player-5'],
        [4, 'Top 10', 'player-7'],
      ],
    );
    const pages: string[][] = [];
    for (const offset of [9, 6, 3, 0]) pages.unshift(await ids(one, { limit: 3, offset }));
    assert.deepEqual(pages.flat(), players);
    assert.deepEqual(await ids(one, { limit: 3, offset: 11 }), []);
    const { entries } = await page(one, { limit: 3, offset: 1 });
    assert.deepEqual(
      entries.map(({ rank }) => rank),
      [1, 3, 3],
    );
    await markPlayer(rules, { community: GUILD, player: 'player-5', mark: { hidden: true }, actor, source: 'hide' });
    await one.caughtUp();
    assert.deepEqual(await around('player-5'), []);
    assert.deepEqual(await around('player-4', { limit: 3 }), some(3, 4, 6));
    const nobody = await one.page(GUILD, { around: 'nobody' });
    assert.ok('refusal' in nobody && nobody.refusal.status === 404);
  });

  it('say within a filter who was where among the same people before', async () => {
    await makePlayers(rules, ['ana', 'bo', 'cy'], { region: 'EMEA' });
    await makePlayers(rules, ['di', 'ed'], { region: 'APAC' });
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await leads(one);
    const points = { di: 9, ana: 8, ed: 7, bo: 6, cy: 5 };
    await record(Object.entries(points).map(([player, value]) => ({ player, points: value })));
    await one.settle(GUILD);
    await one.settle(GUILD);
    await record([{ player: 'cy', points: 10 }]);
    await one.caughtUp();
    const moved = async (asking: object) =>
      (await page(one, asking)).entries.map(({ player, previous_rank, rank, delta }) => [
        player.id,
        previous_rank,
        rank,
        delta,
      ]);
    assert.deepEqual(await moved({}), [
      ['cy', 5, 1, 4],
      ['di', 1, 2, -1],
      ['ana', 2, 3, -1],
      ['ed', 3, 4, -1],
      ['bo', 4, 5, -1],
    ]);
    assert.deepEqual(await moved({ region: 'EMEA' }), [
      ['cy', 3, 1, 2],
      ['ana', 1, 2, -1],
      ['bo', 2, 3, -1],
    ]);
    assert.deepEqual(await moved({ region: 'APAC' }), [
      ['di', 1, 1, 0],
      ['ed', 2, 2, 0],
    ]);
  });

  it('answer with scores and ranks of one moment', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana', points: 2 }, { player: 'bo' }]);
    await one.caughtUp();
    const { loaded } = liveOf(one);
    const asked = page(one);
    loaded?.standings.remove(0);
    loaded?.standings.place(1, 5, 9);
    assert.deepEqual(
      (await asked).entries.map(({ rank, score, player }) => [rank, score, player.id]),
      [
        [1, 2, 'ana'],
        [2, 1, 'bo'],
      ],
    );
  });

  it('name who left the board in a tick’s event, also after a restart', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana', points: 2 }, { player: 'bo' }]);
    await leads(one);
    await one.settle(GUILD);
    await one.stop();
    instances.length = 0;
    await markPlayer(rules, { community: GUILD, player: 'ana', mark: { hidden: true }, actor, source: 'hide' });
    const next = start();
    await next.add(GUILD, board(POINTS)).ready;
    await until('the board', async () => liveOf(next).loaded);
    await next.settle(GUILD);
    const { rows } = await sql<{ payload: { tiers: { player: number; from: string; to: string | null }[] } }>`
      select payload from events where type = 'board.settled' order by id desc limit 1`.execute(rules.database);
    assert.deepEqual(
      rows[0]?.payload.tiers.map(({ player, from, to }) => [player, from, to]),
      [
        [2, 'Silver', 'Champion'],
        [1, 'Champion', null],
      ],
    );
    await isExact();
  });

  it('hide from what is shown meanwhile who hid before it was read', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana', points: 2 }, { player: 'bo' }]);
    await leads(one);
    await one.settle(GUILD);
    await markPlayer(rules, { community: GUILD, player: 'ana', mark: { hidden: true }, actor, source: 'hide' });
    const late = start();
    const release = await hold('settled_ranks');
    await late.add(GUILD, board(POINTS)).ready;
    const shown = await page(late);
    await release();
    assert.equal(shown.warming, true);
    assert.deepEqual(
      shown.entries.map(({ player }) => player.id),
      ['bo'],
    );
  });

  it('say nothing of what a hidden player does, nor again what was said before they hid', async () => {
    const told: object[] = [];
    let forgotten = 0;
    const liveFeed = {
      ...createLiveFeed({ clock: systemClock, addressOf: () => null }),
      send: (_community: string, _event: string, data: object) => void told.push(data),
      forget: () => {
        forgotten += 1;
      },
    };
    const players = await makePlayers(rules, ['ana', 'bo']);
    const watched = startInstance(rules, { liveFeed });
    try {
      await watched.add(GUILD, board()).ready;
      const give = async (id: string, player: string) => {
        await recordScores(rules, GUILD, [{ id, player, deals_closed: 1 }], 'test');
        await watched.caughtUp();
      };
      await give('a', 'ana');
      await give('b', 'bo');
      await watched.settle(GUILD);
      await watched.settle(GUILD);
      const hide = { community: GUILD, player: players.get('ana') ?? 0, mark: { hidden: true } };
      await wait(800);
      const before = forgotten;
      await markPlayer(rules, { ...hide, actor: { key: 'test' }, source: 'hide' });
      await watched.caughtUp();
      assert.ok(forgotten > before);
      await wait(800);
      const [count, page] = [told.length, await watched.page(GUILD, {})];
      await give('c', 'ana');
      await wait(800);
      assert.equal(told.length, count);
      assert.deepEqual(await watched.page(GUILD, {}), page);
    } finally {
      await watched.stop();
    }
  });

  it('say that they are starting, not that there are none, until the database has taken them', async () => {
    const one = start();
    const asks = [{}, { board: 'all-time' }, { board: 'weekly' }, { board: 'none' }];
    const codes = async () =>
      Promise.all(
        asks.map(async (asked) => {
          const answer = await one.page(GUILD, asked);
          return 'refusal' in answer ? answer.refusal.code : answer.board;
        }),
      );
    const nobody = await one.page(GUILD, {});
    assert.ok('refusal' in nobody && nobody.refusal.code === 'no-board');
    const weekly = board({ ...POINTS, key: 'weekly', position: 1 });
    const release = await hold('boards');
    const stored = one.add(GUILD, weekly).ready;
    assert.deepEqual(await codes(), ['board-starting', 'no-board', 'board-starting', 'no-board']);
    await release();
    await stored;
    const again = await hold('boards');
    const first = one.add(GUILD, board(POINTS)).ready;
    // The one that is there already is not the first one.
    assert.deepEqual(await codes(), ['board-starting', 'board-starting', 'weekly', 'board-not-found']);
    await again();
    await first;
    assert.deepEqual(await codes(), ['all-time', 'all-time', 'weekly', 'board-not-found']);
    const importing = await rules.pool.connect();
    await importing.query('begin');
    await importing.query('select pg_advisory_xact_lock($1, hashtext($2))', [0x4749, GUILD]);
    const late = start();
    const waiting = late.add(GUILD, board({ ...POINTS, key: 'late', position: 0 })).ready;
    await late.add(GUILD, weekly).ready;
    await until('the first try', async () => 'entries' in (await late.page(GUILD, {})));
    const refused = await late.page(GUILD, { board: 'late' });
    assert.ok('refusal' in refused && refused.refusal.status === 503);
    await importing.query('commit');
    importing.release();
    await waiting;
    assert.equal((await page(late)).board, 'late');
  });

  it('take back on a board that was closed meanwhile', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await one.add(GUILD, board({ ...POINTS, key: 'other', position: 1 })).ready;
    await record([
      { player: 'ana', points: 5 },
      { player: 'bo', points: 3 },
    ]);
    await closeBoard(rules.database, GUILD, 'other');
    await takeBack(rules, { community: GUILD, seq: await seqOf('ana'), reason: null, corrector, source: 'back' });
    await one.add(GUILD, board({ ...POINTS, key: 'other', position: 1 })).ready;
    await isExact();
    assert.deepEqual(await ids(one, { board: 'other' }), ['bo']);
  });

  it('are opened again by an instance that wants them, with season and scores, whoever closed them', async () => {
    await makePlayers(rules, ['ana', 'bo', 'cy']);
    const [one, other] = [start(), start()];
    const weekly = board({ ...POINTS, key: 'weekly', position: 1, reset: { cron: '0 0 1 1 *', timeZone: 'UTC' } });
    // One wants a second board, by which scores come in meanwhile; the other has nothing else to look after.
    await one.add(GUILD, board(POINTS)).ready;
    for (const instance of [one, other]) await instance.add(GUILD, weekly).ready;
    await record([{ player: 'ana', points: 5 }]);
    await leads(other, 'weekly');
    await sql`update boards set resets_at = now() where key = 'weekly'`.execute(rules.database);
    await until('the season', async () => liveOf(other, 'weekly').board.season === 2);
    await record([{ player: 'bo', points: 3 }]);
    await closeBoard(rules.database, GUILD, 'weekly');
    await record([{ player: 'cy', points: 4 }]);
    await until('the board', async () => {
      const answer = await other.page(GUILD, { board: 'weekly' });
      return 'entries' in answer && answer.entries.length === 2;
    });
    await isExact();
    assert.equal(liveOf(other, 'weekly').board.season, 2);
    assert.deepEqual(await ids(other, { board: 'weekly' }), ['cy', 'bo']);
    assert.deepEqual(await ids(one, { board: 'weekly' }), ['cy', 'bo']);
  });

  it('are made anew on their return for those alone who did something meanwhile', async () => {
    await makePlayers(rules, ['ana', 'bo']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await one.add(GUILD, board({ ...POINTS, key: 'second', position: 1 })).ready;
    await record([{ player: 'ana' }, { player: 'bo' }]);
    const touched = async () => {
      const { rows } = await sql<{ player: string }>`
        select web_id as player from board_scores join boards on boards.id = board_id join profiles using (player_id)
        where key = 'second' and board_scores.xmin::text <> ${first}::text`.execute(rules.database);
      return rows.map(({ player }) => player);
    };
    const { rows } = await sql<{ xmin: string }>`
      select board_scores.xmin::text as xmin from board_scores join boards on boards.id = board_id
      where key = 'second' limit 1`.execute(rules.database);
    const first = rows[0]?.xmin ?? '';
    const importing = await rules.pool.connect();
    await importing.query('select pg_advisory_lock($1, hashtext($2))', [0x4749, GUILD]);
    // Boards cannot change meanwhile, so it is closed as by one that had just begun to.
    await importing.query(`
      with closed as (update boards set closed_at = now() where key = 'second' returning id)
      insert into score_log (community_id, kind, board_id) select '${GUILD}', 'board', id from closed`);
    await record([{ player: 'bo' }]);
    await until('its absence', async () => 'refusal' in (await one.page(GUILD, { board: 'second' })));
    const answer = await one.page(GUILD, { board: 'second' });
    assert.ok('refusal' in answer && answer.refusal.code === 'board-starting');
    await importing.query('select pg_advisory_unlock_all()');
    importing.release();
    await until('its return', async () => 'entries' in (await one.page(GUILD, { board: 'second' })));
    await isExact();
    assert.deepEqual(await touched(), ['bo']);
  });

  it('keep newer rules where one instance opens them again and another brings those at once', async () => {
    await makePlayers(rules, ['ana']);
    const [one, other] = [start(), start()];
    for (const instance of [one, other]) await instance.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana', points: 2 }]);
    for (let round = 2; round < 8; round += 1) {
      const metrics = [{ name: 'points', operator: 'sum' as const, weight: round }];
      await closeBoard(rules.database, GUILD, 'all-time');
      await wait(round * 15);
      await one.add(GUILD, board({ metrics })).ready;
      await until('the board', async () => {
        const answer = await other.page(GUILD, {});
        return 'entries' in answer && answer.entries[0]?.score === 2 * round;
      });
      await isExact();
    }
  });

  it('are closed by the next start where the instance ended before it could, unless another one has them', async () => {
    const elsewhere = '200000000000000009';
    const settings = { approverRoles: [], creditsPerRequest: 100, creditsPerDay: 1000 };
    await saveCommunity(rules.database, { id: elsewhere, name: 'Elsewhere', ...settings });
    await storeBoard(rules.database, elsewhere, board({ ...POINTS, key: 'theirs' }), null);
    await storeBoard(rules.database, GUILD, board({ ...POINTS, key: 'lost' }), null);
    const other = start();
    await other.add(GUILD, board({ ...POINTS, key: 'kept' })).ready;
    await start({}, 300).add(GUILD, board(POINTS)).ready;
    const open = async () => {
      const { rows } = await sql<{ key: string }>`
        select key from boards where closed_at is null order by key`.execute(rules.database);
      return rows.map(({ key }) => key).join();
    };
    await until('the end of what nobody has', async () => (await open()) === 'all-time,kept,theirs');
    await wait(1500);
    assert.equal(await open(), 'all-time,kept,theirs');
  });

  it('stay open where the same instance wants them again while it closes them', async () => {
    await makePlayers(rules, ['ana']);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana', points: 2 }]);
    const writer = await rules.pool.connect();
    await writer.query('begin');
    await writer.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [0x4742, GUILD]);
    const closing = closeBoard(rules.database, GUILD, 'all-time');
    await waitsFor('pg_advisory_xact_lock');
    await one.add(GUILD, board(POINTS)).ready;
    await writer.query('commit');
    writer.release();
    await closing;
    await until('the board', async () => {
      const { rows } = await sql<{ open: boolean }>`select closed_at is null as open from boards`.execute(
        rules.database,
      );
      return rows[0]?.open && 'entries' in (await one.page(GUILD, {}));
    });
    await isExact();
    assert.deepEqual(await ids(one), ['ana']);
  });
  const seqOf = async (player: string): Promise<number> => {
    const { rows } = await sql<{ seq: number }>`
      select seq from score_log join profiles using (community_id, player_id)
      where web_id = ${player} and kind = 'score' order by seq desc limit 1`.execute(rules.database);
    return rows[0]?.seq ?? 0;
  };

  it('are settled by the next leader where the first dies in the middle of a tick, and no tick has a twin', async () => {
    const players = names(20);
    await makePlayers(rules, players);
    const [one, other] = [start(), start()];
    for (const instance of [one, other]) await instance.add(GUILD, board(POINTS)).ready;
    await record(players.map((player, at) => ({ player, points: at })));
    await one.settle(GUILD);
    const ticks = async () => {
      const { rows } = await sql<{ tick: number; stored: number; settled: number }>`
        select tick, (select count(*)::int from leaderboard_snapshots) as stored,
          (select count(*)::int from leaderboard) as settled from boards`.execute(rules.database);
      return rows[0];
    };
    for (const way of ['its session for leading', 'its publishing']) {
      const before = await ticks();
      const release = await hold('settled_ranks');
      await record([{ player: 'player-0', points: 100 }]);
      const asked = other.settle(GUILD);
      const { pid } = await waitsFor('insert into settled_ranks');
      const victims =
        way === 'its publishing'
          ? [pid]
          : (
              await rules.pool.query(
                `select pid from pg_locks join pg_stat_activity using (pid)
                where locktype = 'advisory' and application_name = 'guildhall leadership of boards'
                  and datname = current_database()`,
              )
            ).rows.map((row) => row.pid);
      assert.equal(victims.length, 1, way);
      await rules.pool.query('select pg_terminate_backend($1)', victims);
      if (way === 'its publishing') await until('its end', async () => !(await isThere(pid)));
      await wait(700);
      await release();
      const settled = await asked;
      assert.ok('tick' in settled, way);
      const after = await ticks();
      assert.equal(after?.settled, players.length, way);
      assert.equal((after?.tick ?? 0) - (before?.tick ?? 0), (after?.stored ?? 0) - (before?.stored ?? 0), way);
      await isExact();
      const { rows } = await sql<{ score: number }>`
        select leaderboard_score as score from leaderboard order by leaderboard_rank limit 1`.execute(rules.database);
      assert.equal(rows[0]?.score, way === 'its publishing' ? 200 : 100);
    }
  });
  const isThere = async (pid: number) =>
    (await rules.pool.query('select from pg_stat_activity where pid = $1', [pid])).rows.length > 0;

  it('agree though every connection is cut again and again, and lose nothing', async () => {
    const players = names(30);
    await makePlayers(rules, players);
    const [one, other] = [start(), start()];
    for (const instance of [one, other]) await instance.add(GUILD, board({ ...POINTS, settleSeconds: 5 })).ready;
    const stop = write(players, { on: one });
    for (let cut = 0; cut < 15; cut += 1) {
      await wait(100);
      // One of those that read, write or lead at this moment.
      await rules.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name like 'guildhall%'
          and application_name not like '%notifications%'
        order by state = 'active' desc, hashtext($1 || pid::text) limit 3`,
        [`cut ${cut}`],
      );
    }
    const written = await stop();
    await isExact();
    assert.equal(await total(), written);
  });

  it('settle what a moment was while scores come in, and know all that came before they were asked', async () => {
    const players = names(30);
    await makePlayers(rules, [...players, 'ana']);
    const [one, other] = [start(), start()];
    for (const instance of [one, other]) await instance.add(GUILD, board(POINTS)).ready;
    const stop = write(players, { writers: 3 });
    let points = 0;
    for (let turn = 0; turn < 6; turn += 1) {
      // Another tick is under way, or not.
      const already = other.settle(GUILD);
      await wait(turn * 40);
      await record([{ player: 'ana', points: 1000 }]);
      points += 1000;
      const settled = await one.settle(GUILD);
      const { rows } = await sql<{ score: number; rank: number; wrong: number }>`
        with ranked as (select *, rank() over (order by leaderboard_score desc) as expected from leaderboard)
        select (select leaderboard_score from ranked where player_id = ${players.length + 1}) as score,
          (select leaderboard_rank from ranked where player_id = ${players.length + 1}) as rank,
          (select count(*)::int from ranked where expected <> leaderboard_rank) as wrong`.execute(rules.database);
      assert.deepEqual(rows[0], { score: points, rank: 1, wrong: 0 }, JSON.stringify(settled));
      await already;
    }
    await stop();
    await isExact();
  });

  it('count every event in one season, though many are under way when one ends', async () => {
    const players = names(25);
    await makePlayers(rules, players);
    const [one, other] = [start(), start()];
    const seasonal = { ...POINTS, reset: { cron: '0 0 1 1 *', timeZone: 'UTC' } };
    for (const instance of [one, other]) await instance.add(GUILD, board(seasonal)).ready;
    await leads(one);
    // More at once than there are connections, on both: nobody waits for ever for those who wait for the season's end.
    const stops = [write(players, { writers: 24, on: one }), write(players, { writers: 24, on: other })];
    for (let season = 1; season <= 3; season += 1) {
      await wait(400);
      await sql`update boards set resets_at = now()`.execute(rules.database);
      await until(`season ${season + 1}`, async () => {
        const { rows } = await sql<{ season: number }>`select season from boards`.execute(rules.database);
        return rows[0]?.season === season + 1;
      });
    }
    let written = 0;
    for (const stop of stops) written += await stop();
    await isExact();
    const { rows } = await sql<{ archived: number; now: number; logged: number; seasons: number }>`
      with archive as (
        select distinct on (season, chunk) season, chunk, ranks, scores from rank_history
        where season < (select season from boards) order by season, chunk, taken_at desc
      )
      select (select sum(score_at(scores, slot)) from archive cross join generate_series(0, 499) as slot
          where rank_at(ranks, slot) > 0) as archived,
        (select sum(score) from board_scores where season = (select season from boards)) as now,
        (select count(*)::int from score_log where kind = 'score') as logged,
        (select count(*)::int from board_seasons) as seasons`.execute(rules.database);
    const [counted] = rows;
    assert.equal(counted?.seasons, 3);
    assert.equal(counted?.logged, written);
    assert.equal((counted?.archived ?? 0) + (counted?.now ?? 0), written);
  });

  it('settle where the clock was set back', async () => {
    await makePlayers(rules, ['ana']);
    const one = start();
    await one.add(GUILD, board({ ...POINTS, settleSeconds: 3600 })).ready;
    await leads(one);
    await record([{ player: 'ana' }]);
    await sql`update boards set settled_at = now() + interval '3 hours'`.execute(rules.database);
    await until('a tick', async () => {
      const { rows } = await sql<{ score: number }>`
        select leaderboard_score as score from leaderboard join boards on boards.key = board
        where settled_at <= now()`.execute(rules.database);
      return rows[0]?.score === 1;
    });
    await isExact();
  });

  it('lead in the end where the first try failed', async () => {
    await makePlayers(rules, ['ana']);
    let tries = 0;
    const one = start({
      lead: (task): Promise<Leadership> => {
        tries += 1;
        // As where PostgreSQL is restarted while the flows start.
        const server = tries === 1 ? 'postgresql://127.0.0.1:1/none' : rules.connectionString;
        return lead(server, task, silent);
      },
    });
    await one.add(GUILD, board(POINTS)).ready;
    await record([{ player: 'ana' }]);
    await leads(one);
    assert.equal(tries, 2);
  });

  it('count an id once, however many bring it at once for different players and in different orders', async () => {
    const players = names(8);
    await makePlayers(rules, players);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    for (let round = 0; round < 4; round += 1) {
      const shared = names(6).map((name) => `shared-${round}-${name}`);
      const batches = players.map((_, at) =>
        (at % 2 ? shared : shared.toReversed()).map((id, place) => ({
          id,
          player: players[(at + place * 3) % players.length] ?? '',
        })),
      );
      const scored = await Promise.all(batches.map((batch) => record(batch)));
      const sum = (what: 'accepted' | 'duplicates') => scored.reduce((all, one) => all + one[what], 0);
      assert.equal(sum('accepted'), shared.length);
      assert.equal(sum('duplicates'), shared.length * (players.length - 1));
    }
    assert.equal(await total(), 24);
    await isExact();
  });

  it('count the same batch once, sent several times at once', async () => {
    const players = names(50);
    await makePlayers(rules, players);
    const one = start();
    await one.add(GUILD, board(POINTS)).ready;
    const batch = players.flatMap((player) => [1, 2].map(() => ({ id: newId(), player })));
    const scored = await Promise.all([batch, batch, batch.toReversed(), batch].map((given) => record(given)));
    assert.deepEqual(scored.map(({ accepted }: Scored) => accepted).sort(), [0, 0, 0, 100]);
    assert.equal(await total(), 100);
    await isExact();
  });

  it('let no two batches wait for each other', async () => {
    const players = names(40);
    await makePlayers(rules, players);
    const one = start();
    for (const key of ['all-time', 'other']) await one.add(GUILD, board({ ...POINTS, key })).ready;
    const orders = [players, players.toReversed(), players.toSorted(), [...players.slice(20), ...players.slice(0, 20)]];
    const before = await deadlocks();
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(orders.map((order) => record(order.map((player) => ({ player })))));
    }
    assert.equal(await total(), 2 * 5 * 4 * players.length);
    await isExact();
    assert.equal(await deadlocks(), before);
  });
  const deadlocks = async () => {
    await rules.pool.query('select pg_stat_clear_snapshot()');
    const { rows } = await rules.pool.query(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return rows[0].deadlocks;
  };
});
