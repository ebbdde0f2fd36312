import assert from 'node:assert/strict';
import fc from 'fast-check';
import type pg from 'pg';
import { importScores } from '../../core/boards/locks.ts';
import { LogReader, MOST_ROWS } from '../../core/boards/log-reader.ts';
import { inTransaction } from '../../platform/database/index.ts';
import { createTestDatabase, GUILD, type TestDatabase } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

/** A transaction that has begun to write, so that it has its number, and draws numbers of the log when it is told to. */
interface Writer {
  write(rows?: number): Promise<number[]>;
  end(how: 'commit' | 'rollback'): Promise<void>;
}

describe('the reader of the score log', () => {
  let test: TestDatabase;
  const open = new Set<pg.PoolClient>();
  beforeEach(async () => {
    test = await createTestDatabase();
  });
  afterEach(async () => {
    for (const client of open) client.release(true);
    open.clear();
    await test.drop();
  });

  const begin = async (): Promise<Writer> => {
    const client = await test.pool.connect();
    open.add(client);
    await client.query('begin');
    await client.query('select pg_current_xact_id()');
    return {
      write: async (rows = 1) => {
        const written = await client.query(
          `insert into score_log (community_id, kind, player_id)
          select $1, 'player', 1 from generate_series(1, $2) returning seq`,
          [GUILD, rows],
        );
        return written.rows.map(({ seq }) => seq);
      },
      end: async (how) => {
        await client.query(how);
        open.delete(client);
        client.release();
      },
    };
  };
  const numbers = async (reader: LogReader) => (await reader.read(test.database)).map(({ seq }) => seq);

  /** What never comes is forgotten once all is over that ran then, in the server's other databases, too. */
  const forgets = (reader: LogReader) =>
    until('the end of what ran', async () => {
      assert.deepEqual(await numbers(reader), []);
      return reader.missing === 0;
    });

  it('delivers a row that is committed after higher ones, whichever transaction began first', async () => {
    for (const order of ['low first', 'high first']) {
      const reader = await LogReader.begin(test.database);
      const one = await begin();
      const other = await begin();
      const [low, high] = order === 'low first' ? [one, other] : [other, one];
      const lowRows = await low.write();
      const highRows = await high.write();
      await high.end('commit');
      assert.deepEqual(await numbers(reader), highRows, order);
      assert.deepEqual(await numbers(reader), [], order);
      await low.end('commit');
      assert.deepEqual(await numbers(reader), lowRows, order);
      assert.deepEqual(await numbers(reader), [], order);
      assert.equal(reader.missing, 0, order);
    }
  });

  it('forgets what was rolled back, and nothing else', async () => {
    const reader = await LogReader.begin(test.database);
    const [undone, late, done] = [await begin(), await begin(), await begin()];
    await undone.write(3);
    const lateRows = await late.write(2);
    await undone.write(2);
    const doneRows = await done.write();
    await undone.end('rollback');
    await done.end('commit');
    assert.deepEqual(await numbers(reader), doneRows);
    assert.equal(reader.missing, 7);
    await late.end('commit');
    assert.deepEqual(await numbers(reader), lateRows);
    await forgets(reader);
  });

  it('knows of the gaps that are there when it begins', async () => {
    const [late, undone, done] = [await begin(), await begin(), await begin()];
    const lateRows = await late.write(2);
    await undone.write();
    await done.write();
    await undone.end('rollback');
    await done.end('commit');
    const reader = await LogReader.begin(test.database);
    assert.deepEqual(await numbers(reader), []);
    await late.end('commit');
    assert.deepEqual(await numbers(reader), lateRows);
    await forgets(reader);
  });

  it('takes batches whose numbers lie between each other', async () => {
    const reader = await LogReader.begin(test.database);
    const [one, other] = [await begin(), await begin()];
    const rows: [number[], number[]] = [[], []];
    for (let turn = 0; turn < 300; turn += 1) {
      rows[0].push(...(await one.write()));
      rows[1].push(...(await other.write(1 + (turn % 3))));
    }
    await other.end('commit');
    assert.deepEqual(await numbers(reader), rows[1]);
    assert.equal(reader.missing, 300);
    await one.end('commit');
    assert.deepEqual(await numbers(reader), rows[0]);
    assert.equal(reader.missing, 0);
  });

  it('takes a large batch that comes late a part at a time', async () => {
    const reader = await LogReader.begin(test.database);
    const [large, small] = [await begin(), await begin()];
    const rows = await large.write(2 * MOST_ROWS + 1);
    const after = await small.write();
    await small.end('commit');
    assert.deepEqual(await numbers(reader), after);
    assert.deepEqual(await numbers(reader), []);
    await large.end('commit');
    const parts = [await numbers(reader), await numbers(reader), await numbers(reader)];
    assert.deepEqual(
      parts.map(({ length }) => length),
      [MOST_ROWS, MOST_ROWS, 1],
    );
    assert.deepEqual(parts.flat(), rows);
    assert.deepEqual(await numbers(reader), []);
    assert.equal(reader.missing, 0);
  });

  it('knows of all that an import under way has written when it begins', async () => {
    const FAR = 300_000;
    const [late, done] = [await begin(), await begin()];
    const lateRows = await late.write();
    await done.write();
    await test.pool.query(`select setval('score_log_seq_seq', $1)`, [FAR]);
    await done.write();
    await done.end('commit');
    await inTransaction(test.database, async (tx) => {
      await importScores(tx, GUILD);
      const reader = await LogReader.begin(test.database);
      assert.deepEqual(await numbers(reader), []);
      await late.end('commit');
      assert.deepEqual(await numbers(reader), lateRows);
    });
  });

  it('delivers each committed row once, whatever transactions do, and in the end misses none', async () => {
    const step = fc.record({
      writer: fc.nat(2),
      act: fc.constantFrom('begin', 'write', 'write', 'commit', 'rollback', 'read'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), fc.nat(3), async (steps, startAt) => {
        const writers = new Map<number, { work: Writer; rows: number[] }>();
        const committed: number[] = [];
        const delivered: number[] = [];
        let reader: LogReader | null = null;
        let before: number[] = [];
        const end = async (writer: number, how: 'commit' | 'rollback') => {
          const ending = writers.get(writer);
          writers.delete(writer);
          await ending?.work.end(how);
          if (how === 'commit') committed.push(...(ending?.rows ?? []));
        };
        for (const [at, { writer, act }] of steps.entries()) {
          if (at === startAt) {
            before = [...committed];
            reader = await LogReader.begin(test.database);
          }
          if (act === 'read') delivered.push(...(reader ? await numbers(reader) : []));
          else if (act === 'commit' || act === 'rollback') await end(writer, act);
          else {
            const known = writers.get(writer) ?? { work: await begin(), rows: [] };
            writers.set(writer, known);
            if (act === 'write') known.rows.push(...(await known.work.write(1 + (at % 3))));
          }
        }
        for (const writer of [...writers.keys()]) await end(writer, 'commit');
        if (!reader) return;
        delivered.push(...(await numbers(reader)));
        const expected = committed.filter((seq) => !before.includes(seq));
        const inOrder = (list: number[]) => [...list].sort((one, other) => one - other);
        assert.deepEqual(inOrder(delivered), inOrder(expected));
        await forgets(reader);
      }),
      { numRuns: 40 },
    );
  });

  it('waits for what was there before a gap, and no longer', async () => {
    const elsewhere = await begin();
    const reader = await LogReader.begin(test.database);
    const [undone, done] = [await begin(), await begin()];
    await undone.write();
    await done.write();
    await undone.end('rollback');
    await done.end('commit');
    for (let look = 0; look < 3; look += 1) await numbers(reader);
    assert.equal(reader.missing, 1);
    await elsewhere.end('commit');
    await forgets(reader);
  });
});
