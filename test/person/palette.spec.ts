import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Editor } from '../support/editor.ts';
import { Guildhall, until } from '../support/guildhall.ts';
import { followStatus } from '../support/inside.ts';

/** What a person fills into a dialog. */
type Fill = (dialog: Locator, field: (name: string) => Locator) => Promise<void>;

describe('the palette in the hands of an admin', () => {
  let hall: Guildhall;
  let browser: TestBrowser;
  let editor: Editor;
  let row = 0;
  const dragged = new Set<string>();

  before(async function () {
    this.timeout(60_000);
    browser = await openBrowser(this);
    hall = await Guildhall.start();
    editor = await Editor.open(await browser.newPage('about:blank', { width: 1440, height: 900 }), hall);
    await editor.addTab();
  });
  after(async () => {
    await browser?.close();
    await hall?.remove();
  });

  /** Drags nodes into a row from left to right, fills them in and wires each to the next by its first output. */
  async function build(...nodes: [type: string, fill?: Fill][]): Promise<string[]> {
    row += 1;
    const ids: string[] = [];
    for (const [index, [type, fill]] of nodes.entries()) {
      const id = await editor.drag(`guildhall-${type}`, 110 + index * (nodes.length > 3 ? 210 : 280), row * 75);
      if (fill) {
        const dialog = await editor.edit(id);
        await fill(dialog, (name) => dialog.locator(`[data-field="${name}"]`));
        assert.deepEqual(await complaints(dialog), []);
        await editor.done();
      }
      const before = ids.at(-1);
      if (before) await editor.wire(before, id);
      ids.push(id);
      dragged.add(`guildhall-${type}`);
    }
    return ids;
  }
  const complaints = (dialog: Locator): Promise<string[]> =>
    dialog
      .locator('.guildhall-problem:visible')
      .allInnerTexts()
      .then((texts) => texts.filter((text) => text.trim() !== ''));

  const command =
    (name: string, description: string, option?: { name: string; takes: string }): Fill =>
    async (_dialog, field) => {
      await field('command').locator('input').first().fill(name);
      await field('description').locator('input').first().fill(description);
      if (!option) return;
      const options = field('options');
      await options.getByRole('button', { name: 'add an option' }).click();
      await options.getByLabel('Name').fill(option.name);
      await options.getByLabel('Takes').selectOption({ label: option.takes });
      await options.locator('[data-column="description"] input').first().fill(description);
      await options.getByLabel('Required').check();
    };
  const text =
    (content: string): Fill =>
    async (_dialog, field) => {
      await field('content').locator('textarea').fill(content);
    };
  const inGeneral: Fill = async (dialog, field) => {
    await field('channel').getByRole('combobox', { name: 'Channel' }).fill('gen');
    await dialog.page().getByRole('option', { name: 'general' }).click();
  };
  const general = (content: string, patience?: number): Promise<unknown> =>
    until(
      `“${content}” in #general`,
      async () => (await hall.messages('general')).some((message) => message.content === content),
      patience,
    );

  it('makes a command, an answer with a button, and what its press does', async () => {
    await build(
      ['slash-command', command('hello', 'Say hello')],
      [
        'reply',
        async (dialog, field) => {
          await text('Hello {{interaction.user.displayName}}!')(dialog, field);
          await dialog.getByRole('button', { name: 'Buttons' }).click();
          const buttons = field('buttons');
          await buttons.getByRole('button', { name: 'add a button' }).click();
          await buttons.getByLabel('Label').fill('Wave');
          await buttons.locator('[data-column="customId"] input').fill('wave:1');
        },
      ],
    );
    await build(
      ['component', async (_dialog, field) => field('customId').locator('input').first().fill('wave')],
      [
        'discord-message',
        async (dialog, field) => {
          await inGeneral(dialog, field);
          await text('{{interaction.user.username}} waves.')(dialog, field);
        },
      ],
    );
    // A schedule runs by the minute: what it does is looked for in the end.
    await build(
      [
        'schedule',
        async (_dialog, field) => {
          await field('repeat').locator('select').selectOption('cron');
          await field('cron').locator('input').first().fill('* * * * *');
        },
      ],
      [
        'discord-message',
        async (dialog, field) => {
          await inGeneral(dialog, field);
          await text('A minute has passed.')(dialog, field);
        },
      ],
    );
    assert.equal(await editor.deploy(), 200);
    const said = await until('the command', () => hall.command('ana', '/hello').catch(() => null));
    assert.match(said.messages[0]?.content ?? '', /^Hello .+!$/);
    await hall.press('ana', said.messages[0]?.id ?? '', 'Wave');
    await general('ana waves.');
  });

  it('reads who a member is and what they have', async () => {
    await build(
      ['slash-command', command('worth', 'What one has')],
      ['player'],
      ['credit-query'],
      ['reply', text('{{payload.player.name}} has {{payload.balances.ai}}')],
    );
    assert.equal(await editor.deploy(), 200);
    const { messages } = await until('the command', () => hall.command('ana', '/worth').catch(() => null));
    assert.match(messages[0]?.content ?? '', /^.+ has 0$/);
  });

  it('asks for credits, and lets a policy decide', async () => {
    await build(
      ['slash-command', command('wish', 'How many', { name: 'amount', takes: 'whole number' })],
      ['credit-request'],
      ['reply', text('Wished: {{payload.request.amount}}')],
    );
    await build(
      [
        'community-event',
        async (_dialog, field) => void (await field('event').locator('select').selectOption('credit.requested')),
      ],
      [
        'credit-decision',
        async (_dialog, field) => {
          await field('as').locator('select').selectOption({ label: 'this flow, by itself' });
          await field('request').locator('input').nth(1).fill('payload.request.id');
        },
      ],
      [
        'discord-message',
        async (dialog, field) => {
          await inGeneral(dialog, field);
          await text('Granted: {{payload.request.amount}}')(dialog, field);
        },
      ],
    );
    assert.equal(await editor.deploy(), 200);
    const { messages } = await until('the command', () => hall.command('ana', '/wish amount:7').catch(() => null));
    assert.equal(messages[0]?.content, 'Wished: 7');
    await general('Granted: 7');
    assert.equal((await hall.balances('ana')).ai, 7);
  });

  it('greets who joins, and does what is due', async function () {
    this.timeout(90_000);
    const status = await followStatus(hall);
    const [event = ''] = await build(
      [
        'discord-event',
        async (_dialog, field) => void (await field('event').locator('select').selectOption('member joined')),
      ],
      [
        'discord-message',
        async (dialog, field) => {
          await inGeneral(dialog, field);
          await text('Here is {{payload.member.username}}.')(dialog, field);
        },
      ],
    );
    assert.equal(await editor.deploy(), 200);
    await until('the node', async () => status.of(event)?.fill === 'green');
    status.stop();
    await hall.sandbox('join', { username: 'newcomer' });
    await general('Here is newcomer.');
    await general('A minute has passed.', 70_000);
  });

  it('left no node of the palette out', async () => {
    const palette = editor.page.locator('.red-ui-palette-node[data-palette-type^="guildhall-"]');
    const types = await palette.evaluateAll((items) => items.map((item) => item.getAttribute('data-palette-type')));
    assert.deepEqual(types.sort(), [...dragged].sort());
  });
});
