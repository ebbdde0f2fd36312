import { createRequire } from 'node:module';
import type { FlowEntry } from './examples.ts';

/** What of nrlint is used here; it has no types of its own. */
interface Rule {
  meta: { options?: Record<string, { default?: unknown }> };
}
interface Linter {
  init(options: { resolveRule: (name: string) => Rule | undefined }): void;
  lint(flows: readonly FlowEntry[], config: { rules: object }): { rule: string; message: string; location: string[] }[];
}

/** What ESLint is told about function nodes, beside nrlint's own choice of rules: Node-RED 5 runs on a newer JavaScript. */
const LANGUAGE = { env: { es2022: true, node: true }, parserOptions: { ecmaVersion: 'latest' } };

/**
 * Lints flows with every rule of nrlint, the linter of Node-RED's own project.
 * @returns one sentence a finding; whatever nrlint calls only a warning counts, too
 */
export function lintFlows(flows: readonly FlowEntry[]): string[] {
  const require = createRequire(import.meta.url);
  const linter = require('nrlint/lib/linter') as Linter;
  const rules: Record<string, Rule> = {
    ...require('nrlint/lib/rules'),
    ...require('nrlint/lib/rules/function-eslint'),
  };
  const eslint = rules['function-eslint']?.meta.options?.config?.default as { rules: object };
  linter.init({ resolveRule: (name) => rules[name] });
  const config = {
    ...Object.fromEntries(Object.keys(rules).map((name) => [name, true])),
    'no-loops': { followLinkNodes: true },
    'no-unnamed-functions': { allowDefaultNames: false },
    'no-unnamed-links': { allowDefaultNames: false },
    'function-eslint': { config: { ...eslint, ...LANGUAGE } },
  };
  const names = new Map(flows.map(({ id, name, label, type }) => [id, `${type} “${name || label || id}”`]));
  // nrlint switches ESLint off in the last line of a function node's code.
  const closed = flows.map((entry) => (typeof entry.func === 'string' ? { ...entry, func: `${entry.func}\n` } : entry));
  return linter
    .lint(closed, { rules: config })
    .filter(({ rule, location: [id = ''] }) => rule !== 'no-unconnected-http-nodes' || !reachesReply(flows, id))
    .map(
      ({ rule, message, location }) => `${location.map((id) => names.get(id) ?? id).join(', ')}: ${message} (${rule})`,
    );
}

/** nrlint knows no other node than Node-RED's own that answers a request. */
function reachesReply(flows: readonly FlowEntry[], start: string, seen = new Set<string>()): boolean {
  if (seen.has(start)) return false;
  seen.add(start);
  const node = flows.find(({ id }) => id === start);
  return node?.type === 'guildhall-reply' || (node?.wires ?? []).flat().some((id) => reachesReply(flows, id, seen));
}
