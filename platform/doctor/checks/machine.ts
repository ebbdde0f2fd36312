import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { isLoopback } from '../../configuration.ts';
import { isLive } from '../../live.ts';
import { type Check, ok, problem, type Verdict, warning } from '../check.ts';

const MEGABYTE = 1024 * 1024;
const LITTLE_SPACE = 1024 * MEGABYTE;
const NO_SPACE = 100 * MEGABYTE;
/** Discord takes signatures and our links for minutes; a Date header tells seconds alone. */
const CLOCK_OFF_MILLISECONDS = 5000;
const CLOCK_WRONG_MILLISECONDS = 60_000;

/** This machine: database, clock, folders, address. */
export const MACHINE_CHECKS: readonly Check[] = [
  {
    id: 'database',
    area: 'machine',
    run: async ({ database, configuration, texts }) => {
      const where = texts.word(configuration.databaseUrl ? 'serverDatabase' : 'embeddedDatabase');
      if (!database) return [];
      try {
        // A change that changes nothing, and yet one that a full disk or a read-only replica refuses.
        await sql`update installation set api_base = api_base`.execute(database);
        return [ok('database.ok', { where })];
      } catch (error) {
        return [problem('database.refuses', { where, reason: (error as Error).message || texts.word('late') })];
      }
    },
  },
  {
    id: 'clock',
    area: 'machine',
    run: async (look) => {
      const clocks: { of: string; ahead: number }[] = [];
      if (look.database) clocks.push({ of: look.texts.word('database'), ahead: await aheadOfDatabase(look.database) });
      if (look.discordSettings && isLive(look.discordSettings.apiBase)) {
        await look.ask().self();
        const ahead = look.ask().clockAhead();
        if (ahead !== null) clocks.push({ of: 'Discord', ahead });
      }
      if (clocks.length === 0) return [];
      const worst = clocks.reduce((most, clock) => (Math.abs(clock.ahead) > Math.abs(most.ahead) ? clock : most));
      const off = Math.abs(worst.ahead);
      const values = {
        seconds: String(Math.round(off / 1000)),
        direction: look.texts.word(worst.ahead > 0 ? 'ahead' : 'behind'),
        other: worst.of,
      };
      if (off < CLOCK_OFF_MILLISECONDS) return [ok('clock.ok', { clocks: clocks.map(({ of }) => of).join(', ') })];
      return [off < CLOCK_WRONG_MILLISECONDS ? warning('clock.off', values) : problem('clock.off', values)];
    },
  },
  {
    id: 'data-folder',
    area: 'machine',
    run: async ({ configuration: { dataFolder } }) => {
      // It is made at the first start.
      if (!existsSync(dataFolder)) return [];
      const trial = join(dataFolder, `.doctor-${process.pid}`);
      try {
        writeFileSync(trial, 'x', { mode: 0o600 });
        rmSync(trial, { force: true });
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
        return [problem('data-folder.refuses', { folder: dataFolder, reason })];
      }
      const { bavail, bsize } = statfsSync(dataFolder);
      const free = bavail * bsize;
      const values = { folder: dataFolder, free: `${Math.floor(free / MEGABYTE)} MB` };
      if (free > LITTLE_SPACE) return [ok('data-folder.ok', values)];
      return [free > NO_SPACE ? warning('data-folder.little', values) : problem('data-folder.little', values)];
    },
  },
  {
    id: 'public-url',
    area: 'machine',
    run: async ({ configuration: { publicUrl, host } }) => {
      if (!publicUrl) return isLoopback(host) ? [] : [warning('public-url.missing', { host })];
      const { protocol, hostname } = new URL(publicUrl);
      if (protocol === 'http:' && !isLoopback(hostname)) return [warning('public-url.plain', { address: publicUrl })];
      return [ok('public-url.ok', { address: publicUrl })];
    },
  },
  {
    id: 'flow-files',
    area: 'machine',
    run: async ({ configuration: { flowsFolder }, texts }) => {
      const files = readdirSync(flowsFolder).filter((file) => file.endsWith('.json'));
      const broken = files.flatMap((file): Verdict[] => {
        try {
          JSON.parse(readFileSync(join(flowsFolder, file), 'utf8'));
          return [];
        } catch (error) {
          return [
            problem(
              'flow-files.broken',
              { file: join(flowsFolder, file), reason: reasonOf(error) ?? texts.word('notJson') },
              file,
            ),
          ];
        }
      });
      return broken.length > 0 ? broken : [ok('flow-files.ok', { files: String(files.length), folder: flowsFolder })];
    },
  },
  {
    id: 'flows',
    area: 'machine',
    run: async ({ gate }) => {
      if (!gate) return [];
      return [gate.flowsRun ? ok('flows.ok') : problem('flows.held')];
    },
  },
];

/** A file's own text stays out of it: JSON errors quote what they stumble over. */
function reasonOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

async function aheadOfDatabase(database: NonNullable<Parameters<Check['run']>[0]['database']>): Promise<number> {
  const before = Date.now();
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database);
  const after = Date.now();
  return (before + after) / 2 - Number(rows[0]?.now);
}
