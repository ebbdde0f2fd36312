import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examplesOf, type FlowEntry, readFlows } from './examples.ts';

/** What the rules look at. All of it is on this machine: nothing is asked of a registry. */
export interface PackageFacts {
  manifest: Manifest;
  lockfile: { packages: Record<string, { version?: string; dev?: boolean }> };
  /** The Node-RED that is installed here, which stands for the current one. */
  nodeRed: { version: string; engines: { node: string } };
  hasLicenceFile: boolean;
  examples: FlowEntry[];
}

interface Manifest {
  name: string;
  license?: string;
  repository?: { url?: string };
  bugs?: { url?: string; email?: string };
  keywords?: string[];
  engines?: { node?: string };
  dependencies?: Record<string, string>;
  'node-red'?: { version?: string; nodes?: Record<string, string> };
}

interface Rule {
  /** What it asks for, as the flow library words it. */
  asks: string;
  /** True where it is only a warning here. */
  warns?: true;
  /** What is wrong, one sentence each. */
  check(facts: PackageFacts): string[];
}

/** Packages for Discord in the flow library that a name of ours must not be taken for, without their scopes. */
const NAMES_IN_USE = [
  'node-red-contrib-discord',
  'node-red-contrib-discord-advanced',
  'node-red-discord-alternative',
  'discord-mgr',
];
/** Packages that break Node-RED, with the first version that does not (the library's own list). */
const INCOMPATIBLE: Record<string, string> = { 'agent-base': '6.0.0' };
const MOST_DEPENDENCIES = 6;

const when = (wrong: boolean, sentence: string): string[] => (wrong ? [sentence] : []);
const unscoped = (name: string): string => name.split('/').at(-1) ?? name;

/**
 * The flow library's scorecard (node-red-dev validate), so far as it can be told offline. The library itself asks more
 * of some rules: P02 clones the repository and compares the names, P06 and P07 ask the registry for Node-RED's current
 * versions, P08 and N01 compare with every package of its catalogue, D03 asks the registry for each dependency's newest
 * version.
 */
export const SCORECARD: Record<string, Rule> = {
  P01: {
    asks: 'a licence',
    check: ({ manifest, hasLicenceFile }) => [
      ...when(!manifest.license, 'package.json names no license'),
      ...when(!hasLicenceFile, 'the file LICENSE is missing'),
    ],
  },
  P02: {
    asks: 'the package’s name at its repository',
    check: ({ manifest: { name, repository } }) => {
      const repositoryName = /([^/:]+?)(\.git)?$/.exec(repository?.url ?? '')?.[1];
      return when(
        repositoryName !== unscoped(name),
        `the repository is called ${repositoryName ?? 'nothing'} and the package ${unscoped(name)}`,
      );
    },
  },
  P03: {
    asks: 'a repository and a place for bugs',
    check: ({ manifest: { repository, bugs } }) => [
      ...when(!/^(git\+)?(https?|ssh):\/\/\S+$/.test(repository?.url ?? ''), 'repository.url is not an address'),
      ...when(!bugs?.url && !bugs?.email, 'bugs has neither url nor email'),
    ],
  },
  P04: {
    asks: 'a scoped name',
    check: ({ manifest: { name } }) =>
      when(!/^@[a-z\d][\w.-]+\/[a-z\d][\w.-]*$/.test(name), `${name} is not of the form @scope/name`),
  },
  P05: {
    asks: 'the keyword node-red',
    check: ({ manifest: { keywords } }) => when(!keywords?.includes('node-red'), 'keywords lack node-red'),
  },
  P06: {
    asks: 'a version range that takes the current Node-RED',
    check: ({ manifest, nodeRed: { version } }) => {
      const range = manifest['node-red']?.version;
      return when(!takes(range, version), `node-red.version is ${range ?? 'missing'}, Node-RED is ${version}`);
    },
  },
  P07: {
    asks: 'a range of Node versions that takes the oldest one of the current Node-RED',
    check: ({ manifest: { engines }, nodeRed }) => {
      const oldest = nodeRed.engines.node.replace(/^>=/, '');
      return when(
        !takes(engines?.node, oldest),
        `engines.node is ${engines?.node ?? 'missing'}, Node-RED runs on ${oldest}`,
      );
    },
  },
  P08: {
    asks: 'a name that is not taken for another package',
    check: ({ manifest: { name } }) =>
      when(NAMES_IN_USE.includes(unscoped(name)), `${unscoped(name)} is the name of another package`),
  },
  N01: {
    asks: 'node types of one’s own',
    check: ({ manifest }) =>
      typesOf(manifest)
        .filter((type) => !type.startsWith('guildhall-'))
        .map((type) => `${type} does not begin with guildhall-: node types are global to all of Node-RED`),
  },
  N02: {
    asks: 'every node in an example',
    check: ({ manifest, examples }) => {
      const shown = new Set(examples.map(({ type }) => type));
      return Object.entries(manifest['node-red']?.nodes ?? {})
        .filter(([type, file]) => !file.includes('/config/') && !shown.has(type))
        .map(([type]) => `no example shows ${type}`);
    },
  },
  D01: {
    asks: `up to ${MOST_DEPENDENCIES} dependencies`,
    warns: true,
    check: ({ manifest }) => {
      const count = Object.keys(manifest.dependencies ?? {}).length;
      return when(count > MOST_DEPENDENCIES, `${count} dependencies`);
    },
  },
  D02: {
    asks: 'no dependency that breaks Node-RED',
    check: ({ lockfile }) =>
      Object.entries(lockfile.packages).flatMap(([path, { version = '', dev }]) => {
        const name = path.split('node_modules/').at(-1) ?? '';
        const good = INCOMPATIBLE[name];
        return when(good !== undefined && !dev && !takes(`>=${good}`, version), `${name} ${version} is in the tree`);
      }),
  },
  D03: {
    asks: 'dependencies whose version is known',
    check: ({ manifest, lockfile }) =>
      Object.entries(manifest.dependencies ?? {}).flatMap(([name, version]) => {
        const installed = lockfile.packages[`node_modules/${name}`]?.version;
        if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) return [`${name} is not pinned to one version: ${version}`];
        return when(installed !== version, `${name} is ${version} here and ${installed ?? 'missing'} in the lockfile`);
      }),
  },
};

/** Whether a range of the form `>=1.2.3` takes a version; no other form is in use here. */
function takes(range: string | undefined, version: string): boolean {
  const lowest = /^>=(\d+(?:\.\d+){0,2})$/.exec(range ?? '')?.[1];
  if (lowest === undefined) return false;
  const numbers = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number);
  const [wanted, given] = [numbers(lowest), numbers(version)];
  const index = [0, 1, 2].find((place) => (wanted[place] ?? 0) !== (given[place] ?? 0));
  return index === undefined || (given[index] ?? 0) > (wanted[index] ?? 0);
}

const typesOf = (manifest: Manifest): string[] => Object.keys(manifest['node-red']?.nodes ?? {});

/** Reads what the rules look at. */
export function readFacts(root: string): PackageFacts {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  return {
    manifest: read('package.json'),
    lockfile: read('package-lock.json'),
    nodeRed: read('node_modules/node-red/package.json'),
    hasLicenceFile: existsSync(join(root, 'LICENSE')),
    examples: [...examplesOf([...readFlows(root).values()].flat()).values()].flat(),
  };
}

/** What the scorecard says of a package: sentences that begin with the rule's name. */
export function score(facts: PackageFacts): { faults: string[]; warnings: string[] } {
  const found = { faults: [] as string[], warnings: [] as string[] };
  for (const [name, { asks, warns, check }] of Object.entries(SCORECARD)) {
    const sentences = check(facts).map((sentence) => `${name}, ${asks}: ${sentence}`);
    found[warns ? 'warnings' : 'faults'].push(...sentences);
  }
  return found;
}
