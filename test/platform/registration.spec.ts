import assert from 'node:assert/strict';
import { wait } from '../../platform/clock.ts';
import { openDiscord } from '../../platform/discord/index.ts';
import { createIntakes } from '../../platform/intakes.ts';
import { createRegistration } from '../../platform/registration.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { silent } from '../support/database.ts';

describe('the registration of commands', () => {
  after(removeFolders);

  it('goes with the bot, and comes back with it', async () => {
    const sandbox = await startCheckedSandbox({ port: 0, dataFolder: newFolder(), limits: false });
    const { id: applicationId, botToken: token } = sandbox.application;
    const community = sandbox.guildId;
    const intakes = createIntakes();
    intakes.addCommunity(community, Promise.resolve());
    intakes.addInteraction({
      node: { id: 'n1', name: 'the node' },
      community,
      kinds: ['command'],
      paths: ['profile'],
      deferral: 'ephemeral',
      command: { path: 'profile', description: 'Of the test', options: [] },
      contested: () => {},
      take: async () => ({ fault: null, cutOff: false }),
    });
    const apiBase = `${sandbox.url.replace(/\/$/, '')}/api`;
    const discord = openDiscord({ token, applicationId, apiBase }, silent);
    const registration = createRegistration(intakes, discord, silent);
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await wait(10);
    };
    try {
      registration.sync();
      await until(() => registration.registered() && discord.status().state === 'ready');
      const left = await fetch(`${apiBase}/v10/users/@me/guilds/${community}`, {
        method: 'DELETE',
        headers: { authorization: `Bot ${token}` },
      });
      assert.equal(left.status, 204);
      await until(() => !registration.registered() && /Invite the bot/.test(registration.problems().join()));
      const invited = new URL('/oauth2/authorize', sandbox.url);
      const asked = { client_id: applicationId, scope: 'bot', permissions: '0', guild_id: community, as: 'amara' };
      invited.search = new URLSearchParams(asked).toString();
      const consented = await fetch(invited, { redirect: 'manual' });
      assert.ok(consented.status < 400, await consented.text());
      await until(() => registration.registered());
      assert.deepEqual(registration.problems(), []);
    } finally {
      registration.stop();
      await discord.close();
      await sandbox.stop();
    }
  });
});
