import { randomUUID } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import { wait } from './clock.ts';
import type { Database, Tx } from './database/index.ts';
import { CHANNEL, type Notifications } from './database/notifications.ts';
import { type Fault, toFault } from './fault.ts';
import { fromKysely, type Jobs } from './jobs.ts';
import { type Log, limitBursts } from './log.ts';

/** Something that happened, as flows meet it. */
export interface CommunityEvent {
  id: number;
  community: string;
  type: string;
  subject: string;
  payload: Record<string, unknown>;
  occurredAt: Date;
}

export interface NewEvent {
  community: string;
  type: string;
  subject: string;
  payload: Record<string, unknown>;
}

/** Hands one event to the flows; settles when all they made of it is done, rejects to have it come again. */
export type EventHandler = (event: CommunityEvent) => Promise<void>;

export interface Events {
  /** Writes an event and its job in the transaction of the fact. Flows get it once that commits. */
  write(tx: Tx, event: NewEvent): Promise<void>;
  /**
   * Has the newest event of these types about a subject come again, as after a crash: what its flow could not do the
   * first time it does then, and what counts once is not done twice. There may be no such event.
   */
  repeat(tx: Tx, about: { community: string; subject: string; types: string[] }): Promise<void>;
  /**
   * Begins to hand events to flows: the waiting ones first.
   * @param membersWaiting how many members wait for a first answer: while there is a crowd of them, events come in
   * smaller numbers
   */
  start(handler: EventHandler, membersWaiting: () => number): Promise<void>;
  /**
   * Stops taking new events; those under way go on. Settles once what is done is marked so: what is done later comes
   * again at the next start.
   */
  stop(): Promise<void>;
  /** How many events wait or are under way. */
  waiting(): Promise<number>;
}

const QUEUE = 'events';
const WAKE = 'event';
const BATCH = 20;
/** More than this begun within a few seconds gains nothing on one process; a flow that waits (a Delay node) may. */
const MOST_AT_ONCE = 200;
const BEGUN_LATELY_MILLISECONDS = 5000;
/** All in all, so that waiting flows cannot fill the memory. */
const MOST_WAITING = 20_000;
/** NOTIFY wakes at once; the poll only finds what comes back for another try. */
const POLL_MILLISECONDS = 1000;
const HEARTBEAT_MILLISECONDS = 5000;
/** What caused an event is answered first, and a crowd of events is fetched together. */
const SOON_MILLISECONDS = 30;
/** Nobody waits for this: a crowd of handled events is marked as such together. */
const SETTLE_MILLISECONDS = 100;
/**
 * Discord waits 3 s for an answer and for ever for a card: while more members than these wait, a batch of events is
 * begun only so often. That is still as many as Discord takes messages of one bot, 50 a second.
 */
const FEW_WAITING = 4;
const LET_WAIT_MILLISECONDS = 400;

interface EventJob {
  /** The event's key; its id, where an instance of an earlier version wrote it. */
  event: string | number;
  community: string;
  /** True where it comes although it was handled before. */
  again?: boolean;
}

/** One try at a job: what pg-boss knows it by. */
interface Attempt {
  id: string;
  retryCount: number;
}

type Job = Attempt & { data: EventJob };

/**
 * Carries events from their transaction into flows, through a pg-boss job each and a NOTIFY.
 * @param relaxed the same database on connections whose commits do not wait for the disk
 */
export function createEvents(
  database: Database,
  relaxed: Database,
  jobs: Jobs,
  notifications: Notifications,
  log: Log,
): Events {
  /** How many members wait for a first answer. */
  let membersWaiting = () => 0;
  let tookAt = 0;
  const underWay = new Map<string, Attempt & { since: number }>();
  const report = limitBursts((message, count) => log.warn({ count }, `events: ${message}`));
  let handler: EventHandler | null = null;
  let taking = false;
  let again = false;
  let poll: NodeJS.Timeout | null = null;
  let heartbeat: NodeJS.Timeout | null = null;
  let soon: NodeJS.Timeout | null = null;
  let handled: { attempt: Attempt; event: number | undefined }[] = [];
  let settling: NodeJS.Timeout | null = null;
  /** What goes on with the database: a stop waits for it. */
  const asking = new Set<Promise<void>>();
  let stopped = false;

  const awaited = (work: Promise<void>): Promise<void> => {
    asking.add(work);
    return work.finally(() => asking.delete(work));
  };

  /** Hands an event back for another try: as soon as the database takes it, when that was what failed. */
  const giveBack = async (attempt: Attempt, fault: Fault): Promise<void> => {
    for (;;) {
      try {
        await jobs.fail(QUEUE, attempt, { code: fault.code, message: fault.message });
        if (fault.after > 0) {
          await sql`
            update jobs.job set start_after = greatest(start_after, now() + ${fault.after} * interval '1 ms')
            where name = ${QUEUE} and state = 'retry' and id = ${attempt.id}`.execute(database);
        }
        return;
      } catch (error) {
        report((error as Error).message);
        if (!handler || !toFault(error).retry) return;
        await wait(POLL_MILLISECONDS);
      }
    }
  };

  const comesAgain = async (attempt: Attempt, error: unknown): Promise<void> => {
    if (stopped) return;
    const fault = toFault(error);
    report(`an event comes again: ${fault.message}`);
    await awaited(giveBack(attempt, fault));
    underWay.delete(attempt.id);
    if (again) takeSoon();
  };

  const settle = (): Promise<void> => {
    if (settling) clearTimeout(settling);
    settling = null;
    const settled = handled;
    handled = [];
    return settled.length === 0 ? Promise.resolve() : awaited(mark(settled));
  };

  const mark = async (settled: typeof handled): Promise<void> => {
    const attempts = settled.map(({ attempt }) => attempt);
    try {
      // In this order: a job that is left over finds its event handled, and does nothing.
      const ids = settled.flatMap(({ event }) => event ?? []);
      await sql`update events set handled_at = now() where id = any(${ids}::bigint[])`.execute(relaxed);
      await jobs.complete(QUEUE, attempts);
      for (const { id } of attempts) underWay.delete(id);
      if (again) takeSoon();
    } catch (error) {
      await Promise.all(attempts.map((attempt) => comesAgain(attempt, error)));
    }
  };

  const run = async (job: Job, event: CommunityEvent | undefined): Promise<void> => {
    try {
      if (!handler) throw new Error('the program is stopping');
      if (event) await handler(event);
      if (stopped) return;
      handled.push({ attempt: job, event: event?.id });
      settling ??= setTimeout(settle, SETTLE_MILLISECONDS);
    } catch (error) {
      await comesAgain(job, error);
    }
  };

  const runAll = async (found: Job[]): Promise<void> => {
    if (found.length === 0) return;
    const since = performance.now();
    for (const { id, retryCount } of found) underWay.set(id, { id, retryCount, since });
    try {
      const events = await load(database, found);
      for (const job of found) void run(job, events.get(job.data.event));
    } catch (error) {
      await Promise.all(found.map((job) => comesAgain(job, error)));
    }
  };

  const hasRoom = (): boolean => {
    if (underWay.size < MOST_AT_ONCE) return true;
    const lately = performance.now() - BEGUN_LATELY_MILLISECONDS;
    const busy = [...underWay.values()].filter(({ since }) => since > lately).length;
    return busy < MOST_AT_ONCE && underWay.size < MOST_WAITING;
  };

  const isCrowded = (): boolean => membersWaiting() > FEW_WAITING && performance.now() - tookAt < LET_WAIT_MILLISECONDS;

  const take = async (): Promise<void> => {
    if (!handler) return;
    again = true;
    if (taking) return;
    taking = true;
    await awaited(takeAll());
    taking = false;
    if (again && isCrowded()) takeSoon();
  };

  const takeAll = async (): Promise<void> => {
    try {
      while (handler && again && hasRoom() && !isCrowded()) {
        again = false;
        tookAt = performance.now();
        const found = await jobs.fetch<EventJob>(QUEUE, { batchSize: BATCH, includeMetadata: true });
        void awaited(runAll(found));
        if (found.length === BATCH) again = true;
      }
    } catch (error) {
      report((error as Error).message);
    }
  };

  const takeSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = null;
      void take();
    }, SOON_MILLISECONDS);
  };

  notifications.onNotification((payload) => {
    if (payload === null || payload === WAKE) takeSoon();
  });

  const send = (tx: Tx, job: EventJob) => jobs.send(QUEUE, job, { db: fromKysely(tx) });
  /** PostgreSQL tells the listeners once the transaction commits. */
  const wake = sql`pg_notify(${CHANNEL}, ${WAKE})`.as('wake');

  return {
    write: async (tx, { community, type, subject, payload }) => {
      const key = randomUUID();
      // pg-boss makes the statement that inserts the job, and the event is inserted by the same.
      const executeSql = async (insertJob: string, values: unknown[] = []) => {
        const parameter = (at: number) => `$${values.length + at}`;
        const text = `
          with job as (${insertJob})
          insert into events (key, community_id, type, subject, payload)
          select ${[1, 2, 3, 4, 5].map(parameter).join(', ')} from job
          returning (select id from job), pg_notify(${parameter(6)}, ${parameter(7)})`;
        const given = [...values, key, community, type, subject, JSON.stringify(payload), CHANNEL, WAKE];
        return tx.executeQuery<{ id: string }>(CompiledQuery.raw(text, given));
      };
      const job = await jobs.send(QUEUE, { event: key, community } satisfies EventJob, { db: { executeSql } });
      if (job === null) throw new Error('an event got no job, and so was not written');
    },
    repeat: async (tx, { community, subject, types }) => {
      const event = await tx
        .selectFrom('events')
        .select(['key', wake])
        .where('community_id', '=', community)
        .where('subject', '=', subject)
        .where('type', 'in', types)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (event) await send(tx, { event: event.key, community, again: true });
    },
    start: async (next, waiting) => {
      handler = next;
      membersWaiting = waiting;
      if (!poll) {
        poll = setInterval(() => void take(), POLL_MILLISECONDS);
        heartbeat = setInterval(() => {
          if (underWay.size === 0) return;
          jobs.touch(QUEUE, [...underWay.values()]).catch((error: Error) => report(error.message));
        }, HEARTBEAT_MILLISECONDS);
        await bringBack(database, jobs, notifications).catch((error: Error) => report(error.message));
      }
      await take();
    },
    stop: async () => {
      handler = null;
      if (poll) clearInterval(poll);
      if (heartbeat) clearInterval(heartbeat);
      if (soon) clearTimeout(soon);
      poll = heartbeat = soon = null;
      do {
        await settle();
        await Promise.all(asking);
      } while (handled.length + asking.size > 0);
      stopped = true;
    },
    waiting: async () => {
      const { count } = await database
        .selectFrom('events')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('handled_at', 'is', null)
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}

/** At the start nothing that was written may lie forgotten: what was cut off, and what was given up long ago. */
async function bringBack(database: Database, jobs: Jobs, notifications: Notifications): Promise<void> {
  await bringBackCutOff(database, jobs, notifications);
  const { rows } = await sql<EventJob>`
    select key as event, community_id as community from events
    where handled_at is null and not exists (
      select from jobs.job
      where name = ${QUEUE} and state in ('created', 'retry', 'active')
        and data ->> 'event' in (events.key::text, events.id::text)
    )`.execute(database);
  for (const job of rows) await jobs.send(QUEUE, job);
}

/** An event that was under way when its process died comes again at once, where no other instance can hold it. */
async function bringBackCutOff(database: Database, jobs: Jobs, notifications: Notifications): Promise<void> {
  if (!notifications.alone) return;
  const { rows } = await sql<{ id: string }>`
    select id from jobs.job where name = ${QUEUE} and state = 'active'`.execute(database);
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.id);
  await jobs.fail(QUEUE, ids, { code: 'cut-off', message: 'The program ended while this event was handled.' });
  // Nothing failed but the program: no pause as after a fault.
  await sql`
    update jobs.job set start_after = now()
    where name = ${QUEUE} and state = 'retry' and id = any(${ids}::uuid[])`.execute(database);
}

/** @returns the events of these jobs by what the jobs name them, but those that were handled before */
async function load(database: Database, found: Job[]): Promise<Map<string | number, CommunityEvent>> {
  const again = new Set(found.filter(({ data }) => data.again).map(({ data }) => data.event));
  const named = found.map(({ data }) => data.event);
  const keys = named.filter((name) => typeof name === 'string');
  const ids = named.filter((name) => typeof name === 'number');
  const rows = await database
    .selectFrom('events')
    .select(['id', 'key', 'community_id', 'type', 'subject', 'payload', 'occurred_at', 'handled_at'])
    .where(sql<boolean>`(key = any(${keys}::uuid[]) or id = any(${ids}::bigint[]))`)
    .execute();
  const events = new Map<string | number, CommunityEvent>();
  for (const { id, key, community_id, type, subject, payload, occurred_at, handled_at } of rows) {
    const event = { id, community: community_id, type, subject, payload, occurredAt: occurred_at };
    for (const name of [key, id]) if (!handled_at || again.has(name)) events.set(name, event);
  }
  return events;
}
