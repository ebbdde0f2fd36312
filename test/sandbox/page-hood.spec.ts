import assert from 'node:assert/strict';
import { GatewayIntentBits } from 'discord.js';
import type { Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Bench, eventually } from './kit.ts';

describe('sandbox: the page, under the hood', () => {
  let bench: Bench;
  let browser: TestBrowser;
  let page: Page;
  let general = '';

  before(async function () {
    browser = await openBrowser(this);
    bench = await Bench.start();
    const { Guilds, GuildMessages } = GatewayIntentBits;
    await bench.login({ intents: [Guilds, GuildMessages] });
    general = await bench.channelId('general');
    page = await browser.newPage(bench.url);
    await page.getByRole('button', { name: 'Under the hood' }).click();
  });
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });
  afterEach(() => assert.deepEqual(browser.problems.splice(0), []));

  const tab = (name: string) => page.getByRole('tab', { name }).click();
  const rows = (name: string) => page.getByRole('tabpanel', { name }).getByRole('listitem');

  it('tells each request with its verdict and its error', async () => {
    await tab('Requests');
    await bench.rest('POST', `/channels/${general}/messages`, { content: '' });
    const row = rows('Requests').first();
    await row.getByText('50006 Cannot send an empty message').waitFor();
    await bench.rest('POST', `/channels/${general}/messages`, { content: 7 });
    await row.getByText(/50035 Invalid Form Body · content: /).waitFor();
    await row.locator('summary').click();
    await row.getByText('"content": 7').waitFor();
  });

  it('tells each event, and which intent kept it back', async () => {
    await tab('Gateway events');
    await bench.control('roles', { as: 'ana', add: ['Elite'] });
    await rows('Gateway events')
      .filter({ hasText: 'GUILD_MEMBER_UPDATE' })
      .getByText('needs the intent GUILD_MEMBERS')
      .waitFor();
    await page
      .getByRole('complementary', { name: 'Members' })
      .getByRole('button', { name: 'Ana Souza' })
      .getByText('Elite')
      .waitFor();
    await bench.control('say', { as: 'ana', content: 'no content for you' });
    await rows('Gateway events').first().getByText('sent without its content').waitFor();
    // What the application did not ask for is nothing that went wrong.
    const panel = page.getByRole('tabpanel', { name: 'Gateway events' });
    await panel.getByLabel('Only what went wrong').check();
    assert.equal(await rows('Gateway events').filter({ hasText: 'intent', visible: true }).count(), 0);
    await panel.getByLabel('Only what went wrong').uncheck();
    await rows('Gateway events').filter({ hasText: 'needs the intent GUILD_MEMBERS' }).first().waitFor();
  });

  /** What the application meets while a fault is on. */
  const meets: [name: string, choice: string | null, meets: () => Promise<boolean>][] = [
    [
      'Rate limit of messages',
      null,
      async () => (await bench.rest('POST', `/channels/${general}/messages`, { content: 'x' })).status === 429,
    ],
    ['Outage', null, async () => (await bench.rest('GET', '/users/@me')).status === 503],
    ['Hang', null, () => hangs()],
    ['Gateway away', null, async () => (await connected()) === 0],
    ['Closed direct messages', null, async () => (await sendDm()) === 50007],
    ["A role above the bot's", 'Bronze', async () => (await giveRole('Bronze')) === 50013],
    ['A permission that the bot lacks', 'Manage Roles', async () => (await giveRole('Silver')) === 50013],
  ];
  const hangs = () =>
    bench.rest('GET', '/users/@me', undefined, { signal: AbortSignal.timeout(300) }).then(
      () => false,
      () => true,
    );
  const connected = async () =>
    ((await (await fetch(`${bench.url}/sandbox/state`)).json()) as { connected: number }).connected;
  const sendDm = async () => {
    const dm = (await bench.rest('POST', '/users/@me/channels', { recipient_id: await bench.memberId('ana') })).body.id;
    return (await bench.rest('POST', `/channels/${dm}/messages`, { content: 'x' })).body.code;
  };
  const giveRole = async (role: string) => {
    const path = `/guilds/${bench.sandbox.guildId}/members/${await bench.memberId('ana')}/roles/${await bench.roleId(role)}`;
    return (await bench.rest('PUT', path)).body.code;
  };
  for (const [name, choice, met] of meets) {
    it(`switches on and off: ${name}`, async () => {
      await tab('Faults');
      assert.equal(await met(), false);
      const row = page
        .getByRole('tabpanel', { name: 'Faults' })
        .getByRole('listitem')
        .filter({ has: page.getByRole('switch', { name }) });
      if (choice !== null) await row.locator('select').selectOption({ label: choice });
      const knob = row.getByRole('switch');
      await knob.click();
      await row.and(page.locator(':has([aria-checked=true])')).waitFor();
      await page.locator('.banner').getByText('On purpose:').waitFor();
      await eventually('the fault strikes', met);
      await knob.click();
      await row.and(page.locator(':has([aria-checked=false])')).waitFor();
      await eventually('the fault is gone', async () => !(await met()));
    });
  }

  it('puts everything back to normal', async () => {
    await page.getByRole('switch', { name: 'Outage' }).click();
    await page.getByRole('switch', { name: 'Closed direct messages' }).click();
    await page.locator('.banner').getByText('Ana Souza takes no direct messages').waitFor();
    await page.getByRole('button', { name: 'Everything back to normal' }).click();
    await page.locator('.banner').first().waitFor({ state: 'hidden' });
    assert.equal((await bench.rest('GET', '/users/@me')).status, 200);
    assert.notEqual(await sendDm(), 50007);
    await page.getByRole('button', { name: 'Drop the connection' }).click();
    await eventually('the bot is back', async () => (await connected()) === 1);
  });
});
