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
 * A database that goes away makes every connection complain at once.
 */
export function limitBursts(report: (message: string, count: number) => void, milliseconds = 5000) {
  const counts = new Map<string, number>();
  return (message: string): void => {
    const seen = counts.get(message);
    if (seen !== undefined) {
      counts.set(message, seen + 1);
      return;
    }
    report(message, 1);
    counts.set(message, 0);
    setTimeout(() => {
      const more = counts.get(message) ?? 0;
      counts.delete(message);
      if (more > 0) report(message, more);
    }, milliseconds).unref();
  };
}
