import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  name?: string;
  info?: string;
  x?: number;
  wires?: string[][];
}

/** Wider rows run off the canvas that Node-RED's editor leaves on a common screen. */
const WIDEST_ROW = 850;

/** What shipped flows keep to: ids once, wires that end somewhere, rows that fit, every node type in use. */
export function flowFaults(root: string): string[] {
  const faults: string[] = [];
  const nodes = new Map<string, FlowNode & { file: string }>();
  for (const file of globSync('flows/*.json', { cwd: root })) {
    if (file.includes('_')) continue;
    for (const node of JSON.parse(readFileSync(join(root, file), 'utf8')) as FlowNode[]) {
      if (nodes.has(node.id)) faults.push(`${file}: the id ${node.id} stands twice`);
      nodes.set(node.id, { ...node, file });
    }
  }
  for (const { file, id, type, name, x, wires, z } of nodes.values()) {
    const called = name || id;
    for (const target of (wires ?? []).flat()) {
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
