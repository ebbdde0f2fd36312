import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Discord, openDiscord } from '../../platform/discord/index.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { silent } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

describe('the headroom under Discord’s limits', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'guildhall-headroom-'));
  let sandbox: Sandbox;
  let discord: Discord;
  let channel: string;

  before(async () => {
    sandbox = await startCheckedSandbox({ port: 0, dataFolder, speed: 10 });
    const { botToken: token, id: applicationId } = sandbox.application;
    discord = openDiscord({ token, applicationId, apiBase: `${sandbox.url.replace(/\/$/, '')}/api` }, silent);
    await until('the connection', async () => discord.status().state === 'ready');
    const channels = await discord.channels(sandbox.guildId);
    assert.ok(channels.kind === 'done');
    channel = channels.value.find(({ type }) => type === 0)?.id ?? '';
  });

  after(async () => {
    await discord.close();
    await sandbox.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it('is wide open at first, and names the bot', () => {
    const { invalid, heldUp } = discord.headroom();
    assert.deepEqual({ invalid: invalid.used, heldUp }, { invalid: 0, heldUp: null });
    assert.ok(discord.bot()?.name);
  });

  it('shrinks with every call, by Discord’s own headers, and says what was held up', async () => {
    for (let sent = 1; sent <= 6; sent += 1) await discord.sendMessage(channel, { content: `${sent}` }, `n${sent}`);
    const { tightest, heldUp, global } = discord.headroom();
    assert.equal(tightest?.route, 'POST /channels/:id/messages');
    assert.equal(tightest?.limit, 5);
    assert.equal(heldUp?.route, 'POST /channels/:id/messages');
    assert.ok(global.used > 0 && global.used <= global.limit);
  });

  it('counts the answers that Discord holds against a bot', async () => {
    await discord.sendMessage('1', { content: 'nowhere' }, 'x');
    assert.equal(discord.headroom().invalid.used, 0);
    await fetch(`${sandbox.url.replace(/\/$/, '')}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route: 'POST /channels/:channel/messages', status: 403, code: 50013, times: 1 }),
    });
    const outcome = await discord.sendMessage(channel, { content: 'refused' }, 'y');
    assert.equal(outcome.kind, 'admin');
    assert.equal(discord.headroom().invalid.used, 1);
  });
});
