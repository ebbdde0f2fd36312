import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowEntry, readFlows } from './examples.ts';

/** Wider rows run off the canvas that Node-RED's editor leaves on a common screen. */
const WIDEST_ROW = 850;

/** What shipped flows keep to: ids once, wires that end somewhere, rows that fit, every node type in use. */
export function flowFaults(root: string): string[] {
  const faults: string[] = [];
  const nodes = new Map<string, FlowEntry & { file: string }>();
  for (const [file, entries] of readFlows(root)) {
    for (const node of entries) {
      if (nodes.has(node.id)) faults.push(`${file}: the id ${node.id} stands twice`);
      nodes.set(node.id, { ...node, file });
    }
  }
  for (const { file, id, type, name, x, wires, links, z } of nodes.values()) {
    const called = name || id;
    // A tab is an example, too, and has to work when it is imported by itself.
    for (const target of [...(wires ?? []).flat(), ...(links ?? [])]) {
      if (nodes.get(target)?.z !== z) faults.push(`${file}: ${called} is wired to ${target}, which is not on its tab`);
    }
    if (x !== undefined && x > WIDEST_ROW) faults.push(`${file}: ${called} stands at x ${x}, beyond ${WIDEST_ROW}`);
    if (type === 'group' && !name) faults.push(`${file}: group ${id} has no name`);
  }
  const { 'node-red': palette } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const used = new Set([...nodes.values()].map(({ type }) => type));
  for (const type of Object.keys(palette.nodes)) {
    if (!used.has(type)) faults.push(`flows/: no flow shows ${type} at work`);
  }
  return faults;
}
