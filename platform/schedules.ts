import { wait } from './clock.ts';
import { type Database, inTransaction } from './database/index.ts';
import type { Events } from './events.ts';
import type { Intakes } from './intakes.ts';
import { fromKysely, type Jobs, type JobWithMetadata } from './jobs.ts';
import { type Log, limitBursts } from './log.ts';

/** The type of the event that a time which has come writes. */
export const SCHEDULE_DUE = 'schedule.due';
const QUEUE = 'schedules';

/** When a node's flow runs. */
export interface Timetable {
  /** Five parts: minute, hour, day, month, weekday. */
  cron: string;
  /** A time zone's name, such as `Europe/Berlin`. */
  timeZone: string;
}

/** A deployed node that runs at certain times. */
export interface ScheduleIntake extends Timetable {
  community: string;
  node: string;
  /** So much later than planned it still runs, once, where nothing could run in time. */
  lateMinutes: number;
}

export interface Schedules {
  /** Brings what is planned in line with the deployed nodes; comes back to it by itself when the database is away. */
  sync(): void;
  /** The first time after `from`, or null where there is none. */
  next(timetable: Timetable, from?: Date): Date | null;
  stop(): void;
}

export const subjectOf = (node: string): string => `schedule/${node}`;

/** pg-boss looks for what is due every 15 s; only what is later than that is late. */
const PUNCTUAL_MILLISECONDS = 90_000;
const MINUTE = 60_000;
const FARTHEST_BACK = 366 * 24 * 60 * MINUTE;
const RETRY_MILLISECONDS = 1000;

/**
 * Runs nodes at their times, once across all instances: pg-boss keeps the timetables and makes a job when one is due,
 * and the job becomes an event, which comes to the node as durably as any other.
 */
export function createSchedules(database: Database, jobs: Jobs, events: Events, intakes: Intakes, log: Log): Schedules {
  const report = limitBursts((message, count) => log.warn({ count }, `schedules: ${message}`));
  let current = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  let isWorking = false;

  const next = ({ cron, timeZone }: Timetable, from = new Date()): Date | null => {
    try {
      return jobs.previewSchedule(cron, { tz: timeZone, from, count: 1 })[0] ?? null;
    } catch {
      return null;
    }
  };
  /** The newest time not after `now`: looked for in windows that double, so that none holds many. */
  const latest = (timetable: Timetable, now: Date): Date | null => {
    for (let back = MINUTE; back <= FARTHEST_BACK; back *= 2) {
      let found: Date | null = null;
      for (let at = next(timetable, new Date(now.getTime() - back)); at && at <= now; at = next(timetable, at))
        found = at;
      if (found) return found;
    }
    return null;
  };

  const handle = async ({ id, createdOn, data }: JobWithMetadata<ScheduleIntake>): Promise<void> => {
    const planned = latest(data, createdOn);
    const late = planned ? Date.now() - planned.getTime() : Number.POSITIVE_INFINITY;
    const isInTime = late <= data.lateMinutes * MINUTE + PUNCTUAL_MILLISECONDS;
    await inTransaction(database, async (tx) => {
      if (planned && isInTime) {
        const payload = { planned: planned.toISOString() };
        const about = { community_id: data.community, type: SCHEDULE_DUE, subject: subjectOf(data.node) };
        const told = await tx
          .selectFrom('events')
          .select('id')
          .where((where) => where.and(about))
          .where('payload', '=', JSON.stringify(payload) as never)
          .executeTakeFirst();
        if (!told)
          await events.write(tx, { community: data.community, type: SCHEDULE_DUE, subject: about.subject, payload });
      }
      await jobs.complete(QUEUE, id, null, { db: fromKysely(tx) });
    });
    if (!isInTime) log.info({ node: data.node }, 'a time was missed for longer than its node allows');
  };

  const work = async (wanted: boolean): Promise<void> => {
    if (wanted === isWorking) return;
    if (!wanted) await jobs.offWork(QUEUE);
    else {
      const options = { pollingIntervalSeconds: 2, batchSize: 10, includeMetadata: true } as const;
      await jobs.work(QUEUE, options, async (due: JobWithMetadata<ScheduleIntake>[]) => {
        for (const job of due) await handle(job);
      });
    }
    isWorking = wanted;
  };

  const bring = async (): Promise<void> => {
    const wanted = intakes.schedules();
    const known = await jobs.getSchedules(QUEUE);
    for (const { key } of known) {
      if (!wanted.some(({ node }) => node === key)) await jobs.unschedule(QUEUE, key);
    }
    for (const schedule of wanted) {
      const same = known.find(({ key }) => key === schedule.node);
      if (same && JSON.stringify(same.data) === JSON.stringify(schedule)) continue;
      const { cron, timeZone: tz, node: key } = schedule;
      await jobs.schedule(QUEUE, cron, schedule, { tz, key, missed: 'once' });
    }
    await work(wanted.length > 0);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        return await bring();
      } catch (error) {
        report((error as Error).message);
        await wait(RETRY_MILLISECONDS, signal);
      }
    }
  };

  return {
    sync: () => {
      current.abort();
      current = new AbortController();
      const { signal } = current;
      turn = turn.then(() => run(signal));
    },
    next,
    stop: () => current.abort(),
  };
}
