import { type Logger, pino } from 'pino';

export type Log = Logger;

const REDACTED = ['token', 'password', 'secret', 'authorization', 'connectionString', 'DATABASE_URL'];

/**
 * The program's log: JSON lines on standard error, secrets blanked wherever they hang.
 * @param level pino's level, such as `info` or `silent`; people at a terminal want to see what is wrong, and no more
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      redact: { paths: REDACTED.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/**
 * Wraps a reporter so that a burst of the same complaint is written once per `milliseconds`, with its count.
 * A database that goes away makes every connection complain at once. Complaints are the same where `about` is, for
 * which the message stands unless it holds what differs each time.
 */
export function limitBursts(report: (message: string, count: number) => void, milliseconds = 5000) {
  const counts = new Map<string, number>();
  return (message: string, about = message): void => {
    const seen = counts.get(about);
    if (seen !== undefined) {
      counts.set(about, seen + 1);
      return;
    }
    report(message, 1);
    counts.set(about, 0);
    setTimeout(() => {
      const more = counts.get(about) ?? 0;
      counts.delete(about);
      if (more > 0) report(message, more);
    }, milliseconds).unref();
  };
}
