import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readFlows } from '../../build/examples.ts';
import { problemOf } from '../../nodes/kit/editor/checks.ts';
import { isShown, settingFields } from '../../nodes/kit/editor/table.ts';
import { sentenceOf } from '../../nodes/kit/editor/texts.ts';
import { ROOT, readNodes, translator } from './house.ts';

const nodes = await readNodes();

describe('the commands of the shipped flows', () => {
  it('promise of no reason that it stands in the audit, which has deeds alone', () => {
    const said = [...readFlows(ROOT).values()].flat().flatMap(({ options }) => JSON.stringify(options ?? []));
    assert.ok(said.some((options) => options.includes('Why; ')));
    assert.doesNotMatch(said.join('\n'), /audit/);
  });
});

describe('the dialogs of the shipped flows', () => {
  for (const file of globSync('flows/*.json', { cwd: ROOT })) {
    it(`${basename(file)}: find nothing wrong, and would add nothing`, () => {
      const flow: unknown = JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
      const problems: string[] = [];
      for (const saved of (Array.isArray(flow) ? flow : []) as Record<string, unknown>[]) {
        const node = nodes.find(({ shape }) => shape.type === saved.type);
        if (!node) continue;
        const settings = { ...node.shape.defaults, ...saved };
        const missing = Object.keys(node.shape.defaults).filter((name) => !(name in saved));
        problems.push(...missing.map((name) => `${saved.id}: has no ${name}`));
        for (const field of settingFields(node.table)) {
          if (!isShown(field, settings)) continue;
          const problem = problemOf(field, node.shape.rules[field.name] ?? {}, settings[field.name], settings);
          if (problem) problems.push(`${saved.id}: ${sentenceOf(problem, field, translator(node.texts))}`);
        }
      }
      assert.deepEqual(problems, []);
    });
  }
});
