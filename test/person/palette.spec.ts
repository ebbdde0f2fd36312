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
    editor = await Editor.open(await browser.newPage('about:blank', { width: 1440, height: 1200 }), hall);
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
      const id = await editor.drag(typeOf(type), 110 + index * (nodes.length > 3 ? 210 : 280), row * 75);
      if (fill) {
        const dialog = await editor.edit(id);
        await fill(dialog, (name) => dialog.locator(`[data-field="${name}"]`));
        assert.deepEqual(await complaints(dialog), []);
        await editor.done();
      }
      const before = ids.at(-1);
      if (before) await editor.wire(before, id);
      ids.push(id);
      dragged.add(typeOf(type));
    }
    return ids;
  }
  /** Node-RED's own are called by words. */
  const typeOf = (type: string): string => (type.includes(' ') ? type : `guildhall-${type}`);
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

  it('draws where a member stands on a board, and says so', async () => {
    await build(
      ['slash-command', command('rank', 'Where one stands')],
      ['board-query', async (_dialog, field) => void (await field('query').locator('select').selectOption('player'))],
      ['rank-card'],
      ['reply', text('{{payload.text}}')],
    );
    assert.equal(await editor.deploy(), 200);
    await until('the command', () => hall.command('ana', '/rank').catch(() => null));
    const ana = (await hall.state()).members.find(({ username }) => username === 'ana')?.id;
    await hall.command('bo', `/score correct player:"<@${ana}>" metric:deals_closed value:3 reason:"closed"`);
    await until('a rank', async () =>
      (await hall.command('ana', '/rank')).messages.some(({ content }) => /#1 of 1 · .*All time/.test(content)),
    );
  });

  it('counts what members report, settles a board and hides who wishes it', async () => {
    await build(
      ['slash-command', command('deal', 'Report deals', { name: 'deals_closed', takes: 'whole number' })],
      [
        'score-event',
        async (_dialog, field) =>
          void (await field('as').locator('select').selectOption({ label: 'this flow, by itself' })),
      ],
      ['board-settle'],
      ['reply', text('{{payload.title}} has {{payload.total}}')],
    );
    await build(
      ['slash-command', command('vanish', 'Leave the boards')],
      [
        'board-player',
        async (_dialog, field) => void (await field('operation').locator('select').selectOption('hide')),
      ],
      ['reply', text('Hidden: {{payload.hidden}}')],
    );
    assert.equal(await editor.deploy(), 200);
    const { messages } = await until('the command', () => hall.command('bo', '/deal deals_closed:2').catch(() => null));
    assert.match(messages[0]?.content ?? '', /^All time has \d+$/);
    const shown = await hall.command('ana', '/leaderboard');
    assert.match(JSON.stringify(shown.messages[0]?.embeds), /Bo Lærke/);
    assert.equal((await hall.command('bo', '/vanish')).messages[0]?.content, 'Hidden: true');
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

  it('lets a web app in, and answers it', async () => {
    await build(
      ['http in', async (dialog) => dialog.page().locator('#node-input-url').fill('/hello')],
      ['web-guard', async (_dialog, field) => void (await field('access').locator('select').selectOption('public'))],
      ['reply', async (_dialog, field) => void (await field('answer').locator('select').selectOption('json'))],
    );
    assert.equal(await editor.deploy(), 200);
    const answer = await until('the path', async () => {
      const response = await fetch(`${hall.base}/hello?name=Ada`);
      return response.status === 200 && response.json();
    });
    assert.deepEqual(answer, { name: 'Ada' });
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
    assert.deepEqual(types.sort(), [...dragged].filter((type) => type.startsWith('guildhall-')).sort());
  });
});
