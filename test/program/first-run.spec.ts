import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PermissionFlagsBits } from 'discord.js';
import type { Page } from 'playwright-core';
import { type Configuration, readConfiguration } from '../../platform/configuration.ts';
import type { Finding } from '../../platform/doctor/index.ts';
import { readSavedSettings } from '../../platform/saved-settings.ts';
import { ACTIONS } from '../../program/first-run/actions.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { ROOT } from '../support/database.ts';
import { Guildhall, until } from '../support/guildhall.ts';
import { isFree } from '../support/inside.ts';

interface Named {
  id: string;
  name: string;
}

/** From nothing to a live server, on one page: "Discord" is a second sandbox, whose bot is in no server yet. */
describe('first run', function () {
  this.timeout(120_000);
  let browser: TestBrowser;
  let hall: Guildhall;
  let discord: Sandbox;
  let page: Page;
  let two = '';
  let flows = '';
  /** What the invite link asks for. */
  let permissions = '';
  /** The demo's #general, by the id that one of the flows' nodes holds. */
  let general = '';
  /** Everything that the program answered and printed. */
  let told = '';

  before(async function () {
    browser = await openBrowser(this);
    discord = await startCheckedSandbox({ port: 0, dataFolder: newFolder(), limits: false });
    const guilds = await rest<Named[]>('GET', 'users/@me/guilds');
    two = guilds.find(({ name }) => name === 'Guildhall Demo Two')?.id ?? '';
    // Both sandboxes are made from the same seed: this is what a picker stores in the demo.
    const shown = await rest<Named[]>('GET', `guilds/${discord.guildId}/channels`);
    general = shown.find(({ name }) => name === 'general')?.id ?? '';
    for (const { id } of guilds) await rest('DELETE', `users/@me/guilds/${id}`);
    await rest('PATCH', 'applications/@me', { flags: 0 });
    // The embedded database even where the run has a server: demo and live are two of it.
    hall = await Guildhall.prepare({ DATABASE_URL: '', DISCORD_API_BASE: new URL('/api', discord.url).href });
    const file = join(hall.flows, 'credits.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"channel": "general"', `"channel": "${general}"`));
    await hall.start();
    flows = readFlows();
    assert.notEqual(text, readFileSync(file, 'utf8'));
    page = await browser.newPage(`${hall.base}/editor/guildhall/setup`);
    page.setDefaultTimeout(20_000);
    page.on('response', (response) => {
      response.text().then(
        (text) => {
          told += text;
        },
        () => {},
      );
    });
  });
  after(async () => {
    await browser?.close();
    await hall?.remove();
    await discord?.stop();
    removeFolders();
  });

  const rest = async <T = null>(method: string, path: string, body?: object) => {
    const response = await fetch(new URL(`/api/v10/${path}`, discord.url), {
      method,
      headers: { authorization: `Bot ${discord.application.botToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return (response.status === 204 ? null : await response.json()) as T;
  };
  const control = async (path: string, body?: object) => {
    const response = await fetch(new URL(`/sandbox/${path}`, discord.url), {
      method: body ? 'POST' : 'GET',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return (await response.json()) as unknown;
  };
  const channelsOfTwo = () => rest<Named[]>('GET', `guilds/${two}/channels`);
  /** What stands in #general of the chosen server. */
  const messages = async () => {
    const id = (await channelsOfTwo()).find(({ name }) => name === 'general')?.id;
    return rest<{ content: string; embeds: { title?: string }[] }[]>('GET', `channels/${id}/messages`);
  };
  const step = (id: string) => page.locator(`#step-${id}`);
  const data = (...path: string[]) => join(hall.folder, 'data', ...path);
  const readFlows = () =>
    globSync('*.json', { cwd: hall.flows })
      .sort()
      .map((file) => readFileSync(join(hall.flows, file), 'utf8'))
      .join();
  /** The doctor beside the running program, as `npm run doctor -- --json`. */
  const doctor = () =>
    new Promise<{ code: number; findings: Finding[] }>((resolve) => {
      const env = {
        PATH: process.env.PATH,
        PORT: String(hall.port),
        GUILDHALL_DATA: data(),
        GUILDHALL_FLOWS: hall.flows,
      };
      const program = [join(ROOT, 'dist', 'program', 'doctor.js'), '--json'];
      execFile(process.execPath, program, { env }, (error, stdout) => {
        resolve({ code: Number(error?.code ?? 0), findings: JSON.parse(stdout) });
      });
    });
  const problems = ({ findings }: { findings: Finding[] }) =>
    findings.filter(({ state }) => state === 'problem').map(({ id }) => id.split(':')[0]);

  it('tells nothing and does nothing without the editor’s sign-in', async () => {
    const ask = (path: string, headers: Record<string, string>, body?: object) =>
      fetch(`${hall.base}/editor/guildhall/setup/api/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      });
    assert.equal((await ask('state', {})).status, 401);
    assert.equal((await ask('demo', {}, {})).status, 401);
    assert.equal((await ask('token', { authorization: 'Bearer nonsense' }, { token: 'x' })).status, 401);
    const authorization = `Bearer ${await hall.signIn()}`;
    assert.equal((await ask('forget', { authorization, origin: 'https://elsewhere.example' }, {})).status, 403);
    assert.equal((await ask('state', { authorization })).status, 200);
    // Nor where it lies, whatever is asked.
    const broken = await fetch(`${hall.base}/editor/guildhall/guilds/%E0%A4%A/roles`);
    assert.equal(broken.status, 400);
    assert.doesNotMatch(await broken.text(), /node_modules|at /);

    await page.getByLabel('Editor password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('That is not the editor’s password').waitFor();
    await page.getByLabel('Editor password').fill('a long enough password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Bot token').waitFor();
  });

  it('refuses a wrong token with the reason, and keeps nothing of it', async () => {
    const give = async (token: string, reason: RegExp) => {
      await page.getByLabel('Bot token').fill(token);
      await step('token').getByRole('button', { name: 'Check and save' }).click();
      await step('token').getByText(reason).waitFor();
    };
    await give(discord.application.clientSecret, /That is not a bot token/);
    await give('MTIzNDU2Nzg5MDEy.wrong.token-canary', /Discord refuses this token.*Reset Token/);
    assert.ok(!existsSync(data('secrets', 'discord-bot-token')));
    assert.ok(await page.getByRole('button', { name: 'Go live' }).isDisabled());
  });

  it('reads the application from the token, and goes on there after a reload and a restart', async () => {
    await page.getByLabel('Bot token').fill(`Bot ${discord.application.botToken} `);
    await step('token').getByRole('button', { name: 'Check and save' }).click();
    const end = discord.application.botToken.slice(-3);
    const saved = step('token').getByText(`Token saved, ends in …${end}`);
    await saved.waitFor();
    await step('application').getByText(discord.application.publicKey).waitFor();
    await page.reload();
    await saved.waitFor();
    told += hall.output;
    await hall.end();
    await hall.start();
    await page.reload();
    await saved.waitFor();
    assert.equal(await page.getByText('The demo is running').count(), 1);
  });

  it('names the intent that the flows need and Discord has switched off', async () => {
    await step('intents').getByText('under Privileged Gateway Intents switch on Server Members Intent').waitFor();
    await rest('PATCH', 'applications/@me', { flags: (1 << 13) | (1 << 15) | (1 << 19) });
    await step('intents').getByRole('button', { name: 'Check again' }).click();
    await step('intents').getByText('The needed intents are switched on').waitFor();
  });

  it('tries the client secret before it keeps it', async () => {
    const field = step('application').getByLabel('Client secret');
    const press = () => step('application').getByRole('button', { name: 'Check and save' }).click();
    await field.fill('canary-secret');
    await press();
    await step('application').getByText('Discord refuses this client secret').waitFor();
    await field.fill(discord.application.clientSecret);
    await press();
    await step('application').getByText('Client secret saved').waitFor();
  });

  it('waits until the bot is in a server, invited with exactly what the flows need', async () => {
    await step('server').getByText('Waiting until the bot is in a server').waitFor();
    const link = new URL((await page.getByRole('link', { name: 'Invite the bot' }).getAttribute('href')) ?? '');
    assert.deepEqual(
      [link.origin, link.searchParams.get('scope')],
      [new URL(discord.url).origin, 'bot applications.commands'],
    );
    permissions = link.searchParams.get('permissions') ?? '';
    const { Administrator, ManageChannels, ViewChannel, SendMessages, EmbedLinks } = PermissionFlagsBits;
    const needed = ViewChannel | SendMessages | EmbedLinks;
    assert.equal(BigInt(permissions) & (needed | Administrator | ManageChannels), needed);
    link.search += `&${new URLSearchParams({ guild_id: two, as: 'eleni' })}`;
    assert.match(await (await fetch(link)).text(), /Authorized/);
    await page.getByLabel('Guildhall Demo Two').check();
    await step('names').getByText('Used by').first().waitFor();
  });

  it('maps what the flows name onto the server, makes a channel, and says why it cannot', async () => {
    const remove = async () => {
      const id = (await channelsOfTwo()).find(({ name }) => name === 'credit-approvals')?.id;
      await rest('DELETE', `channels/${id}`);
    };
    const checkAgain = () => step('names').getByRole('button', { name: 'Check again' }).click();
    await setPermissions('8');
    await remove();
    await checkAgain();
    await step('names').getByText('There is no channel #credit-approvals').waitFor();
    await step('names').getByRole('button', { name: 'Create #credit-approvals for me' }).click();
    await step('names').getByText('The channel is there.').waitFor();
    await step('names').getByText('#credit-approvals in Guildhall Demo Two is ready').waitFor();
    await remove();
    // Two tabs at once: one does it, the other finds it done.
    await Promise.all([1, 2].map(() => act('channel', { name: 'credit-approvals' })));
    assert.equal((await channelsOfTwo()).filter(({ name }) => name === 'credit-approvals').length, 1);
    await remove();
    await setPermissions(permissions);
    await checkAgain();
    await step('names').getByText('There is no channel #credit-approvals').waitFor();
    await step('names').getByRole('button', { name: 'Create #credit-approvals for me' }).click();
    await step('names').getByText('The bot may not make channels').waitFor();
    await page.getByLabel('Channel “credit-approvals”').selectOption('#general');
    await step('names').getByText('Saved.').waitFor();
    // Named by an id of the demo, and found by what it is called there.
    assert.equal(await page.locator(`#channels-${general} option:checked`).textContent(), '#general');
    assert.equal(await step('names').getByText('There is no channel').count(), 0);
    assert.equal(await page.getByLabel('Role “Approver”').locator('option:checked').textContent(), 'Approver');
  });

  /** Does something as another tab would. */
  const act = async (action: string, body: object) => {
    const authorization = `Bearer ${await hall.signIn()}`;
    const response = await fetch(`${hall.base}/editor/guildhall/setup/api/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200);
  };

  /** Invites the bot again, with other permissions. */
  const setPermissions = async (wanted: string) => {
    const query = new URLSearchParams({
      client_id: discord.application.id,
      scope: 'bot applications.commands',
      permissions: wanted,
      guild_id: two,
      as: 'eleni',
    });
    assert.match(await (await fetch(new URL(`/oauth2/authorize?${query}`, discord.url))).text(), /Authorized/);
  };

  it('sends a test message that is seen there', async () => {
    await step('test').getByLabel('Channel').selectOption('#general');
    await step('test').getByLabel('Message').fill('Is anybody @everyone here?');
    await step('test').getByRole('button', { name: 'Send it' }).click();
    await step('test').locator('blockquote').getByText('Is anybody @everyone here?').waitFor();
    assert.ok((await messages()).some(({ content }) => content === 'Is anybody @everyone here?'));
  });

  it('says what is wrong as soon as it is', async () => {
    await control('faults', { permission: 'SEND_MESSAGES', guild: two });
    await step('names').getByRole('button', { name: 'Check again' }).click();
    await step('names')
      .getByText(/(switch on|allow) Send Messages/)
      .first()
      .waitFor();
    await fetch(new URL('/sandbox/faults', discord.url), { method: 'DELETE' });
    await step('names').getByRole('button', { name: 'Check again' }).click();
    await step('names').getByText('#general in Guildhall Demo Two is ready').first().waitFor();
  });

  it('goes back to the demo by itself when the first live start fails, and says why', async () => {
    writeFileSync(data('live'), 'in the way');
    told += hall.output;
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByText('Guildhall is starting with your bot').waitFor();
    await page.getByText('The last start of the live server failed').waitFor({ timeout: 60_000 });
    assert.equal(await page.getByText('The demo is running').count(), 1);
    rmSync(data('live'));
  });

  it('goes live: connected, registered and answering there, with data of its own and the same flows', async () => {
    const { pid } = hall;
    const inDemo = (await hall.state()).commands.map(({ name }) => name);
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByRole('heading', { name: 'Your server is live' }).waitFor({ timeout: 60_000 });
    await page.getByText('Guildhall is connected as guildhall to Guildhall Demo Two').waitFor();
    assert.equal(hall.pid, pid);
    assert.ok(await isFree(hall.sandboxPort), 'the demo’s sandbox has ended');
    assert.ok(existsSync(data('live', 'postgres', 'data')));
    assert.equal(readFlows(), flows);
    const commands = await rest<Named[]>('GET', `applications/${discord.application.id}/guilds/${two}/commands`);
    assert.deepEqual(commands.map(({ name }) => name).sort(), inDemo.sort());
    assert.ok(inDemo.includes('request'));
    await control('command', { as: 'ana', guild: two, channel: 'general', input: '/request ai-credit amount:7' });
    await until('the card in the channel that was chosen for it', async () =>
      (await messages()).some(({ embeds }) => embeds[0]?.title?.includes('Request #1')),
    );
  });

  it('starts again with what was changed while it is live', async () => {
    await page.getByText('What was set up').click();
    await page.getByLabel('Role “Admin”').selectOption('Approver');
    await page.getByRole('button', { name: 'Start again with the changes' }).click();
    await page.getByText('Guildhall is starting with your bot').waitFor();
    await page.getByRole('heading', { name: 'Your server is live' }).waitFor({ timeout: 60_000 });
    assert.equal(await page.getByRole('button', { name: 'Start again with the changes' }).count(), 0);
    const { roles } = await rest<{ roles: Named[] }>('GET', `guilds/${two}`);
    const approver = roles.find(({ name }) => name === 'Approver')?.id;
    assert.deepEqual(JSON.parse(readFileSync(data('first-run.json'), 'utf8')).roles, { Admin: approver });
  });

  it('lets the doctor look at the live server, from beside it and from within', async () => {
    const well = await doctor();
    assert.deepEqual([well.code, problems(well)], [0, []]);
    assert.ok(well.findings.some(({ id, title }) => id === 'token' && /accepted/.test(title)));
    await control('faults', { permission: 'VIEW_CHANNEL', guild: two });
    const ill = await doctor();
    assert.equal(ill.code, 1);
    assert.ok(problems(ill).includes('channel'), JSON.stringify(problems(ill)));
    await fetch(new URL('/sandbox/faults', discord.url), { method: 'DELETE' });
    assert.equal((await fetch(`${hall.base}/health/doctor`)).status, 404);
  });

  it('returns to the demo when that is pressed twice', async () => {
    await page.getByRole('button', { name: 'Return to the demo' }).click();
    await page.getByRole('button', { name: /Press again/ }).click();
    await page.getByText('The demo is running').waitFor({ timeout: 60_000 });
    assert.equal((await hall.health()).code, 200);
    assert.equal((await hall.command('ana', '/profile')).messages.length, 1);
    told += hall.output;
    await hall.end();
  });

  it('lets the doctor look while nothing runs', async () => {
    const { code, findings } = await doctor();
    assert.equal(code, 1);
    assert.deepEqual(problems({ findings }), ['program']);
    assert.ok(findings.some(({ id, state }) => id === 'database' && state === 'ok'));
  });

  it('does not go live on the demo’s own database, nor against the environment', async () => {
    const configuration = readConfiguration({ GUILDHALL_DATA: data() }, '/');
    const go = (changes: Partial<Configuration>) => {
      const look = () => Promise.reject(new Error('it looked further'));
      return ACTIONS.live?.({ configuration: { ...configuration, ...changes }, body: {}, look }) ?? Promise.resolve();
    };
    await assert.rejects(go({ databaseUrl: 'postgres://127.0.0.1/demo' }), { code: 'database-url' });
    await assert.rejects(go({ discordFrom: 'environment' }), { code: 'environment' });
    await assert.rejects(go({}), /it looked further/);
    assert.equal(readSavedSettings(data()).live, false);
  });

  it('keeps secrets to files that only their owner reads', () => {
    const secrets = [discord.application.botToken, discord.application.clientSecret, 'canary'];
    const elsewhere = globSync('**/*.{json,jsonl,log,conf}', { cwd: hall.folder })
      .map((file) => join(hall.folder, file))
      .filter((file) => statSync(file).isFile());
    const texts = {
      told,
      flows: readFlows(),
      ...Object.fromEntries(elsewhere.map((f) => [f, readFileSync(f, 'utf8')])),
    };
    for (const [where, text] of Object.entries(texts)) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${where} holds ${secret.slice(0, 4)}…`);
    }
    assert.ok(told.length > 10_000);
    for (const file of ['discord-bot-token', 'discord-client-secret']) {
      assert.equal(statSync(data('secrets', file)).mode & 0o777, 0o600);
    }
  });
});
