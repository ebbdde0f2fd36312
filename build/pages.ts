import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles each page's `browser/main.ts` to `page.js` beside its html in `dist/`, with the texts of its `locales/` in all
 * languages as `LOCALES`.
 */
export async function buildPages(root: string, dist: string): Promise<void> {
  const pages = globSync('pages/*/browser/main.ts', { cwd: root }).map((file) => dirname(dirname(file)));
  await Promise.all(
    pages.map((page) =>
      build({
        entryPoints: [join(root, page, 'browser', 'main.ts')],
        outfile: join(dist, page, 'page.js'),
        bundle: true,
        format: 'iife',
        target: 'es2022',
        charset: 'utf8',
        minify: true,
        legalComments: 'none',
        define: { LOCALES: JSON.stringify(readLocales(join(root, page, 'locales'))) },
      }),
    ),
  );
}

/** All texts of a folder `locales`, by language. */
export function readLocales(folder: string): Record<string, unknown> {
  const files = globSync('*.json', { cwd: folder });
  return Object.fromEntries(
    files.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  );
}
