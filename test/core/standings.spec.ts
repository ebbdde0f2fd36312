import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Best, type Entry, type Filter, ranksOf, Standings } from '../../core/boards/standings.ts';

const BESTS: readonly Best[] = ['highest', 'lowest'];
const REGIONS = ['North', 'South', ''];
const COMPANIES = ['Acme', 'acme', 'Zoë & Söhne', 'constructor'];
const FILTERS: (Filter | undefined)[] = [
  undefined,
  {},
  { region: 'Nowhere' },
  { company: 'ACME' },
  { region: 'North', company: 'ACME' },
  ...REGIONS.map((region) => ({ region })),
  ...COMPANIES.map((company) => ({ company })),
  ...REGIONS.flatMap((region) => COMPANIES.map((company) => ({ region, company }))),
];

interface Player {
  slot: number;
  score: number;
  reached: number;
  region: string | null;
  company: string | null;
}

/** What standings should be: a list that is sorted each time, and ranks by counting. */
class Model {
  readonly best: Best;
  readonly places = new Map<number, { score: number; reached: number }>();
  readonly groups = new Map<number, { region: string | null; company: string | null }>();

  constructor(best: Best) {
    this.best = best;
  }

  order(filter: Filter = {}): Player[] {
    const { region, company } = filter;
    const players = [...this.places].map(([slot, place]) => ({ slot, ...place, ...this.groupsOf(slot) }));
    return inOrder(
      this.best,
      players.filter(
        (player) =>
          (region === undefined || player.region === region) && (company === undefined || player.company === company),
      ),
    );
  }

  groupsOf(slot: number): { region: string | null; company: string | null } {
    return this.groups.get(slot) ?? { region: null, company: null };
  }
}

const isBetter = (best: Best, one: number, other: number) => (best === 'highest' ? one > other : one < other);

const inOrder = (best: Best, players: Player[]): Player[] =>
  players.toSorted((one, other) => {
    if (isBetter(best, one.score, other.score)) return -1;
    if (isBetter(best, other.score, one.score)) return 1;
    return one.reached - other.reached || one.slot - other.slot;
  });

const ranked = (best: Best, order: Player[]): Entry[] =>
  order.map(({ slot, score }) => ({
    slot,
    rank: 1 + order.filter((other) => isBetter(best, other.score, score)).length,
  }));

const allRanks = (standings: Standings, slice?: number): Int32Array => {
  const snapshot = standings.snapshot();
  // What is there before must not stay.
  const ranks = new Int32Array(snapshot.scores.length).fill(-7);
  for (const pause of ranksOf(snapshot, ranks, slice)) assert.equal(pause, undefined);
  return ranks;
};

function assertAgrees(standings: Standings, model: Model, slots: number): void {
  for (const filter of FILTERS) {
    const entries = ranked(model.best, model.order(filter));
    assert.equal(standings.total(filter), entries.length);
    assert.deepEqual(standings.page(0, slots, filter), entries);
    for (let slot = 0; slot < slots; slot += 1) {
      const position = entries.findIndex((entry) => entry.slot === slot);
      assert.equal(standings.position(slot, filter), position);
      assert.equal(standings.rank(slot, filter), entries[position]?.rank ?? 0);
    }
  }
  assert.equal(standings.size, model.places.size);
  for (let slot = 0; slot < slots; slot += 1) {
    const place = model.places.get(slot);
    assert.equal(standings.has(slot), place !== undefined);
    // A sum with 0 is never -0.
    assert.ok(Object.is(standings.score(slot), place ? place.score + 0 : Number.NaN));
    assert.ok(Object.is(standings.reached(slot), place?.reached ?? Number.NaN));
    assert.deepEqual({ region: standings.region(slot), company: standings.company(slot) }, model.groupsOf(slot));
  }
}

function assertSnapshotAgrees(standings: Standings, model: Model, slice: number): void {
  const order = model.order();
  const snapshot = standings.snapshot();
  assert.deepEqual(
    [...snapshot.order],
    order.map(({ slot }) => slot),
  );
  const ranks = allRanks(standings, slice);
  const expected = new Map(ranked(model.best, order).map(({ slot, rank }) => [slot, rank]));
  for (const [slot, score] of snapshot.scores.entries()) {
    const place = model.places.get(slot);
    assert.ok(Object.is(score, place ? place.score + 0 : Number.NaN));
    assert.equal(ranks[slot], expected.get(slot) ?? 0);
  }
  for (const slot of expected.keys()) assert.ok(slot < snapshot.scores.length);
}

const SLOTS = 40;
const slot = fc.nat(SLOTS - 1);
const scores = {
  few: fc.constantFrom(-1.5, -0, 0, 1, 2),
  // Those that are equal, infinite or nothing in single precision are among them.
  close: fc.constantFrom(
    ...[1, 1 + 2 ** -40, 1 + 2 ** -41, 2 ** 53 - 1, 2 ** 53, 1e300, 1.1e300, Number.MAX_VALUE, 1e-300, 5e-324].flatMap(
      (score) => [score, -score],
    ),
  ),
  many: fc.double({ noNaN: true, noDefaultInfinity: true }),
};
const reached = fc.oneof(fc.nat(3), fc.constant(-0), fc.maxSafeInteger());

type Step = (standings: Standings, model: Model) => void;

const steps = (score: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(slot, score, reached).map(
        ([slot, score, reached]): Step =>
          (standings, model) => {
            standings.place(slot, score, reached);
            model.places.set(slot, { score, reached: reached + 0 });
          },
      ),
    },
    {
      weight: 2,
      arbitrary: slot.map(
        (slot): Step =>
          (standings, model) => {
            standings.remove(slot);
            model.places.delete(slot);
          },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(slot, fc.constantFrom(null, ...REGIONS), fc.constantFrom(null, ...COMPANIES)).map(
        ([slot, region, company]): Step =>
          (standings, model) => {
            standings.setGroups(slot, region, company);
            model.groups.set(slot, { region, company });
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(SLOTS), fc.nat(SLOTS), fc.constantFrom(...FILTERS)).map(
        ([offset, limit, filter]): Step =>
          (standings, model) => {
            const entries = ranked(model.best, model.order(filter));
            assert.deepEqual(standings.page(offset, limit, filter), entries.slice(offset, offset + limit));
          },
      ),
    },
  );

describe('standings', () => {
  for (const [name, score] of Object.entries(scores)) {
    it(`are as a sorted list would be, whatever happens, with ${name} scores`, () => {
      const best = fc.constantFrom(...BESTS);
      const blockSize = fc.integer({ min: 2, max: 9 });
      const happenings = fc.array(steps(score), { maxLength: 150, size: 'max' });
      fc.assert(
        fc.property(
          best,
          blockSize,
          happenings,
          fc.integer({ min: 1, max: 9 }),
          (best, blockSize, happenings, slice) => {
            const standings = new Standings(best, 1, blockSize);
            const model = new Model(best);
            for (const [index, happening] of happenings.entries()) {
              happening(standings, model);
              if (index % 10 === 0) assertAgrees(standings, model, SLOTS);
            }
            assertAgrees(standings, model, SLOTS);
            assertSnapshotAgrees(standings, model, slice);
            for (const slot of [...model.places.keys()]) {
              standings.remove(slot);
              model.places.delete(slot);
            }
            assertAgrees(standings, model, SLOTS);
          },
        ),
        { numRuns: 60 },
      );
    });

    it(`are the same when loaded at once as when placed one by one, with ${name} scores`, () => {
      const row = fc.record({
        slot,
        score,
        reached,
        region: fc.constantFrom(null, ...REGIONS),
        company: fc.constantFrom(null, ...COMPANIES),
      });
      const rowsOf = fc.array(row, { maxLength: SLOTS });
      fc.assert(
        fc.property(
          fc.constantFrom(...BESTS),
          fc.integer({ min: 2, max: 9 }),
          rowsOf,
          rowsOf,
          fc.array(steps(score), { maxLength: 30 }),
          (best, blockSize, before, rows, happenings) => {
            const standings = new Standings(best, 1, blockSize);
            const model = new Model(best);
            // Those who were there and do not come again are ranked no longer.
            for (const { slot, score, reached } of before) standings.place(slot, score, reached);
            for (const { slot, region, company } of before) {
              standings.setGroups(slot, region, company);
              model.groups.set(slot, { region, company });
            }
            standings.load({
              slots: Uint32Array.from(rows, ({ slot }) => slot),
              scores: Float64Array.from(rows, ({ score }) => score),
              reached: Float64Array.from(rows, ({ reached }) => reached),
            });
            for (const { slot, score, reached } of rows) model.places.set(slot, { score, reached: reached + 0 });
            assertAgrees(standings, model, SLOTS);
            for (const kind of ['region', 'company'] as const) {
              standings.loadGroups(
                kind,
                rows.map((row) => [row[kind], Uint32Array.of(row.slot)]),
              );
              for (const row of rows) model.groups.set(row.slot, { ...model.groupsOf(row.slot), [kind]: row[kind] });
            }
            assertAgrees(standings, model, SLOTS);
            for (const happening of happenings) happening(standings, model);
            assertAgrees(standings, model, SLOTS);
            assertSnapshotAgrees(standings, model, 3);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  for (const [best, length, distinct] of [
    ['highest', 200_000, 1e9],
    ['lowest', 50_000, 300],
  ] as const) {
    it(`put ${length} slots in order, ${best} first, of ${distinct} possible scores`, () => {
      const random = mulberry(20_260 + distinct);
      const below = (limit: number) => Math.floor(random() * limit);
      // Loaded in another order than that of the slots.
      const slots = Uint32Array.from({ length }, (_, row) => (row * 7_919) % length);
      const standings = new Standings(best, 1_000);
      const players = Array.from({ length }, (_, slot): Player => {
        // One company has half of all, the others a few each.
        const company = random() < 0.5 ? 'Half' : `Company ${below(2_000)}`;
        return { slot, score: below(distinct) - 100, reached: below(50), region: `Region ${below(20)}`, company };
      });
      const byName = (kind: 'region' | 'company') =>
        [...Map.groupBy(players, (player) => player[kind]).entries()].map(
          ([name, those]) => [name, Uint32Array.from(those, ({ slot }) => slot)] as const,
        );
      standings.loadGroups('region', byName('region'));
      standings.load({
        slots,
        scores: Float64Array.from(slots, (slot) => (players[slot] as Player).score),
        reached: Float64Array.from(slots, (slot) => (players[slot] as Player).reached),
      });
      standings.loadGroups('company', byName('company'));
      const assertInOrder = (those: Player[]) => {
        const order = inOrder(best, those);
        const ranks = allRanks(standings);
        assert.deepEqual(
          standings.snapshot().order,
          Uint32Array.from(order, ({ slot }) => slot),
        );
        assertRanked(order, (slot) => ranks[slot] as number);
        assertRanked(order, (slot) => standings.rank(slot));
        order.forEach(({ slot }, position) => void assert.equal(standings.position(slot), position));
        for (const kind of ['region', 'company'] as const) {
          for (const [name, members] of Map.groupBy(order, (player) => player[kind])) {
            const filter = { [kind]: name };
            const page = standings.page(0, length, filter);
            assert.deepEqual(
              page.map(({ slot }) => slot),
              members.map(({ slot }) => slot),
            );
            assertRanked(members, (slot) => standings.rank(slot, filter));
            const inPage = new Map(page.map(({ slot, rank }) => [slot, rank]));
            assertRanked(members, (slot) => inPage.get(slot) as number);
          }
        }
        const both = { region: 'Region 3', company: 'Half' };
        const members = order.filter(({ region, company }) => region === both.region && company === both.company);
        const page = standings.page(300, 200, both);
        assert.deepEqual(
          page.map(({ slot }) => slot),
          members.slice(300, 500).map(({ slot }) => slot),
        );
        for (const { slot, rank } of page) assert.equal(standings.rank(slot, both), rank);
      };
      assertInOrder(players);
      for (let change = 0; change < length / 2; change += 1) {
        const player = players[below(length)] as Player;
        player.score = change % 2 === 0 ? player.score + below(3) : below(distinct) - 100;
        player.reached = change;
        standings.place(player.slot, player.score, player.reached);
        if (change % 5 > 0) continue;
        player.company = `Company ${below(2_000)}`;
        standings.setGroups(player.slot, player.region, player.company);
      }
      const [hidden, shown] = [players.slice(length / 4), players.slice(0, length / 4)];
      for (const { slot } of hidden) standings.remove(slot);
      assertInOrder(shown);
      for (const { slot, score, reached } of hidden) standings.place(slot, score, reached);
      assertInOrder(players);
    });
  }

  it('give the rank of a tie to a page that begins in its midst', () => {
    const standings = new Standings('highest');
    for (const [slot, score] of [9, 7, 7, 7, 3].entries()) standings.place(slot, score, slot);
    assert.deepEqual(standings.page(2, 3), [
      { slot: 2, rank: 2 },
      { slot: 3, rank: 2 },
      { slot: 4, rank: 5 },
    ]);
    assert.deepEqual(standings.page(5, 3), []);
    assert.deepEqual(standings.page(2 ** 40, 3), []);
    assert.deepEqual(standings.page(0, 0), []);
    assert.throws(() => standings.page(-1, 3), RangeError);
    assert.throws(() => standings.page(0.5, 3), RangeError);
  });

  it('make room for slots far beyond those they had room for', () => {
    const standings = new Standings('lowest', 2);
    standings.place(1, 10, 1);
    standings.setGroups(300_000, 'North', null);
    standings.place(200_000, 5, 2);
    standings.place(300_000, 7, 3);
    assert.deepEqual(standings.page(0, 9), [
      { slot: 200_000, rank: 1 },
      { slot: 300_000, rank: 2 },
      { slot: 1, rank: 3 },
    ]);
    assert.equal(standings.region(300_000), 'North');
    assert.equal(standings.rank(300_000, { region: 'North' }), 1);
    for (const slot of [0, 2, 299_999, 300_001, 2 ** 31, 2 ** 53, -1, 0.5, Number.NaN]) {
      assert.equal(standings.has(slot), false);
      assert.equal(standings.rank(slot), 0);
      assert.equal(standings.position(slot), -1);
      assert.equal(standings.region(slot), null);
      standings.remove(slot);
    }
    assert.equal(standings.size, 3);
  });

  it('refuse what has no place in an order, and stay as they were', () => {
    const standings = new Standings('highest', 4);
    standings.place(0, 1, 1);
    const impossible: [slot: number, score: number, reached: number][] = [
      [-1, 1, 1],
      [0.5, 1, 1],
      [2 ** 32, 1, 1],
      [Number.NaN, 1, 1],
      [1, Number.NaN, 1],
      [1, Number.POSITIVE_INFINITY, 1],
      [1, 1, 0.5],
      [1, 1, 2 ** 53],
    ];
    for (const [slot, score, reached] of impossible) {
      assert.throws(() => standings.place(slot, score, reached), RangeError);
    }
    const rows = {
      slots: Uint32Array.of(2, 1),
      scores: Float64Array.of(1, Number.NaN),
      reached: Float64Array.of(1, 1),
    };
    assert.throws(() => standings.load(rows), RangeError);
    assert.throws(() => standings.setGroups(-1, 'North', null), RangeError);
    assert.throws(() => standings.loadGroups('region', [['North', Uint32Array.of(0, 2 ** 32 - 1)]]), RangeError);
    assert.deepEqual(standings.page(0, 9), [{ slot: 0, rank: 1 }]);
    assert.equal(standings.region(0), null);
  });

  it('give snapshots that later changes do not touch', () => {
    const standings = new Standings('highest');
    for (let slot = 0; slot < 1_000; slot += 1) standings.place(slot, slot % 10, slot);
    const { order, scores } = standings.snapshot();
    const [first] = standings.page(0, 1);
    for (let slot = 0; slot < 1_000; slot += 1) standings.place(slot, -slot, slot);
    standings.remove(first?.slot as number);
    assert.equal(order[0], first?.slot);
    assert.equal(scores[9], 9);
    assert.equal(order.length, 1_000);
  });

  it('rank a snapshot with a pause after each slice, into what is long enough', () => {
    const standings = new Standings('highest');
    for (let slot = 0; slot < 100; slot += 1) standings.place(slot, 1, slot);
    const snapshot = standings.snapshot();
    assert.equal([...ranksOf(snapshot, new Int32Array(100), 10)].length, 10);
    assert.throws(() => [...ranksOf(snapshot, new Int32Array(99))], RangeError);
    const longer = new Int32Array(101).fill(5);
    for (const pause of ranksOf(snapshot, longer, 7)) assert.equal(pause, undefined);
    assert.deepEqual([...longer], [...Array(100).fill(1), 0]);
    assert.deepEqual([...ranksOf(new Standings('lowest').snapshot(), longer)], []);
    assert.ok(longer.every((rank) => rank === 0));
  });

  it('take little memory while they are small, and give back what groups took', () => {
    const standings = new Standings('highest');
    assert.ok(standings.bytes() < 1_000, `${standings.bytes()} bytes`);
    standings.place(0, 1, 1);
    const before = standings.bytes();
    for (let turn = 0; turn < 10_000; turn += 1) standings.setGroups(0, `Region ${turn}`, `Company ${turn}`);
    assert.ok(standings.bytes() < before + 500, `${standings.bytes()} bytes after ${before}`);
    assert.equal(standings.total({ region: 'Region 0' }), 0);
    assert.equal(standings.total({ region: 'Region 9999', company: 'Company 9999' }), 1);
  });

  /** Ranks of those in order by walking once: as high as the first of the same score stands. */
  function assertRanked(order: Player[], rank: (slot: number) => number): void {
    let first = 0;
    for (const [position, { slot, score }] of order.entries()) {
      if (score !== order[first]?.score) first = position;
      if (rank(slot) !== first + 1) assert.equal(rank(slot), first + 1);
    }
  }
});

/** Numbers from 0 to 1 that come again with the same seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
