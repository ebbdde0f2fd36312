import assert from 'node:assert/strict';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Bench } from './kit.ts';

type Records = Record<string, Record<string, unknown>>;

describe('sandbox: the page of a large server', () => {
  const CHANNELS = 50;
  const MESSAGES = 200;
  const MEMBERS = 500;
  let bench: Bench;
  let browser: TestBrowser;
  before(async function () {
    browser = await openBrowser(this);
    bench = await Bench.start();
    const load = async (document: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${bench.url}/sandbox/load`, {
        method: 'POST',
        headers,
        body: JSON.stringify(document),
      });
      assert.equal(answer.status, 200, await answer.text());
    };
    const channels = Array.from({ length: CHANNELS }, (_, index) => ({ name: `channel-${index}`, type: 'text' }));
    const members = Array.from({ length: MEMBERS }, (_, index) => ({ username: `driver-${index}` }));
    await load({ format: 1, guilds: [{ name: 'Large', channels, members }] });
    // One message shows how they are kept; the others go in as records, for sent one by one they would take long.
    await bench.control('say', { as: 'driver-0', channel: 'channel-0', content: 'first' });
    const document = (await (await fetch(`${bench.url}/sandbox/save`)).json()) as {
      messages: Records;
      channels: Records;
    };
    const [kept] = Object.values(document.messages);
    for (const [channel, { id: channel_id }] of Object.values(document.channels).entries()) {
      for (let index = 0; index < MESSAGES; index++) {
        const id = String(BigInt(String(kept?.id)) + BigInt(1 + channel * MESSAGES + index));
        const content = `**message ${index}** of channel ${channel}`;
        document.messages[id] = { ...kept, id, channel_id, content };
      }
    }
    await load(document);
  });
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });

  it('draws only what is open, and stays where it is when more comes', async () => {
    const page = await browser.newPage(bench.url);
    const articles = page.getByRole('log').getByRole('article');
    await articles.filter({ hasText: 'message 199 of channel 0' }).waitFor();
    assert.equal(await articles.count(), 50);
    const log = page.getByRole('log');
    await log.evaluate((node) => node.scrollTo(0, 0));
    await articles.filter({ hasText: 'message 100 of channel 0' }).waitFor({ state: 'attached' });
    await log.evaluate((node) => node.scrollTo(0, 500));
    const top = () => log.evaluate((node) => node.scrollTop);
    const before = await top();
    const field = page.getByRole('combobox', { name: /^Message #channel-0/ });
    await field.fill('half a');
    await bench.control('say', { as: 'driver-3', channel: 'channel-0', content: 'a new one' });
    await bench.control('say', { as: 'driver-3', channel: 'channel-1', content: 'elsewhere' });
    await page.getByRole('button', { name: 'channel-1 (unread)', exact: true }).waitFor();
    assert.equal(await top(), before);
    await page.keyboard.type(' thought');
    assert.equal(await field.inputValue(), 'half a thought');
    await page.getByRole('button', { name: 'Jump to newest' }).click();
    await articles.filter({ hasText: 'a new one' }).waitFor();
    await page.getByRole('button', { name: 'channel-49', exact: true }).click();
    await articles.filter({ hasText: 'message 199 of channel 49' }).waitFor();
    assert.equal(await articles.count(), 50);
    assert.equal(await page.locator('.members .member').count(), MEMBERS + 1);
    assert.deepEqual(browser.problems, []);
  });
});
