import assert from 'node:assert/strict';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import type { Fault } from '../../platform/fault.ts';
import { type Leadership, lead } from '../../platform/leadership.ts';
import { createTestDatabase, silent, type TestDatabase } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

describe('leadership', () => {
  let test: TestDatabase;
  const leaders: Leadership[] = [];
  beforeEach(async () => {
    test = await createTestDatabase();
  });
  afterEach(async () => {
    for (const leader of leaders.splice(0)) await leader.stop();
    await test.drop();
  });

  const join = async (task = 'task'): Promise<Leadership> => {
    const leader = await lead(test.connectionString, task, silent);
    leaders.push(leader);
    return leader;
  };
  const leads = (leader: Leadership) => until('the leader', async () => leader.leads());
  const assertLeading = (leader: Leadership) => inTransaction(test.database, (tx) => leader.assertLeading(tx));
  /** Who leads in the end: that one's connection is gone may be news to the one before. */
  const heirOf = (candidates: Leadership[]) =>
    until('an heir', async () => {
      for (const one of candidates) {
        const isHeir = await assertLeading(one).then(
          () => true,
          () => false,
        );
        if (isHeir) return one;
      }
      return null;
    });
  const isNotLeading = ({ code, retry }: Fault) => code === 'not-leading' && retry;
  /** Ends the session whose lock makes somebody the leader, as a broken network or an operator would. */
  const loseConnection = async (task = 'task') => {
    const { rowCount } = await test.pool.query(
      `select pg_terminate_backend(activity.pid) from pg_locks join pg_stat_activity as activity using (pid)
      where locktype = 'advisory' and application_name = $1`,
      [`guildhall leadership of ${task}`],
    );
    assert.equal(rowCount, 1);
  };
  /** A transaction that goes on until it is told to end. */
  const open = (database: Database, work: (tx: Tx) => Promise<void>) => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin, reject: fail } = Promise.withResolvers<void>();
    const done = database
      .transaction()
      .execute(async (tx) => {
        await work(tx);
        begin();
        await ended;
      })
      .catch(fail);
    const commit = () => {
      end();
      return done;
    };
    return { begun, commit };
  };

  it('is one instance’s at a time, for each task', async () => {
    const first = await join();
    await leads(first);
    const second = await join();
    const other = await join('other task');
    await leads(other);
    assert.equal(second.leads(), false);
    await assertLeading(first);
    await assertLeading(other);
    await assert.rejects(assertLeading(second), isNotLeading);
  });

  it('passes to another instance when the leader stops, and when its connection is lost', async () => {
    const first = await join();
    await leads(first);
    const second = await join();
    await first.stop();
    await leads(second);
    await assertLeading(second);
    await assert.rejects(assertLeading(first), isNotLeading);
    const third = await join();
    await loseConnection();
    await heirOf([second, third]);
  });

  it('does not pass while something is published, and what comes too late is not published', async () => {
    const first = await join();
    await leads(first);
    const publishing = open(test.database, (tx) => first.assertLeading(tx));
    await publishing.begun;
    const second = await join();
    await loseConnection();
    // The lock is free, but the number of the next leader waits for what is being published.
    await until('the second to wait', async () => {
      const { rows } = await test.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'guildhall leadership%'`,
      );
      return rows.length > 0;
    });
    assert.equal(second.leads(), false);
    await publishing.commit();
    const heir = await heirOf([first, second]);
    await assert.rejects(assertLeading(heir === first ? second : first), isNotLeading);
  });

  it('is lost by who was away and does not know it yet', async () => {
    const first = await join();
    await leads(first);
    // As if another one had led meanwhile: the number is higher than the one that the first has.
    await test.pool.query('update leadership set epoch = epoch + 1');
    assert.equal(first.leads(), true);
    await assert.rejects(assertLeading(first), isNotLeading);
  });
});
