import assert from 'node:assert/strict';
import { sql } from 'kysely';
import {
  addScore,
  correctScore,
  forgetPlayer,
  MOST_EVENTS,
  recordScores,
  type Scored,
  takeBack,
} from '../../core/boards/index.ts';
import { closeBoard } from '../../core/boards/store-board.ts';
import { allCaughtUp, findDifferences } from '../support/board-oracle.ts';
import { board, type Instance, makePlayers, startInstance, startTestRules, type TestRules } from '../support/boards.ts';
import { GUILD, silent } from '../support/database.ts';

const LARGEST = 99_999_999_999;
const corrector = { kind: 'server' as const, key: 'test', scopes: ['scores:correct'] };

describe('score events', () => {
  let rules: TestRules;
  let boards: Instance;
  let sources = 0;
  beforeEach(async () => {
    rules = await startTestRules();
    boards = startInstance(rules);
    await makePlayers(rules, ['ana', 'bo', '__proto__', 'constructor']);
    const metrics = { points: 1, half: 0.5 };
    const sums = Object.entries(metrics).map(([name, weight]) => ({ name, operator: 'sum' as const, weight }));
    await boards.add(GUILD, board({ metrics: sums })).ready;
  });
  afterEach(async () => {
    await boards.stop();
    await rules.drop();
  });

  const source = () => {
    sources += 1;
    return `source-${sources}`;
  };
  const record = async (...given: unknown[]): Promise<Scored> => {
    const scored = await recordScores(rules, GUILD, given, source());
    assert.ok('accepted' in scored, JSON.stringify(scored));
    return scored;
  };
  const shown = async () => {
    await allCaughtUp(rules.database, [boards]);
    assert.deepEqual(await findDifferences(rules.database, [boards]), []);
    return scores();
  };
  const scores = async () => {
    await allCaughtUp(rules.database, [boards]);
    const page = await boards.page(GUILD, { limit: 100 });
    assert.ok('entries' in page);
    return Object.fromEntries(page.entries.map(({ player, score }) => [`${player.id}`, score]));
  };
  /** Each is rejected with this reason, and one that is good beside it counts. */
  const isRejected = async (given: unknown, reason: RegExp) => {
    const { rows } = await sql<{ rows: number }>`select count(*)::int as rows from score_log`.execute(rules.database);
    const scored = await record(given, { id: source(), player: 'bo', points: 1 });
    assert.equal(scored.accepted, 1, JSON.stringify(given));
    assert.equal(scored.rejected.length, 1, JSON.stringify(given));
    assert.match(scored.rejected[0]?.reason ?? '', reason, JSON.stringify(given));
    const after = await sql<{ rows: number }>`select count(*)::int as rows from score_log`.execute(rules.database);
    assert.equal((after.rows[0]?.rows ?? 0) - (rows[0]?.rows ?? 0), 1);
  };

  it('take 0, negative numbers, four places and the largest, and add them exactly', async () => {
    const values = [0, -0, -5.5, 0.1, 0.2, 0.0001, LARGEST, -LARGEST, 1 / 3, 1e-9, -1e-9];
    const scored = await record(...values.map((points, at) => ({ id: `value-${at}`, player: 'ana', points })));
    assert.deepEqual({ ...scored }, { accepted: values.length, duplicates: 0, rejected: [] });
    await record({ id: 'zero', player: 'bo', points: 0 });
    assert.deepEqual(await shown(), { bo: 0, ana: -4.8666 });
  });

  it('name what is no number, too large a one, or no event', async () => {
    const event = (points: unknown) => ({ id: source(), player: 'ana', points });
    for (const points of ['1', '', null, true, [1], {}]) await isRejected(event(points), /^points must be a number$/);
    for (const points of [JSON.parse('1e400'), -Infinity, Number.NaN]) {
      await isRejected(event(points), /^points is too large for a number$/);
    }
    for (const points of [2 ** 53, -(2 ** 53), 1e300, LARGEST + 1]) await isRejected(event(points), /must lie between/);
    for (const given of [null, 7, 'event', [], true, undefined])
      await isRejected(given, /^an event must be an object$/);
    await isRejected({ id: source(), player: 'ana' }, /^it has no metric/);
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`m${at}`, 1]));
    await isRejected({ id: source(), player: 'ana', ...many }, /^it has 21 metrics; up to 20 are read$/);
    assert.deepEqual(Object.keys(await shown()), ['bo']);
  });

  it('name ids and players that cannot be', async () => {
    const event = (more: object) => ({ id: source(), player: 'ana', points: 1, ...more });
    await isRejected(event({ id: undefined }), /^it has no id$/);
    await isRejected(event({ id: '' }), /^it has no id$/);
    await isRejected(event({ id: 7 }), /^id must be text$/);
    await isRejected(event({ id: {} }), /^id must be text$/);
    await isRejected(event({ id: 'x'.repeat(101) }), /^id is longer than 100 characters$/);
    await isRejected(event({ id: 'a\0b' }), /^id is not valid text$/);
    await isRejected(event({ id: 'a\ud800b' }), /^id is not valid text$/);
    await isRejected(event({ id: 'correction:7' }), /kept for corrections$/);
    await isRejected(event({ player: undefined }), /^it has no player$/);
    await isRejected(event({ player: 1.5 }), /^player must be text$/);
    await isRejected(event({ player: 2 ** 53 }), /^player must be text$/);
    await isRejected(event({ player: 'x'.repeat(101) }), /^player is longer than 100 characters$/);
    await isRejected(event({ player: '\udc00' }), /^player is not valid text$/);
    await isRejected(event({ player: 'nobody' }), /^there is no player "nobody"$/);
    await isRejected(event({ player: -1 }), /^there is no player -1$/);
    await isRejected(event({ player: Number.MAX_SAFE_INTEGER }), /^there is no player/);
    await isRejected(event({ player: 'player:999999999999999' }), /^there is no player/);
    await isRejected(event({ player: 'toString' }), /^there is no player "toString"$/);
    await record(event({ id: 'x'.repeat(100) }), event({ id: '😀'.repeat(50) }), event({ player: 'player:1' }));
    assert.equal((await shown()).ana, 3);
  });

  it('take names that mean something to JavaScript for what they are', async () => {
    const parsed = JSON.parse('{"id": "p", "player": "ana", "__proto__": 1}');
    await isRejected(parsed, /no board knows the metric "__proto__"/);
    for (const metric of ['constructor', 'toString', 'hasOwnProperty', 'POINTS', 'points ']) {
      await isRejected(
        { id: source(), player: 'ana', [metric]: 1 },
        /no board knows the metric .* there are: half, points$/,
      );
    }
    const named = ['__proto__', 'constructor', 'toString'];
    await record(
      { id: '__proto__', player: '__proto__', points: 1 },
      { id: 'constructor', player: 'constructor', points: 2 },
      { id: 'toString', player: 'ana', points: 3 },
      { id: '__proto__', player: '__proto__', points: 1 },
    );
    const { bo: _bo, ...scores } = await shown();
    assert.deepEqual(Object.entries(scores).sort(), [
      ['__proto__', 1],
      ['ana', 3],
      ['constructor', 2],
    ]);
    assert.equal((await record(...named.map((id) => ({ id, player: 'ana', points: 9 })))).duplicates, 3);
  });

  it('refuse what makes a total too large, with what is before and after it counted', async () => {
    const scored = await record(
      { id: 'a', player: 'ana', points: LARGEST },
      { id: 'b', player: 'ana', points: 1 },
      { id: 'c', player: 'ana', points: -1 },
      { id: 'd', player: 'ana', points: 1 },
      { id: 'e', player: 'ana', half: LARGEST },
      { id: 'f', player: 'bo', half: LARGEST },
    );
    assert.equal(scored.accepted, 4);
    assert.deepEqual(
      scored.rejected.map(({ id, reason }) => [id, reason]),
      ['b', 'e'].map((id) => [id, 'with it a total would be too large a number']),
    );
    assert.deepEqual(await shown(), { ana: LARGEST, bo: 49_999_999_999.5 });
    // Rejected is not counted: it may come again, where there is room.
    await record({ id: 'g', player: 'ana', points: -1 });
    assert.equal((await record({ id: 'b', player: 'ana', points: 1 })).accepted, 1);
    assert.equal((await shown()).ana, LARGEST);
    const correcting = { community: GUILD, player: 'ana', board: null, reason: 'a test', corrector };
    for (const [value, detail] of [
      [2 ** 53, /must lie between/],
      ['7', /must be a number/],
      [Number.POSITIVE_INFINITY, /too large/],
    ] as const) {
      const corrected = await correctScore(rules, { ...correcting, metric: 'points', value, source: source() });
      assert.match('refusal' in corrected ? corrected.refusal.detail : '', detail);
    }
    const grown = await correctScore(rules, { ...correcting, metric: 'half', value: 2, source: source() });
    assert.match('refusal' in grown ? grown.refusal.detail : '', /^With it a total would be too large/);
    // Without c there is no room for d, which was counted.
    const { rows } = await sql<{ seq: number }>`select seq from score_log where event_id = 'c'`.execute(rules.database);
    const undoing = { community: GUILD, reason: 'a test', corrector, source: source() };
    const undone = await takeBack(rules, { ...undoing, seq: rows[0]?.seq });
    assert.match('refusal' in undone ? undone.refusal.detail : '', /^Without it a total would be too large/);
    assert.equal((await shown()).ana, LARGEST);
  });

  it('say of an id that comes again in a batch whether it was counted', async () => {
    const scored = await record(
      { id: 'twice', player: 'ana', points: 1 },
      { id: 'twice', player: 'bo', points: 5 },
      { id: 'lost', player: 'nobody', points: 1 },
      { id: 'lost', player: 'ana', points: 1 },
      { id: 'mended', player: 'ana', points: 'one' },
      { id: 'mended', player: 'ana', points: 1 },
    );
    assert.equal(scored.accepted, 2);
    assert.equal(scored.duplicates, 1);
    assert.deepEqual(scored.rejected.map(({ id }) => id).sort(), ['lost', 'lost', 'mended']);
    assert.deepEqual(await shown(), { ana: 2 });
  });

  it('take nothing of a player who was forgotten, and anew of the next one of that id', async () => {
    await record({ id: 'a', player: 'ana', points: 1 });
    await forgetPlayer(rules, { community: GUILD, player: 1, actor: { key: 'test' }, source: source() });
    for (const player of ['ana', 1, 'player:1']) {
      await isRejected({ id: source(), player, points: 1 }, /^there is no player/);
    }
    await makePlayers(rules, ['ana']);
    await record({ id: 'b', player: 'ana', points: 7 });
    const { bo: _bo, ...scores } = await shown();
    assert.deepEqual(scores, { ana: 7 });
  });

  it('correct once for each source, however long it is called', async () => {
    const correcting = { community: GUILD, player: 'ana', board: null, metric: 'points', reason: 'a test', corrector };
    for (const name of ['short', 'x'.repeat(89), 'x'.repeat(90), 'é'.repeat(500)]) {
      const answers = await Promise.all(
        [1, 2, 3].map(() => correctScore(rules, { ...correcting, value: 3, source: name })),
      );
      const numbers = new Set(answers.map((answer) => ('correction' in answer ? answer.correction : null)));
      assert.equal(numbers.size, 1, name);
      assert.ok(!numbers.has(null), name);
    }
    await shown();
  });

  it('say of a source that it did something else before', async () => {
    const common = { community: GUILD, player: 'ana', metric: 'points', value: 3, reason: 'a test', corrector };
    const correcting = { ...common, board: null, source: 'one' };
    assert.ok('correction' in (await correctScore(rules, correcting)));
    assert.ok('correction' in (await addScore(rules, { ...common, source: 'two' })));
    const others = [
      ...[{ player: 'bo' }, { value: 4 }, { metric: 'half' }, { board: 'all-time' }, { source: 'two' }].map((other) =>
        correctScore(rules, { ...correcting, ...other }),
      ),
      ...[{ player: 'bo' }, { value: 4 }, { source: 'one' }].map((other) =>
        addScore(rules, { ...common, source: 'two', ...other }),
      ),
    ];
    for (const answer of await Promise.all(others)) {
      assert.equal('refusal' in answer && answer.refusal.code, 'idempotency-key-reused');
    }
    assert.deepEqual(await shown(), { ana: 6 });
  });

  it('correct on every board only where none is named', async () => {
    const common = { community: GUILD, player: 'ana', metric: 'points', value: 3, reason: 'a test', corrector };
    for (const board of [5, ['all-time'], {}, false, 'other']) {
      const answer = await correctScore(rules, { ...common, board, source: source() });
      assert.equal('refusal' in answer && answer.refusal.code, 'invalid-correction', JSON.stringify(board));
    }
    assert.deepEqual(await shown(), {});
    for (const board of [undefined, null, '', 'all-time']) {
      assert.ok('correction' in (await correctScore(rules, { ...common, board, source: source() })));
    }
  });

  it('find nobody behind what the database cannot hold', async () => {
    const common = { community: GUILD, metric: 'points', value: 3, reason: 'a test', corrector, board: null };
    for (const player of ['a\0b', '\0', 1.5, 1e300, Number.NaN, 2 ** 60]) {
      const corrected = await correctScore(rules, { ...common, player, source: source() });
      const found = await boards.player(GUILD, player);
      const around = await boards.page(GUILD, { around: player });
      for (const answer of [corrected, found, around]) {
        assert.equal('refusal' in answer && answer.refusal.code, 'player-not-found', String(player));
      }
    }
  });

  it('say how many do not count by larger weights, also after a restart, and count them by smaller ones', async () => {
    const said: string[] = [];
    const log = { ...silent, warn: (...words: unknown[]) => said.push(words.map(String).join(' ')) };
    const other = startInstance(rules, { log: log as never });
    const half = { name: 'half', operator: 'sum' as const, weight: 0.5 };
    const weighing = (weight: number) => board({ metrics: [{ name: 'points', operator: 'sum', weight }, half] });
    await other.add(GUILD, { ...weighing(0.5), key: 'other', position: 1 }).ready;
    await record(
      { id: 'a', player: 'ana', points: LARGEST },
      { id: 'b', player: 'ana', points: -1 },
      { id: 'c', player: 'bo', points: 60_000_000_000 },
    );
    assert.deepEqual(await other.add(GUILD, weighing(1)).ready, { passedOver: 0 });
    assert.deepEqual(said, []);
    assert.deepEqual(await other.add(GUILD, weighing(2)).ready, { passedOver: 2 });
    // What the test computes by itself knows no limit.
    assert.deepEqual(await scores(), { ana: -2 });
    assert.deepEqual(await other.add(GUILD, weighing(2)).ready, { passedOver: 2 });
    assert.match(
      said.join(),
      /^2 score events do not count on the board “All time”: .*99,999,999,999.*smaller weights/,
    );
    assert.equal(said.length, 2);
    // Only one of the two does something while it is closed.
    await closeBoard(rules.database, GUILD, 'all-time');
    await record({ id: 'd', player: 'bo', points: 1 });
    assert.deepEqual(await other.add(GUILD, weighing(2)).ready, { passedOver: 2 });
    assert.deepEqual(await scores(), { ana: -2, bo: 2 });
    assert.deepEqual(await other.add(GUILD, weighing(0.5)).ready, { passedOver: 0 });
    assert.deepEqual(await shown(), { ana: 49_999_999_999, bo: 30_000_000_000.5 });
    await other.stop();
  });

  it('add by hand once for each source, with a reason, and take that back', async () => {
    const adding = { community: GUILD, player: 'ana', metric: 'points', value: 2, reason: 'a test', corrector };
    const writer = { ...corrector, scopes: ['scores:write'] };
    const answers = await Promise.all([1, 2, 3].map(() => addScore(rules, { ...adding, source: 'one' })));
    const numbers = new Set(answers.map((answer) => ('correction' in answer ? answer.correction : null)));
    assert.equal(numbers.size, 1);
    const [seq] = numbers;
    assert.equal(typeof seq, 'number');
    await addScore(rules, { ...adding, value: 0.5, source: 'two' });
    assert.equal((await shown()).ana, 2.5);
    for (const [bad, detail] of [
      [{ reason: '' }, /^Say why/],
      [{ metric: 'nothing' }, /knows the metric/],
      [{ value: '2' }, /must be a number/],
      [{ value: LARGEST }, /^With it a total would be too large/],
      [{ player: 'nobody' }, /Nobody here is “nobody”/],
      [{ corrector: writer }, /scores:correct/],
    ] as [object, RegExp][]) {
      const refused = await addScore(rules, { ...adding, ...bad, source: source() });
      assert.match('refusal' in refused ? refused.refusal.detail : '', detail);
    }
    await takeBack(rules, { community: GUILD, seq, reason: null, corrector, source: source() });
    assert.equal((await shown()).ana, 0.5);
  });

  it(`take ${MOST_EVENTS} at once, and none of more`, async () => {
    const events = Array.from({ length: MOST_EVENTS + 1 }, (_, at) => ({
      id: `event-${at}`,
      player: at % 2 ? 'ana' : 'bo',
      points: 1,
    }));
    const refused = await recordScores(rules, GUILD, events, source());
    assert.ok('refusal' in refused && refused.refusal.status === 413, JSON.stringify(refused));
    assert.match(
      refused.refusal.detail,
      /^Send up to 10000 events at once; these are 10001. None of them was counted.$/,
    );
    assert.deepEqual(await shown(), {});
    assert.equal((await record(...events.slice(1))).accepted, MOST_EVENTS);
    assert.deepEqual(await shown(), { ana: 5000, bo: 5000 });
    assert.equal((await record(...events.slice(1))).duplicates, MOST_EVENTS);
    for (const given of [undefined, null, 'events', { events }, 7]) {
      const none = await recordScores(rules, GUILD, given, source());
      assert.ok('refusal' in none && none.refusal.status === 422);
    }
    assert.equal((await record()).accepted, 0);
  });
});
