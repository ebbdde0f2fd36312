import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowNode } from '../../program/flow-files.ts';
import { createFlowStorage, type FlowStorage, type FlowStorageOptions } from '../../program/flow-storage.ts';

export const CREDITS: FlowNode[] = [
  { id: 'tab-credits', type: 'tab', label: 'Credits', disabled: false, info: '' },
  {
    id: 'group-1',
    type: 'group',
    z: 'tab-credits',
    name: 'Requests',
    nodes: ['inject-1'],
    x: 10,
    y: 10,
    w: 100,
    h: 80,
  },
  {
    id: 'inject-1',
    type: 'comment',
    z: 'tab-credits',
    g: 'group-1',
    name: 'Ask',
    info: 'one',
    x: 100,
    y: 80,
    wires: [],
  },
  { id: 'comment-1', type: 'comment', z: 'tab-credits', name: 'Note', info: 'two', x: 100, y: 120, wires: [] },
];
export const ROLES: FlowNode[] = [
  { id: 'tab-roles', type: 'tab', label: 'Roles', disabled: false, info: '' },
  { id: 'comment-2', type: 'comment', z: 'tab-roles', name: 'Tiers', info: '', x: 100, y: 80, wires: [] },
];
export const CONFIG: FlowNode[] = [{ id: 'tls-1', type: 'tls-config', name: 'TLS', servername: '' }];
export const MERGE = '[\n<<<<<<< HEAD\n{}\n=======\n>>>>>>> theirs\n]\n';

export const text = (nodes: unknown) => `${JSON.stringify(nodes, null, 2)}\n`;

export interface House {
  root: string;
  flows: string;
  shipped: string;
  data: string;
}

export async function makeHouse(): Promise<House> {
  const root = await mkdtemp(join(tmpdir(), 'flow-storage-'));
  const house = { root, flows: join(root, 'flows'), shipped: join(root, 'shipped'), data: join(root, 'data') };
  await mkdir(house.flows);
  await mkdir(house.shipped);
  return house;
}

export async function put(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

export async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

/** The lines of `after` that are not in the same place in `before`, where both have as many lines. */
export function changedLines(before = '', after = ''): string[] {
  const old = before.split('\n');
  const lines = after.split('\n');
  assert.equal(lines.length, old.length);
  return lines.filter((line, index) => line !== old[index]);
}

export function changedNames(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
}

export function edited(flows: readonly FlowNode[], id: string, change: object): FlowNode[] {
  return structuredClone(flows).map((node) => (node.id === id ? { ...node, ...change } : node));
}

/** A storage on the house's folders, initialised as Node-RED does it. */
export async function startStorage(house: House, more: Partial<FlowStorageOptions> = {}): Promise<FlowStorage> {
  const storage = createFlowStorage({
    flowsFolder: house.flows,
    shippedFolder: house.flows,
    dataFolder: house.data,
    log: () => undefined,
    ...more,
  });
  await storage.init({ userDir: join(house.root, 'user') }, {});
  return storage;
}
