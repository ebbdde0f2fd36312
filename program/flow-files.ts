import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One entry of a Node-RED flow: a tab, a subflow, a group or a node. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** One file of the flows folder, as it was read. */
export interface FlowFile {
  text: string;
  nodes: FlowNode[];
}

/** All flow files of a folder. */
export interface FlowSet {
  /** In the order in which Node-RED gets them. */
  files: Map<string, FlowFile>;
  /** The text of `_order.json`, where there is one. */
  orderText: string | undefined;
}

/** Holds what belongs to no tab. */
export const CONFIG_FILE = 'config.json';
/** Holds the order of the tabs, where it is not the alphabetical order of their files. */
export const ORDER_FILE = '_order.json';
/** Holds what was shipped, so that a later version can tell an edited file. */
export const SEED_FILE = '_seed.json';

const JOURNAL = '.saving.json';
const TEMPORARY = /^\..+\.json\.tmp$/;

/** Says whether a file in the flows folder holds flows: `_order.json` and the like do not. */
export function isFlowFile(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('_') && !name.startsWith('.');
}

/** The names of a folder's files; none when there is no such folder. */
export async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Reads one file's nodes, or says in words what is wrong with it. */
export function parseFlowText(text: string): { nodes: FlowNode[] } | { fault: string } {
  const parsed = parseJson(text);
  if ('fault' in parsed) return parsed;
  if (!Array.isArray(parsed.value)) return { fault: 'is not a list of nodes' };
  const nodes: FlowNode[] = [];
  for (const entry of parsed.value) {
    if (!isFlowNode(entry)) return { fault: `has an entry without an id or a type (entry ${nodes.length + 1})` };
    nodes.push(entry);
  }
  return { nodes };
}

/** Whether a value has what every entry of a flow needs. */
export function isFlowNode(entry: unknown): entry is FlowNode {
  if (typeof entry !== 'object' || entry === null) return false;
  const { id, type } = entry as Partial<FlowNode>;
  return typeof id === 'string' && id !== '' && typeof type === 'string' && type !== '';
}

/**
 * Reads the whole folder. Faults are collected, each beginning with the file's name, so that one look shows them all.
 */
export async function readFlowFolder(folder: string): Promise<{ set: FlowSet; faults: string[] }> {
  await finishSaving(folder);
  const faults: string[] = [];
  const read = new Map<string, FlowFile>();
  let orderText: string | undefined;
  let order: string[] = [];
  for (const name of await listFiles(folder)) {
    if (!isFlowFile(name) && name !== ORDER_FILE) continue;
    const text = await readText(join(folder, name));
    if (typeof text !== 'string') {
      faults.push(`${name} ${text.fault}`);
      continue;
    }
    if (name === ORDER_FILE) {
      const found = parseOrder(text);
      if (Array.isArray(found)) [order, orderText] = [found, text];
      else faults.push(`${name} ${found.fault}`);
      continue;
    }
    const parsed = parseFlowText(text);
    if ('fault' in parsed) faults.push(`${name} ${parsed.fault}`);
    else read.set(name, { text, nodes: parsed.nodes });
  }
  faults.push(...duplicates(read));
  return { set: { files: inOrder(read, order), orderText }, faults };
}

/**
 * Files in the order in which Node-RED gets them: the tabs, those named in `order` first and the others by name; then
 * the subflows and last what belongs to no tab, by name.
 */
export function inOrder(files: ReadonlyMap<string, FlowFile>, order: readonly string[]): Map<string, FlowFile> {
  const rank = (name: string, { nodes }: FlowFile): number => {
    if (nodes.some(({ type }) => type === 'tab')) {
      const index = order.indexOf(name);
      return index === -1 ? order.length : index;
    }
    return order.length + (nodes.some(({ type }) => type === 'subflow') ? 1 : 2);
  };
  return new Map([...files].sort((a, b) => rank(...a) - rank(...b) || (a[0] < b[0] ? -1 : 1)));
}

/** The names in `_order.json`, or what is wrong with it. */
export function parseOrder(text: string): string[] | { fault: string } {
  const parsed = parseJson(text);
  if ('fault' in parsed) return parsed;
  const { value } = parsed;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  return { fault: 'is not a list of file names' };
}

/** Every id that occurs twice, with the files that hold it. */
function duplicates(files: ReadonlyMap<string, FlowFile>): string[] {
  const faults: string[] = [];
  const seen = new Map<string, string>();
  for (const [name, { nodes }] of files) {
    for (const { id } of nodes) {
      const earlier = seen.get(id);
      if (earlier === undefined) seen.set(id, name);
      else if (earlier === name) faults.push(`${name} holds the id ${plainId(id)} twice`);
      else faults.push(`${name} holds the id ${plainId(id)}, which is also in ${earlier}`);
    }
  }
  return faults;
}

/** An id as it may stand in a message that the editor shows as HTML. */
export function plainId(id: string): string {
  return id.replace(/[^\w.:-]/g, '?').slice(0, 64);
}

async function readText(path: string): Promise<string | { fault: string }> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return { fault: `cannot be read (${errorCode(error) ?? 'unknown error'})` };
  }
}

/** Parses JSON; a fault names a line but quotes nothing, as the editor shows it as HTML. */
export function parseJson(text: string): { value: unknown } | { fault: string } {
  const marker = /^(<{7}|={7}|>{7})( |\r?$)/m.exec(text);
  try {
    return { value: JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) };
  } catch (error) {
    if (marker) return { fault: `holds merge markers (line ${lineAt(text, marker.index)})` };
    if (text.trim() === '') return { fault: 'is empty' };
    const position = /position (\d+)/.exec(String(error))?.[1];
    if (position === undefined) return { fault: 'is not valid JSON: it breaks off' };
    return { fault: `is not valid JSON (line ${lineAt(text, Number(position))})` };
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/**
 * Changes files as one step: all contents are on the disk before the first file is replaced, and a journal lets the
 * next reading finish what a crash cut short. Without it a node that moved between two tabs could be lost or doubled.
 */
export async function writeFiles(
  folder: string,
  writes: ReadonlyMap<string, string>,
  removals: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = [...writes.keys(), JOURNAL].map((name) => join(folder, temporaryName(name)));
  try {
    for (const [name, text] of writes) await writeDurably(join(folder, temporaryName(name)), text);
    const journal = JSON.stringify({ writes: [...writes.keys()], removals });
    await writeDurably(join(folder, temporaryName(JOURNAL)), journal);
    await syncFolder(folder);
    await rename(join(folder, temporaryName(JOURNAL)), join(folder, JOURNAL));
  } catch (error) {
    for (const path of temporary) await rm(path, { force: true });
    throw error;
  }
  await finishSaving(folder);
}

/** Finishes a saving that was interrupted after its contents were complete. */
async function finishSaving(folder: string): Promise<void> {
  if (!(await listFiles(folder)).includes(JOURNAL)) return;
  await syncFolder(folder);
  const { writes, removals } = JSON.parse(await readFile(join(folder, JOURNAL), 'utf8')) as Journal;
  for (const name of writes) {
    await rename(join(folder, temporaryName(name)), join(folder, name)).catch((error: unknown) => {
      // Already in its place.
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
  for (const name of removals) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
  await rm(join(folder, JOURNAL), { force: true });
  await syncFolder(folder);
}

/** At a start: finishes an interrupted saving, or clears away what is left of one that was not complete. */
export async function clearLeftovers(folder: string): Promise<void> {
  await finishSaving(folder);
  for (const name of await listFiles(folder)) {
    if (TEMPORARY.test(name)) await rm(join(folder, name), { force: true });
  }
}

interface Journal {
  writes: string[];
  removals: string[];
}

function temporaryName(name: string): string {
  return `.${name}.tmp`;
}

async function writeDurably(path: string, text: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'w');
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file?.close();
  }
}

/** A rename is safe only when its folder is on the disk too; Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
