import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { arrowFaults } from './arrows.ts';
import { flowFaults } from './flow-rules.ts';
import { packageFaults } from './package-rules.ts';

/** `npm run check`: types, lint, arrows, flows, package rules. Says all that is wrong, not only the first. */
const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

function run(command: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? [] : [`${stdout}${stderr}`.trim()];
}

const CHECKS: Record<string, () => string[] | Promise<string[]>> = {
  types: () => run(bin('tsc'), '-p', 'tsconfig.check.json'),
  'editor types': () => run(bin('tsc'), '-p', 'nodes/kit/editor'),
  'format and lint': () => run(bin('biome'), 'check', '--error-on-warnings', '.'),
  arrows: () => arrowFaults(root),
  flows: () => flowFaults(root),
  package: () => packageFaults(root),
};

let failed = false;
for (const [name, check] of Object.entries(CHECKS)) {
  const faults = await check();
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const fault of faults) console.log(fault.replace(/^/gm, '     '));
  failed ||= faults.length > 0;
}
process.exitCode = failed ? 1 : 0;
