import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { buildEditors } from '../../build/editors.ts';
import { keyOf, settingFields } from '../../nodes/kit/editor/table.ts';
import { type NodeFolder, ROOT, readNodes, translator } from './house.ts';

type EditedNode = Record<string, unknown>;

/** A node's definition as the script registers it with Node-RED. */
interface Registered {
  category: string;
  categoryDescription?: string;
  inputs?: number;
  outputs?: number;
  defaults: Record<
    string,
    { value: unknown; type?: string; validate?(this: EditedNode, value: unknown, options: object): unknown }
  >;
  label(this: EditedNode): string;
  paletteLabel(): string;
  outputLabels(index: number): string;
  onadd(this: EditedNode): void;
  _?: unknown;
}

const nodes = await readNodes();

describe('what the build writes for the editor', () => {
  let dist = '';

  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'guildhall-editors-'));
    await buildEditors(ROOT, dist);
  });

  after(() => rmSync(dist, { recursive: true, force: true }));

  const htmlOf = ({ folder }: NodeFolder): string => readFileSync(join(dist, folder, 'node.html'), 'utf8');

  /** Runs a node's script as the editor does, where the only community is `only`. */
  function registered(type: string): Registered {
    const node = nodes.find(({ shape }) => shape.type === type);
    assert.ok(node);
    const script = /<script type="text\/javascript">([\s\S]*)<\/script>/.exec(htmlOf(node))?.[1] ?? '';
    const found: Registered[] = [];
    runInNewContext(script, {
      RED: {
        nodes: {
          registerType: (name: string, definition: Registered) => {
            assert.equal(name, type);
            definition._ = translator(node.texts);
            found.push(definition);
          },
          eachConfig: (visit: (config: object) => boolean) => visit({ type: 'guildhall-community', id: 'only' }),
        },
        events: { on: () => {} },
        utils: { validateTypedProperty: () => true },
      },
    });
    const [definition] = found;
    assert.ok(definition);
    return definition;
  }

  it('has a form with an input for every setting, help, a script and an icon for each node', () => {
    for (const node of nodes) {
      const html = htmlOf(node);
      const { type, kind } = node.shape;
      assert.match(html, new RegExp(`<script type="text/html" data-template-name="${type}">`));
      assert.match(html, new RegExp(`<script type="text/markdown" data-help-name="${type}">\n[A-Z]`));
      const prefix = kind === 'config' ? 'node-config-input' : 'node-input';
      for (const field of settingFields(node.table)) {
        const id = `${prefix}-${field.name}${field.kind === 'list' ? '-items' : ''}`;
        assert.ok(html.includes(` id="${id}"`), `${type} lacks ${id}`);
        if (field.kind === 'value') assert.ok(html.includes(` id="${id}Type"`));
      }
      assert.equal(html.match(/<\/script>/g)?.length, 3, 'a script ends early');
      assert.ok(existsSync(join(dist, node.folder, 'icons', node.table.icon)));
      const texts: unknown = JSON.parse(readFileSync(join(dist, node.folder, 'locales', 'en-US', 'node.json'), 'utf8'));
      assert.deepEqual(texts, node.texts);
    }
  });

  it('stays small: no library comes along', () => {
    for (const node of nodes) assert.ok(htmlOf(node).length < 72_000, `${node.folder}: ${htmlOf(node).length}`);
  });

  it('registers ports, defaults and labels', () => {
    for (const { shape, table, texts } of nodes) {
      const definition = registered(shape.type);
      const defaults = Object.fromEntries(
        Object.entries(definition.defaults).map(([name, { value }]) => [name, value]),
      );
      // They come from another realm, whose objects are no objects of this one.
      assert.deepEqual(JSON.parse(JSON.stringify(defaults)), shape.defaults);
      if (shape.kind === 'config') {
        assert.equal(definition.category, 'config');
        continue;
      }
      assert.equal(definition.category, 'guildhall');
      assert.match(definition.categoryDescription ?? '', /^Guildhall: /);
      assert.equal(definition.inputs, shape.kind === 'intake' ? 0 : 1);
      assert.equal(definition.outputs, shape.outputs.length);
      const t = translator(texts);
      shape.outputs.forEach((output, index) => {
        assert.equal(definition.outputLabels(index), t(`outputs.${keyOf(output)}`));
      });
      const fresh = { ...shape.defaults };
      assert.equal(definition.label.call(fresh), table.label(shape.defaults, t, () => '') || definition.paletteLabel());
      assert.equal(definition.label.call({ ...fresh, name: 'My name' }), 'My name');
    }
  });

  it('labels a node by what it does', () => {
    const labels: [string, EditedNode, string][] = [
      ['guildhall-slash-command', { command: 'request ai-credit' }, '/request ai-credit'],
      ['guildhall-slash-command', {}, 'slash command'],
      ['guildhall-component', { customId: 'credit-approve' }, 'credit-approve pressed'],
      ['guildhall-community-event', { event: 'credit.requested' }, 'credit.requested'],
      ['guildhall-reply', {}, 'answer privately'],
      ['guildhall-reply', { answer: 'modal', modalTitle: 'Why?' }, 'ask: Why?'],
      ['guildhall-discord-message', { channel: 'credit-approvals' }, 'message to #credit-approvals'],
      ['guildhall-discord-message', { channel: 'payload.channel', channelType: 'msg' }, 'message to a channel'],
      ['guildhall-discord-message', { target: 'member' }, 'direct message'],
      ['guildhall-credit-request', { creditType: 'lead' }, 'ask for lead credits'],
      ['guildhall-credit-decision', { decision: 'approve', as: 'policy' }, 'approve by policy'],
      ['guildhall-credit-decision', { decision: 'ask whether allowed' }, 'may they decide?'],
      ['guildhall-credit-query', { query: 'own requests' }, 'read own requests'],
    ];
    for (const [type, settings, label] of labels) assert.equal(registered(type).label.call(settings), label);
  });

  it('says what is wrong, and only about what is shown', () => {
    const { defaults } = registered('guildhall-reply');
    const judge = (name: string, settings: EditedNode) => defaults[name]?.validate?.call(settings, settings[name], {});
    assert.equal(judge('modalTitle', { answer: 'modal', modalTitle: '' }), 'Title: Fill this in.');
    assert.equal(judge('modalTitle', { answer: 'message', modalTitle: '' }), true);
    assert.equal(judge('modalFields', { answer: 'modal', modalFields: [] }), 'Fields: Add at least one.');
    // Flows written by hand may leave settings out.
    for (const name of ['content', 'buttons', 'embedColour']) assert.equal(judge(name, {}), true, name);
  });

  it('gives the only community to a new node', () => {
    const node: EditedNode = { community: '' };
    registered('guildhall-slash-command').onadd.call(node);
    assert.equal(node.community, 'only');
  });
});
