import { sql } from 'kysely';
import { wait } from './clock.ts';
import type { Tx } from './database/index.ts';
import { keepConnection } from './database/lasting-connection.ts';
import { Fault } from './fault.ts';
import type { Log } from './log.ts';

/** What the numbers of leaders' advisory locks begin with: "GL". */
const LEADERS = 0x474c;
const TRY_EVERY_MILLISECONDS = 500;

/** What one instance of all does, and another takes up when that one dies. */
export interface Leadership {
  /** Whether this instance leads, as far as it knows: `assertLeading` asks the database. */
  leads(): boolean;
  /**
   * Makes sure, in a transaction that publishes something, that no other instance has taken over: while it lasts, none
   * can.
   * @throws Fault `not-leading`
   */
  assertLeading(tx: Tx): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Leads a task, or waits until its leader is gone. The lock belongs to a session: it ends with the process or its
 * connection. Each leader has a number, one higher than the one before, so that one that was paused cannot publish.
 * @param task a name, the same on all instances
 */
export async function lead(connectionString: string, task: string, log: Log): Promise<Leadership> {
  const closing = new AbortController();
  let epoch: number | null = null;

  const connection = await keepConnection(connectionString, `leadership of ${task}`, log, {
    opened: async () => {},
    lost: () => {
      epoch = null;
    },
  });

  const attempt = async (): Promise<void> => {
    const client = connection.client();
    if (!client || epoch !== null) return;
    const { rows } = await client.query('select pg_try_advisory_lock($1, hashtext($2)) as leads', [LEADERS, task]);
    if (!rows[0].leads) return;
    const taken = await client.query(
      `insert into leadership (task, epoch) values ($1, 1)
      on conflict (task) do update set epoch = leadership.epoch + 1 returning epoch::int`,
      [task],
    );
    // The connection may have gone meanwhile, and the lock with it.
    if (connection.client() === client) epoch = taken.rows[0].epoch;
  };
  const trying = (async () => {
    while (!closing.signal.aborted) {
      await attempt().catch(() => {});
      await wait(TRY_EVERY_MILLISECONDS, closing.signal);
    }
  })();

  return {
    leads: () => epoch !== null,
    assertLeading: async (tx) => {
      const { rows } = await sql<{ epoch: number }>`
        select epoch::int from leadership where task = ${task} for share`.execute(tx);
      if (epoch === null || rows[0]?.epoch !== epoch) {
        throw new Fault('not-leading', `Another instance leads ${task} now.`, { retry: true });
      }
    },
    stop: async () => {
      closing.abort();
      await connection.close();
      await trying;
    },
  };
}
