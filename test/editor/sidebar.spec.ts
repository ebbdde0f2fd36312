import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Editor } from '../support/editor.ts';
import { Guildhall } from '../support/guildhall.ts';

/** What a page uses of the editor's own global. */
interface Helped {
  RED: { sidebar: { show(tab: string): void; help: { show(type: string): void } } };
}

describe('the sidebar tab Discord', () => {
  let hall: Guildhall;
  let browser: TestBrowser;
  let page: Page;
  let editor: Editor;
  let tab: Locator;
  const section = (name: string) => tab.locator(`[data-section="${name}"]`);

  before(async function () {
    browser = await openBrowser(this);
    hall = await Guildhall.start();
    page = await browser.newPage('about:blank');
    editor = await Editor.open(page, hall);
    await page.getByRole('button', { name: 'Discord', exact: true }).click();
    tab = page.locator('#guildhall-sidebar');
  });

  after(async () => {
    await browser?.close();
    await hall?.remove();
  });

  it('says how the bot is connected, and that Discord has the commands', async () => {
    await section('connection').getByText('Connected as').waitFor();
    await section('connection').getByText('Calls in the last second').waitFor();
    const row = section('commands').getByRole('listitem').filter({ hasText: '/request ai-credit' });
    assert.match(await row.innerText(), /registered/);
  });

  it('runs a command in the sandbox and shows the answer with its way through the nodes', async () => {
    const credits = await editor.tab();
    await editor.addTab();
    const rehearsal = section('rehearsal');
    await rehearsal.locator('#guildhall-member option').nth(1).waitFor({ state: 'attached' });
    await rehearsal.getByLabel('Command').fill('/request ai-credit amount:25');
    await rehearsal.getByRole('button', { name: 'Run' }).click();
    await rehearsal
      .getByRole('status')
      .getByText(/request #\d+/i)
      .waitFor();

    const trace = section('traces').getByRole('listitem').filter({ hasText: '/request ai-credit' }).first();
    await trace.getByText(/with amount.*answered after [\d.,]+ m?s/).waitFor();
    const steps = trace.getByRole('list').getByRole('button');
    assert.deepEqual(
      (await steps.allInnerTexts()).map((step) => step.split('\n')[0]),
      ['/request ai-credit', 'ask for AI credits', 'tell the member'],
    );
    for (const step of await steps.allInnerTexts()) assert.match(step, /\d m?s/);
    assert.match((await steps.nth(1).innerText()) ?? '', /done/);

    await steps.nth(1).click();
    await page.waitForFunction(
      (id) => (globalThis as unknown as { RED: { workspaces: { active(): string } } }).RED.workspaces.active() === id,
      credits,
    );
  });

  it('presses a button of the answer', async () => {
    const rehearsal = section('rehearsal');
    await rehearsal.getByLabel('Command').fill('/request list');
    await rehearsal.getByRole('button', { name: 'Run' }).click();
    await rehearsal
      .getByRole('button', { name: /Cancel/ })
      .first()
      .click();
    await rehearsal
      .getByRole('status')
      .getByText(/cancelled/i)
      .first()
      .waitFor();
  });

  it('says what Discord’s own client would refuse', async () => {
    await section('rehearsal').getByLabel('Command').fill('/request ai-credit amount:many');
    await section('rehearsal').getByRole('button', { name: 'Run' }).click();
    await section('rehearsal')
      .getByRole('status')
      .getByText(/amount/)
      .waitFor();
  });

  it('shows a missing permission with the one thing to do', async () => {
    await hall.faults({ permission: 'EMBED_LINKS' });
    const again = section('findings').getByRole('button', { name: 'Check again' });
    await again.click();
    const finding = section('findings').locator('.guildhall-finding').filter({ hasText: 'Embed Links' }).first();
    await finding.locator('.guildhall-fix').waitFor();
    assert.equal(await section('findings').getByRole('link').getAttribute('href'), '/editor/guildhall/setup');
    await hall.clearFaults();
    await again.click();
    await finding.locator('.guildhall-fix').waitFor({ state: 'detached' });
    const asked = async () =>
      (await hall.sandbox<{ route: string }[]>('log')).filter(({ route }) => route === '/applications/@me').length;
    const before = await asked();
    await Promise.all(Array.from({ length: 20 }, () => hall.admin('guildhall/findings?again=1')));
    assert.ok((await asked()) - before <= 2, 'a crowd of questions is one examination');
  });

  it('says which commands the next deploy registers, and that they are', async () => {
    await editor.addTab();
    const node = await editor.drag('guildhall-slash-command', 200, 120);
    await editor.edit(node);
    await page.fill('#node-input-command', 'ping');
    await page.fill('#node-input-description', 'Says hello');
    await editor.done();
    const row = section('commands').getByRole('listitem').filter({ hasText: '/ping' });
    await row.getByText('registers when you deploy').waitFor();
    assert.equal(await editor.deploy(), 200);
    await row.getByText('registered', { exact: true }).waitFor();
  });

  it('folds its sections with the keyboard, and remembers it', async () => {
    const toggle = section('connection').getByRole('button', { name: /Connection/ });
    await toggle.focus();
    await page.keyboard.press('Enter');
    assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
    assert.equal(await section('connection').getByText('Connected as').isVisible(), false);
    assert.match(String(await page.evaluate(() => localStorage.getItem('guildhall.sidebar.closed'))), /connection/);
  });

  it('speaks German with palette, dialogs, help and what was examined', async () => {
    const german = await browser.newPage('about:blank', { locale: 'de-DE' });
    const deutsch = await Editor.open(german, hall);
    const palette = german.locator('.red-ui-palette-node[data-palette-type="guildhall-reply"]');
    assert.equal(await palette.getAttribute('data-palette-label'), 'Antwort');

    // Node-RED remembers for a user which tabs stand open; a press could as well close this one.
    await german.evaluate(() => (globalThis as unknown as Helped).RED.sidebar.show('guildhall-sidebar'));
    const side = german.locator('#guildhall-sidebar');
    await side.getByText('Verbunden als').waitFor();
    const findings = side.locator('[data-section="findings"]');
    await findings.getByText(/\d+ Prüfungen in Ordnung/).click();
    await findings.getByText('Der Bot ist verbunden').waitFor();

    await deutsch.addTab();
    const node = await deutsch.drag('guildhall-slash-command', 200, 120);
    const dialog = await deutsch.edit(node);
    const command = dialog.locator('[data-field="command"]');
    assert.equal((await command.locator('label').innerText()).trim(), 'Befehl');
    await german.fill('#node-input-command', 'GROSS!');
    await command.getByText('Ein bis drei Wörter aus Kleinbuchstaben').waitFor();
    await german.locator('#node-dialog-cancel').click();
    await deutsch.node(node).locator('.red-ui-flow-port-output .red-ui-flow-port').first().hover();
    await german.locator('.red-ui-flow-port-tooltip').getByText('Befehl benutzt').waitFor();

    await german.keyboard.press('Escape');
    await german.evaluate(() => (globalThis as unknown as Helped).RED.sidebar.help.show('guildhall-reply'));
    await german.getByText('Antwortet dem Mitglied, das einen Befehl benutzt').waitFor();
    await german.close();
  });

  it('answers nobody who is not signed in', async () => {
    const get = ['overview', 'traces', 'traces/1', 'findings', 'rehearsal'];
    const post = ['command', 'press', 'submit', 'commands/register'];
    const asked = [...get.map((path) => [path, 'GET']), ...post.map((path) => [path, 'POST'])];
    for (const [path, method = 'GET'] of asked) {
      const { status } = await fetch(`${hall.base}/editor/guildhall/${path}`, { method });
      assert.equal(status, 401, path);
    }
  });

  it('keeps in its traces nothing that a member wrote', async () => {
    const { username } = (await hall.state()).members.find(({ bot }) => !bot) ?? { username: '' };
    await hall.command(username, '/request lead-credit amount:7 reason:"between us only"');
    const { traces } = await hall.admin<{ traces: { id: number; options: string[] }[] }>('guildhall/traces');
    const whole = await Promise.all(traces.map(({ id }) => hall.admin<object>(`guildhall/traces/${id}`)));
    assert.ok(traces.some(({ options }) => options.includes('reason')));
    assert.doesNotMatch(JSON.stringify([traces, whole]), /between us only/);
  });

  it('says so while the program is away', async () => {
    await hall.end();
    await tab.getByText('The program does not answer').waitFor();
    const unexpected = browser.problems.filter((problem) => !/40[01] \(|ERR_CONNECTION|WebSocket/.test(problem));
    assert.deepEqual(unexpected, []);
  });
});
