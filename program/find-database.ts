import type { Configuration } from '../platform/configuration.ts';
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../platform/database/embedded/index.ts';

/**
 * The database for a program beside the main one: the one that runs, or the embedded one, started for as long as that
 * program takes.
 */
export async function findDatabase({
  databaseUrl,
  databaseFolder: folder,
}: Configuration): Promise<{ connectionString: string; stop(): Promise<void> }> {
  const running = databaseUrl ?? runningEmbeddedPostgres(folder);
  if (running) return { connectionString: running, stop: async () => {} };
  const { connectionString, stop } = await startEmbeddedPostgres({ folder, log: () => {} });
  return { connectionString, stop };
}
