import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LARGEST, toFourPlaces } from '../../core/boards/decimals.ts';

import { CHUNK, packRanks, packScores, unpackRanks, unpackScores } from '../../core/boards/packed-ranks.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const ranks = fc.array(fc.nat(2 ** 31 - 1), { minLength: CHUNK, maxLength: CHUNK });
const scores = fc.array(
  fc.oneof(
    fc.double({ min: -LARGEST, max: LARGEST, noNaN: true }).map(toFourPlaces),
    fc.constantFrom(LARGEST, -LARGEST, 0.0001),
  ),
  { minLength: 1, maxLength: CHUNK },
);

describe('packed ranks and scores', () => {
  let test: TestDatabase;
  before(async () => {
    test = await createTestDatabase();
  });
  after(() => test.drop());

  it('come back as they were, here and in SQL, whichever row they are of', async () => {
    await fc.assert(
      fc.asyncProperty(ranks, scores, fc.nat(3), async (rankList, scoreList, chunk) => {
        const [givenRanks, givenScores] = [
          new Int32Array(4 * CHUNK),
          new Float64Array(chunk * CHUNK + scoreList.length),
        ];
        givenRanks.set(rankList, chunk * CHUNK);
        givenScores.set(scoreList, chunk * CHUNK);
        const packed = { ranks: packRanks(givenRanks, chunk), scores: packScores(givenScores, chunk) };
        const read = { ranks: new Int32Array(4 * CHUNK), scores: new Float64Array(4 * CHUNK) };
        unpackRanks(packed.ranks, read.ranks, chunk);
        unpackScores(packed.scores, read.scores, chunk);
        assert.deepEqual(read.ranks, givenRanks);
        assert.deepEqual([...read.scores.subarray(0, givenScores.length)], [...givenScores]);
        const { rows } = await test.pool.query(
          `select array_agg(rank_at($1, slot) order by slot) as ranks, array_agg(score_at($2, slot) order by slot) as scores
          from generate_series($3::int, $3::int + $4::int - 1) as slot`,
          [packed.ranks, packed.scores, chunk * CHUNK, CHUNK],
        );
        assert.deepEqual(rows[0].ranks, rankList);
        assert.deepEqual(rows[0].scores.slice(0, scoreList.length), scoreList);
      }),
      { numRuns: 30 },
    );
  });

  it('keep a score that there is none of as 0', () => {
    const packed = packScores(Float64Array.of(Number.NaN, 1), 0);
    const read = new Float64Array(CHUNK);
    unpackScores(packed, read, 0);
    assert.deepEqual([...read.subarray(0, 3)], [0, 1, 0]);
  });
});
