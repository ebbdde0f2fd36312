import { existsSync } from 'node:fs';
import { type Configuration, ConfigurationError, readConfiguration } from '../platform/configuration.ts';
import { type Database, openDatabase } from '../platform/database/index.ts';
import { examine, type Finding, findingOf, ok, problem, textsIn } from '../platform/doctor/index.ts';
import { createLog } from '../platform/log.ts';
import { createNeeds } from '../platform/needs.ts';
import { DOCTOR_PATH, doctorKey } from './doctor-route.ts';
import { findDatabase } from './find-database.ts';
import { needsInFiles } from './flow-needs.ts';
import { packageRoot, workRoot } from './roots.ts';

const ANSWER_WITHIN_MILLISECONDS = 40_000;
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
/** The terminal's languages, as `de_DE.UTF-8`, in the form of HTTP. */
const LANGUAGES = [process.env.LC_ALL, process.env.LC_MESSAGES, process.env.LANG].flatMap(
  (name) => /^[a-z]{2,3}(?:_[A-Z]{2})?(?=\.|$)/.exec(name ?? '')?.[0].replace('_', '-') ?? [],
);
const TEXTS = textsIn(LANGUAGES);
const PROGRAM = { id: 'program', area: 'machine' } as const;

/** The findings of everything, from the running program where there is one. */
async function findings(configuration: Configuration): Promise<Finding[]> {
  const { host, port } = configuration;
  const address = `http://${EVERY_ADDRESS.has(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
  const answer = await askRunning(configuration, address);
  if (Array.isArray(answer)) {
    const mode = TEXTS.word(configuration.discordFrom);
    return [findingOf(PROGRAM, ok('program.ok', { address, mode }), TEXTS), ...answer];
  }
  return [findingOf(PROGRAM, problem(answer, { address }), TEXTS), ...(await examineWithout(configuration))];
}

/** What the running program finds, or the text that says why it does not. */
async function askRunning(configuration: Configuration, address: string) {
  // Without a data folder nothing has ever run here, and a doctor makes none.
  if (!existsSync(configuration.dataFolder)) return 'program.stopped';
  try {
    const response = await fetch(`${address}${DOCTOR_PATH}`, {
      headers: { authorization: `Bearer ${doctorKey(configuration)}`, 'accept-language': LANGUAGES.join(', ') || '*' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS),
    });
    if (response.ok) return (await response.json()) as Finding[];
    return response.status === 503 ? 'program.starting' : 'program.stranger';
  } catch {
    return 'program.stopped';
  }
}

/** What can be examined while the program does not run; a database that was never made is not made now. */
async function examineWithout(configuration: Configuration): Promise<Finding[]> {
  const needs = createNeeds();
  needs.add(await needsInFiles(configuration.flowsFolder, packageRoot));
  const known = configuration.databaseUrl || existsSync(configuration.databaseFolder);
  let database: Database | null = null;
  let stop = async (): Promise<void> => {};
  const failed: Finding[] = [];
  try {
    if (known) {
      const found = await findDatabase(configuration);
      stop = found.stop;
      database = openDatabase(found.connectionString, createLog('silent'), { size: 2 }).database;
    }
  } catch (error) {
    const where = TEXTS.word(configuration.databaseUrl ? 'serverDatabase' : 'embeddedDatabase');
    const verdict = problem('database.refuses', { where, reason: (error as Error).message });
    failed.push(findingOf({ id: 'database', area: 'machine' }, verdict, TEXTS));
  }
  try {
    const examined = await examine(
      { configuration, discordSettings: configuration.discord, needs, database },
      LANGUAGES,
    );
    return [...examined, ...failed];
  } finally {
    await database?.destroy();
    await stop();
  }
}

/** Sentences about the environment end with what to do. */
function ofConfiguration(sentence: string): Finding {
  const [, what = sentence, fix = ''] = /^(.*?\.) ([A-Z].*)$/s.exec(sentence) ?? [];
  return findingOf({ id: 'configuration', area: 'machine' }, problem('configuration', { sentence: what, fix }), TEXTS);
}

/** One line for a terminal, which would obey control characters in a name from Discord or in another program's answer. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');

function print(found: Finding[]): void {
  for (const { state, title, detail, fix } of found) {
    console.log(oneLine(`${state.padEnd(8)} ${title}. ${detail}`));
    if (fix) console.log(oneLine(`${' '.repeat(9)}→ ${fix}`));
  }
  const count = (state: Finding['state']) => found.filter((finding) => finding.state === state).length;
  const plural = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;
  console.log(`\n${count('ok')} ok, ${plural(count('warning'), 'warning')}, ${plural(count('problem'), 'problem')}`);
}

/** `npm run doctor [-- --json]`: exit code 0 where nothing is a problem, 1 otherwise. */
async function main(): Promise<void> {
  let found: Finding[];
  try {
    found = await findings(readConfiguration(process.env, workRoot, packageRoot));
  } catch (error) {
    const sentences = error instanceof ConfigurationError ? error.problems : [(error as Error).message];
    found = sentences.map(ofConfiguration);
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(found, null, 2));
  else print(found);
  process.exitCode = found.some(({ state }) => state === 'problem') ? 1 : 0;
}

await main();
