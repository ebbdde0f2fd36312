import pg from 'pg';
import { wait } from '../clock.ts';
import { type Log, limitBursts } from '../log.ts';

/** One channel for all: the payload says what happened. */
export const CHANNEL = 'guildhall';

/** Any number that no other program on this database uses for its advisory locks: "GH" and a 1. */
const INSTANCE_LOCK = 0x47480001;

const HEARTBEAT_MILLISECONDS = 10_000;

export interface Notifications {
  /** Calls the listener with each payload; after a lost connection once with `null`: something may have been missed. */
  onNotification(listener: (payload: string | null) => void): void;
  /** True where no other instance was on this database when this one came. */
  readonly alone: boolean;
  /** Whether the connection stands: a good sign of the database itself. */
  connected(): boolean;
  /** Calls the listener when the connection was lost or stands again. */
  onConnection(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * Keeps one connection that listens for NOTIFY and marks this instance as alive by a shared advisory lock, which
 * PostgreSQL drops when the process dies. Connects again by itself.
 */
export async function listen(connectionString: string, log: Log): Promise<Notifications> {
  const listeners: ((payload: string | null) => void)[] = [];
  const tell = (payload: string | null) => {
    for (const listener of listeners) listener(payload);
  };
  const report = limitBursts((message) => log.warn(`notifications are away: ${message}`));
  const closing = new AbortController();
  let client: pg.Client | null = null;
  let connected = false;
  const connectionListeners: (() => void)[] = [];
  const setConnected = (next: boolean): void => {
    connected = next;
    for (const listener of connectionListeners) listener();
  };

  const connect = async (): Promise<boolean> => {
    const next = new pg.Client({
      connectionString,
      application_name: 'guildhall notifications',
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
      keepAlive: true,
    });
    next.on('error', (error) => report(error.message));
    next.on('notification', ({ payload }) => tell(payload ?? ''));
    try {
      await next.connect();
      const { rows } = await next.query('select pg_try_advisory_lock($1) as alone', [INSTANCE_LOCK]);
      await next.query('select pg_advisory_lock_shared($1)', [INSTANCE_LOCK]);
      if (rows[0].alone) await next.query('select pg_advisory_unlock($1)', [INSTANCE_LOCK]);
      await next.query(`listen ${CHANNEL}`);
      // Nobody would end what stands only now: it would count as an instance for ever.
      if (closing.signal.aborted) throw new Error('closed while it connected');
      next.on('end', () => {
        if (closing.signal.aborted) return;
        setConnected(false);
        void reconnect();
      });
      client = next;
      setConnected(true);
      return rows[0].alone;
    } catch (error) {
      next.end().catch(() => {});
      throw error;
    }
  };

  const reconnect = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await wait(200 + 300 * Math.random(), closing.signal);
      try {
        if (!closing.signal.aborted) await connect();
        return tell(null);
      } catch (error) {
        report((error as Error).message);
      }
    }
  };

  // A connection that the network swallowed says nothing: it has to be asked.
  const heartbeat = setInterval(() => {
    const asked = client;
    asked?.query('select 1').catch((error: Error) => {
      report(error.message);
      asked.end().catch(() => {});
    });
  }, HEARTBEAT_MILLISECONDS);
  heartbeat.unref();

  const alone = await connect();
  return {
    alone,
    connected: () => connected,
    onConnection: (listener) => void connectionListeners.push(listener),
    onNotification: (listener) => void listeners.push(listener),
    close: async () => {
      closing.abort();
      clearInterval(heartbeat);
      await client?.end().catch(() => {});
    },
  };
}
