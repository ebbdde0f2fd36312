import { type Db, PgBoss } from 'pg-boss';
import { type Log, limitBursts } from './log.ts';

export type Jobs = PgBoss;
export { fromKysely, type JobWithMetadata } from 'pg-boss';

/** What can go wrong may go on for a day (an outage at Discord) before a job is given up to its dead-letter queue. */
const RETRIES = { retryLimit: 1500, retryDelay: 1, retryBackoff: true, retryDelayMax: 60 };

/** Every queue, with how it retries. Jobs that are given up end in `<name>-dead`. */
export const QUEUES = {
  events: { ...RETRIES, heartbeatSeconds: 15, expireInSeconds: 86_000 },
  /** A job a time that has come; it only writes an event. */
  schedules: { ...RETRIES, expireInSeconds: 300 },
} as const;

/**
 * Starts the job queue on the same database and makes its queues.
 * @param executor runs pg-boss' statements on our own pool
 */
export async function startJobs(executor: Db, log: Log): Promise<PgBoss> {
  const boss = new PgBoss({
    db: executor,
    schema: 'jobs',
    schedule: true,
    cronMonitorIntervalSeconds: 15,
    cronWorkerIntervalSeconds: 5,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  });
  const report = limitBursts((message, count) => log.warn({ count }, `job queue: ${message}`));
  boss.on('error', (error) => report(error.message));
  await boss.start();
  for (const [name, options] of Object.entries(QUEUES)) {
    const deadLetter = `${name}-dead`;
    await boss.createQueue(deadLetter);
    await boss.createQueue(name, { ...options, deadLetter });
    await boss.updateQueue(name, { ...options, deadLetter });
    // Warms pg-boss' cache, so that a send inside a transaction never needs a second connection.
    await boss.getQueue(name);
  }
  return boss;
}
