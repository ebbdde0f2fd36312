import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { readLocales } from './pages.ts';

/** Bundles the sandbox's page into a folder: `index.html`, `page.js` with the texts of all languages, and `page.css`. */
export async function buildSandboxPage(root: string, folder: string): Promise<void> {
  const source = join(root, 'sandbox', 'page');
  await build({
    entryPoints: [
      { in: join(source, 'main.ts'), out: 'page' },
      { in: join(source, 'page.css'), out: 'page' },
    ],
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    define: { LOCALES: JSON.stringify(readLocales(join(source, 'locales'))) },
  });
  copyFileSync(join(source, 'index.html'), join(folder, 'index.html'));
}
