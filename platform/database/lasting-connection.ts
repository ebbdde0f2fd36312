import pg from 'pg';
import { wait } from '../clock.ts';
import { type Log, limitBursts } from '../log.ts';

const HEARTBEAT_MILLISECONDS = 10_000;

export interface LastingConnection {
  /** The connection as it stands; null while there is none. */
  client(): pg.Client | null;
  close(): Promise<void>;
}

/**
 * Keeps one connection of its own to the database, for what belongs to a session: LISTEN, advisory locks. Connects
 * again by itself when it is lost, and finds out where the network swallowed it.
 * @param opened runs on each new connection before it counts as open; where it rejects, another try follows
 * @param lost runs when it has gone
 * @throws Error where the first connection cannot be made
 */
export async function keepConnection(
  connectionString: string,
  name: string,
  log: Log,
  { opened, lost }: { opened(client: pg.Client, isFirst: boolean): Promise<void>; lost(): void },
): Promise<LastingConnection> {
  const report = limitBursts((message) => log.warn(`${name} are away: ${message}`));
  const closing = new AbortController();
  let client: pg.Client | null = null;

  const connect = async (isFirst: boolean): Promise<void> => {
    const next = new pg.Client({
      connectionString,
      application_name: `guildhall ${name}`,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
      keepAlive: true,
    });
    next.on('error', (error) => report(error.message));
    try {
      await next.connect();
      await opened(next, isFirst);
      // Nobody would end what stands only now: its session would hold what it has for ever.
      if (closing.signal.aborted) throw new Error('closed while it connected');
      next.on('end', () => {
        client = null;
        if (closing.signal.aborted) return;
        lost();
        void reconnect();
      });
      client = next;
    } catch (error) {
      next.end().catch(() => {});
      throw error;
    }
  };

  const reconnect = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await wait(200 + 300 * Math.random(), closing.signal);
      try {
        if (!closing.signal.aborted) await connect(false);
        return;
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

  await connect(true);
  return {
    client: () => client,
    close: async () => {
      closing.abort();
      clearInterval(heartbeat);
      await client?.end().catch(() => {});
    },
  };
}
