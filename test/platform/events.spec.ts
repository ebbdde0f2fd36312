import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { wait } from '../../platform/clock.ts';
import { openDatabase } from '../../platform/database/index.ts';
import { type CommunityEvent, createEvents } from '../../platform/events.ts';
import { startJobs } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import { GUILD, silent } from '../support/database.ts';
import { startTestRules, type TestRules } from '../support/platform.ts';

describe('events', () => {
  let test: TestRules;
  let handled: string[];
  let warnings: string[];
  /** Lets the flow of the event of this name be done. */
  let slow: PromiseWithResolvers<void>;
  beforeEach(async () => {
    test = await startTestRules();
    handled = [];
    warnings = [];
    slow = Promise.withResolvers();
  });
  afterEach(() => test.drop());

  /** The events of a process that ends: on connections of its own. */
  async function startProcess() {
    const { pool, database } = openDatabase(test.connectionString, silent);
    const log = { ...silent, warn: (...said: unknown[]) => void warnings.push(String(said.at(-1))) } as Log;
    const jobs = await startJobs({ executeSql: (text, values) => pool.query(text, values) }, log);
    const events = createEvents(database, database, jobs, test.notifications, log);
    const handler = async ({ subject }: CommunityEvent) => {
      await (subject === 'slow' ? slow.promise : undefined);
      handled.push(subject);
    };
    await events.start(handler, () => 0);
    return {
      events,
      stop: async () => {
        await events.stop();
        await jobs.stop({ graceful: false });
        await pool.end();
      },
    };
  }

  const write = (subject: string) =>
    test.database
      .transaction()
      .execute((tx) => test.events.write(tx, { community: GUILD, type: 'test', subject, payload: {} }));
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await wait(10);
  };
  const unfinished = async () => {
    const { rows } = await sql<{ state: string }>`
      select state::text from jobs.job where name = 'events' and state < 'completed'`.execute(test.database);
    return rows.map(({ state }) => state);
  };

  it('are marked before the program stops, also while that is under way', async () => {
    const { stop } = await startProcess();
    await write('one');
    await until(() => handled.length === 1);
    let stopping: Promise<void> = Promise.resolve();
    await test.database.transaction().execute(async (tx) => {
      await sql`select from events for update`.execute(tx);
      const waits = sql<{ is: boolean }>`
        select exists (
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        ) as is`;
      await until(async () => (await waits.execute(test.database)).rows[0]?.is === true);
      stopping = stop();
      await wait(50);
    });
    await stopping;
    assert.deepEqual(warnings, []);
    assert.deepEqual(await unfinished(), []);
    assert.equal(await test.events.waiting(), 0);
  });

  it('undo their fact where they cannot be written', async () => {
    await write('one');
    await sql`delete from jobs.job where name = 'events'`.execute(test.database);
    await sql`delete from jobs.queue where name = 'events'`.execute(test.database);
    await assert.rejects(write('two'), /not written/);
  });

  it('whose flow outlives the program stay as they are, and come again', async () => {
    const { stop } = await startProcess();
    await write('slow');
    await until(async () => (await unfinished())[0] === 'active');
    await wait(50);
    await stop();
    slow.resolve();
    await until(() => handled.length === 1);
    await wait(150);
    assert.deepEqual([warnings, await unfinished(), await test.events.waiting()], [[], ['active'], 1]);
  });

  it('of an instance of an earlier version hold up none', async () => {
    await write('one');
    await sql`update jobs.job set data = data || jsonb_build_object('event', (select max(id) from events))
      where name = 'events'`.execute(test.database);
    await write('two');
    const { stop } = await startProcess();
    await until(() => handled.length === 2);
    await until(async () => (await unfinished()).length === 0);
    await stop();
    assert.deepEqual([handled.sort(), warnings], [['one', 'two'], []]);
    assert.equal(await test.events.waiting(), 0);
  });
});
