import assert from 'node:assert/strict';
import {
  ChannelType,
  type Client,
  GatewayIntentBits,
  type Guild,
  OverwriteType,
  PermissionFlagsBits,
  PermissionsBitField,
} from 'discord.js';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: channels', () => {
  let bench: Bench;
  let client: Client<true>;
  let guild: Guild;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    client = await bench.login();
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    client.on('channelCreate', (channel) => void events.push(`create ${channel.name}`));
    client.on('channelUpdate', (_, channel) => void events.push(`update ${'name' in channel ? channel.name : ''}`));
    client.on('channelDelete', (channel) => void events.push(`delete ${'name' in channel ? channel.name : ''}`));
  });
  beforeEach(() => {
    events.length = 0;
  });
  after(() => bench.stop());

  const deny = (allow: bigint, id = guild.id) => ({ id, deny: allow });

  it('makes every kind of channel with its settings', async () => {
    const category = await guild.channels.create({ name: 'Race Weekend', type: ChannelType.GuildCategory });
    const text = await guild.channels.create({
      name: 'Race Day: Spa!',
      topic: 'lights out',
      parent: category,
      nsfw: true,
      rateLimitPerUser: 5,
    });
    assert.deepEqual(
      [text.name, text.topic, text.parentId, text.nsfw, text.rateLimitPerUser],
      ['race-day-spa', 'lights out', category.id, true, 5],
    );
    const voice = await guild.channels.create({
      name: 'Pit Wall',
      type: ChannelType.GuildVoice,
      bitrate: 96_000,
      userLimit: 4,
      parent: category,
    });
    assert.deepEqual([voice.name, voice.bitrate, voice.userLimit], ['Pit Wall', 96_000, 4]);
    const news = await guild.channels.create({ name: 'news', type: ChannelType.GuildAnnouncement });
    const forum = await guild.channels.create({
      name: 'help',
      type: ChannelType.GuildForum,
      availableTags: [{ name: 'setup' }],
    });
    assert.deepEqual([news.type, forum.availableTags.map(({ name }) => name)], [5, ['setup']]);
    const fetched = await guild.channels.fetch(undefined, { force: true });
    assert.equal(fetched.get(text.id)?.parentId, category.id);
    await eventually('the gateway told of five', () => events.length === 5);
    const edited = await text.edit({ name: 'monza', topic: '', nsfw: false, rateLimitPerUser: 0, parent: null });
    assert.deepEqual([edited.name, edited.topic, edited.nsfw, edited.parentId], ['monza', null, false, null]);
    await category.delete();
    await eventually('the child is told of', () => events.includes('update Pit Wall'));
    assert.equal((await client.channels.fetch(voice.id, { force: true }))?.isVoiceBased(), true);
    await Promise.all([text, voice, news, forum].map((channel) => channel.delete()));
    await refuses(client.channels.fetch(text.id, { force: true }), 10003);
    await eventually('all are gone for the client too', () => !guild.channels.cache.has(forum.id));
  });

  it('overwrites permissions of roles and members', async () => {
    const channel = await guild.channels.create({
      name: 'staff',
      permissionOverwrites: [{ id: guild.id, deny: ['ViewChannel'] }],
    });
    const ana = await guild.members.fetch(await bench.memberId('ana'));
    assert.equal((await bench.control('say', { as: 'ana', channel: 'staff', content: 'x' })).status, 404);
    await channel.permissionOverwrites.edit(ana, { ViewChannel: true, SendMessages: true });
    assert.equal((await bench.control('say', { as: 'ana', channel: 'staff', content: 'x' })).status, 200);
    await eventually('the client knows', () => channel.permissionOverwrites.cache.has(ana.id));
    assert.equal(channel.permissionOverwrites.cache.get(ana.id)?.type, OverwriteType.Member);
    await channel.permissionOverwrites.edit(ana, { SendMessages: false });
    assert.equal((await bench.control('say', { as: 'ana', channel: 'staff', content: 'x' })).status, 403);
    await channel.permissionOverwrites.delete(ana);
    assert.equal((await bench.control('say', { as: 'ana', channel: 'staff', content: 'x' })).status, 404);
    const path = `/channels/${channel.id}/permissions`;
    assert.equal((await bench.rest('DELETE', `${path}/${ana.id}`)).body.code, 10009);
    assert.equal((await bench.rest('PUT', `${path}/1193847312875520000`, { type: 0, allow: '0' })).body.code, 10009);
    await channel.delete();
  });

  it('keeps channels in step with their category', async () => {
    const category = await guild.channels.create({
      name: 'Course',
      type: ChannelType.GuildCategory,
      permissionOverwrites: [deny(PermissionFlagsBits.ViewChannel)],
    });
    const child = await guild.channels.create({ name: 'lessons', parent: category });
    assert.equal(child.permissionsLocked, true);
    await category.permissionOverwrites.create(await bench.roleId('Elite'), { ViewChannel: true });
    await eventually('the child follows', () => child.permissionOverwrites.cache.size === 2);
    const second = await guild.channels.create({ name: 'extra' });
    await second.setParent(category, { lockPermissions: true });
    await eventually('the second is in step', () => second.permissionsLocked === true);
    await guild.channels.setPositions([
      { channel: child.id, position: 7 },
      { channel: second.id, position: 6 },
    ]);
    await eventually('the order is told', () => child.rawPosition === 7 && second.rawPosition === 6);
    await Promise.all([child, second, category].map((channel) => channel.delete()));
  });

  it('refuses what Discord refuses in a channel', async () => {
    const general = await bench.channelId('general');
    await refuses(guild.channels.create({ name: 'x'.repeat(101) }), 50035);
    await refuses(guild.channels.create({ name: 'x', topic: 'x'.repeat(1025) }), 50035);
    await refuses(guild.channels.create({ name: 'x', parent: general }), 50035);
    await refuses(guild.channels.create({ name: 'x', type: ChannelType.GuildVoice, bitrate: 128_000 }), 50035);
    const created = await bench.rest('POST', `/guilds/${guild.id}/channels`, { name: 'x', type: 1 });
    assert.deepEqual([created.body.code, Object.keys(created.body.errors ?? {})], [50035, ['type']]);
    const moved = await bench.rest('PATCH', `/guilds/${guild.id}/channels`, [
      { id: general, parent_id: await bench.channelId('Voice') },
      { id: await bench.channelId('announcements'), parent_id: await bench.channelId('Voice') },
    ]);
    assert.equal(moved.body.code, 40009);
    const edited = await bench.rest('PATCH', `/channels/${general}`, { type: 2 });
    assert.equal(edited.body.code, 50024);
  });

  it('takes 500 channels (30013), 50 in a category', async () => {
    const path = `/guilds/${guild.id}/channels`;
    const category = (await bench.rest('POST', path, { name: 'full', type: 4 })).body.id;
    for (let made = 0; made < 50; made++) await bench.rest('POST', path, { name: `${made}`, parent_id: category });
    const crowded = await bench.rest('POST', path, { name: 'x', parent_id: category });
    assert.equal(crowded.body.code, 50035);
    let last = crowded;
    for (let made = 0; last.body.code !== 30013 && made < 600; made++) {
      last = await bench.rest('POST', path, { name: 'x' });
    }
    assert.equal(last.body.code, 30013);
  });
});

describe('sandbox: channels for a bot with few permissions', () => {
  let bench: Bench;
  let guild: Guild;
  before(async () => {
    const { ManageChannels, ManageRoles } = PermissionFlagsBits;
    bench = await Bench.startWith({
      permissions: ManageChannels | ManageRoles,
      denied: { 'credit-approvals': PermissionFlagsBits.ViewChannel, Lounge: PermissionFlagsBits.Connect },
    });
    guild = await (await bench.login({ intents: [GatewayIntentBits.Guilds] })).guilds.fetch(bench.sandbox.guildId);
  });
  after(() => bench.stop());

  const channel = async (name: string) => `/channels/${await bench.channelId(name)}`;

  it('may not touch what it does not see or enter (50001, 50013)', async () => {
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      assert.equal((await bench.rest(method, await channel('credit-approvals'), body)).body.code, 50001, method);
    }
    assert.equal((await bench.rest('DELETE', await channel('Lounge'))).body.code, 50013);
    assert.equal((await bench.rest('PATCH', await channel('Lounge'), { name: 'x' })).body.code, 50013);
    assert.equal((await bench.rest('PATCH', await channel('general'), { name: 'talk' })).status, 200);
  });

  it('allows and denies only what it holds, and never MANAGE_ROLES', async () => {
    const overwrite = (allow: bigint) => ({ name: 'x', permissionOverwrites: [{ id: guild.id, allow }] });
    await refuses(guild.channels.create(overwrite(PermissionFlagsBits.BanMembers)), 50013);
    await refuses(guild.channels.create(overwrite(PermissionFlagsBits.ManageRoles)), 50013);
    const made = await guild.channels.create(overwrite(PermissionFlagsBits.ViewChannel));
    await refuses(made.permissionOverwrites.edit(guild.id, { MuteMembers: false }), 50013);
    await made.permissionOverwrites.edit(guild.id, { SendMessages: false });
    assert.equal(
      new PermissionsBitField(made.permissionOverwrites.cache.get(guild.id)?.allow).has('ViewChannel'),
      true,
    );
  });
});
