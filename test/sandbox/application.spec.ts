import assert from 'node:assert/strict';
import { ApplicationRoleConnectionMetadataType, type Client, GatewayIntentBits, type Guild } from 'discord.js';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: the application, its account and its guilds', () => {
  let bench: Bench;
  let client: Client<true>;
  let guild: Guild;
  before(async () => {
    bench = await Bench.start();
    client = await bench.login();
    guild = await client.guilds.fetch(bench.sandbox.guildId);
  });
  after(() => bench.stop());

  it('keeps the records that linked roles ask for', async () => {
    const { IntegerGreaterThanOrEqual } = ApplicationRoleConnectionMetadataType;
    const record = (key: string) => ({
      type: IntegerGreaterThanOrEqual,
      key,
      name: 'Deals',
      description: 'Deals closed',
      nameLocalizations: { de: 'Abschlüsse' },
    });
    assert.deepEqual(await client.application.fetchRoleConnectionMetadataRecords(), []);
    const set = await client.application.editRoleConnectionMetadataRecords([record('deals'), record('leads_2')]);
    assert.deepEqual(
      set.map(({ key }) => key),
      ['deals', 'leads_2'],
    );
    const known = await client.application.fetchRoleConnectionMetadataRecords();
    assert.deepEqual(
      known.map(({ nameLocalizations }) => nameLocalizations),
      [{ de: 'Abschlüsse' }, { de: 'Abschlüsse' }],
    );
    const edit = (records: ReturnType<typeof record>[]) =>
      client.application.editRoleConnectionMetadataRecords(records);
    await refuses(edit([record('Deals')]), 50035);
    await refuses(edit([record('a'), record('a')]), 50035);
    await refuses(edit(['a', 'b', 'c', 'd', 'e', 'f'].map(record)), 50035);
    await edit([]);
  });

  it('edits itself and its account', async () => {
    const application = await client.application.edit({ description: 'Runs the club', tags: ['racing'] });
    assert.deepEqual([application.description, application.tags], ['Runs the club', ['racing']]);
    assert.equal((await client.user.setUsername('steward')).username, 'steward');
    assert.equal((await client.users.fetch(client.user.id, { force: true })).username, 'steward');
    assert.equal((await client.user.setAvatar(null)).username, 'steward');
    await refuses(client.user.setUsername('ana'), 50035);
    await client.user.setUsername('guildhall');
  });

  it('edits and previews a guild', async () => {
    const edited = await guild.edit({
      name: 'Sim Club',
      description: 'Every Sunday',
      systemChannel: await bench.channelId('general'),
    });
    assert.deepEqual(
      [edited.name, edited.description, edited.systemChannel?.name],
      ['Sim Club', 'Every Sunday', 'general'],
    );
    const preview = await client.fetchGuildPreview(guild.id);
    assert.deepEqual([preview.name, preview.approximateMemberCount], ['Sim Club', 13]);
    assert.equal((await client.guilds.fetch()).get(guild.id)?.name, 'Sim Club');
    const [first, ...others] = [...(await client.guilds.fetch({ limit: 1 })).keys()];
    assert.deepEqual([others, (await client.guilds.fetch({ after: first })).has(first ?? '')], [[], false]);
    await refuses(guild.edit({ name: 'x' }), 50035);
  });

  it('may ask only for intents that are allowed (4014)', async () => {
    await bench.rest('PATCH', '/applications/@me', { flags: 0 });
    const greedy = bench.client({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers] });
    await assert.rejects(greedy.login(bench.sandbox.application.botToken), /disallowed intents/i);
    const modest = await bench.login();
    await assert.rejects(modest.guilds.cache.get(guild.id)?.members.list() ?? Promise.resolve(), /Missing Access/);
    await bench.rest('PATCH', '/applications/@me', { flags: 1 << 15 });
    assert.equal((await modest.guilds.cache.get(guild.id)?.members.list({ limit: 1000 }))?.size, 13);
  });

  it('leaves a guild, and is a stranger there then', async () => {
    const second = client.guilds.cache.find(({ id }) => id !== guild.id);
    assert.ok(second !== undefined);
    const general = second.channels.cache.find(({ name }) => name === 'general');
    await second.leave();
    await eventually('the client knows', () => !client.guilds.cache.has(second.id));
    const left = await bench.rest('GET', `/guilds/${second.id}`);
    assert.ok([10004, 50001].includes(left.body.code));
    assert.equal((await bench.rest('POST', `/channels/${general?.id}/messages`, { content: 'x' })).body.code, 50001);
    const said = { as: 'ana', guild: second.name, channel: 'general', content: 'still here' };
    assert.equal((await bench.control('say', said)).status, 200);
  });
});
