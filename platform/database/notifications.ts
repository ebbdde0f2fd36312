import type { Log } from '../log.ts';
import { keepConnection } from './lasting-connection.ts';

/** One channel for all: the payload says what happened. */
export const CHANNEL = 'guildhall';

/** Any number that no other program on this database uses for its advisory locks: "GH" and a 1. */
const INSTANCE_LOCK = 0x47480001;

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
  const connectionListeners: (() => void)[] = [];
  let alone = false;
  let connected = false;
  const tell = (payload: string | null) => {
    for (const listener of listeners) listener(payload);
  };
  const setConnected = (next: boolean): void => {
    connected = next;
    for (const listener of connectionListeners) listener();
  };

  const connection = await keepConnection(connectionString, 'notifications', log, {
    opened: async (client, isFirst) => {
      client.on('notification', ({ payload }) => tell(payload ?? ''));
      const { rows } = await client.query('select pg_try_advisory_lock($1) as alone', [INSTANCE_LOCK]);
      await client.query('select pg_advisory_lock_shared($1)', [INSTANCE_LOCK]);
      if (rows[0].alone) await client.query('select pg_advisory_unlock($1)', [INSTANCE_LOCK]);
      await client.query(`listen ${CHANNEL}`);
      setConnected(true);
      if (isFirst) alone = rows[0].alone;
      else tell(null);
    },
    lost: () => setConnected(false),
  });

  return {
    alone,
    connected: () => connected,
    onConnection: (listener) => void connectionListeners.push(listener),
    onNotification: (listener) => void listeners.push(listener),
    close: connection.close,
  };
}
