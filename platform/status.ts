import type { Notifications } from './database/notifications.ts';
import { statusOf } from './discord/connection.ts';
import type { ConnectionStatus, Discord } from './discord/index.ts';

/** Whether the program can work at the moment. */
export type Status = ConnectionStatus;

export interface StatusSource {
  current(): Status;
  /** Called with each change, until the returned function is called. */
  onChange(listener: (status: Status) => void): () => void;
}

const DATABASE_AWAY = statusOf('reconnecting', 'database');

/** Joins what is known of the database and of Discord: the database comes first, as nothing works without it. */
export function createStatus(discord: Discord, notifications: Notifications): StatusSource {
  const listeners = new Set<(status: Status) => void>();
  const current = (): Status => (notifications.connected() ? discord.status() : DATABASE_AWAY);
  const tell = (): void => {
    const status = current();
    for (const listener of listeners) listener(status);
  };
  discord.onStatus(tell);
  notifications.onConnection(tell);
  return {
    current,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
