import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readCatalogues } from '../../build/editors.ts';
import { type Catalogue, textOf } from '../../nodes/kit/editor/form.ts';
import type { EditorShape } from '../../nodes/kit/editor/rules.ts';
import { shapeOf } from '../../nodes/kit/editor/shape.ts';
import type { EditorTable, Translate } from '../../nodes/kit/editor/table.ts';
import type { NodeDefinition } from '../../nodes/kit/index.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** Both sides of a node, as its folder holds them. */
export interface NodeFolder {
  folder: string;
  definition: NodeDefinition;
  table: EditorTable;
  shape: EditorShape;
  texts: Catalogue;
  help: string;
}

/** Every node of the palette with its editor side. */
export async function readNodes(): Promise<NodeFolder[]> {
  const folders = globSync('nodes/*/*/node.ts', { cwd: ROOT })
    .map((file) => dirname(file))
    .sort();
  return Promise.all(
    folders.map(async (folder) => {
      const source = join(ROOT, folder);
      const { definition } = await load<{ definition: NodeDefinition }>(join(source, 'node.ts'));
      return {
        folder,
        definition,
        table: await load<EditorTable>(join(source, 'editor.ts')),
        shape: shapeOf(definition),
        texts: readCatalogues(ROOT, source).get('en-US') ?? {},
        help: readFileSync(join(source, 'help.md'), 'utf8'),
      };
    }),
  );
}

async function load<T>(file: string): Promise<T> {
  const module: { default: T } = await import(file);
  return module.default;
}

/** Finds texts as Node-RED's editor does: `__name__` stands for a value, and a key without a text for itself. */
export function translator(texts: Catalogue): Translate {
  return (key, values = {}) =>
    (textOf(texts, key) ?? key).replace(/__(\w+)__/g, (whole, name: string) => String(values[name] ?? whole));
}
