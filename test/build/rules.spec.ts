import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examplesOf, type FlowEntry, readFlows } from '../../build/examples.ts';
import { lintFlows } from '../../build/flow-lint.ts';
import { flowFaults } from '../../build/flow-rules.ts';
import { localeFaults } from '../../build/locale-rules.ts';
import { packageFaults } from '../../build/package-rules.ts';
import { type PackageFacts, readFacts, SCORECARD, score } from '../../build/scorecard.ts';
import { ROOT } from '../support/database.ts';

const flows = [...readFlows(ROOT).values()].flat();

describe('the scorecard', () => {
  const facts = readFacts(ROOT);

  it('finds nothing but the number of dependencies', () => {
    const { faults, warnings } = score(facts);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      warnings.map((warning) => warning.slice(0, 3)),
      ['D01'],
    );
  });

  /** For each rule, what it must not let pass. */
  const BREAKS: Record<string, ((broken: PackageFacts) => unknown)[]> = {
    P01: [({ manifest }) => delete manifest.license, (broken) => Object.assign(broken, { hasLicenceFile: false })],
    P02: [
      ({ manifest }) => delete manifest.repository,
      ({ manifest }) => Object.assign(manifest, { name: '@guildhall/hall' }),
    ],
    P03: [
      ({ manifest }) => delete manifest.bugs,
      ({ manifest }) => Object.assign(manifest.repository ?? {}, { url: 'our server/node-red' }),
    ],
    P04: [({ manifest }) => Object.assign(manifest, { name: 'guildhall' })],
    P05: [({ manifest }) => Object.assign(manifest, { keywords: ['discord'] })],
    P06: [
      ({ manifest }) => Object.assign(manifest['node-red'] ?? {}, { version: '>=6.0.0' }),
      ({ manifest }) => delete manifest['node-red']?.version,
    ],
    P07: [
      ({ manifest }) => Object.assign(manifest, { engines: { node: '>=24' } }),
      ({ manifest }) => delete manifest.engines,
    ],
    P08: [({ manifest }) => Object.assign(manifest, { name: '@guildhall/node-red-contrib-discord' })],
    N01: [({ manifest }) => Object.assign(manifest['node-red']?.nodes ?? {}, { inject: 'dist/nodes/inject.js' })],
    N02: [
      (broken) => Object.assign(broken, { examples: broken.examples.filter(({ type }) => type !== 'guildhall-reply') }),
    ],
    D01: [],
    D02: [
      ({ lockfile }) =>
        Object.assign(lockfile.packages, { 'node_modules/pg/node_modules/agent-base': { version: '5.1.1' } }),
    ],
    D03: [
      ({ manifest }) => Object.assign(manifest.dependencies ?? {}, { pg: '^8.0.0' }),
      ({ manifest }) => Object.assign(manifest.dependencies ?? {}, { pg: '8.0.0' }),
    ],
  };
  for (const [name, breaks] of Object.entries(BREAKS)) {
    for (const [index, breakIt] of breaks.entries()) {
      it(`fails by ${name}${index > 0 ? ', in another way' : ''}`, () => {
        const broken = structuredClone(facts);
        breakIt(broken);
        assert.ok(score(broken).faults.some((fault) => fault.startsWith(`${name},`)));
      });
    }
  }

  it('has a test of each rule', () => assert.deepEqual(Object.keys(BREAKS), Object.keys(SCORECARD)));

  it('takes an incompatible package that only the development needs', () => {
    const other = structuredClone(facts);
    other.lockfile.packages['node_modules/agent-base'] = { version: '4.3.0', dev: true };
    assert.deepEqual(score(other).faults, []);
  });
});

describe('the flow lint', () => {
  const tab: FlowEntry = { id: 'tab', type: 'tab', label: 'Broken' };
  const place = (entry: FlowEntry): FlowEntry => ({ z: 'tab', x: 100, y: 100, wires: [], ...entry });
  const BREAKS: Record<string, FlowEntry[]> = {
    'no-loops': [
      place({ id: 'a', type: 'change', x: 300, wires: [['b']] }),
      place({ id: 'b', type: 'change', wires: [['a']] }),
    ],
    'no-overlapping-nodes': [place({ id: 'a', type: 'debug' }), place({ id: 'b', type: 'debug' })],
    'no-unnamed-functions': [place({ id: 'a', type: 'function', name: '', func: 'return msg;' })],
    'no-unnamed-links': [place({ id: 'a', type: 'link in', name: '' })],
    'function-eslint': [place({ id: 'a', type: 'function', name: 'x', func: 'return mgs;' })],
    'no-unconnected-http-nodes': [place({ id: 'a', type: 'http in', url: '/a', method: 'get' })],
    'no-duplicate-http-in-urls': [
      place({ id: 'a', type: 'http in', url: '/a', method: 'get' }),
      place({ id: 'b', type: 'http in', url: '/a', method: 'get', x: 300 }),
    ],
    'max-flow-size': Array.from({ length: 101 }, (_, index) =>
      place({ id: `n${index}`, type: 'debug', x: index * 200 }),
    ),
  };
  for (const [rule, entries] of Object.entries(BREAKS)) {
    it(`fails by ${rule}`, () => {
      assert.ok(lintFlows([tab, ...entries]).some((finding) => finding.includes(`(${rule})`)));
    });
  }

  it('knows the JavaScript of today', () => {
    const func = 'msg.payload ??= Object.groupBy([1, 2], (number) => (number > 1 ? "many" : "one"));\nreturn msg;';
    assert.deepEqual(lintFlows([tab, place({ id: 'a', type: 'function', name: 'x', func })]), []);
  });
});

describe('an example', () => {
  it('of each tab holds all that it needs, and nothing of the others', () => {
    const examples = examplesOf(flows);
    assert.equal(examples.size, flows.filter(({ type }) => type === 'tab').length);
    for (const [title, entries] of examples) {
      const known = new Set(entries.map(({ id }) => id));
      assert.equal(entries.filter(({ type }) => type === 'tab').length, 1, title);
      const foreign = flows.filter(({ id }) => !known.has(id)).map(({ id }) => id);
      const text = JSON.stringify(entries);
      assert.deepEqual(
        foreign.filter((id) => text.includes(`"${id}"`)),
        [],
        title,
      );
    }
  });

  it('brings subflows and what these use', () => {
    const entries: FlowEntry[] = [
      { id: 't1', type: 'tab', label: 'One/Two' },
      { id: 'n1', type: 'subflow:s1', z: 't1' },
      { id: 's1', type: 'subflow' },
      { id: 'n2', type: 'debug', z: 's1', server: 'c1' },
      { id: 'c1', type: 'config' },
      { id: 'c2', type: 'config' },
      { id: 't2', type: 'tab', label: 'Other' },
    ];
    assert.deepEqual(
      [...examplesOf(entries)].map(([title, all]) => [title, all.map(({ id }) => id)]),
      [
        ['One-Two', ['t1', 'n1', 's1', 'n2', 'c1']],
        ['Other', ['t2']],
      ],
    );
  });
});

describe('the rules of package, flows and texts', () => {
  let copy = '';
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'guildhall-rules-'));
    for (const part of ['package.json', 'nodes', 'flows', 'pages'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  /** Changes one file of the copy for the time of a look at it. */
  const broken = (
    file: string,
    change: (text: string) => string | null,
    look: (root: string) => string[],
  ): string[] => {
    const path = join(copy, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === null) rmSync(path);
    else writeFileSync(path, after);
    try {
      return look(copy);
    } finally {
      writeFileSync(path, before);
    }
  };
  const reply = 'nodes/answers/reply';

  it('hold', () => {
    assert.deepEqual(packageFaults(copy), []);
    assert.deepEqual(flowFaults(copy), []);
    assert.deepEqual(localeFaults(copy), []);
  });

  it('want every node and plugin in package.json, and no other', () => {
    const rename = (from: string, to: string) => (text: string) => text.replace(from, to);
    const gone = broken('package.json', rename('"guildhall-reply"', '"guildhall-answer"'), packageFaults);
    assert.match(gone.join('\n'), /node-red\.nodes lacks "guildhall-reply"/);
    const stray = broken('package.json', rename('answers/reply/node.js', 'answers/none/node.js'), packageFaults);
    assert.match(stray.join('\n'), /answers\/none\/node\.js, which nothing builds/);
    const plugin = broken('package.json', rename('"guildhall-sidebar"', '"guildhall-side"'), packageFaults);
    assert.match(plugin.join('\n'), /node-red\.plugins lacks "guildhall-sidebar"/);
    assert.match(broken(`${reply}/help.md`, () => null, packageFaults).join('\n'), /help\.md is missing/);
  });

  it('want flows that stay on their tab and on the canvas', () => {
    const file = join('flows', readdirSync(join(copy, 'flows')).find((name) => name === 'credits.json') ?? '');
    const change = (edit: (node: FlowEntry) => void) => (text: string) => {
      const entries = JSON.parse(text) as FlowEntry[];
      const node = entries.find(({ type }) => type === 'guildhall-slash-command');
      assert.ok(node);
      edit(node);
      return JSON.stringify(entries);
    };
    const told = (edit: (node: FlowEntry) => void) => broken(file, change(edit), flowFaults).join('\n');
    assert.match(
      told((node) => Object.assign(node, { x: 2000 })),
      /stands at x 2000/,
    );
    assert.match(
      told((node) => Object.assign(node, { wires: [['nowhere']] })),
      /wired to nowhere/,
    );
    assert.match(
      told((node) => Object.assign(node, { links: ['elsewhere'] })),
      /wired to elsewhere/,
    );
  });

  it('want each language everywhere, with the same texts, placeholders and parts of help', () => {
    const told = (file: string, change: (text: string) => string | null) =>
      broken(`${reply}/${file}`, change, localeFaults).join('\n');
    const change = (edit: (texts: { [key: string]: unknown; labels: object }) => void) =>
      told('locales/de.json', (text) => {
        const texts = JSON.parse(text);
        edit(texts);
        return JSON.stringify(texts);
      });
    assert.match(
      change((texts) => delete texts.palette),
      /reply\/locales\/de\.json lacks palette/,
    );
    assert.match(
      change((texts) => Object.assign(texts, { extra: 'zu viel' })),
      /reply\/locales\/de\.json has extra, which en-US does not have/,
    );
    assert.match(
      change(({ labels }) => Object.assign(labels, { modal: 'fragen: __titel__' })),
      /reply\/locales\/de\.json: labels\.modal has not the placeholders __title__/,
    );
    assert.match(
      told('locales/de.json', () => null),
      /reply\/locales\/de\.json is missing/,
    );
    assert.match(
      told('help.de.md', () => null),
      /reply\/help\.de\.md is missing/,
    );
    assert.match(
      told('help.de.md', (text) => text.replace('### Details\n', '')),
      /reply\/help\.de\.md has not the parts of help\.md/,
    );
    const elsewhere = join(copy, 'nodes', 'sidebar', 'locales', 'fr.json');
    writeFileSync(elsewhere, readFileSync(join(copy, 'nodes', 'sidebar', 'locales', 'de.json')));
    try {
      assert.match(localeFaults(copy).join('\n'), /kit\/editor\/locales\/fr\.json is missing/);
    } finally {
      rmSync(elsewhere);
    }
  });
});
