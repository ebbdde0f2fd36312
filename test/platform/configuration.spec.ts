import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  DISCORD_API,
  meantBy,
  readConfiguration,
  SECRET_VARIABLES,
} from '../../platform/configuration.ts';
import { isLive } from '../../platform/live.ts';
import { saveSecret, saveSettings } from '../../platform/saved-settings.ts';
import { keptSecret } from '../../platform/secrets.ts';

const TOKEN = 'MTIz.abc.def-ghi_jkl';
const LIVE = { DISCORD_BOT_TOKEN: TOKEN, DISCORD_CLIENT_ID: '1'.repeat(18), DISCORD_GUILD_ID: '2'.repeat(18) };

function problems(env: Record<string, string>): string[] {
  try {
    readConfiguration(env, '/');
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
}

describe('configuration', () => {
  it('needs nothing', () => {
    const { port, host, discord, databaseUrl } = readConfiguration({}, '/somewhere');
    assert.deepEqual(
      { port, host, discord, databaseUrl },
      { port: 1880, host: '127.0.0.1', discord: null, databaseUrl: null },
    );
  });

  it('takes a sandbox by its address, with or without the path of the API', () => {
    for (const address of ['http://127.0.0.1:1881', 'http://127.0.0.1:1881/', 'http://127.0.0.1:1881/api']) {
      const { discord } = readConfiguration({ ...LIVE, DISCORD_API_BASE: address }, '/');
      assert.equal(discord?.apiBase, 'http://127.0.0.1:1881/api');
    }
  });

  it('reads a live Discord', () => {
    const { discord } = readConfiguration(LIVE, '/');
    assert.equal(discord?.apiBase, 'https://discord.com/api');
    assert.equal(discord?.guildId, LIVE.DISCORD_GUILD_ID);
  });

  it('takes proxies by address and network', () => {
    assert.deepEqual(readConfiguration({}, '/').trustedProxies, []);
    const { trustedProxies } = readConfiguration({ GUILDHALL_TRUST_PROXY: '10.0.0.2, fd00::/8' }, '/');
    assert.deepEqual(trustedProxies, ['10.0.0.2', 'fd00::/8']);
  });

  const wrong: [string, Record<string, string>, RegExp[]][] = [
    ['a port that is none', { PORT: 'http' }, [/^PORT is not valid.*Use a port number/]],
    ['a token alone', { DISCORD_BOT_TOKEN: TOKEN }, [/^DISCORD_CLIENT_ID is missing/, /^DISCORD_GUILD_ID is missing/]],
    [
      'a guild without a token',
      { DISCORD_GUILD_ID: '2'.repeat(18) },
      [/^DISCORD_BOT_TOKEN is missing: DISCORD_GUILD_ID is set/],
    ],
    ['a client secret for a token', { ...LIVE, DISCORD_BOT_TOKEN: 'abc' }, [/^DISCORD_BOT_TOKEN is not a bot token/]],
    [
      'a guild’s name for its id',
      { ...LIVE, DISCORD_GUILD_ID: 'my server' },
      [/^DISCORD_GUILD_ID is not a Discord id/],
    ],
    ['a database of another kind', { DATABASE_URL: 'mysql://x' }, [/^DATABASE_URL is not a valid address.*postgres:/]],
    [
      'a foreign address without a chosen password',
      { HOST: '0.0.0.0' },
      [/^GUILDHALL_EDITOR_PASSWORD is missing: HOST is 0\.0\.0\.0/],
    ],
    [
      'a proxy’s name',
      { GUILDHALL_TRUST_PROXY: '10.0.0.2,nginx' },
      [/^GUILDHALL_TRUST_PROXY is not a list.*10\.0\.0\.2/],
    ],
    ['a short password', { GUILDHALL_EDITOR_PASSWORD: 'short' }, [/^GUILDHALL_EDITOR_PASSWORD is shorter/]],
    [
      'a file that is not there',
      { DATABASE_URL_FILE: '/no/such/file' },
      [/^DATABASE_URL_FILE names a file that cannot be read \(ENOENT\)/],
    ],
    [
      'a value and a file',
      { DATABASE_URL: 'postgres://x/y', DATABASE_URL_FILE: '/x' },
      [/^DATABASE_URL and DATABASE_URL_FILE are both set/],
    ],
    [
      'a weak key',
      { DISCORD_TOKEN_ENCRYPTION_KEY: 'k:c2hvcnQ=' },
      [/^DISCORD_TOKEN_ENCRYPTION_KEY is not a list of keys/],
    ],
  ];
  for (const [what, env, expected] of wrong) {
    it(`refuses ${what}, one line a problem`, () => {
      const lines = problems(env);
      assert.equal(lines.length, expected.length, lines.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern);
    });
  }

  it('says no secret in its sentences', () => {
    for (const name of SECRET_VARIABLES) {
      assert.ok(
        !problems({ [name]: 'canary value' })
          .join()
          .includes('canary'),
        name,
      );
    }
  });

  it('knows Discord by all its names, and nobody else by them', () => {
    const live = ['https://discord.com/api', 'https://discordapp.com/api', 'https://canary.discord.com:443/api'];
    for (const base of live) assert.ok(isLive(base), base);
    for (const base of ['http://127.0.0.1:1881/api', 'https://discord.com.example.org/api'])
      assert.ok(!isLive(base), base);
  });

  it('keeps a secret whole or refuses it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'guildhall-'));
    const file = join(folder, 'secrets', 'key');
    try {
      const secret = keptSecret(file, 32);
      assert.equal(keptSecret(file, 32), secret);
      writeFileSync(file, secret.slice(0, 10));
      assert.throws(() => keptSecret(file, 32), /is cut short/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes what the first run saved, and leaves all of it where the environment names a bot', () => {
    const folder = mkdtempSync(join(tmpdir(), 'guildhall-'));
    const data = { GUILDHALL_DATA: folder };
    try {
      saveSecret(folder, 'token', TOKEN);
      saveSecret(folder, 'clientSecret', 'a client secret');
      const bot = { applicationId: '3'.repeat(18), guildId: '4'.repeat(18), publicKey: 'a'.repeat(64) };
      saveSettings(folder, { ...bot, roles: { Approver: '5'.repeat(18) } });
      assert.equal(readConfiguration(data, '/').discordFrom, 'sandbox');

      saveSettings(folder, { live: true });
      const saved = readConfiguration({ ...data, DISCORD_BOT_TOKEN: '' }, '/');
      assert.deepEqual(saved.discord, {
        ...bot,
        token: TOKEN,
        apiBase: DISCORD_API,
        clientSecret: 'a client secret',
      });
      assert.equal(saved.databaseFolder, join(folder, 'live', 'postgres'));
      assert.equal(meantBy(saved, 'roles', 'Approver', bot.guildId), '5'.repeat(18));
      assert.equal(meantBy(saved, 'roles', 'Approver', '6'.repeat(18)), 'Approver');
      assert.equal(meantBy(saved, 'roles', 'constructor', bot.guildId), 'constructor');
      assert.equal(
        readConfiguration({ ...data, DISCORD_GUILD_ID: LIVE.DISCORD_GUILD_ID }, '/').discord?.guildId,
        LIVE.DISCORD_GUILD_ID,
      );

      const named = readConfiguration({ ...data, ...LIVE }, '/');
      assert.deepEqual(
        [named.discordFrom, named.discord?.publicKey, named.discord?.clientSecret, named.databaseFolder, named.names],
        ['environment', null, null, join(folder, 'postgres'), { channels: {}, roles: {} }],
      );
      for (const file of ['first-run.json', 'secrets/discord-bot-token', 'secrets/discord-client-secret']) {
        assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
      }
      writeFileSync(join(folder, 'first-run.json'), '{"live": tr');
      assert.match(problems(data).join(), /first-run\.json is damaged\. Remove it/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads a secret from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'guildhall-'));
    try {
      writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
      const { DISCORD_BOT_TOKEN, ...others } = LIVE;
      const { discord } = readConfiguration({ ...others, DISCORD_BOT_TOKEN_FILE: join(folder, 'token') }, '/');
      assert.equal(discord?.token, DISCORD_BOT_TOKEN);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
