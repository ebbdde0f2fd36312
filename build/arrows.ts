import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Which room may import from which; a room always may from itself. `sandbox` shares no code with the rest. */
const ARROWS: Record<string, string[]> = {
  platform: [],
  core: ['platform'],
  nodes: ['core', 'platform'],
  pages: ['core', 'platform'],
  program: ['pages', 'nodes', 'core', 'platform'],
  sandbox: [],
};

/** The areas of core, from left to right: one may import the `index.ts` of an area to its left. */
const AREAS = ['people', 'credits', 'boards', 'roles', 'courses', 'clubs'];

/** Packages that only some places may import. */
const PACKAGES: { name: RegExp; where: RegExp; why: string }[] = [
  { name: /^(node-red|@node-red\/.*)$/, where: /^(nodes|program)\//, why: 'core and platform know no Node-RED' },
  {
    name: /^(discord\.js|@discordjs\/.*)$/,
    where: /^platform\/discord\//,
    why: 'only platform/discord knows discord.js',
  },
];

/** Every import that runs against the arrows of the house, one sentence each. */
export function arrowFaults(root: string): string[] {
  const faults: string[] = [];
  for (const file of globSync(`{${Object.keys(ARROWS).join(',')}}/**/*.ts`, { cwd: root })) {
    const path = file.split(sep).join('/');
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, target = ''] of source.matchAll(/^(?:import|export)\b[^;'"]*?from '([^']+)'/gm)) {
      const fault = target.startsWith('.')
        ? roomFault(
            path,
            relative(root, join(root, dirname(file), target))
              .split(sep)
              .join('/'),
          )
        : packageFault(path, target);
      if (fault) faults.push(`${path}: imports ${target}: ${fault}`);
    }
  }
  return faults;
}

function roomFault(from: string, to: string): string | null {
  const [room = '', area = ''] = from.split('/');
  const [toRoom = '', toArea = '', ...rest] = to.split('/');
  if (room !== toRoom) return ARROWS[room]?.includes(toRoom) ? null : `no arrow runs from ${room} to ${toRoom}`;
  if (room !== 'core' || area === toArea || rest.length === 0 || !AREAS.includes(area)) return null;
  if (AREAS.indexOf(toArea) > AREAS.indexOf(area)) return `${toArea} stands to the right of ${area}`;
  return rest.join('/') === 'index.ts' ? null : `only ${toArea}/index.ts may be imported from another area`;
}

function packageFault(from: string, name: string): string | null {
  return PACKAGES.find((rule) => rule.name.test(name) && !rule.where.test(from))?.why ?? null;
}
