import assert from 'node:assert/strict';
import { wait } from '../../platform/clock.ts';
import { readConfiguration } from '../../platform/configuration.ts';
import { openDiscord } from '../../platform/discord/index.ts';
import { createRounds } from '../../platform/doctor/rounds.ts';
import { createNeeds } from '../../platform/needs.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { silent } from '../support/database.ts';

describe('the rounds of the doctor', () => {
  after(removeFolders);

  it('come back to a server that Discord did not tell of, though nothing changes there', async () => {
    const sandbox = await startCheckedSandbox({ port: 0, dataFolder: newFolder(), limits: false });
    const { id: applicationId, botToken: token, publicKey } = sandbox.application;
    const apiBase = `${sandbox.url.replace(/\/$/, '')}/api`;
    const discordSettings = { token, applicationId, guildId: sandbox.guildId, apiBase, publicKey, clientSecret: null };
    const needs = createNeeds();
    needs.add([{ channel: 'nowhere', node: { id: 'n1', type: 'guildhall-discord-message', name: 'the card' } }]);
    const discord = openDiscord(discordSettings, silent);
    const configuration = readConfiguration({}, '/');
    try {
      while (discord.status().state !== 'ready') await wait(10);
      const body = JSON.stringify({ route: 'GET /guilds/:guild/channels', status: 500, times: 1 });
      await fetch(new URL('/sandbox/faults', sandbox.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const rounds = createRounds({ configuration, discordSettings, needs, database: null }, discord, {
        well: 20,
        wrong: 20,
      });
      rounds.sync();
      await rounds.settled();
      assert.deepEqual(rounds.problems(), []);
      while (rounds.problems().length === 0) await wait(10);
      assert.match(rounds.problems()[0]?.title ?? '', /#nowhere/);
      rounds.stop();
    } finally {
      await discord.close();
      await sandbox.stop();
    }
  });
});
