import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { arrowFaults } from './arrows.ts';
import { readFlows } from './examples.ts';
import { lintFlows } from './flow-lint.ts';
import { flowFaults } from './flow-rules.ts';
import { localeFaults } from './locale-rules.ts';
import { packageFaults } from './package-rules.ts';
import { readFacts, score } from './scorecard.ts';

/**
 * `npm run check`: types, lint, arrows, flows, package rules, texts, the flow library's scorecard. Says all that is wrong,
 * not only the first; a warning fails nothing.
 */
const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

function run(command: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? [] : [`${stdout}${stderr}`.trim()];
}

interface Findings {
  faults: string[];
  warnings?: string[];
}

const CHECKS: Record<string, () => string[] | Findings> = {
  types: () => run(bin('tsc'), '-p', 'tsconfig.check.json'),
  'editor types': () => run(bin('tsc'), '-p', 'nodes/kit/editor'),
  'page types': () => run(bin('tsc'), '-p', 'pages/first-run/browser'),
  'sandbox page types': () => run(bin('tsc'), '-p', 'sandbox/page'),
  'format and lint': () => run(bin('biome'), 'check', '--error-on-warnings', '.'),
  arrows: () => arrowFaults(root),
  flows: () => flowFaults(root),
  'flow lint': () => lintFlows([...readFlows(root).values()].flat()),
  package: () => packageFaults(root),
  texts: () => localeFaults(root),
  scorecard: () => score(readFacts(root)),
};

let failed = false;
for (const [name, check] of Object.entries(CHECKS)) {
  const found = check();
  const { faults, warnings = [] } = Array.isArray(found) ? { faults: found } : found;
  console.log(`${faults.length > 0 ? 'FAIL' : 'ok  '} ${name}`);
  for (const fault of faults) console.log(fault.replace(/^/gm, '     '));
  for (const warning of warnings) console.log(`warn ${name}: ${warning}`);
  failed ||= faults.length > 0;
}
process.exitCode = failed ? 1 : 0;
