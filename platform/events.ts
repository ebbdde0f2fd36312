import { sql } from 'kysely';
import { wait } from './clock.ts';
import { type Database, inTransaction, type Tx } from './database/index.ts';
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
  /** Begins to hand events to flows: the waiting ones first. */
  start(handler: EventHandler): Promise<void>;
  /** Stops taking new events; those under way go on. */
  stop(): void;
  /** How many events wait or are under way. */
  waiting(): Promise<number>;
}

const QUEUE = 'events';
const WAKE = 'event';
const BATCH = 20;
/** More than this at once gains nothing on one process and only holds memory. */
const MOST_AT_ONCE = 200;
/** NOTIFY wakes at once; the poll only finds what comes back for another try. */
const POLL_MILLISECONDS = 1000;
const HEARTBEAT_MILLISECONDS = 5000;

interface EventJob {
  event: number;
  community: string;
}

/** Carries events from their transaction into flows, through a pg-boss job each and a NOTIFY. */
export function createEvents(database: Database, jobs: Jobs, notifications: Notifications, log: Log): Events {
  const underWay = new Map<string, { id: string; retryCount: number }>();
  const report = limitBursts((message, count) => log.warn({ count }, `events: ${message}`));
  let handler: EventHandler | null = null;
  let taking = false;
  let again = false;
  let poll: NodeJS.Timeout | null = null;
  let heartbeat: NodeJS.Timeout | null = null;

  /** Hands an event back for another try: as soon as the database takes it, when that was what failed. */
  const giveBack = async (attempt: { id: string; retryCount: number }, fault: Fault): Promise<void> => {
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

  const run = async (job: { id: string; retryCount: number; data: EventJob }): Promise<void> => {
    const attempt = { id: job.id, retryCount: job.retryCount };
    underWay.set(job.id, attempt);
    try {
      const event = await load(database, job.data.event);
      if (!handler) throw new Error('the program is stopping');
      if (event) await handler(event);
      await inTransaction(database, async (tx) => {
        await tx.updateTable('events').set({ handled_at: sql`now()` }).where('id', '=', job.data.event).execute();
        await jobs.complete(QUEUE, attempt, null, { db: fromKysely(tx) });
      });
    } catch (error) {
      const fault = toFault(error);
      report(`event ${job.data.event} comes again: ${fault.message}`);
      await giveBack(attempt, fault);
    } finally {
      underWay.delete(job.id);
      if (again) await take();
    }
  };

  const take = async (): Promise<void> => {
    if (!handler) return;
    again = true;
    if (taking) return;
    taking = true;
    try {
      while (again && underWay.size < MOST_AT_ONCE) {
        again = false;
        const found = await jobs.fetch<EventJob>(QUEUE, { batchSize: BATCH, includeMetadata: true });
        for (const job of found) void run(job);
        if (found.length === BATCH) again = true;
      }
    } catch (error) {
      report((error as Error).message);
    } finally {
      taking = false;
    }
  };

  notifications.onNotification((payload) => {
    if (payload === null || payload === WAKE) void take();
  });

  return {
    write: async (tx, event) => {
      const { id } = await tx
        .insertInto('events')
        .values({
          community_id: event.community,
          type: event.type,
          subject: event.subject,
          payload: JSON.stringify(event.payload),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await jobs.send(QUEUE, { event: id, community: event.community }, { db: fromKysely(tx) });
      await sql`select pg_notify(${CHANNEL}, ${WAKE})`.execute(tx);
    },
    start: async (next) => {
      handler = next;
      if (!poll) {
        await bringBackCutOff(database, jobs, notifications);
        poll = setInterval(() => void take(), POLL_MILLISECONDS);
        heartbeat = setInterval(() => {
          if (underWay.size === 0) return;
          jobs.touch(QUEUE, [...underWay.values()]).catch((error: Error) => report(error.message));
        }, HEARTBEAT_MILLISECONDS);
      }
      await take();
    },
    stop: () => {
      handler = null;
      if (poll) clearInterval(poll);
      if (heartbeat) clearInterval(heartbeat);
      poll = heartbeat = null;
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

async function load(database: Database, id: number): Promise<CommunityEvent | null> {
  const row = await database.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row || row.handled_at) return null;
  return {
    id: row.id,
    community: row.community_id,
    type: row.type,
    subject: row.subject,
    payload: row.payload,
    occurredAt: row.occurred_at,
  };
}
