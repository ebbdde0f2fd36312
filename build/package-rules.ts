import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  name: string;
  license: string;
  keywords: string[];
  engines: { node: string };
  'node-red': { version: string; nodes: Record<string, string> };
}

/** What the package promises: every node listed under its own name, and nothing listed that is not there. */
export function packageFaults(root: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const faults: string[] = [];
  const listed = manifest['node-red'].nodes;
  const folders = globSync('nodes/*/*/node.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  for (const file of folders) {
    const type = `guildhall-${file.split('/')[2]}`;
    const expected = `dist/${file.replace(/\.ts$/, '.js')}`;
    if (listed[type] !== expected) faults.push(`package.json: node-red.nodes lacks "${type}": "${expected}"`);
    if (!readFileSync(join(root, file), 'utf8').includes(`type: '${type}'`)) {
      faults.push(`${file}: its type is not ${type}, the name of its folder`);
    }
    for (const beside of ['editor.ts', 'help.md', 'locales/en-US.json']) {
      if (!existsSync(join(root, file, '..', beside))) faults.push(`${file}: ${beside} is missing beside it`);
    }
  }
  for (const [type, path] of Object.entries(listed)) {
    const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
    if (!folders.includes(source)) faults.push(`package.json: ${type} names ${path}, which nothing builds`);
  }
  if (manifest.license !== 'Apache-2.0') faults.push('package.json: the licence is Apache-2.0');
  if (!manifest.keywords.includes('node-red')) faults.push('package.json: the keyword node-red is missing');
  return faults;
}
