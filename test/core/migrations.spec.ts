import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { findMigrations, migrate } from '../../platform/database/migrate.ts';
import { createTestDatabase, ROOT, type TestDatabase } from '../support/database.ts';

describe('migrations', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase({ migrated: false });
  });
  afterEach(() => test.drop());

  const shape = async () => {
    const { rows } = await sql<object>`
      select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
      where table_schema = 'public' and table_name not like 'kysely%' order by table_name, column_name`.execute(
      test.database,
    );
    return rows;
  };

  it('go up and down one by one and leave nothing behind', async () => {
    const names = Object.keys(await findMigrations(ROOT)).sort();
    const shapes = [await shape()];
    for (const name of names) {
      await migrate(test.database, ROOT, name);
      shapes.push(await shape());
    }
    for (const name of names.slice(0, -1).reverse()) {
      shapes.pop();
      await migrate(test.database, ROOT, name);
      assert.deepEqual(await shape(), shapes.at(-1));
    }
    await migrate(test.database, ROOT, 'none');
    assert.deepEqual(await shape(), []);
    const { rows } = await sql`select proname from pg_proc where pronamespace = 'public'::regnamespace`.execute(
      test.database,
    );
    assert.deepEqual(rows, []);
    await migrate(test.database, ROOT);
    assert.ok((await shape()).length > 0);
  });

  it('are numbered in one series', async () => {
    const numbers = Object.keys(await findMigrations(ROOT))
      .sort()
      .map((name) => Number(name.slice(0, 4)));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  it('run once when two instances start at the same moment', async () => {
    const ran = await Promise.all([migrate(test.database, ROOT), migrate(test.database, ROOT)]);
    assert.equal(ran.flat().length, Object.keys(await findMigrations(ROOT)).length);
  });
});
