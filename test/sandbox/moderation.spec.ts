import assert from 'node:assert/strict';
import { GatewayIntentBits, type Guild } from 'discord.js';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: time-outs and bans', () => {
  let bench: Bench;
  let guild: Guild;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    const { Guilds, GuildModeration, GuildMembers } = GatewayIntentBits;
    const client = await bench.login({ intents: [Guilds, GuildModeration, GuildMembers] });
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    await guild.members.fetch();
    client.on('guildBanAdd', (ban) => void events.push(`ban ${ban.user.username}`));
    client.on('guildBanRemove', (ban) => void events.push(`unban ${ban.user.username}`));
    client.on('guildMemberRemove', (member) => void events.push(`gone ${member.user.username}`));
  });
  after(() => bench.stop());

  const say = (as: string) => bench.control('say', { as, channel: 'general', content: 'hello' });
  const member = async (name: string) => guild.members.fetch(await bench.memberId(name));

  it('silences a member for a time', async () => {
    const ana = await member('ana');
    const silenced = await ana.timeout(60_000, 'too loud');
    assert.equal(silenced.isCommunicationDisabled(), true);
    assert.equal((await say('ana')).status, 403);
    assert.equal((await bench.command('ana', '/anything')).status >= 400, true);
    await ana.timeout(null);
    assert.equal((await say('ana')).status, 200);
    await refuses(ana.timeout(29 * 86_400_000), 50035);
    await refuses((await member('amara')).timeout(60_000), 50013);
  });

  it('bans, lists, and lets back in', async () => {
    await say('kenji');
    await say('kenji');
    const kenji = await bench.memberId('kenji');
    await guild.members.ban(kenji, { reason: 'räuber & spam', deleteMessageSeconds: 3600 });
    const found = await guild.bans.fetch(kenji);
    assert.deepEqual([found.user.username, found.reason], ['kenji', 'räuber & spam']);
    assert.deepEqual([...(await guild.bans.fetch()).keys()], [kenji]);
    assert.equal(
      (await bench.state()).channels[0]?.messages.some(({ author }) => author === 'kenji'),
      false,
    );
    assert.equal((await bench.control('join', { username: 'kenji' })).status, 403);
    await guild.members.unban(kenji);
    await refuses(guild.bans.fetch({ user: kenji, force: true }), 10026);
    await refuses(guild.members.unban(kenji), 10026);
    assert.equal((await bench.control('join', { username: 'kenji' })).status, 200);
    await eventually('all three were told', () => events.length === 3);
    assert.deepEqual(events, ['gone kenji', 'ban kenji', 'unban kenji']);
  });

  it('bans many, and nobody above the bot', async () => {
    const ids = await Promise.all(['layla', 'dmitri', 'amara'].map((name) => bench.memberId(name)));
    const result = await guild.bans.bulkCreate(ids);
    assert.deepEqual([result.bannedUsers, result.failedUsers], [ids.slice(0, 2), ids.slice(2)]);
    await refuses(guild.members.ban(ids[2] ?? ''), 50013);
    await refuses(guild.bans.bulkCreate(ids), 500000);
    await refuses(guild.members.ban('1193847312875520999'), 10013);
  });
});
