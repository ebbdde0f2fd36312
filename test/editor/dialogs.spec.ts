import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { Editor } from '../support/editor.ts';
import { type FlowNode, Guildhall, until } from '../support/guildhall.ts';

interface Listed {
  id: string;
  name: string;
  [property: string]: unknown;
}

/** A command or an option as Discord has it. */
interface Declared {
  name: string;
  name_localizations?: Record<string, string> | null;
  type?: number;
  min_value?: number;
  max_value?: number;
  choices?: { value: unknown }[];
  options?: Declared[];
}

/** What these tests use of the editor's own global. */
interface Dialogs {
  RED: { editor: { editConfig(name: string, type: string, id: string): void } };
}

describe('the dialogs on a running Guildhall', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
  });
  after(() => hall?.remove());

  describe('what they ask for', () => {
    const ask = (path: string) => hall.admin<Listed[]>(`guildhall/${path}`);
    let guild = '';

    it('lists the servers that the bot is in, and says which is home', async () => {
      const guilds = await ask('communities');
      guild = (await hall.state()).guild.id;
      assert.deepEqual(
        guilds.map(({ name, home }) => ({ name, home })),
        [
          { name: 'Guildhall Demo', home: true },
          { name: 'Guildhall Demo Two', home: false },
        ],
      );
      assert.equal(guilds[0]?.id, guild);
    });

    it('lists roles from the highest on, channels in their order, members by the beginning of a name', async () => {
      const roles = await ask(`guilds/${guild}/roles`);
      assert.equal(roles.at(-1)?.everyone, true);
      const approver = roles.find(({ name }) => name === 'Approver');
      assert.deepEqual({ colour: approver?.colour, managed: approver?.managed }, { colour: 0x2ecc71, managed: false });
      const channels = await ask(`guilds/${guild}/channels`);
      assert.equal(channels.find(({ name }) => name === 'Lounge')?.category, 'Voice');
      const [bo, ...others] = await ask(`guilds/${guild}/members?query=bo`);
      assert.deepEqual([bo?.username, bo?.displayName, others], ['bo', 'Bo Lærke', []]);
      assert.deepEqual(await ask(`guilds/${guild}/members?query=${bo?.id}`), [bo]);
      assert.deepEqual(await ask(`guilds/${guild}/members?query=12345678901234567`), []);
    });

    it('is for who is signed in, and says what is wrong', async () => {
      const path = `${hall.base}/editor/guildhall/guilds`;
      assert.equal((await fetch(`${path}/${guild}/roles`)).status, 401);
      const authorization = `Bearer ${await hall.signIn()}`;
      const refused = await fetch(`${path}/ours/roles`, { headers: { authorization } });
      assert.equal(refused.status, 400);
      assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.match(((await refused.json()) as { detail: string }).detail, /17 to 20 digits/);
    });
  });

  describe('in a browser', () => {
    let browser: TestBrowser;
    let page: Page;
    let editor: Editor;
    const TAB = 'dialogs-tab';
    const node = (type: string, more: object): FlowNode => ({
      type,
      z: TAB,
      x: 200,
      y: 80,
      wires: [],
      id: '',
      ...more,
    });

    before(async function () {
      browser = await openBrowser(this);
      await hall.deploy((flows) => [
        ...flows,
        { id: TAB, type: 'tab', label: 'Dialogs' },
        node('guildhall-discord-message', {
          id: 'dialogs-pick',
          channel: 'nowhere',
          channelType: 'channel',
          version: 2,
        }),
        node('guildhall-discord-message', {
          ...{ id: 'dialogs-card', version: 2, y: 260, channel: 'general', channelType: 'channel' },
          content: Array.from({ length: 40 }, (_line, index) => `Line ${index + 1}`).join('\n'),
        }),
        node('guildhall-slash-command', {
          ...{ id: 'dialogs-command', version: 1, y: 200, wires: [[]] },
          ...{
            community: flows.find(({ type }) => type === 'guildhall-community')?.id,
            command: 'shop buy',
            description: 'Buy something',
          },
        }),
        node('guildhall-discord-message', {
          ...{ id: 'dialogs-old', version: 1, y: 140, content: 'Hello' },
          channel: '{{payload.request.discord_channel_id}}',
          ...{ ping: '', pingType: 'str' },
        }),
        node('guildhall-reply', { id: 'dialogs-renamed', version: 3, y: 400, status: 201 }),
        node('guildhall-reply', {
          id: 'dialogs-damaged',
          version: 3,
          y: 460,
          status: { fill: 'green', text: 'answered' },
        }),
      ]);
      page = await browser.newPage('about:blank', { width: 1400, height: 1000 });
      editor = await Editor.open(page, hall);
      await editor.show(TAB);
    });
    after(() => browser?.close());

    /** What the flow file has of a node, once it has been deployed. */
    async function deployed(id: string): Promise<FlowNode> {
      assert.equal(await editor.deploy(), 200);
      const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
      const found = flows.find((one) => one.id === id);
      assert.ok(found);
      return found;
    }

    const row = (dialog: Locator, name: string) => dialog.locator(`[data-field="${name}"]`);

    it('offer the channels that there are, store the id and show the name', async () => {
      const dialog = await editor.edit('dialogs-pick');
      const channel = row(dialog, 'channel');
      await channel.getByText('There is no channel “nowhere” here now.').waitFor();
      await channel.getByRole('button', { name: 'remove nowhere' }).click();
      const field = channel.getByRole('combobox', { name: 'Channel' });
      await field.fill('gen');
      await page.getByRole('option', { name: 'general' }).click();
      await channel.locator('.guildhall-chip', { hasText: '#general' }).waitFor();
      await row(dialog, 'content').locator('textarea').fill('Hello');
      const preview = dialog.locator('.guildhall-preview');
      await row(dialog, 'content').locator('textarea').fill('Hello **{{payload.player.name}}**, <b>welcome</b>');
      assert.equal(await preview.locator('b .guildhall-pill').textContent(), 'player.name');
      await preview.getByText('<b>welcome</b>').waitFor();
      await editor.done();
      const general = (await hall.state()).channels.find(({ name }) => name === 'general');
      const { channel: stored, channelType } = await deployed('dialogs-pick');
      assert.deepEqual([stored, channelType], [general?.id, 'channel']);
      await editor.node('dialogs-pick').getByText('message to #general').waitFor();
    });

    it('leave room beside the preview, and remember that it was folded away', async () => {
      const card = 'dialogs-card';
      const size = page.viewportSize();
      await page.setViewportSize({ width: 1280, height: 800 });
      const open = async (): Promise<Locator> => (await editor.edit(card)).locator('.guildhall-preview');
      const preview = await open();
      const height = async (of: Locator) => (await of.boundingBox())?.height ?? 0;
      await preview.getByText('Line 40').waitFor({ state: 'attached' });
      assert.ok((await height(preview)) <= 800 * 0.3, `${await height(preview)} px`);
      // Whatever takes the focus is in sight.
      await page.locator('.red-ui-tray [data-section="embed"] button').click();
      const fields = page.locator('.red-ui-tray .guildhall-row :is(input, select, textarea):visible');
      for (const field of await fields.all()) {
        await field.focus();
        const [panel, box] = [await preview.boundingBox(), await field.boundingBox()];
        assert.ok(panel && box);
        assert.ok(box.y + Math.min(box.height, 30) <= panel.y, `${await field.getAttribute('id')} is covered`);
      }
      await preview.getByRole('button', { name: 'What it will look like' }).click();
      await editor.done();
      const again = await open();
      assert.ok((await height(again)) < 40, `${await height(again)} px`);
      await again.getByRole('button', { name: 'What it will look like' }).click();
      await again.getByText('Line 1', { exact: true }).waitFor();
      await editor.done();
      if (size) await page.setViewportSize(size);
    });

    it('say when Discord does not answer, and take what is typed', async () => {
      const dialog = await editor.edit('dialogs-pick');
      await dialog.getByRole('button', { name: 'Notification' }).click();
      const ping = row(dialog, 'ping');
      await hall.faults({ route: 'GET /guilds/:guild/members/search', status: 500 });
      await ping.getByRole('combobox', { name: 'Notify' }).pressSequentially('bo');
      await page.getByText(/^Searching the members failed.*You can type an id or a name\.$/).waitFor();
      await hall.clearFaults();
      await ping.getByRole('combobox', { name: 'Notify' }).press('Enter');
      await ping.getByText('Choose a member from the list, or give the id.').waitFor();
      await ping.getByRole('button', { name: 'remove bo' }).click();
      await ping.getByRole('combobox', { name: 'Notify' }).pressSequentially('bo l');
      await page.getByRole('option', { name: 'Bo Lærke' }).waitFor();
      await ping.getByRole('combobox', { name: 'Notify' }).press('Enter');
      await ping.locator('.guildhall-chip', { hasText: 'Bo Lærke' }).waitFor();
      await editor.done();
      const bo = (await hall.state()).members.find(({ username }) => username === 'bo');
      assert.equal((await deployed('dialogs-pick')).ping, bo?.id);
    });

    it('let one pick several roles with the keyboard, and keep those that are named', async () => {
      await page.evaluate(() => {
        const { RED } = globalThis as unknown as {
          RED: {
            nodes: { eachConfig(visit: (node: { id: string; type: string }) => boolean): void };
            editor: { editConfig(name: string, type: string, id: string): void };
          };
        };
        RED.nodes.eachConfig(({ id, type }) => {
          if (type === 'guildhall-community') RED.editor.editConfig('', type, id);
          return true;
        });
      });
      const setup = row(page.locator('.red-ui-tray').last(), 'guild').getByRole('link', { name: 'first-run page' });
      assert.equal(await setup.getAttribute('href'), '/editor/guildhall/setup');
      const roles = row(page.locator('.red-ui-tray').last(), 'approverRoles');
      await roles.locator('.guildhall-chip', { hasText: '@Approver' }).waitFor();
      // Node-RED takes the focus once the dialog has slid in.
      await page.waitForFunction(() => document.querySelector('.red-ui-tray')?.contains(document.activeElement));
      const field = roles.getByRole('combobox', { name: 'Approver roles' });
      await field.pressSequentially('eli');
      await page.getByRole('option', { name: '@Elite' }).waitFor();
      await field.press('Enter');
      await roles.locator('.guildhall-chip', { hasText: '@Elite' }).waitFor();
      await field.press('Backspace');
      await field.pressSequentially('top');
      await page.getByRole('option', { name: '@Top 10' }).waitFor();
      await field.press('Enter');
      await page.locator('#node-config-dialog-ok').click();
      await page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
      const { flows } = await hall.admin<{ flows: FlowNode[] }>('flows');
      const community = flows.find(({ type }) => type === 'guildhall-community');
      const top = (await hall.sandbox<{ roles: Listed[] }>('state')).roles.find(({ name }) => name === 'Top 10');
      assert.equal((await deployed(community?.id ?? '')).approverRoles, `Admin,Approver,${top?.id}`);
    });

    it('start a new board with what no other has, and save numbers as numbers', async () => {
      await page.evaluate(() =>
        (globalThis as unknown as Dialogs).RED.editor.editConfig('', 'guildhall-board', '_ADD_'),
      );
      const dialog = page.locator('.red-ui-tray').last();
      await page.locator('#node-config-dialog-ok').waitFor();
      const community = (await editor.saved()).find(({ type }) => type === 'guildhall-community')?.id;
      assert.equal(await row(dialog, 'community').locator('select').inputValue(), community);
      assert.equal(await row(dialog, 'community').locator('.guildhall-problem').innerText(), '');
      // Nothing in it is another board's, and what is missing is said.
      const shown = (name: string) => row(dialog, name).locator('input').first().inputValue();
      assert.deepEqual([await shown('title'), await shown('key'), await shown('position')], ['', '', '2']);
      const said = (name: string) => row(dialog, name).locator('.guildhall-problem').first().innerText();
      const missing = await said('title');
      assert.notEqual(missing, '');
      assert.equal(await said('key'), missing);
      await row(dialog, 'title').locator('input').pressSequentially('– Zweite  Überraschung!');
      assert.equal(await shown('key'), 'zweite-uberraschung');
      await row(dialog, 'key').locator('input').fill('second');
      await row(dialog, 'title').locator('input').fill('Second');
      assert.equal(await shown('key'), 'second');
      const metrics = row(dialog, 'metrics').locator('li');
      assert.equal(await metrics.count(), 1);
      await metrics.locator('input').first().fill('laps');
      assert.deepEqual(
        (await dialog.locator('.guildhall-problem:visible').allInnerTexts()).filter((text) => text.trim() !== ''),
        [],
      );
      await page.locator('#node-config-dialog-ok').click();
      await page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
      const board = (await editor.saved()).find(({ key }) => key === 'second');
      const saved = await deployed(board?.id ?? '');
      assert.deepEqual([saved.community, saved.position], [community, 2]);
    });

    it('name the other node that declares the command, before and while both are there', async () => {
      const profile = (await hall.admin<{ flows: FlowNode[] }>('flows')).flows.find(
        ({ type, command }) => type === 'guildhall-slash-command' && command === 'profile',
      );
      assert.ok(profile);
      /** Which of the two the editor marks, and why. */
      const marked = () =>
        page.evaluate(
          (ids) =>
            ids.flatMap((id) => {
              const { RED } = globalThis as unknown as {
                RED: { nodes: { node(id: string): { valid: boolean; validationErrors: string[] } } };
              };
              const { valid, validationErrors } = RED.nodes.node(id);
              return valid ? [] : [`${id}: ${validationErrors.join()}`];
            }),
          [profile.id, 'dialogs-command'],
        );
      const both = () => until('both to be marked', async () => (await marked()).length === 2 && marked());
      const none = () => until('none to be marked', async () => (await marked()).length === 0);
      const declare = async (command: string, problem = '') => {
        const dialog = await editor.edit('dialogs-command');
        await row(dialog, 'command').locator('input').fill(command);
        const said = row(dialog, 'command').locator('.guildhall-problem');
        await until('what is wrong', async () => (await said.textContent())?.startsWith(problem));
        await editor.done();
      };
      const toggle = (action: 'disable' | 'enable') =>
        page.evaluate((name) => {
          const { RED } = globalThis as unknown as {
            RED: {
              nodes: { node(id: string): object };
              view: { select(selection: object): void };
              actions: { invoke(name: string): void };
            };
          };
          RED.view.select({ nodes: [RED.nodes.node('dialogs-command')] });
          RED.actions.invoke(name);
        }, `core:${action}-selected-nodes`);
      assert.deepEqual(await marked(), []);
      await declare('/profile', '“/profile” on “Credits” takes this already');
      const [first, second] = await both();
      assert.match(first ?? '', /Command: “\/profile” on “Dialogs” takes this already/);
      assert.match(second ?? '', /Command: “\/profile” on “Credits” takes this already/);
      await toggle('disable');
      await none();
      await toggle('enable');
      await both();
      for (const [action, marks] of [
        ['disable', none],
        ['enable', both],
      ] as const) {
        await page.evaluate(
          ([name, tab]) => {
            const { RED } = globalThis as unknown as { RED: { workspaces: Record<string, (id: string) => void> } };
            RED.workspaces[name]?.(tab);
          },
          [action, String(profile.z)] as const,
        );
        await marks();
      }
      await declare('profile of', '“/profile” on “Credits” takes this already');
      await both();
      await declare('shop buy');
      await none();
    });

    it('build an option with choices, bounds and languages, which Discord then has', async () => {
      const dialog = await editor.edit('dialogs-command');
      const options = row(dialog, 'options');
      await options.getByRole('button', { name: 'add an option' }).click();
      await options.getByLabel('Name').fill('Size');
      await options.getByText('Use 1 to 32 lower-case letters').waitFor();
      await options.getByLabel('Name').fill('size');
      await options.getByLabel('Takes').selectOption({ label: 'whole number' });
      await options.locator('[data-column="description"] input').first().fill('How large');
      await options.getByLabel('Smallest').fill('9');
      await options.getByLabel('Largest').fill('5');
      await options.getByText('row 1, Largest: This is below the smallest.').waitFor();
      await options.getByLabel('Smallest').fill('1');
      await options.getByRole('button', { name: 'add a choice' }).click();
      await options.getByLabel('Members see').fill('Large');
      await options.getByLabel('The flow gets').fill('3');
      await options.getByText('size · whole number · 1–5 · choices: 1').waitFor();
      // A second one, dragged to the first place.
      await options.getByText('size · whole number').click();
      await options.getByRole('button', { name: 'add an option' }).click();
      await options.getByLabel('Name').last().fill('colour');
      await options.locator('[data-column="description"] input:visible').first().fill('Which one');
      await options.getByText('colour · text').click();
      const handles = options.locator('.red-ui-editableList-item-handle:visible');
      await handles.nth(1).dragTo(handles.nth(0), { targetPosition: { x: 4, y: 1 }, steps: 12 });
      const languages = row(dialog, 'localizations');
      await languages.getByRole('button', { name: 'add a language' }).click();
      await languages.getByLabel('Language').selectOption({ label: 'German' });
      await languages.getByLabel('Command').fill('laden kaufen');
      assert.match(
        (await dialog.locator('.guildhall-preview').textContent()) ?? '',
        /\/shop buy colour: size:Buy something/,
      );
      await editor.done();
      const { options: saved } = await deployed('dialogs-command');
      assert.deepEqual(
        (saved as Listed[]).map(({ name }) => name),
        ['colour', 'size'],
      );
      const shop = await until('the command in German', async () => {
        const { commands } = await hall.sandbox<{ commands: Declared[] }>('state');
        return commands.find((command) => command.name_localizations?.de === 'laden');
      });
      const [buy] = shop.options ?? [];
      assert.deepEqual([buy?.name, buy?.name_localizations], ['buy', { de: 'kaufen' }]);
      const size = buy?.options?.find(({ name }) => name === 'size');
      assert.deepEqual(
        [size?.name, size?.type, size?.min_value, size?.max_value, size?.choices?.map(({ value }) => value)],
        ['size', 4, 1, 5, [3]],
      );
    });

    it('give a command its second output with the first suggestions, and take it away only when nothing hangs on it', async () => {
      const ports = editor.node('dialogs-command').locator('.red-ui-flow-port-output');
      const suggest = async (isOn: boolean) => {
        const dialog = await editor.edit('dialogs-command');
        await row(dialog, 'options').getByText('colour · text').click();
        const tick = row(dialog, 'options').getByLabel('Suggestions').filter({ visible: true }).first();
        await (isOn ? tick.check() : tick.uncheck());
        await editor.done();
      };
      const wires = async () => (await editor.saved()).find(({ id }) => id === 'dialogs-command')?.wires;
      assert.equal(await ports.count(), 1);
      await suggest(true);
      assert.equal(await ports.count(), 2);
      await suggest(false);
      assert.equal(await ports.count(), 1);
      await page.keyboard.press('Control+z');
      await ports.nth(1).waitFor();
      await editor.wire('dialogs-command', 'dialogs-old', 1);
      assert.deepEqual(await wires(), [[], ['dialogs-old']]);
      await suggest(false);
      assert.deepEqual(await wires(), [[], ['dialogs-old']]);
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+z');
      assert.deepEqual(await wires(), [[], []]);
    });

    it('say what is wrong with a webhook before it is deployed', async () => {
      const dialog = await editor.edit('dialogs-card');
      const wrong = editor.node('dialogs-card').locator('.red-ui-flow-node-error:not(.hide)');
      await row(dialog, 'target').locator('select').selectOption({ label: 'through a webhook' });
      const webhook = row(dialog, 'webhook').locator('input');
      const token = '/webhooks/100000000000000001/secret-token';
      const base = `http://127.0.0.1:${hall.sandboxPort}/api`;
      const sentences: [typed: string, says: string][] = [
        ['', 'Fill this in.'],
        ['general', 'This is no web address.'],
        [`https://discord.com/api${token}`, `it has to begin with ${base}/webhooks/.`],
        [`${base}/webhooks/100000000000000001`, 'Copy the whole address.'],
      ];
      for (const [typed, says] of sentences) {
        await webhook.fill(typed);
        await row(dialog, 'webhook').getByText(says).waitFor();
      }
      await editor.done();
      await wrong.waitFor();
      await editor.edit('dialogs-card');
      await webhook.fill(`${base}${token}`);
      await row(dialog, 'webhook').locator('.guildhall-problem').waitFor({ state: 'hidden' });
      await editor.done();
      await wrong.waitFor({ state: 'detached' });
    });

    it('show a node that an older version saved as it is now, and save it so', async () => {
      const dialog = await editor.edit('dialogs-old');
      const channel = row(dialog, 'channel').locator('input').first();
      assert.equal(await channel.inputValue(), 'payload.request.discord_channel_id');
      await row(dialog, 'content').locator('textarea').fill('Hello again');
      await editor.done();
      const saved = await deployed('dialogs-old');
      assert.deepEqual(
        [saved.channelType, saved.channel, saved.pingType, saved.version],
        ['msg', 'payload.request.discord_channel_id', 'member', 2],
      );
    });

    it('keep the value of a setting that has another name now', async () => {
      const saved = await editor.saved();
      const replies = ['dialogs-renamed', 'dialogs-damaged'].map((id) => saved.find((one) => one.id === id));
      assert.deepEqual(
        replies.map((reply) => [reply?.httpStatus, reply?.version, 'status' in (reply ?? {})]),
        [
          [201, 4, false],
          [200, 4, false],
        ],
      );
    });

    it('say a node’s status in the language of the editor', async () => {
      const lost = { id: 'dialogs-lost', version: 1, y: 320, customId: 'lost' };
      await hall.deploy((flows) => [...flows, node('guildhall-component', lost)]);
      const german = await Editor.open(await browser.newPage('about:blank', { locale: 'de-DE' }), hall);
      await german.show(TAB);
      await german.node('dialogs-lost').getByText('wähle eine Community').waitFor();
      await german.node('dialogs-command').getByText('verbunden').waitFor();
    });
  });
});
