import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeDefinition } from '../nodes/kit/index.ts';
import { needsOf } from '../nodes/kit/index.ts';
import type { IntentName } from '../platform/discord/intents.ts';
import type { DeployedNeed } from '../platform/needs.ts';

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  /** Disabled: a node by `d`, a tab by `disabled`. */
  d?: boolean;
  disabled?: boolean;
  name?: string;
  community?: string;
  guild?: string;
}

/**
 * What the flows ask of Discord, read from their files, for when nothing runs them.
 * @param packageRoot the folder with package.json, which says where each node's definition lies
 */
export async function needsInFiles(flowsFolder: string, packageRoot: string): Promise<DeployedNeed[]> {
  const flows = globSync('*.json', { cwd: flowsFolder })
    .filter((file) => !file.startsWith('_'))
    .flatMap((file) => readFlow(join(flowsFolder, file)));
  const byId = new Map(flows.map((node) => [node.id, node]));
  const palette = await readPalette(packageRoot);
  return flows.flatMap((node) => {
    const definition = palette.get(node.type);
    if (!definition || node.d || byId.get(node.z ?? '')?.disabled) return [];
    const needs = needsOf(definition, node as unknown as Record<string, unknown>);
    const guild = byId.get(node.community ?? '')?.guild;
    const { id, type, name = '' } = node;
    return needs.map((need) => ({ ...(guild && { guild }), ...need, node: { id, type, name } }));
  });
}

/** The gateway intents that the flows need, as far as their files tell. */
export async function intentsInFiles(flowsFolder: string, packageRoot: string): Promise<IntentName[]> {
  const needs = await needsInFiles(flowsFolder, packageRoot).catch(() => []);
  return needs.flatMap(({ intents = [] }) => intents);
}

/** A file that cannot be read has no needs; that it cannot is a finding of its own. */
function readFlow(file: string): FlowNode[] {
  try {
    const nodes: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(nodes) ? (nodes as FlowNode[]) : [];
  } catch {
    return [];
  }
}

async function readPalette(packageRoot: string): Promise<Map<string, NodeDefinition>> {
  const { 'node-red': palette } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    'node-red': { nodes: Record<string, string> };
  };
  const definitions = Object.entries(palette.nodes).map(async ([type, path]) => {
    const file = join(packageRoot, path);
    if (!existsSync(file)) return null;
    const module: { default: { definition?: NodeDefinition } } = await import(pathToFileURL(file).href);
    return module.default.definition ? ([type, module.default.definition] as const) : null;
  });
  return new Map((await Promise.all(definitions)).filter((entry) => entry !== null));
}
