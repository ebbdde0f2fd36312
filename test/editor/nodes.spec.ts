import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { textOf } from '../../nodes/kit/editor/form.ts';
import type { Rule } from '../../nodes/kit/editor/rules.ts';
import { shapeOf } from '../../nodes/kit/editor/shape.ts';
import { type Field, isPick, keyOf, type ListOf, nestedKey, settingFields } from '../../nodes/kit/editor/table.ts';
import doctor from '../../platform/doctor/locales/en-US.json' with { type: 'json' };
import { type NodeFolder, ROOT, readNodes, translator } from './house.ts';

const nodes = await readNodes();

/** What a node's status says of the program and of intents that are off. */
const STATUSES = [
  ...['starting', 'vacant', 'connected', 'mend', 'community', ...Object.keys(doctor.status)],
  ...Object.keys(doctor.intents).map((name) => `off.${name}`),
].map((key) => `status.${key}`);

/** The keys of all texts that a node's dialog and its status look up. */
function keysOf({ table, shape }: NodeFolder): string[] {
  const keys = ['palette', ...STATUSES, ...shape.outputs.map((output) => `outputs.${keyOf(output)}`)];
  for (const field of [...table.fields, ...settingFields(table)]) keys.push(...keysOfField(field, shape));
  return keys;
}

function keysOfField(field: Field, shape: NodeFolder['shape']): string[] {
  if (field.kind === 'section') return [`sections.${field.name}`];
  const rule = shape.rules[field.name];
  const keys = [`fields.${field.name}`];
  const picks = field.kind === 'pick' ? [field.of] : field.kind === 'value' ? field.types.filter(isPick) : [];
  keys.push(...picks.flatMap((of) => [`picker.types.${of}`, `picker.placeholders.${of}`, `picker.unknown.${of}`]));
  if (rule?.pattern) keys.push(`problems.of.${field.name}`);
  if (field.kind === 'select')
    keys.push(...(rule?.choices ?? []).map((choice) => `choices.${field.name}.${keyOf(choice)}`));
  if (field.kind === 'value')
    keys.push(...(field.choices ?? []).map((choice) => `choices.${field.name}.${keyOf(choice)}`));
  if (field.kind === 'list') keys.push(...keysOfList(field.name, field, rule?.items ?? {}));
  return keys;
}

function keysOfList(list: string, { columns }: ListOf, rules: Record<string, Rule>): string[] {
  const keys = [`add.${list}`];
  for (const column of columns) {
    const rule = rules[column.name] ?? {};
    keys.push(`columns.${list}.${column.name}`);
    if (column.kind === 'list') keys.push(...keysOfList(nestedKey(list, column.name), column, rule.items ?? {}));
    else if (!column.languages)
      keys.push(...(rule.choices ?? []).map((choice) => `choices.${list}.${column.name}.${keyOf(choice)}`));
  }
  return keys;
}

describe('the palette', () => {
  it('takes no setting or value of a name that Node-RED’s editor uses on a node itself', () => {
    const { definition } = nodes.find(({ shape }) => shape.type === 'guildhall-credit-request') ?? {};
    assert.ok(definition?.kind === 'work');
    const value = { type: 'str', value: '' } as const;
    for (const name of ['status', 'valid', 'users', 'label', 'info', 'wires', 'w', 'q', '_config']) {
      const settings = z.object({ [name]: z.string().default('') });
      assert.throws(() => shapeOf({ ...definition, settings }), new RegExp(`“${name}”`));
      assert.throws(() => shapeOf({ ...definition, values: { [name]: value } }), new RegExp(`“${name}”`));
    }
  });

  it('has an icon of its own for each node', () => {
    const icons = nodes.map(({ table }) => table.icon);
    assert.deepEqual([...new Set(icons)], icons);
    const files = globSync('*', { cwd: join(ROOT, 'icons') }).map((file) => basename(file));
    assert.deepEqual(files.sort(), [...icons].sort());
  });

  it('tells its nodes apart by name', () => {
    const labels = nodes.map(({ texts }) => textOf(texts, 'palette'));
    assert.equal(new Set(labels).size, nodes.length);
    for (const label of labels) assert.ok((label ?? '').length <= 16, `${label} is too long for the palette`);
  });

  it('gives one colour to each area, on which dark text can be read', () => {
    const colours = new Map<string, string>();
    for (const { folder, table, shape } of nodes) {
      if (shape.kind === 'config') continue;
      const area = folder.split('/')[1] ?? '';
      assert.ok(table.colour, `${folder} has no colour`);
      assert.equal(colours.get(area) ?? table.colour, table.colour, `${area} has two colours`);
      colours.set(area, table.colour);
      assert.ok(contrast(table.colour, '#333333') >= 4.5, `${table.colour} is too dark for the label`);
    }
    assert.equal(new Set(colours.values()).size, colours.size);
  });
});

for (const node of nodes) {
  const { folder, definition, table, shape, texts, help } = node;
  const names = settingFields(table).map(({ name }) => name);

  describe(`the editor of ${folder}`, () => {
    it('shows every setting once, and no other', () => {
      const shown = Object.keys(shape.defaults).filter((name) => name !== 'version' && !names.includes(name));
      const types = shown.filter((name) => !(name.endsWith('Type') && names.includes(name.slice(0, -4))));
      assert.deepEqual(types, [], 'not in the dialog');
      assert.deepEqual(
        names.filter((name) => !(name in shape.defaults)),
        [],
        'not in the schema',
      );
      assert.deepEqual([...new Set(names)], names);
    });

    it('shows every column of its lists', () => {
      for (const field of settingFields(table)) {
        if (field.kind !== 'list') continue;
        const columns = Object.keys(shape.rules[field.name]?.items ?? {});
        assert.deepEqual(field.columns.map(({ name }) => name).sort(), columns.sort(), field.name);
      }
    });

    it('starts with what the schema starts with', () => {
      const { success, data } = definition.settings.safeParse({});
      const settings = Object.keys(definition.settings.shape);
      const defaults = Object.fromEntries(settings.map((name) => [name, shape.defaults[name]]));
      if (success) assert.deepEqual(definition.settings.parse(defaults), data);
      for (const [name, field] of Object.entries(definition.settings.shape)) {
        const initial = (field as { safeParse(value: unknown): { data?: unknown } }).safeParse(undefined).data;
        assert.deepEqual(shape.defaults[name], initial ?? '', name);
      }
      assert.equal(shape.defaults.version, definition.version);
      if (definition.kind !== 'work') return;
      for (const [name, { type, value }] of Object.entries(definition.values)) {
        assert.equal(shape.defaults[name], value);
        assert.equal(shape.defaults[`${name}Type`], type);
        const field = settingFields(table).find((candidate) => candidate.name === name);
        assert.ok(field?.kind === 'value' && field.types.includes(type), `${name} cannot be ${type}`);
      }
    });

    it('has a text for all that it shows', () => {
      assert.deepEqual(
        keysOf(node).filter((key) => textOf(texts, key) === undefined),
        [],
      );
      const translate = translator(texts);
      assert.doesNotMatch(
        table.label(shape.defaults, translate, () => ''),
        /labels\.|undefined/,
      );
    });

    it('shows fields on conditions that can come true', () => {
      for (const field of table.fields) {
        for (const condition of [field.showIf ?? []].flat()) {
          for (const [name, values] of Object.entries(condition)) {
            const isEmptiable = table.fields.some(
              (field) => field.name === name && field.kind === 'config' && field.mayBeEmpty,
            );
            const choices = isEmptiable ? [''] : (shape.rules[name]?.choices ?? []);
            assert.deepEqual(
              values.filter((value: string) => !choices.includes(value)),
              [],
              `${field.name} when ${name}`,
            );
          }
        }
      }
    });

    it('is helped by a summary, inputs, outputs and details', () => {
      const [summary = ''] = help.split('\n');
      assert.match(summary, /^[A-Z][^\n]{20,110}\.$/);
      const headings = [...help.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
      const passing = ['Inputs', 'Outputs', 'Details'];
      const expected = { work: passing, guard: passing, intake: ['Outputs', 'Details'], config: ['Details'] };
      assert.deepEqual(headings, expected[shape.kind]);
      assert.equal([...help.matchAll(/^\d+\. /gm)].length, shape.outputs.length, 'one numbered output a port');
      // Node-RED's editor reads a property only in this form, with no colon in its text.
      const properties = help.split('\n').filter((line) => line.startsWith(':'));
      for (const line of properties) assert.match(line, /^: [^:(]+ \([a-z]+\) : [^:]+$/);
    });

    it('has a white icon of Node-RED’s proportions', () => {
      const file = join(ROOT, 'icons', table.icon);
      assert.ok(existsSync(file));
      const svg = readFileSync(file, 'utf8');
      assert.equal(table.icon, `guildhall-${folder.split('/')[2]}.svg`);
      assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="40" height="60" viewBox="0 0 40 60">/);
      const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour);
      assert.deepEqual(
        [...new Set(colours)].filter((colour) => colour !== '#fff' && colour !== 'none'),
        [],
      );
    });
  });
}

/** The contrast of two colours as WCAG counts it. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
