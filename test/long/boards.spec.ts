import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { fillBoard } from '../../bench/leaderboard/fill.ts';
import { putPlayer, recordScores } from '../../core/boards/index.ts';
import { storeBoard } from '../../core/boards/store-board.ts';
import { wait } from '../../platform/clock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { type Database, openDatabase } from '../../platform/database/index.ts';
import { storedDifferences } from '../support/board-oracle.ts';
import { BoardProcesses, type InstanceProcess } from '../support/board-processes.ts';
import { newestTicks, notePublishers, scoresOutOfNowhere, tickProblems, unsettled } from '../support/board-ticks.ts';
import { board } from '../support/boards.ts';
import { createTestDatabase, GUILD, silent, type TestDatabase } from '../support/database.ts';
import { until } from '../support/guildhall.ts';
import { randomFrom } from '../support/random.ts';

/** Repeat a run with GUILDHALL_SOAK_SEED; make it longer with GUILDHALL_SOAK_ROUNDS (of every way to kill something). */
const { GUILDHALL_SOAK_SEED, GUILDHALL_SOAK_ROUNDS = '1' } = process.env;
const seed = Number(GUILDHALL_SOAK_SEED ?? Math.floor(Math.random() * 2 ** 32));
const rounds = Number(GUILDHALL_SOAK_ROUNDS);

const PLAYERS = 100_000;
/** Where PostgreSQL itself is ended: what matters there is not how many there are. */
const FEW_PLAYERS = 10_000;
const PATIENCE = 60_000;
/** The first number of leaders' advisory locks, as leadership.ts has it. */
const LEADERS = 0x474c;

// Below what an admin may choose: as many ticks as there is time for.
const allTime = { ...board(), settleSeconds: 1 };
const quickest = {
  ...board({
    key: 'quickest',
    title: 'Quickest',
    best: 'lowest',
    metrics: [
      { name: 'deals_closed', operator: 'best', weight: 1 },
      { name: 'leads_generated', operator: 'latest', weight: 0.25 },
    ],
    position: 1,
  }),
  settleSeconds: 1,
};

const WRITERS = ['one', 'other'];

const withoutThose = (ids: Set<string>, others: Set<string>): string[] => [...ids].filter((id) => !others.has(id));

describe('live boards in several processes', () => {
  const random = randomFrom(seed);
  before(() => console.log(`      seed ${seed}`));

  /** Says how long something took: nothing asserts it. */
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const begun = performance.now();
    const result = await work();
    console.log(`      ${what}: ${Math.round(performance.now() - begun)} ms`);
    return result;
  };

  /** A database with so many players on two boards, two instances and two writers; nobody writes yet. */
  const prepare = async (test: TestDatabase, players: number): Promise<BoardProcesses> => {
    await notePublishers(test.database);
    const { id } = await storeBoard(test.database, GUILD, allTime, null);
    const client = new pg.Client({ connectionString: test.connectionString });
    await client.connect();
    await timed(`${players} players`, () => fillBoard(client, GUILD, id, players));
    await client.end();
    const processes = new BoardProcesses(test.connectionString, [allTime, quickest]);
    await timed('the first instance', () => processes.start());
    await timed('the second instance', () => processes.start());
    for (const name of WRITERS) processes.addWriter(name, random.between(0, 2 ** 31), players);
    return processes;
  };

  /** Asks questions that take their time. */
  const ask = async <Answer>(
    test: TestDatabase,
    question: (database: Database) => Promise<Answer>,
  ): Promise<Answer> => {
    const { database } = openDatabase(test.connectionString, silent, { size: 1, patient: true });
    try {
      return await question(database);
    } finally {
      await database.destroy();
    }
  };

  /**
   * The writers pause, and all is as PostgreSQL's `rank()` says: live and settled ranks of everybody in every instance,
   * and every tick that was published.
   */
  const isExact = (test: TestDatabase, processes: BoardProcesses) =>
    timed('comparing', async () => {
      const written = await processes.pause();
      assert.deepEqual(written.faults, []);
      await processes.settle();
      // What was filled a moment ago PostgreSQL takes for small, and joins it row by row.
      await ask(test, (database) => sql`analyze`.execute(database));
      assert.deepEqual(await processes.differences(), []);
      assert.deepEqual(await ask(test, unsettled), []);
      assert.deepEqual(await ask(test, tickProblems), []);
    });

  /** Scores are what the log makes, and it has one row of each event that counts, and none of what was rolled back. */
  const isWhole = async (test: TestDatabase, processes: BoardProcesses) => {
    const { acknowledged, rolledBack, retries } = await processes.pause();
    assert.deepEqual(await ask(test, (database) => storedDifferences(database, GUILD)), []);
    assert.deepEqual(await ask(test, scoresOutOfNowhere), []);
    const ids = await ask(test, async (database) => {
      const { rows } = await sql<{ event_id: string }>`
        select event_id from score_log where kind = 'score' and source_id in (${sql.join(WRITERS)})`.execute(database);
      return rows.map(({ event_id }) => event_id);
    });
    const logged = new Set(ids);
    assert.equal(logged.size, ids.length);
    assert.deepEqual(withoutThose(acknowledged, logged), []);
    assert.deepEqual(withoutThose(logged, acknowledged), []);
    assert.equal(withoutThose(rolledBack, logged).length, rolledBack.size);
    const ticks = await ask(test, newestTicks);
    console.log(
      `      ${logged.size} events counted, ${rolledBack.size} rolled back, ${retries} things done again; ` +
        ticks.map(({ board, tick, epoch }) => `${tick} ticks of ${board}, leader ${epoch}`).join('; '),
    );
  };

  describe(`${PLAYERS} players`, function () {
    this.bail(true);
    let test: TestDatabase;
    let processes: BoardProcesses;
    before(async () => {
      test = await createTestDatabase();
      processes = await prepare(test, PLAYERS);
    });
    after(async () => {
      await processes?.close();
      await test?.drop();
    });

    it('rank everybody as PostgreSQL does', async () => {
      await processes.write();
      await wait(12_000 * rounds);
      await isExact(test, processes);
    });

    let release = async () => {};
    afterEach(() => release());
    /** Holds a table still until the leader waits for it, and further until it is released. */
    const leaderWaitsFor = async (table: string) => {
      const client = await test.pool.connect();
      release = async () => {
        release = async () => {};
        await client.query('commit');
        client.release();
      };
      await client.query('begin');
      await client.query(`lock table ${table} in exclusive mode`);
      const waits = async () => {
        const { rows } = await test.pool.query(
          `select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query ilike $1`,
          [`%${table}%`],
        );
        return rows.length > 0;
      };
      await until(`the leader to need ${table}`, waits, PATIENCE);
    };
    /** The moments of a tick at which its leader is killed. */
    const MOMENTS: Record<string, () => Promise<unknown>> = {
      'at any moment': () => wait(random.between(0, 1500)),
      'at any other moment': () => wait(random.between(0, 1500)),
      'before it said that it leads': () => leaderWaitsFor('leadership'),
      'before it has written ranks': () => leaderWaitsFor('settled_ranks'),
      'with ranks written, before their snapshot': () => leaderWaitsFor('leaderboard_snapshots'),
      'about to commit': async () => {
        await leaderWaitsFor('rank_history');
        await release();
        await wait(random.between(0, 15));
      },
    };
    const findLeader = () => until('a leader', () => processes.leader(), PATIENCE);
    const nextLeads = (former: InstanceProcess) =>
      timed('until another one has settled', () =>
        until(
          'the ticks of another leader',
          async () => (await newestTicks(test.database)).every(({ instance }) => instance !== former.name),
          PATIENCE,
        ),
      );
    const killLeader = async (moment: string) => {
      const leader = await findLeader();
      await MOMENTS[moment]?.();
      await processes.kill(leader);
      await release();
      await nextLeads(leader);
      await processes.start();
    };
    const moments = Array.from({ length: rounds }, () => random.shuffle(Object.keys(MOMENTS))).flat();
    while (moments.length > 0) {
      const [one = '', other = ''] = moments.splice(0, 2);
      it(`agree after a leader was killed ${one}, and the next one ${other}`, async () => {
        await processes.write();
        await killLeader(one);
        await killLeader(other);
        await isExact(test, processes);
      });
    }

    it('publish nothing as a leader that was paused while another one took over', async () => {
      await processes.write();
      const leader = await findLeader();
      await wait(random.between(0, 1500));
      process.kill(leader.pid, 'SIGSTOP');
      // As a network does that has lost it.
      const { rowCount } = await test.pool.query(
        `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and classid = $1 and application_name = $2`,
        [LEADERS, leader.name],
      );
      assert.equal(rowCount, 1);
      await nextLeads(leader);
      process.kill(leader.pid, 'SIGCONT');
      await wait(random.between(1000, 3000));
      assert.deepEqual(await tickProblems(test.database), []);
    });

    it('agree after followers were killed as they followed the log and as they read the boards', async () => {
      await processes.write();
      await wait(random.between(0, 1500));
      const leader = await findLeader();
      for (const follower of processes.instances.filter((one) => one !== leader)) await processes.kill(follower);
      const late = processes.begin();
      const reads = late.ask('add', allTime, quickest).catch(() => {});
      await wait(random.between(300, 1500));
      await processes.kill(late);
      await reads;
      await timed('until it is back', () => processes.start());
      await isExact(test, processes);
    });

    it('have lost and doubled nothing', () => isWhole(test, processes));
  });

  describe('PostgreSQL gone', function () {
    this.bail(true);
    let folder = '';
    let postgres: EmbeddedPostgres;
    let test: TestDatabase;
    let processes: BoardProcesses;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'guildhall-boards-'));
      postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} });
      test = await createTestDatabase({ server: postgres.connectionString });
      processes = await prepare(test, FEW_PLAYERS);
      await putPlayer(test, GUILD, 'ana', { name: 'Ana' });
    });
    after(async () => {
      await processes?.close();
      await test?.database.destroy();
      await postgres?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const end = async (signal: NodeJS.Signals, meanwhile = async (_isBack: () => boolean) => {}) => {
      const { pid } = postgres;
      const isBack = () => postgres.pid !== pid;
      process.kill(pid, signal);
      await meanwhile(isBack);
      await until('PostgreSQL to be started again', async () => isBack(), PATIENCE);
    };
    /** Holds its port, where it cannot start then, and answers nobody. */
    const takePort = async (isBack: () => boolean) => {
      const taken = createServer((socket) => socket.destroy());
      const listen = () =>
        new Promise<boolean>((resolve) => {
          taken.once('error', () => resolve(false));
          taken.listen(Number(new URL(postgres.connectionString).port), '127.0.0.1', () => resolve(true));
        });
      await until('its port to be free', async () => isBack() || (await listen()), PATIENCE);
      await wait(random.between(2000, 4000));
      taken.close();
    };
    const ENDS: Record<string, () => Promise<unknown>> = {
      'was stopped in good order': () => end('SIGINT'),
      'was stopped at once': () => end('SIGQUIT'),
      'was killed': () => end('SIGKILL'),
      'was killed and could not start for some seconds': () => end('SIGKILL', takePort),
      'was killed as soon as it was back, again and again': async () => {
        for (let times = 0; times < 4; times += 1) await end('SIGKILL');
      },
    };
    let deals = 0;
    /** Scores once, as soon as PostgreSQL takes it, and waits until every instance shows it. */
    const scoreIsShown = async () => {
      deals += 1;
      const given = [{ id: `deal-${deals}`, player: 'ana', deals_closed: 1 }];
      await until('an event to count', () => recordScores(test, GUILD, given, 'ana').catch(() => null), PATIENCE);
      for (const instance of processes.instances) {
        const shows = async () =>
          (await instance.ask<number | null>('score', 'ana', allTime.key).catch(() => null)) === 100 * deals;
        await until(`${instance.name} to show it`, shows, PATIENCE);
      }
    };
    const ways = Array.from({ length: rounds }, () => random.shuffle(Object.keys(ENDS))).flat();
    for (const way of ways) {
      it(`agree after it ${way}`, async () => {
        await processes.write();
        await wait(random.between(500, 2500));
        await ENDS[way]?.();
        await timed('from its return until both show what was written after it', scoreIsShown);
        await isExact(test, processes);
      });
    }

    it('have lost and doubled nothing', () => isWhole(test, processes));
  });
});
