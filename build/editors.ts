import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { type Catalogue, formOf, mergeCatalogues } from '../nodes/kit/editor/form.ts';
import type { EditorShape } from '../nodes/kit/editor/rules.ts';
import { shapeOf } from '../nodes/kit/editor/shape.ts';
import type { EditorTable } from '../nodes/kit/editor/table.ts';
import type { NodeDefinition } from '../nodes/kit/index.ts';
import { bundleForEditor } from './bundle.ts';

const KIT = join('nodes', 'kit', 'editor');
const LANGUAGE = 'en-US';

/**
 * Writes what Node-RED's editor needs of each node beside its js: `node.html` with form, help and script, `locales/`
 * and `icons/`.
 */
export async function buildEditors(root: string, dist: string): Promise<void> {
  const styles = { form: await styleOf(root, 'form.css'), preview: await styleOf(root, 'preview.css') };
  const folders = globSync('nodes/*/*/node.ts', { cwd: root }).map((file) => dirname(file));
  await Promise.all(folders.map((folder) => buildEditor(root, dist, folder, styles)));
}

async function styleOf(root: string, file: string): Promise<string> {
  const { code } = await transform(readFileSync(join(root, KIT, file), 'utf8'), { loader: 'css', minify: true });
  return code;
}

async function buildEditor(
  root: string,
  dist: string,
  folder: string,
  styles: { form: string; preview: string },
): Promise<void> {
  const source = join(root, folder);
  const target = join(dist, folder);
  const { definition } = await load<{ definition: NodeDefinition }>(join(source, 'node.ts'));
  const table = await load<EditorTable>(join(source, 'editor.ts'));
  const shape = shapeOf(definition);

  const catalogues = readCatalogues(root, source);
  for (const [language, catalogue] of catalogues) {
    write(join(target, 'locales', language, 'node.json'), `${JSON.stringify(catalogue, null, 2)}\n`);
  }
  // Node-RED looks for other languages' help beside their texts.
  for (const file of globSync('help.*.md', { cwd: source })) {
    const [, language = ''] = basename(file).split('.');
    write(join(target, 'locales', language, 'node.html'), helpOf(shape.type, readFileSync(join(source, file), 'utf8')));
  }
  mkdirSync(join(target, 'icons'), { recursive: true });
  copyFileSync(join(root, 'icons', table.icon), join(target, 'icons', table.icon));

  const style = styles.form + (table.preview ? styles.preview : '');
  const form = formOf(shape, table, catalogues.get(LANGUAGE) ?? {});
  const parts = [
    `<script type="text/html" data-template-name="${shape.type}">\n<style>\n${style}</style>\n${form}\n</script>\n`,
    helpOf(shape.type, readFileSync(join(source, 'help.md'), 'utf8')),
    `<script type="text/javascript">\n${await bundle(root, source, shape)}</script>\n`,
  ];
  write(join(target, 'node.html'), parts.join('\n'));
}

async function load<T>(file: string): Promise<T> {
  const module: { default: T } = await import(pathToFileURL(file).href);
  return module.default;
}

/** A node's texts by language, each laid over those that all nodes share. */
export function readCatalogues(root: string, source: string): Map<string, Catalogue> {
  const read = (file: string): Catalogue => JSON.parse(readFileSync(file, 'utf8'));
  const languages = globSync('locales/*.json', { cwd: source }).map((file) => basename(file, '.json'));
  return new Map(
    languages.map((language) => [
      language,
      mergeCatalogues(
        read(join(root, KIT, 'locales', `${language}.json`)),
        read(join(source, 'locales', `${language}.json`)),
      ),
    ]),
  );
}

/** Node-RED keeps it in memory, where one letter beyond ASCII doubles the size of the file. */
const helpOf = (type: string, markdown: string): string => {
  const text = markdown.trim().replace(/[^ -~\s]/gu, (letter) => `&#${letter.codePointAt(0)};`);
  return `<script type="text/markdown" data-help-name="${type}">\n${text}\n</script>\n`;
};

/** Bundles a node's table and migrations with the browser's side of the kit. */
async function bundle(root: string, source: string, shape: EditorShape): Promise<string> {
  const migrations = join(source, 'migrations.ts');
  const contents = [
    `import { registerEditor } from ${JSON.stringify(join(root, KIT, 'register.ts'))};`,
    `import table from ${JSON.stringify(join(source, 'editor.ts'))};`,
    existsSync(migrations)
      ? `import { migrations } from ${JSON.stringify(migrations)};`
      : 'const migrations = undefined;',
    `registerEditor(${JSON.stringify(shape)}, table, migrations);`,
  ];
  return bundleForEditor(root, contents.join('\n'));
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
