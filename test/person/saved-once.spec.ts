import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { ROOT } from '../support/database.ts';
import { Editor } from '../support/editor.ts';
import { Guildhall } from '../support/guildhall.ts';

type Saved = Record<string, unknown> & { id: string };

/**
 * Shipped flows are as the editor writes them: an admin's first edit is then the only change in a file, and the editor's
 * comparison of two edits finds only these. `UPDATE_FLOWS=1` writes them so.
 */
describe('the shipped flows', () => {
  let hall: Guildhall;
  let browser: TestBrowser;

  before(async function () {
    this.timeout(60_000);
    browser = await openBrowser(this);
    hall = await Guildhall.start();
  });
  after(async () => {
    await browser?.close();
    await hall?.remove();
  });

  it('were saved by the editor', async () => {
    const editor = await Editor.open(await browser.newPage('about:blank', { width: 1440, height: 900 }), hall);
    const written = new Map((await editor.saved()).map((node) => [node.id, node]));
    const differing: string[] = [];
    for (const file of globSync('flows/*.json', { cwd: ROOT }).filter((name) => !basename(name).startsWith('_'))) {
      const path = join(ROOT, file);
      const nodes = JSON.parse(readFileSync(path, 'utf8')) as Saved[];
      const saved = nodes.map((node) => withSize(written.get(node.id) ?? node, node));
      differing.push(
        ...nodes
          .filter((node, at) => JSON.stringify(node) !== JSON.stringify(saved[at]))
          .map(({ id }) => `${file}: ${id}`),
      );
      if (process.env.UPDATE_FLOWS) writeFileSync(path, `${JSON.stringify(saved, null, 2)}\n`);
    }
    assert.deepEqual(process.env.UPDATE_FLOWS ? [] : differing, []);
  });
});

/** A group is as large as the fonts of a machine make its nodes: it keeps the size that it has. */
function withSize(written: Saved, file: Saved): Saved {
  if (written.type !== 'group') return written;
  const { x, y, w, h } = file;
  return { ...written, x, y, w, h };
}
