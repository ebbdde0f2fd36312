import assert from 'node:assert/strict';
import { type Client, GatewayIntentBits, type TextChannel } from 'discord.js';
import type { Locator, Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Bench, eventually } from './kit.ts';
import { answer, COMMANDS, card, held, PIXEL } from './page-bot.ts';
import { contrasts, overflow } from './page-looks.ts';

describe('sandbox: the page', () => {
  let bench: Bench;
  let browser: TestBrowser;
  let client: Client<true>;
  let general: TextChannel;
  let page: Page;

  before(async function () {
    browser = await openBrowser(this);
    bench = await Bench.start();
    const { Guilds, GuildMessages } = GatewayIntentBits;
    client = await bench.bot(COMMANDS, answer, { intents: [Guilds, GuildMessages] });
    general = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    page = await browser.newPage(bench.url);
  });
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });
  // A refusal that a test asks for is no problem of the page.
  afterEach(() => {
    const problems = browser.problems.splice(0).filter((problem) => !/status of 4\d\d/.test(problem));
    assert.deepEqual(problems, []);
  });

  const messages = () => page.getByRole('log').getByRole('article');
  const last = () => messages().last();
  const write = () => page.getByRole('combobox', { name: /^Message/ });
  /** Becomes another member by the panel. */
  const be = async (name: string) => {
    await page.getByRole('button', { name: /^You are/ }).click();
    await page.getByLabel('Find a member by name or role').fill(name);
    await page.getByRole('dialog').getByRole('button', { name }).first().click();
    await page.getByRole('button', { name: new RegExp(`^You are ${name}`) }).waitFor();
  };
  const run = async (command: string) => {
    await write().fill(`/${command} `);
    await page.keyboard.press('Enter');
  };

  it('shows what is written, as it is written, edited and deleted', async () => {
    await page.getByRole('heading', { name: 'Guildhall Demo', exact: true }).waitFor();
    await write().fill('Hello **you**, <img src=x onerror=alert(1)>');
    await page.keyboard.press('Enter');
    await last().getByText('Hello you').waitFor();
    assert.equal(await last().locator('strong').textContent(), 'you');
    assert.equal(await last().locator('img').count(), 0);
    const sent = await general.send(
      `For <@${await bench.memberId('ana')}> and <@&${await bench.roleId('Elite')}>\n> quoted`,
    );
    await last().getByText('@Ana Souza').waitFor();
    assert.equal(await last().locator('blockquote').textContent(), 'quoted');
    assert.equal(await last().getByText('APP').count(), 1);
    await sent.edit('Something else');
    await last().getByText('Something else(edited)').waitFor();
    await sent.delete();
    await messages().filter({ hasText: 'Something else' }).waitFor({ state: 'detached' });
    await bench.control('say', {
      as: 'bo',
      channel: 'credit-approvals',
      content: `<@${await bench.memberId('ana')}> look`,
    });
    const entry = page.getByRole('navigation', { name: 'Channels' }).getByRole('button', { name: 'credit-approvals' });
    await entry.getByText('1').waitFor();
    await entry.click();
    await last().getByText('@Ana Souza look').waitFor();
    await page.getByRole('button', { name: /^general/ }).click();
    assert.equal(await entry.getByText('1').count(), 0);
  });

  it('lists commands, and fills in options of every type', async () => {
    await write().fill('/');
    const list = page.getByRole('listbox', { name: 'Commands and mentions' });
    await list.getByRole('option', { name: '/group inner' }).waitFor();
    assert.equal(await list.getByText('/hidden').count(), 0);
    await write().fill('/every');
    await list.getByRole('option', { name: '/everything' }).click();
    const field = (name: string) => page.getByRole('combobox', { name: new RegExp(`^${name},`) });
    const add = async (name: string) => page.getByRole('button', { name: `+ ${name}`, exact: true }).click();
    const pick = async (name: string, option: string) => {
      await add(name);
      await page.getByRole('option', { name: option, exact: true }).click();
    };
    await field('title').fill('x');
    await field('count').fill('51');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Must have at least 2 characters').waitFor();
    await field('title').fill('Cup "one"');
    await page.keyboard.press('Enter');
    await page.getByText('The value must be at most 50').waitFor();
    await field('count').fill('7');
    // Enter takes what is marked, in an option that may stay empty too.
    await add('colour');
    await page.getByRole('option', { name: 'red', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await add('share');
    await field('share').fill('0.5');
    await pick('loud', 'True');
    await add('who');
    await field('who').fill('bo');
    await page.getByRole('option', { name: 'Bo Lærke bo' }).click();
    await pick('where', 'announcements');
    await pick('role', '@Elite');
    await pick('whom', '@Bronze');
    await add('city');
    await field('city').fill('a');
    await page.getByRole('option', { name: 'Accra' }).click();
    await page.getByRole('button', { name: '+ picture' }).click();
    await page
      .locator('.option input[type=file]')
      .setInputFiles({ name: 'a pixel.png', mimeType: 'image/png', buffer: PIXEL });
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await last().getByText('You gave').waitFor();
    const ids = [
      await bench.memberId('bo'),
      await bench.channelId('announcements'),
      await bench.roleId('Elite'),
      await bench.roleId('Bronze'),
    ];
    const [bo, announcements, elite, bronze] = ids;
    assert.equal(
      await last().locator('.markdown').textContent(),
      `You gave title=Cup "one", count=7, colour=red, share=0.5, loud=true, who=${bo}, where=${announcements}, role=${elite}, whom=${bronze}, city=ACCRA, picture=a pixel.png`,
    );
    await last().getByText('Ana Souza').waitFor();
    assert.equal(await last().getByText('/everything').count(), 1);
  });

  it('shows embeds, files, buttons, menus and modals, and what becomes of them', async () => {
    await run('card');
    const shown = messages().filter({ has: page.getByRole('button', { name: 'Approve' }) });
    await shown.getByRole('link', { name: 'A request' }).waitFor();
    assert.equal(await shown.getByText('<script>alert(1)</script>').count(), 1);
    const image = shown.locator('.embed img');
    await eventually('the picture is there', () =>
      image.evaluate((node) => (node as HTMLImageElement).naturalWidth === 1),
    );
    await shown.getByRole('button', { name: /^Numbers/ }).click();
    const options = page.getByRole('listbox', { name: 'Numbers' }).getByRole('option');
    await options.nth(0).click();
    await options.nth(2).click();
    await options.nth(1).click();
    await page.getByText('Choose at most 2').waitFor();
    await page.keyboard.press('Escape');
    await last().getByText('Chosen: one and three').waitFor();
    await last().getByText('Only you can see this').waitFor();
    await shown.getByRole('button', { name: /^Somebody/ }).click();
    await page.getByRole('combobox', { name: 'Search in Somebody' }).fill('lukas');
    await page.keyboard.press('Enter');
    await last()
      .getByText(`Chosen: ${await bench.memberId('lukas')}`)
      .waitFor();
    await last().getByRole('button', { name: 'Dismiss message' }).click();
    await page.getByText(`Chosen: ${await bench.memberId('lukas')}`).waitFor({ state: 'detached' });

    await shown.getByRole('button', { name: 'Why?' }).click();
    const modal = page.getByRole('dialog', { name: 'A form' });
    await modal.getByLabel('Reason').fill('why');
    await modal.getByRole('button', { name: 'Submit' }).click();
    await modal.getByText('needs at least 5 characters').waitFor();
    await modal.getByLabel('Reason').fill('because');
    await modal.getByRole('button', { name: 'Submit' }).click();
    await last().getByText('The reason is because').waitFor();
    await shown.getByRole('button', { name: 'Ignore' }).click();
    await shown.getByText('This interaction failed: The application did not respond').waitFor();
    await shown.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved').waitFor();
    await general.send(card());
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove' }).waitFor({ state: 'detached' });
  });

  it('takes files, choices and marks in modals', async () => {
    await run('details');
    const modal = page.getByRole('dialog', { name: 'The details' });
    const submit = modal.getByRole('button', { name: 'Submit' });
    await submit.click();
    await modal.getByText('“Tyres” is required').waitFor();
    await modal.getByRole('group', { name: 'Tyres' }).getByLabel('hard').check();
    for (const day of ['fri', 'sat', 'sun']) await modal.getByRole('group', { name: 'Days' }).getByLabel(day).check();
    await submit.click();
    await modal.getByText('“Days” takes at most 2').waitFor();
    await modal.getByLabel('fri').uncheck();
    await modal.getByLabel('I know the rules').check();
    await modal.getByLabel('Proof').setInputFiles({ name: 'lap.txt', mimeType: 'text/plain', buffer: PIXEL });
    await submit.click();
    await last().getByText('hard sat sun true lap.txt').waitFor();
  });

  it('uses commands on members and messages', async () => {
    await page
      .getByRole('complementary', { name: 'Members' })
      .getByRole('button', { name: /Bo Lærke/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Greet' }).click();
    await last().getByText('Hello @Bo Lærke').waitFor();
    assert.equal(await last().getByText('Greet', { exact: true }).count(), 1);
    await general.send('Something odd');
    await last().getByText('Something odd').waitFor();
    await last().hover();
    await last().getByRole('button', { name: 'Commands to use on this message' }).click();
    await page.getByRole('button', { name: 'Report this' }).click();
    await last().getByText('Reported: Something odd').waitFor();
    await last().getByRole('button', { name: 'Dismiss message' }).click();
  });

  it('says who is thinking, and that nothing came', async () => {
    await run('slow');
    await last().getByText('guildhall is thinking…').waitFor();
    await eventually('the command is held', () => held.length > 0);
    held.shift()?.();
    await last().getByText('It took a while').waitFor();
    assert.equal(await last().getByText('(edited)').count(), 0);
    await run('silent');
    await page.getByText('Sending command…').waitFor();
    await last().getByText('The application did not respond').waitFor();
    await last().getByRole('button', { name: 'Dismiss message' }).click();
    await page.getByText('The application did not respond').last().waitFor({ state: 'detached' });
    await general.sendTyping();
    await page.getByText('guildhall is typing…').waitFor();
  });

  it('takes a whole command as somebody would paste it, and blanks around a number', async () => {
    await write().fill('/everything count: 7 title:Cup 10:30 share:0.5');
    await page.keyboard.press('Enter');
    await last().getByText('You gave title=Cup 10:30, count=7, share=0.5').waitFor();
    await write().fill('/everything title:Cup');
    const count = page.getByRole('combobox', { name: /^count,/ });
    await count.fill(' 8');
    await page.keyboard.press('Enter');
    await last().getByText('You gave title=Cup, count=8').waitFor();
  });

  it('shows ephemeral answers to nobody else', async () => {
    await run('secret');
    await last().getByText('Nobody else reads this').waitFor();
    await be('Bo Lærke');
    assert.ok((await messages().count()) > 0);
    assert.equal(await page.getByText('Nobody else reads this').count(), 0);
    await be('Ana Souza');
    await page.getByText('Nobody else reads this').waitFor();
  });

  it('sends files and mentions', async () => {
    await page
      .locator('.composer > input[type=file]')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
    await write().pressSequentially('for @luk');
    await page.getByRole('option', { name: 'Lukas Müßig' }).click();
    await page.keyboard.press('Enter');
    await last().getByText('@Lukas Müßig').waitFor();
    const href = await last().getByRole('link', { name: 'notes.txt' }).getAttribute('href');
    assert.equal(await (await fetch(new URL(href ?? '', bench.url))).text(), 'notes');
    assert.deepEqual((await bench.state()).channels[0]?.messages.at(-1)?.mentions, [await bench.memberId('lukas')]);
  });

  it('shows reactions, threads, webhooks and voice, and lets members edit and delete', async () => {
    await write().fill('a tpyo');
    await page.keyboard.press('Enter');
    const own = messages().filter({ hasText: 'a tpyo' });
    await own.hover();
    await own.getByRole('button', { name: 'Edit message' }).click();
    await page.getByRole('textbox', { name: 'Edit message' }).fill('no typo');
    await page.keyboard.press('Enter');
    const edited = messages().filter({ hasText: 'no typo' });
    await edited.getByText('(edited)').waitFor();
    await edited.hover();
    await edited.getByRole('button', { name: 'Add a reaction' }).click();
    await edited.getByRole('button', { name: '🎉', exact: true }).click();
    await edited.getByRole('button', { name: '🎉, by Ana Souza', pressed: true }).waitFor();
    const sent = (await general.messages.fetch({ limit: 10 })).find(({ content }) => content === 'no typo');
    await sent?.react('🎉');
    await edited.getByRole('button', { name: '🎉, by Ana Souza, guildhall' }).click();
    await edited.getByRole('button', { name: '🎉, by guildhall', pressed: false }).waitFor();
    const thread = await sent?.startThread({ name: 'race-day' });
    await edited.getByRole('button', { name: 'race-day' }).waitFor();
    await thread?.send('in the thread');
    await page.getByRole('navigation', { name: 'Channels' }).getByRole('button', { name: 'race-day' }).click();
    await last().getByText('in the thread').waitFor();
    await page.getByRole('navigation', { name: 'Channels' }).getByRole('button', { name: 'Lounge' }).click();
    await page.getByRole('button', { name: 'Join voice' }).click();
    await page.locator('.talker').getByText('Ana Souza').waitFor();
    await page.getByRole('button', { name: 'Leave voice' }).click();
    await page.locator('.talker').waitFor({ state: 'detached' });
    await page.getByRole('navigation', { name: 'Channels' }).getByRole('button', { name: 'general' }).click();
    const webhook = await general.createWebhook({ name: 'News' });
    await webhook.send({ content: 'All is well', username: 'Herald' });
    await last().getByText('Herald').waitFor();
    await edited.hover();
    await edited.getByRole('button', { name: 'Delete message' }).click();
    await edited.waitFor({ state: 'detached' });
  });

  it('can be used with the keyboard alone', async () => {
    await general.send(card());
    await page.reload();
    await last().getByText('A request').waitFor();
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
    /** Tabs until the focus is on what is called so. */
    const tabTo = async (name: string, key = 'Tab') => {
      for (let step = 0; step < 80; step++) {
        if ((await focused()).startsWith(name)) return;
        await keyboard.press(key);
      }
      assert.fail(`the focus never came to ${name}; it is on ${await focused()}`);
    };
    await page.getByRole('heading', { name: 'Guildhall Demo', exact: true }).waitFor();
    await keyboard.press('Tab');
    assert.equal(await focused(), 'Write a message');
    await keyboard.press('Enter');
    await keyboard.type('/gro');
    await keyboard.press('Enter');
    await tabTo('+ word');
    await keyboard.press('Enter');
    await keyboard.type('deeds');
    await keyboard.press('Enter');
    await last().getByText('Inner deeds').waitFor();

    await keyboard.type('/everything title:Cup count:3 who:bo');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await last()
      .getByText(`title=Cup, count=3, who=${await bench.memberId('bo')}`)
      .waitFor();

    await tabTo('Messages in general', 'Shift+Tab');
    await tabTo('Why?');
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'A form' }).waitFor();
    await keyboard.type('by keyboard');
    await tabTo('Submit');
    await keyboard.press('Enter');
    await last().getByText('The reason is by keyboard').waitFor();
    await tabTo('Numbers');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    await last().getByText('Chosen: two').waitFor();
    assert.match(await focused(), /^Numbers/);

    await tabTo('You are', 'Shift+Tab');
    await keyboard.press('Enter');
    await keyboard.type('chen');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: /^You are 陈晨/ }).waitFor();
    await tabTo('Under the hood');
    await keyboard.press('Enter');
    await keyboard.press('ArrowLeft');
    await page.getByRole('tabpanel', { name: 'Faults' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('tabpanel', { name: 'Faults' }).waitFor({ state: 'hidden' });
    assert.equal(await focused(), 'Under the hood');
    await be('Ana Souza');
  });

  it('fits a telephone, and can be read in the dark', async () => {
    const phone = await browser.newPage(bench.url, { width: 390, height: 800, dark: true });
    const channels = phone.getByRole('button', { name: 'Channels and servers' });
    const shown: [string, () => Promise<unknown>, Locator][] = [
      ['messages', async () => {}, phone.getByText('A request').last()],
      ['channels', () => channels.click(), phone.getByRole('heading', { name: 'Voice' })],
      [
        'another channel',
        () => phone.getByRole('button', { name: 'announcements' }).click(),
        phone.getByText('Welcome to #announcements'),
      ],
      ['members', () => phone.getByRole('button', { name: 'Members' }).click(), phone.getByText('Lukas Müßig')],
      ['a member', () => phone.getByRole('button', { name: 'Amara Okafor' }).click(), phone.getByRole('dialog')],
      ['a channel again', () => phone.keyboard.press('Escape'), phone.locator('dialog[open]')],
    ];
    const room = await phone.getByRole('combobox', { name: /^Message/ }).evaluate((field: HTMLTextAreaElement) => {
      const { font, paddingLeft, paddingRight } = getComputedStyle(field);
      const canvas = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
      canvas.font = font;
      const inside = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      return inside - canvas.measureText(field.placeholder).width;
    });
    assert.ok(room >= 0, `the placeholder is cut by ${-room} pixels`);
    await channels.click();
    await phone.keyboard.press('Escape');
    await phone.locator('.column.start.open').waitFor({ state: 'detached' });
    for (const [what, open, seen] of shown) {
      await open();
      await seen.waitFor({ state: what === 'a channel again' ? 'detached' : 'visible' });
      assert.deepEqual(await overflow(phone), [], what);
      assert.deepEqual(await contrasts(phone, 4.5), [], what);
    }
    await phone.keyboard.press('Escape');
    await phone.getByRole('button', { name: 'Under the hood' }).click();
    for (const name of ['Gateway events', 'Faults', 'Requests']) {
      await phone.getByRole('tab', { name }).click();
      assert.deepEqual(await overflow(phone), [], name);
      assert.deepEqual(await contrasts(phone, 4.5), [], name);
    }
    await phone.context().close();
    assert.deepEqual(await contrasts(page, 4.5), [], 'in the light');
  });

  it('says that the sandbox is away, and goes on when it is back', async () => {
    await write().fill('half a thou');
    const { port } = bench.sandbox;
    await bench.restart();
    await page.getByText('The sandbox is back').waitFor();
    assert.equal(bench.sandbox.port, port);
    await bench.control('say', { as: 'bo', content: 'good to see you' });
    await last().getByText('good to see you').waitFor();
    assert.equal(await write().inputValue(), 'half a thou');
    assert.match((await browser.problems.splice(0)).join(), /ERR_|^$/);
  });
});
