import { isDeepStrictEqual } from 'node:util';
import { CONFIG_FILE, type FlowNode, type FlowSet, inOrder, ORDER_FILE, parseOrder } from './flow-files.ts';

/** What a save changes in the folder. */
export interface LayoutChange {
  /** The folder's content after the save. */
  after: FlowSet;
  writes: Map<string, string>;
  removals: string[];
}

/** Windows opens a device under these names, whatever the extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Spreads flows over files so that as little as possible changes in what is there: a tab keeps its file, a node its
 * place in the file, and what did not change its text.
 */
export function layOut(flows: readonly FlowNode[], before: FlowSet): LayoutChange {
  const homes = homesOf(flows, before);
  const groups = new Map<string, FlowNode[]>();
  for (const node of flows) {
    const name = homes.get(node.id) ?? (typeof node.z === 'string' ? homes.get(node.z) : undefined) ?? CONFIG_FILE;
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }

  const earlier = new Map([...before.files.values()].flatMap(({ nodes }) => nodes.map((node) => [node.id, node])));
  const writes = new Map<string, string>();
  const files: FlowSet['files'] = new Map();
  for (const [name, group] of groups) {
    const file = before.files.get(name);
    const nodes = inPlace(group, file?.nodes ?? []).map((node) => sameIfEqual(node, earlier.get(node.id)));
    const text = file && isDeepStrictEqual(file.nodes, nodes) ? file.text : format(nodes, file?.text);
    if (text !== file?.text) writes.set(name, text);
    files.set(name, { text, nodes });
  }
  const removals = [...before.files.keys()].filter((name) => !files.has(name));

  const tabs = new Set(flows.flatMap(({ type, id }) => (type === 'tab' ? (homes.get(id) ?? []) : [])));
  const sorted = inOrder(files, [...tabs]);
  const wanted = [...sorted.keys()].slice(0, tabs.size);
  const orderText = orderAfter(wanted, sorted, before.orderText, removals);
  if (orderText !== undefined && orderText !== before.orderText) writes.set(ORDER_FILE, orderText);
  return { after: { files: sorted, orderText }, writes, removals };
}

/** All nodes of a folder in the order in which Node-RED gets them. */
export function joined(set: FlowSet): FlowNode[] {
  return [...set.files.values()].flatMap(({ nodes }) => nodes);
}

/** The file of each tab and subflow, in the order of the tabs. */
function homesOf(flows: readonly FlowNode[], before: FlowSet): Map<string, string> {
  const known = new Map<string, string>();
  for (const [name, { nodes }] of before.files) {
    const first = nodes.find(isContainer);
    if (first && name !== CONFIG_FILE) known.set(first.id, name);
  }
  // A file that is about to go still has its name: a diff should not show one tab turning into another.
  const taken = new Set([CONFIG_FILE, ...before.files.keys()].map((name) => name.toLowerCase()));
  const homes = new Map<string, string>();
  for (const node of flows) {
    if (!isContainer(node)) continue;
    const name = known.get(node.id) ?? freeName(node, taken);
    taken.add(name.toLowerCase());
    homes.set(node.id, name);
  }
  return homes;
}

function isContainer(node: FlowNode): boolean {
  return node.type === 'tab' || node.type === 'subflow';
}

function freeName(node: FlowNode, taken: ReadonlySet<string>): string {
  const label = node.type === 'tab' ? node.label : node.name;
  const slug = slugOf(typeof label === 'string' ? label : '');
  const base = node.type === 'subflow' ? `subflow-${slug}` : DEVICE_NAME.test(slug) ? `flow-${slug}` : slug;
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${base}.json` : `${base}-${count}.json`;
    if (!taken.has(name)) return name;
  }
}

/** A label as a file name that every system takes. */
function slugOf(label: string): string {
  const words = label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return words?.join('-').slice(0, 60).replace(/-$/, '') ?? 'flow';
}

/** Nodes in the order that their file has; new ones follow, a new tab's own entry first. */
function inPlace(nodes: readonly FlowNode[], earlier: readonly FlowNode[]): FlowNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const kept = earlier.flatMap(({ id }) => byId.get(id) ?? []);
  const seen = new Set(kept.map(({ id }) => id));
  const added = nodes.filter(({ id }) => !seen.has(id));
  return [...kept, ...added.filter(isContainer), ...added.filter((node) => !isContainer(node))];
}

/**
 * The node as it stood in its file where both say the same. A changed one stays as the editor wrote it: the editor's own
 * comparison of flows goes by the text, in which another order of properties is another node.
 */
function sameIfEqual(node: FlowNode, earlier: FlowNode | undefined): FlowNode {
  return earlier && isDeepStrictEqual(node, earlier) ? earlier : node;
}

/** JSON with the indentation that the file has; two spaces for a new one. */
function format(nodes: readonly FlowNode[], earlier: string | undefined): string {
  const indent = earlier === undefined ? undefined : /^\uFEFF?\[\r?\n([ \t]+)/.exec(earlier)?.[1];
  const end = earlier === undefined || earlier.endsWith('\n') ? '\n' : '';
  const text = JSON.stringify(nodes, null, indent ?? 2) + end;
  return earlier?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

/** The text of `_order.json`: as it was where it leads to the wanted order and names no file that goes. */
function orderAfter(wanted: string[], files: FlowSet['files'], text: string | undefined, removals: string[]) {
  const listed = text === undefined ? [] : parseOrder(text);
  if (Array.isArray(listed)) {
    const leadsTo = [...inOrder(files, listed).keys()].slice(0, wanted.length);
    if (isDeepStrictEqual(leadsTo, wanted) && !removals.some((name) => listed.includes(name))) return text;
  }
  return `${JSON.stringify(wanted, null, 2)}\n`;
}
