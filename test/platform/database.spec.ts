import assert from 'node:assert/strict';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

describe('the database', () => {
  let test: TestDatabase;
  before(async function () {
    this.timeout(60_000);
    test = await createTestDatabase({ migrated: false });
  });
  after(() => test?.drop());

  it('prepares a statement with values, and uses it again', async () => {
    const client = await test.pool.connect();
    try {
      for (const value of [1, 2]) {
        assert.deepEqual((await client.query('select $1::int as value', [value])).rows, [{ value }]);
      }
      const { rows } = await client.query(
        "select count(*)::int from pg_prepared_statements where statement like 'select $1%'",
      );
      assert.deepEqual(rows, [{ count: 1 }]);
    } finally {
      client.release();
    }
  });

  it('takes several statements at once, as the upkeep of the job queue sends them', async () => {
    const results = (await test.pool.query('select 1 as value; select 2 as value', [])) as unknown as {
      rows: object[];
    }[];
    assert.deepEqual(
      results.map(({ rows }) => rows),
      [[{ value: 1 }], [{ value: 2 }]],
    );
  });
});
