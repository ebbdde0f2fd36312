import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  'node-red': { nodes: Record<string, string>; plugins?: Record<string, string> };
}

/** What the package promises: every node and plugin listed under its own name, and nothing listed that is not there. */
export function packageFaults(root: string): string[] {
  const { 'node-red': listed } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  return [...nodeFaults(root, listed.nodes), ...pluginFaults(root, listed.plugins ?? {})];
}

const sourcesOf = (root: string, pattern: string): string[] =>
  globSync(pattern, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
const compiledOf = (source: string): string => `dist/${source.replace(/\.ts$/, '.js')}`;

function nodeFaults(root: string, listed: Record<string, string>): string[] {
  const faults: string[] = [];
  const sources = sourcesOf(root, 'nodes/*/*/node.ts');
  for (const file of sources) {
    const type = `guildhall-${file.split('/')[2]}`;
    const expected = compiledOf(file);
    if (listed[type] !== expected) faults.push(`package.json: node-red.nodes lacks "${type}": "${expected}"`);
    if (!readFileSync(join(root, file), 'utf8').includes(`type: '${type}'`)) {
      faults.push(`${file}: its type is not ${type}, the name of its folder`);
    }
    for (const beside of ['editor.ts', 'help.md', 'locales/en-US.json']) {
      if (!existsSync(join(root, file, '..', beside))) faults.push(`${file}: ${beside} is missing beside it`);
    }
  }
  return [...faults, ...strayFaults('nodes', listed, sources)];
}

function pluginFaults(root: string, listed: Record<string, string>): string[] {
  const sources = sourcesOf(root, 'nodes/*/plugin.ts');
  const missing = sources.filter((file) => listed[`guildhall-${file.split('/')[1]}`] !== compiledOf(file));
  const textless = sources.filter((file) => !existsSync(join(root, file, '..', 'locales', 'en-US.json')));
  return [
    ...missing.map((file) => {
      const name = `guildhall-${file.split('/')[1]}`;
      return `package.json: node-red.plugins lacks "${name}": "${compiledOf(file)}"`;
    }),
    ...textless.map((file) => `${file}: locales/en-US.json is missing beside it`),
    ...strayFaults('plugins', listed, sources),
  ];
}

function strayFaults(kind: string, listed: Record<string, string>, sources: string[]): string[] {
  const built = new Set(sources.map(compiledOf));
  return Object.entries(listed)
    .filter(([, path]) => !built.has(path))
    .map(([name, path]) => `package.json: node-red.${kind} has ${name} at ${path}, which nothing builds`);
}
