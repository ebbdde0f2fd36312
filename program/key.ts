import { parseArgs } from 'node:util';
import { createKey, type ListedKey, listKeys, revokeKey, SCOPE_NAMES } from '../platform/api-keys.ts';
import { readConfiguration } from '../platform/configuration.ts';
import { checkServer, type Database, openDatabase } from '../platform/database/index.ts';
import { createLog } from '../platform/log.ts';
import { sentenceOf } from './failure-sentence.ts';
import { findDatabase } from './find-database.ts';
import { packageRoot, workRoot } from './roots.ts';

const USAGE = `npm run key -- create <name> <scope…> [--days N] [--community ID]   prints the new key, once, on the last line
npm run key -- list
npm run key -- revoke <name or prefix>

Scopes: ${SCOPE_NAMES.join(', ')}`;

const LONGEST_DAYS = 36_500;

interface Asked {
  words: string[];
  days?: string | undefined;
  community?: string | undefined;
}

/** What can be asked for, with how many words: each returns what is printed. */
const COMMANDS: Record<
  string,
  { least: number; most: number; run(database: Database, asked: Asked): Promise<string> }
> = {
  create: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    run: async (database, { words: [name = '', ...scopes], days, community }) => {
      const key = await createKey(database, {
        name,
        scopes,
        ...(days !== undefined && { days: daysOf(days) }),
        ...(community !== undefined && { community }),
      });
      return `The key “${name}”. It is shown this once: keep it where only your server can read it.\n${key}`;
    },
  },
  list: {
    least: 0,
    most: 0,
    run: async (database) => {
      const keys = await listKeys(database);
      return keys.length === 0 ? 'There is no key yet.' : aligned([HEADINGS, ...keys.map(rowOf)]);
    },
  },
  revoke: {
    least: 1,
    most: 1,
    run: async (database, { words: [named = ''] }) => {
      const { name, prefix } = await revokeKey(database, named);
      return `The key “${name}” (${prefix}) is revoked: every instance refuses it from now on.`;
    },
  },
};

const HEADINGS = ['NAME', 'PREFIX', 'STATE', 'SCOPES', 'MADE', 'LAST USED', 'EXPIRES', 'COMMUNITY'];

const rowOf = ({ name, prefix, state, scopes, createdAt, lastUsedAt, expiresAt, community }: ListedKey): string[] => [
  name,
  prefix,
  state,
  scopes.join(','),
  minuteOf(createdAt),
  lastUsedAt ? minuteOf(lastUsedAt) : 'never',
  expiresAt ? minuteOf(expiresAt) : 'never',
  community,
];

const minuteOf = (time: Date): string => `${time.toISOString().slice(0, 16)}Z`;

function aligned(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= LONGEST_DAYS) return days;
  throw new Error(`--days ${text}: use a whole number from 1 to ${LONGEST_DAYS}.`);
}

/** `npm run key`: the keys by which web apps call in. Works beside a running program. */
async function main(): Promise<string> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { days: { type: 'string' }, community: { type: 'string' } },
  });
  const [name = '', ...words] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command || words.length < command.least || words.length > command.most) throw new Error(USAGE);
  const configuration = readConfiguration(process.env, workRoot, packageRoot);
  const { connectionString, stop } = await findDatabase(configuration);
  const { database } = openDatabase(connectionString, createLog('silent'), { size: 1 });
  try {
    await checkServer(database, 5000);
    return await command.run(database, { words, ...values });
  } finally {
    await database.destroy();
    await stop();
  }
}

try {
  console.log(await main());
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
