import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Editor } from '../support/editor.ts';
import { Guildhall, until } from '../support/guildhall.ts';

const CARD_TAB = 'credits.json';

describe("flows in an admin's hands", () => {
  let hall: Guildhall;
  let browser: TestBrowser;
  let editor: Editor;

  before(async function () {
    this.timeout(60_000);
    browser = await openBrowser(this);
    hall = await Guildhall.start();
    editor = await Editor.open(await browser.newPage('about:blank', { width: 1440, height: 900 }), hall);
  });
  after(async () => {
    await browser?.close();
    await hall?.remove();
  });

  const files = (): Map<string, string> =>
    new Map(
      readdirSync(hall.flows)
        .filter((name) => name.endsWith('.json'))
        .map((name) => [name, readFileSync(join(hall.flows, name), 'utf8')]),
    );
  const nodeNamed = (name: string) =>
    editor.page.locator('g.red-ui-flow-node-group', { has: editor.page.getByText(name, { exact: true }) });
  const rename = async (from: string, to: string): Promise<void> => {
    const id = await nodeNamed(from).getAttribute('id');
    await editor.edit(String(id));
    await editor.page.fill('#node-input-name', to);
    await editor.done();
  };

  it('lets the flow approve small requests by itself, as the first steps of the README say', async () => {
    const before = files();
    const idOf = async (name: string) => String(await nodeNamed(name).getAttribute('id'));
    const [event, card] = [await idOf('credit.requested'), await idOf('card in #credit-approvals')];
    const small = await editor.dropOnWire('switch', event, card);
    const dialog = await editor.edit(small);
    const typed = (row: Locator) => row.locator('.red-ui-typedInput-input:visible');
    await typed(dialog.locator('.form-row').filter({ hasText: 'Property' })).fill('payload.request.amount');
    const rules = dialog.locator('#node-input-rule-container > li');
    await rules.locator('select').selectOption({ label: '<' });
    await typed(rules).fill('10');
    await dialog.locator('.red-ui-editableList-addButton').click();
    await rules.nth(1).locator('select').selectOption({ label: 'otherwise' });
    await editor.done();
    await editor.cut(small, card);
    await editor.wire(small, card, 1);
    const policy = await editor.drag('guildhall-credit-decision', 330, 460);
    const decides = await editor.edit(policy);
    await decides.locator('[data-field="as"] select').selectOption({ label: 'this flow, by itself' });
    await editor.done();
    await editor.wire(small, policy, 0);
    await editor.wire(policy, card, 1);
    const wires = new Map((await editor.saved()).map((node) => [node.id, node.wires]));
    assert.deepEqual(
      [wires.get(event), wires.get(small), wires.get(policy)],
      [[[small]], [[policy], [card]], [[], [card]]],
    );
    const { pid } = hall;
    assert.equal(await editor.deploy(), 200);
    const approved = await hall.ask('ana', 5);
    await until('the direct message', async () =>
      (await hall.directMessages('ana')).some(({ content }) => content.includes(`#${approved} `)),
    );
    const big = await hall.ask('ana', 25);
    await hall.card(big);
    const cards = (await hall.messages('credit-approvals')).map(({ embeds }) => embeds[0]?.title ?? '');
    assert.equal(cards.length, 1, cards.join());
    assert.equal((await hall.balances('ana')).ai, 5);
    assert.equal(hall.pid, pid);
    const after = files();
    assert.deepEqual(
      [...after.keys()].filter((name) => after.get(name) !== before.get(name)),
      [CARD_TAB],
    );
  });

  it('adds to a score by the command that the README has one type', async () => {
    const page = await browser.newPage(`http://127.0.0.1:${hall.sandboxPort}/?as=bo&channel=general`);
    const write = page.getByRole('combobox', { name: /^Message/ });
    await write.pressSequentially('/score add player:player:1 metric:deals_closed amount:3 reason:"a try"');
    await page.keyboard.press('Enter');
    await page.getByRole('article').last().getByText('Ana Souza').waitFor();
    await until('the score', async () => {
      const answer = await fetch(`${hall.base}/api/leaderboard`);
      const { entries } = (await answer.json()) as { entries: { player: { name: string }; score: number }[] };
      return entries[0]?.player.name === 'Ana Souza' && entries[0].score === 300;
    });
    await page.context().close();
  });

  it('renames a tab: one line of one file', async () => {
    const before = files();
    await editor.page.locator('#red-ui-workspace-tabs .red-ui-tab', { hasText: 'Credits' }).dblclick();
    await editor.page.fill('#node-input-name', 'Credits of the guild');
    await editor.done();
    assert.equal(await editor.deploy(), 200);
    const after = files();
    assert.deepEqual([...after.keys()], [...before.keys()]);
    const changed = [...after].flatMap(([name, text]) => changedLines(before.get(name) ?? '', text));
    assert.deepEqual(changed, ['"label": "Credits of the guild",']);
  });

  it('changes the description of an option: one line of one file', async () => {
    const before = files();
    const dialog = await editor.edit(String(await nodeNamed('/request ai-credit').getAttribute('id')));
    const options = dialog.locator('[data-field="options"]');
    await options.getByText('amount').click();
    await options.locator('[data-column="description"] input:visible').first().fill('How many AI credits');
    await editor.done();
    assert.equal(await editor.deploy(), 200);
    const after = files();
    assert.deepEqual([...after.keys()], [...before.keys()]);
    const changed = [...after].flatMap(([name, text]) => changedLines(before.get(name) ?? '', text));
    assert.deepEqual(changed, ['"description": "How many AI credits",']);
  });

  it('keeps what was changed in a file and what was changed in the editor meanwhile', async () => {
    const path = join(hall.flows, CARD_TAB);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"name": "edit the card"', '"name": "edit the card, outside"'),
    );
    await rename('note the card', 'note the card, inside');
    // Refused in words, and nothing is overwritten.
    assert.equal(await editor.deploy(), 400);
    const notice = editor.page.locator('.red-ui-notification', { hasText: CARD_TAB });
    await notice.waitFor();
    assert.match(await notice.innerText(), /^Deploy failed: Nothing was saved: credits\.json changed/);
    assert.match(readFileSync(path, 'utf8'), /edit the card, outside/);
    // As the sentence says: load what lies there, then deploy again; the editor merges the two.
    await editor.page.locator('#red-ui-header-button-deploy-options').click();
    await editor.page.locator('#deploymenu-item-reload, [id*="deploymenu-item-reload"]').first().click();
    await editor.page.locator('.red-ui-notification-success', { hasText: /restarted/i }).waitFor();
    await editor.page.locator('#red-ui-header-button-deploy').click();
    await editor.page.locator('#red-ui-deploy-dialog-confirm-deploy-merge:not(.disabled)').click();
    assert.equal(await editor.deploy(), 200);
    const text = readFileSync(path, 'utf8');
    assert.match(text, /edit the card, outside/);
    assert.match(text, /note the card, inside/);
  });

  it('says that a setting is wrong before anything is deployed', async () => {
    const id = await nodeNamed('/profile').or(nodeNamed('profile')).first().getAttribute('id');
    const dialog = await editor.edit(String(id));
    await editor.page.fill('#node-input-command', 'Not A Command!');
    await dialog.locator('[data-field="command"] .guildhall-problem', { hasText: /\w/ }).waitFor();
    await editor.done();
    await editor.node(String(id)).locator('.red-ui-flow-node-error:not(.hide)').waitFor();
    await editor.page.locator('#red-ui-header-button-deploy').click();
    await editor.page.locator('.red-ui-notification', { hasText: /not properly configured/ }).waitFor();
  });

  it('restarts with one broken flow file and loses nothing', async () => {
    await hall.end();
    const before = files();
    writeFileSync(join(hall.flows, CARD_TAB), '[\n<<<<<<< HEAD\n{}\n');
    await hall.start();
    assert.match(hall.output, /credits\.json holds merge markers \(line 2\)/);
    const again = await Editor.open(await browser.newPage('about:blank', { width: 1440, height: 900 }), hall);
    await again.page.locator('.red-ui-notification', { hasText: CARD_TAB }).waitFor();
    const broken = files();
    for (const [name, text] of before) if (name !== CARD_TAB) assert.equal(broken.get(name), text);
    writeFileSync(join(hall.flows, CARD_TAB), before.get(CARD_TAB) ?? '');
    await hall.admin('flows', {}, { 'node-red-deployment-type': 'reload' });
    await until('the flows', async () => (await hall.health()).code === 200);
    assert.deepEqual(files(), before);
  });
});

/** The lines of a text that an older one had otherwise, trimmed. */
function changedLines(before: string, after: string): string[] {
  const old = before.split('\n');
  return after
    .split('\n')
    .filter((line, index) => line !== old[index])
    .map((line) => line.trim());
}
