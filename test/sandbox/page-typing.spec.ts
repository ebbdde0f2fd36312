import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Bench, eventually } from './kit.ts';
import { answer, COMMANDS } from './page-bot.ts';

describe('sandbox: the page, as somebody types', () => {
  let bench: Bench;
  let browser: TestBrowser;
  let page: Page;

  before(async function () {
    browser = await openBrowser(this);
    bench = await Bench.start();
    await bench.bot(COMMANDS, answer);
    page = await browser.newPage(bench.url);
    await write().waitFor();
  });
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });
  afterEach(() => {
    assert.deepEqual(browser.problems.splice(0), []);
  });

  const messages = () => page.getByRole('log').getByRole('article');
  const last = () => messages().last();
  const write = () => page.getByRole('combobox', { name: /^Message/ });
  const run = async (command: string) => {
    await write().fill(`/${command} `);
    await page.keyboard.press('Enter');
  };

  it('takes the name of an option once when a command is typed', async () => {
    await write().pressSequentially('/everything title:title:1 count:count:9');
    assert.equal(await page.getByRole('combobox', { name: /^count,/ }).inputValue(), 'count:9');
    await page.getByRole('combobox', { name: /^count,/ }).fill('9');
    await page.keyboard.press('Enter');
    await last().getByText('You gave title=title:1, count=9').waitFor();
    // Who empties a field begins anew.
    await write().pressSequentially('/everything title:Cap');
    for (let letter = 0; letter < 3; letter++) await page.keyboard.press('Backspace');
    await page.keyboard.type('title:Cup count:4');
    await page.keyboard.press('Enter');
    await last().getByText('You gave title=Cup, count=4').waitFor();
  });

  it('opens an option by its typed name, and sends nothing unread', async () => {
    await write().pressSequentially('/group inner word:typed');
    await page.keyboard.press('Enter');
    await last().getByText('Inner typed').waitFor();
    const unread = page.getByRole('textbox', { name: 'Options of /group inner' });
    const sent = await messages().count();
    for (const [how, typed] of [
      ['pressSequentially', 'deeds'],
      ['fill', 'deeds'],
      ['fill', 'wort:deeds'],
    ] as const) {
      await write()[how](`/group inner ${typed}`);
      await page.keyboard.press('Enter');
      await page.getByText(`“${typed}” names no option: write it as name:value`).waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      assert.equal(await unread.inputValue(), typed);
      assert.equal(await messages().count(), sent);
      await page.keyboard.press('Escape');
    }
    await write().fill('/group inner mended');
    await unread.fill('word:mended');
    await page.keyboard.press('Enter');
    await last().getByText('Inner mended').waitFor();
    await write().fill('/group inner ');
    await page.locator('.command-name').last().click();
    await page.keyboard.type('word:clicked');
    await page.keyboard.press('Enter');
    await last().getByText('Inner clicked').waitFor();
    await run('group inner');
    await last().getByText('Inner nothing').waitFor();
  });

  it('takes quotes around a value for no part of it, typed and pasted', async () => {
    for (const [title, read] of [
      ['"a try"', 'a try'],
      ['"a count: 1"', 'a count: 1'],
      [String.raw`"\"a try\""`, '"a try"'],
      ['a "try"', 'a "try"'],
    ]) {
      const command = `/everything title:${title} colour:"red" count:"3"`;
      for (const how of ['pressSequentially', 'fill'] as const) {
        const sent = await messages().count();
        await write()[how](command);
        await page.keyboard.press('Enter');
        await eventually('the command is sent', async () => (await messages().count()) > sent);
        await last().getByText(`You gave title=${read}, count=3, colour=red`).waitFor();
      }
    }
  });

  it('shows what comes of sending, also to who had scrolled up', async () => {
    const log = page.getByRole('log');
    const below = () =>
      log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
    for (let line = 1; line <= 30; line++) await bench.control('say', { as: 'bo', content: `Line ${line}` });
    await last().getByText('Line 30').waitFor();
    const newer = page.getByRole('button', { name: 'Jump to newest' });
    for (const send of [
      () => run('card'),
      () =>
        write()
          .fill('down again')
          .then(() => page.keyboard.press('Enter')),
    ]) {
      await log.evaluate((element) => {
        element.scrollTop = 0;
      });
      await newer.waitFor();
      const sent = await messages().count();
      await send();
      await eventually('it is there', async () => (await messages().count()) > sent);
      await newer.waitFor({ state: 'hidden' });
      await eventually('the end is in sight', async () => (await below()) < 2);
    }
    // A picture that arrives between a scroll and its event leaves the end in sight, too.
    await log.evaluate(async (element) => {
      const rows = element.firstElementChild as HTMLElement;
      const picture = rows.appendChild(document.createElement('div'));
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      await frame();
      picture.style.height = '20px';
      await new Promise<void>((resolve) => {
        new ResizeObserver((_entries, observer) => {
          observer.disconnect();
          setTimeout(resolve);
        }).observe(rows);
      });
      picture.style.height = '600px';
      await frame();
      await frame();
    });
    await eventually('the end is in sight', async () => (await below()) < 2);
    await newer.waitFor({ state: 'hidden' });
  });
});
