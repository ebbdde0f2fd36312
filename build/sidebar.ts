import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundleForEditor } from './bundle.ts';

const FOLDER = join('nodes', 'sidebar');

/** Writes what Node-RED's editor needs of the sidebar beside its js: `plugin.html` and `locales/`. */
export async function buildSidebar(root: string, dist: string): Promise<void> {
  const source = join(root, FOLDER);
  const target = join(dist, FOLDER);
  for (const file of globSync('locales/*.json', { cwd: source })) {
    const copy = join(target, 'locales', basename(file, '.json'), 'plugin.json');
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(source, file), copy);
  }
  const style = readFileSync(join(source, 'editor', 'sidebar.css'), 'utf8');
  const script = await bundleForEditor(root, `import ${JSON.stringify(join(source, 'editor', 'tab.ts'))};`);
  const html = `<style>\n${style}</style>\n<script type="text/javascript">\n${script}</script>\n`;
  writeFileSync(join(target, 'plugin.html'), html);
}
