import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled tree: `dist/`, or the checkout itself where its TypeScript runs directly. */
export const compiledRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder with package.json. */
export const packageRoot: string = basename(compiledRoot) === 'dist' ? resolve(compiledRoot, '..') : compiledRoot;
