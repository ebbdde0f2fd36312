import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildEditors } from './editors.ts';
import { buildPages } from './pages.ts';
import { buildSandboxPage } from './sandbox-page.ts';
import { buildSidebar } from './sidebar.ts';

/** `npm run build`: TypeScript to `dist/`, pages and icons beside it, and one html a node for the editor. */
const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const STAMP = join(dist, 'built-from.json');
const SOURCES = ['core', 'nodes', 'platform', 'program', 'pages', 'sandbox', 'icons', 'build'];
const OTHERS = ['package.json', 'package-lock.json', 'tsconfig.json'];

/** Every source file with its size and time: the same list means that nothing has to be built. */
function fingerprint(): string {
  const files = [...SOURCES.flatMap((folder) => globSync(`${folder}/**/*.*`, { cwd: root })), ...OTHERS].sort();
  return JSON.stringify(
    files.map((file) => {
      const { size, mtimeMs } = statSync(join(root, file));
      return [file, size, mtimeMs];
    }),
  );
}

const now = fingerprint();
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== now) {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root], {
    stdio: 'inherit',
  });
  for (const file of globSync(['pages/**/*.{html,css,svg,png}', 'platform/pictures/fonts/*'], { cwd: root })) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    cpSync(join(root, file), join(dist, file));
  }
  await Promise.all([
    buildEditors(root, dist),
    buildSidebar(root, dist),
    buildPages(root, dist),
    buildSandboxPage(root, join(dist, 'sandbox', 'page')),
  ]);
  writeFileSync(STAMP, now);
  if (process.env.npm_config_loglevel === 'verbose') console.log(`built ${relative(root, dist)}`);
}
