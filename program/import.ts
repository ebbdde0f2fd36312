import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseCommunity } from '../platform/communities.ts';
import { readConfiguration } from '../platform/configuration.ts';
import { checkServer, openDatabase } from '../platform/database/index.ts';
import { createLog } from '../platform/log.ts';
import { sentenceOf } from './failure-sentence.ts';
import { findDatabase } from './find-database.ts';
import { Progress } from './import/progress.ts';
import { type GivenFile, type Import, importFiles, KINDS, type Kind } from './import/run.ts';
import { counted } from './import/sheet.ts';
import { packageRoot, workRoot } from './roots.ts';

const USAGE = `npm run import -- players|scores|balances <file.csv>
npm run import -- [--players p.csv] [--scores s.csv] [--balances b.csv]   several, in one transaction

  --check          only checks
  --community ID   where there are several

Everything is checked first. Then either all of it is written, or nothing.

The first line of a file names its columns, in any order; separators are commas, semicolons or tabs; the text is UTF-8.

  players    id, name, region, company, email   id is the web app's own. A player whom the community has is brought
             up to date; a column that the file lacks stays as it is, an empty cell empties.
  scores     id, player, and a column for each metric   id is the event's: each counts once, whenever it comes.
             Empty cells are left out. player is the web app's id, or player:17.
  balances   id, player, credit_type, amount, reason   credit_type is ai or lead. The amount is ADDED to what the
             player has. Each id is added once: the same file again adds nothing. The reason is for whoever reads the
             file; it is not kept.`;

/** What a shell says of a program that was interrupted. */
const INTERRUPTED = 130;

interface Asked {
  files: Import['files'];
  isCheck: boolean;
  community: string | undefined;
}

class UsageError extends Error {}

/** What the command line asks for; null where it asks for help. */
function readArguments(): Asked | null {
  const { positionals, values } = parse();
  if (values.help) return null;
  const files: Import['files'] = {};
  const [kind, name, ...more] = positionals;
  if (kind !== undefined) {
    if (!isKind(kind) || name === undefined || more.length > 0) throw new UsageError(USAGE);
    files[kind] = fileOf(name);
  }
  for (const each of KINDS) {
    const [first, second] = values[each] ?? [];
    if (first === undefined) continue;
    if (second !== undefined || files[each]) throw new UsageError(`Name one file of ${each}.`);
    files[each] = fileOf(first);
  }
  if (Object.keys(files).length === 0) throw new UsageError(USAGE);
  return { files, isCheck: values.check ?? false, community: values.community };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        players: { type: 'string', multiple: true },
        scores: { type: 'string', multiple: true },
        balances: { type: 'string', multiple: true },
        check: { type: 'boolean' },
        community: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);

/** @throws UsageError where it cannot be read */
function fileOf(name: string): GivenFile {
  // npm runs this in the package's folder, and names are meant from where somebody typed them.
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), name);
  try {
    if (statSync(path).isFile()) return { name, path };
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`${name} is not a file.`);
}

/** @returns the exit code: 1 where the files have problems */
async function run({ files, isCheck, community: named }: Asked): Promise<number> {
  const configuration = readConfiguration(process.env, workRoot, packageRoot);
  const { connectionString, stop } = await findDatabase(configuration);
  const { database } = openDatabase(connectionString, createLog('silent'), { size: 1, patient: true });
  const progress = new Progress(process.stderr);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    await checkServer(database, 5000);
    const community = await chooseCommunity(database, named);
    const done = await importFiles(database, { community, files, isCheck, progress, signal: interrupted.signal });
    if ('summaries' in done) {
      console.log(done.summaries.join('\n'));
      if (isCheck) console.log('No problem was found. Nothing was written, as this was only a check.');
      return 0;
    }
    const { problems, count } = done;
    console.error(problems.join('\n'));
    console.error(`${counted(count, 'problem')}. Nothing was written.`);
    return 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.error('Broken off. Nothing was written.');
    return INTERRUPTED;
  } finally {
    await database.destroy();
    await stop();
  }
}

/**
 * `npm run import`: players, scores and balances from CSV files. Works beside a running program. Exit code 0: it is done;
 * 1: the files have problems; 2: it could not begin, or it failed. Unless it is 0 nothing was written.
 */
try {
  const asked = readArguments();
  if (asked) process.exitCode = await run(asked);
  else console.log(USAGE);
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 2;
}
