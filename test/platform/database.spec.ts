import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { compiledOnce, type Parameter } from '../../platform/database/compiled.ts';
import { openDatabase, type Tx } from '../../platform/database/index.ts';
import { createTestDatabase, silent, type TestDatabase } from '../support/database.ts';

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

  it('sends begin with the statement behind it, and none of them is lost', async () => {
    const { database } = test;
    await sql`create table written (value int primary key)`.execute(database);
    const write = (value: number) => (tx: Tx) => sql`insert into written values (${value})`.execute(tx);
    await database.transaction().execute(write(1));
    await assert.rejects(database.transaction().execute(write(1)), /duplicate key/);
    const changed = new Error('changed our mind');
    const takenBack = database.transaction().execute(async (tx) => {
      await write(2)(tx);
      throw changed;
    });
    await assert.rejects(takenBack, changed);
    await database.transaction().execute(async () => {});
    await assert.rejects(
      database.transaction().execute(async (tx) => {
        await write(3)(tx);
        await write(3)(tx).catch(() => {});
      }),
      /abort/i,
    );
    const { rows } = await sql<{ value: number }>`select value from written`.execute(database);
    assert.deepEqual(rows, [{ value: 1 }]);
    const { rows: left } = await sql`
      select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`.execute(
      database,
    );
    assert.deepEqual(left, []);
  });

  it('fails a transaction whose connection was cut before it began', async () => {
    const { database } = test;
    const [mine, other] = [await test.pool.connect(), await test.pool.connect()];
    const pid = (mine as unknown as { processID: number }).processID;
    await other.query('select pg_terminate_backend($1)', [pid]);
    other.release();
    mine.release();
    const transactions = Array.from({ length: 5 }, () =>
      database.transaction().execute((tx) => sql<{ one: number }>`select 1 as one`.execute(tx)),
    );
    for (const outcome of await Promise.allSettled(transactions)) {
      if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value.rows, [{ one: 1 }]);
    }
    const { rows } = await database.transaction().execute((tx) => sql`select 2 as two`.execute(tx));
    assert.deepEqual(rows, [{ two: 2 }]);
  });

  it('goes on with no transaction that did not begin', async () => {
    const { database, pool } = openDatabase(test.connectionString, silent);
    pool.on('connect', (client) => {
      const { connection } = client as unknown as { connection: { query(text: string): void } };
      const send = connection.query.bind(connection);
      connection.query = (text) => send(text === 'begin' ? 'begin nonsense' : text);
    });
    await sql`create table alone (value int)`.execute(database);
    const writing = database.transaction().execute(async (tx) => {
      await sql`select ${1}::int`.execute(tx);
      await sql`insert into alone values (${1})`.execute(tx);
      throw new Error('taken back');
    });
    await assert.rejects(writing);
    const { rows } = await sql`select from alone`.execute(database);
    assert.deepEqual(rows, []);
    await database.destroy();
  });

  it('uses no statement for ever that another instance’s migration changed', async () => {
    const { database } = openDatabase(test.connectionString, silent, { size: 1 });
    const read = () => sql`select value from changed where value = ${1}`.execute(database);
    await sql`create table changed (value int)`.execute(database);
    await read();
    await sql`alter table changed alter column value type bigint`.execute(database);
    await assert.rejects(read(), /cached plan/);
    await read();
    await database.destroy();
  });

  it('compiles a query once and fills in the values of each use', async () => {
    let built = 0;
    const next = compiledOnce((database, parameter: Parameter<{ by: number; text: string | null }>) => {
      built += 1;
      const columns = [sql<number>`${parameter('by')}::int + 1`.as('next'), sql`${parameter('text')}::text`.as('text')];
      return database.selectNoFrom(columns);
    });
    for (const [by, text] of [
      [1, 'one'],
      [2, null],
    ] as const) {
      assert.deepEqual(await next(test.database, { by, text }), [{ next: by + 1, text }]);
    }
    assert.equal(built, 1);
  });
});
