import { basename, dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled tree: `dist/`, or the checkout itself where its TypeScript runs directly. */
export const compiledRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder with package.json. */
export const packageRoot: string = basename(compiledRoot) === 'dist' ? resolve(compiledRoot, '..') : compiledRoot;

/** The folder that relative paths start from. What lies in an installed package would go with its next version. */
export const workRoot: string = packageRoot.split(sep).includes('node_modules') ? process.cwd() : packageRoot;
