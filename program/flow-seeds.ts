import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isFlowFile, listFiles, ORDER_FILE, parseFlowText, parseJson, SEED_FILE, writeFiles } from './flow-files.ts';

/** Where flows come from and go to. */
export interface SeedOptions {
  flowsFolder: string;
  shippedFolder: string;
  /** Called before files that are there get replaced or removed. */
  backUp: () => Promise<void>;
  log: (line: string) => void;
}

type Texts = Map<string, string>;
type Seed = Record<string, string>;

/** What is to become of the files; each entry can be taken back without harm to the others. */
interface Upgrade {
  writes: Texts;
  removals: Set<string>;
  /** The seed record as it is for files that nothing happens to. */
  kept: Seed;
}

/**
 * Fills an empty flows folder with the shipped flows, and brings a later version's flows to the files that nobody
 * edited. Returns what an admin should know: shipped changes that were left out because a file was edited.
 */
export async function seedFlows({ flowsFolder, shippedFolder, backUp, log }: SeedOptions): Promise<string[]> {
  if (await sameFolder(flowsFolder, shippedFolder)) return [];
  const shipped = await readTexts(shippedFolder);
  const current = await readTexts(flowsFolder);
  if (![...shipped.keys()].some(isFlowFile)) return [];

  const seed = await readSeed(flowsFolder);
  if (seed === undefined) {
    // Flows without a record are the admin's own.
    if ([...current.keys()].some(isFlowFile)) return [];
    const record: Seed = Object.fromEntries([...shipped].map(([name, text]) => [name, hashOf(text)]));
    await writeFiles(flowsFolder, new Map([...shipped, [SEED_FILE, formatSeed(record)]]), []);
    log(`Put ${shipped.size} shipped files into the empty flows folder ${flowsFolder}`);
    return [];
  }
  if (seed === 'broken') {
    return [
      `${SEED_FILE} in ${flowsFolder} is not valid, so shipped changes to flows are left out. Restore that file.`,
    ];
  }
  // Which ids are in use cannot be told while a file is broken; what is wrong is reported when flows are loaded.
  if ([...current].some(([name, text]) => isFlowFile(name) && idsOf(text) === undefined)) return [];

  const notices: string[] = [];
  const upgrade = compare(shipped, current, seed, notices, shippedFolder);
  dropClashes(upgrade, current, notices);
  const record = { ...upgrade.kept };
  for (const [name, text] of upgrade.writes) record[name] = hashOf(text);
  const changes = [...upgrade.writes.keys(), ...upgrade.removals];
  if (changes.length > 0) await backUp();
  if (changes.length > 0 || formatSeed(record) !== formatSeed(seed)) {
    await writeFiles(flowsFolder, new Map([...upgrade.writes, [SEED_FILE, formatSeed(record)]]), [...upgrade.removals]);
  }
  for (const name of upgrade.writes.keys())
    log(`${name}: ${current.has(name) ? 'replaced by' : 'added from'} the newer version`);
  for (const name of upgrade.removals) log(`${name}: removed, as the newer version has no such file`);
  for (const notice of notices) log(notice);
  return notices;
}

function compare(shipped: Texts, current: Texts, seed: Seed, notices: string[], shippedFolder: string): Upgrade {
  const upgrade: Upgrade = { writes: new Map(), removals: new Set(), kept: {} };
  for (const name of new Set([...shipped.keys(), ...Object.keys(seed)])) {
    const seeded = seed[name];
    const newText = shipped.get(name);
    const text = current.get(name);
    const edited = text !== undefined && hashOf(text) !== seeded;
    if (newText === undefined) {
      if (seeded === undefined || text === undefined) continue;
      if (edited) notices.push(`${name} is no longer shipped; it was edited here, so it stays`);
      else upgrade.removals.add(name);
    } else if (text === undefined) {
      // Removed by the admin, or new.
      if (seeded === undefined) upgrade.writes.set(name, newText);
      else upgrade.kept[name] = seeded;
    } else if (text === newText) {
      upgrade.kept[name] = hashOf(newText);
    } else if (!edited) {
      upgrade.writes.set(name, newText);
    } else {
      if (seeded !== undefined) upgrade.kept[name] = seeded;
      if (hashOf(newText) !== seeded && name !== ORDER_FILE) {
        notices.push(`${name} was edited here, so the newer version was left out: ${join(shippedFolder, name)}`);
      }
    }
  }
  return upgrade;
}

/** Takes back what would put one id into two files: Node-RED could then load neither. */
function dropClashes(upgrade: Upgrade, current: Texts, notices: string[]): void {
  for (;;) {
    const clash = findClash(upgrade, current);
    if (clash === undefined) return;
    notices.push(`The newer version's ${clash.name} was left out: ${clash.other} has the same nodes`);
    drop(clash.name, upgrade, current, notices);
  }
}

/** Leaves a file as it is, and with it every file that would have given nodes to it: they would be lost. */
function drop(name: string, upgrade: Upgrade, current: Texts, notices: string[]): void {
  const ids = new Set(idsOf(upgrade.writes.get(name) ?? '[]'));
  upgrade.writes.delete(name);
  upgrade.removals.delete(name);
  const text = current.get(name);
  if (text !== undefined) upgrade.kept[name] = hashOf(text);
  for (const giver of [...upgrade.writes.keys(), ...upgrade.removals]) {
    if (!idsOf(current.get(giver) ?? '[]')?.some((id) => ids.has(id))) continue;
    notices.push(`${giver} was left as it is: its nodes move to ${name} in the newer version`);
    drop(giver, upgrade, current, notices);
  }
}

/** A file to be written that holds an id which another file will hold as well. */
function findClash({ writes, removals }: Upgrade, current: Texts): { name: string; other: string } | undefined {
  const owner = new Map<string, string>();
  const staying = [...current].filter(([name]) => isFlowFile(name) && !writes.has(name) && !removals.has(name));
  for (const [name, text] of staying) for (const id of idsOf(text) ?? []) owner.set(id, name);
  for (const [name, text] of writes) {
    if (!isFlowFile(name)) continue;
    const ids = idsOf(text) ?? [];
    const taken = ids.find((id) => owner.has(id));
    if (taken !== undefined) return { name, other: owner.get(taken) ?? name };
    for (const id of ids) owner.set(id, name);
  }
  return undefined;
}

function idsOf(text: string): string[] | undefined {
  const parsed = parseFlowText(text);
  return 'fault' in parsed ? undefined : parsed.nodes.map(({ id }) => id);
}

async function sameFolder(a: string, b: string): Promise<boolean> {
  const real = (folder: string) => realpath(folder).catch(() => resolve(folder));
  return (await real(a)) === (await real(b));
}

async function readTexts(folder: string): Promise<Texts> {
  const names = (await listFiles(folder)).filter((name) => isFlowFile(name) || name === ORDER_FILE);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

async function readSeed(folder: string): Promise<Seed | 'broken' | undefined> {
  if (!(await listFiles(folder)).includes(SEED_FILE)) return undefined;
  const parsed = parseJson(await readFile(join(folder, SEED_FILE), 'utf8'));
  if ('fault' in parsed || typeof parsed.value !== 'object' || parsed.value === null) return 'broken';
  const entries = Object.entries(parsed.value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
    ? Object.fromEntries(entries)
    : 'broken';
}

function formatSeed(seed: Seed): string {
  const sorted = Object.entries(seed).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
