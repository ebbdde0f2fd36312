import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Migration, Migrator, NO_MIGRATIONS } from 'kysely/migration';
import type { Database } from './index.ts';

/**
 * Finds every migration of the platform and of the areas: `<number>-<name>.ts` (or `.js` when compiled) in a folder
 * `migrations`. The numbers are one series over all folders, so that the order is plain.
 * @param root the folder that holds `platform` and `core`
 */
export async function findMigrations(root: string): Promise<Record<string, Migration>> {
  const folders = [
    join(root, 'platform', 'database', 'migrations'),
    ...readdirSync(join(root, 'core'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, 'core', entry.name, 'migrations')),
  ].filter((folder) => existsSync(folder));
  const migrations: Record<string, Migration> = {};
  for (const folder of folders) {
    for (const file of readdirSync(folder)) {
      const name = basename(file).replace(/\.[jt]s$/, '');
      if (!/^\d{4}-[a-z-]+$/.test(name)) continue;
      if (migrations[name]) throw new Error(`two migrations are called ${name}`);
      migrations[name] = (await import(pathToFileURL(join(folder, file)).href)) as Migration;
    }
  }
  return migrations;
}

/**
 * Brings the tables up to date under a lock, each migration in the same transaction.
 * @param to a migration's name to stop at, or `none` to take all back; left out: the newest
 * @returns the names that ran, with their direction
 */
export async function migrate(database: Database, root: string, to?: string): Promise<string[]> {
  const migrations = await findMigrations(root);
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error, results } =
    to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to === 'none' ? NO_MIGRATIONS : to);
  if (error) {
    const failed = results?.find((result) => result.status === 'Error');
    throw new Error(`migration ${failed?.migrationName ?? ''} failed: ${(error as Error).message}`, { cause: error });
  }
  return (results ?? []).map((result) => `${result.migrationName} ${result.direction.toLowerCase()}`);
}
