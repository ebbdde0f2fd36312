import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** One entry of a Node-RED flow. */
export interface FlowEntry {
  id: string;
  type: string;
  z?: string;
  name?: string;
  label?: string;
  x?: number;
  wires?: string[][];
  /** The other ends of a link node. */
  links?: string[];
  [property: string]: unknown;
}

/** Reads all shipped flows: the entries of each file, by the file's name. */
export function readFlows(root: string): Map<string, FlowEntry[]> {
  const files = globSync('flows/*.json', { cwd: root })
    .filter((file) => !basename(file).startsWith('_'))
    .sort();
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(join(root, file), 'utf8')) as FlowEntry[]]));
}

/**
 * Makes an importable example of each tab: the tab, what stands on it, and every configuration node and subflow that
 * these use, so that it can be imported by itself.
 * @returns the entries by title, as Node-RED's import menu shows it
 */
export function examplesOf(entries: readonly FlowEntry[]): Map<string, FlowEntry[]> {
  const tabs = entries.filter(({ type }) => type === 'tab');
  return new Map(tabs.map((tab) => [titleOf(tab), withNeeds(tab, entries)]));
}

/** A tab's label as a file's name; the menu shows it without its ending. */
function titleOf({ label, id }: FlowEntry): string {
  return (label ?? id).replace(/[/\\:*?"<>|]/g, '-').trim() || id;
}

function withNeeds(tab: FlowEntry, entries: readonly FlowEntry[]): FlowEntry[] {
  const taken = new Set<FlowEntry>();
  /** What may be needed from outside: configuration nodes and subflows belong to no tab. */
  const shared = entries.filter(({ z, type }) => z === undefined && type !== 'tab');
  const take = (entry: FlowEntry): void => {
    if (taken.has(entry)) return;
    taken.add(entry);
    const text = JSON.stringify(entry);
    for (const candidate of shared) {
      if (text.includes(`"${candidate.id}"`) || entry.type === `subflow:${candidate.id}`) take(candidate);
    }
    for (const inside of entries) if (inside.z === entry.id) take(inside);
  };
  take(tab);
  return entries.filter((entry) => taken.has(entry));
}

/** Writes `examples/`, which the package carries and the repository does not: `flows/` is their one source. */
function writeExamples(root: string): void {
  const folder = join(root, 'examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [title, entries] of examplesOf([...readFlows(root).values()].flat())) {
    writeFileSync(join(folder, `${title}.json`), `${JSON.stringify(entries, null, 2)}\n`);
  }
}

if (import.meta.main) writeExamples(resolve(import.meta.dirname, '..'));
