import assert from 'node:assert/strict';
import { GatewayIntentBits, type Guild, PermissionFlagsBits } from 'discord.js';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: roles', () => {
  let bench: Bench;
  let guild: Guild;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    const client = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers] });
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    await guild.members.fetch();
    client.on('roleCreate', (role) => void events.push(`create ${role.name}`));
    client.on('roleUpdate', (old, role) => void (old.name === role.name || events.push(`rename ${role.name}`)));
    client.on('roleDelete', (role) => void events.push(`delete ${role.name}`));
    client.on('guildMemberUpdate', (old, member) => {
      events.push(`${member.user.username} ${old.roles.cache.size - 1}→${member.roles.cache.size - 1}`);
    });
  });
  beforeEach(() => {
    events.length = 0;
  });
  after(() => bench.stop());

  const named = (name: string) => {
    const role = guild.roles.cache.find((known) => known.name === name);
    assert.ok(role !== undefined, name);
    return role;
  };
  const order = async () => (await bench.state()).roles.map(({ name }) => name);

  it('makes, edits and deletes a role, and its members lose it', async () => {
    const role = await guild.roles.create({
      name: 'Course A',
      colors: { primaryColor: 0x123456 },
      hoist: true,
      permissions: ['ViewChannel', 'Connect'],
      reason: 'a new course',
    });
    assert.deepEqual(
      [role.name, role.colors.primaryColor, role.hoist, role.permissions.bitfield, role.position],
      ['Course A', 0x123456, true, PermissionFlagsBits.ViewChannel | PermissionFlagsBits.Connect, 1],
    );
    const edited = await role.edit({ name: 'Course B', mentionable: true, permissions: [] });
    assert.deepEqual([edited.name, edited.mentionable, edited.permissions.bitfield], ['Course B', true, 0n]);
    const ana = await guild.members.fetch(await bench.memberId('ana'));
    await ana.roles.add(role);
    const counts = await guild.roles.fetchMemberCounts();
    assert.deepEqual([counts.get(role.id), counts.has(guild.id)], [1, false]);
    await role.delete();
    assert.ok(!(await order()).includes('Course B'));
    await eventually('the gateway told all of it', () => events.includes('delete Course B'));
    assert.deepEqual(events, ['create Course A', 'rename Course B', 'ana 0→1', 'ana 1→0', 'delete Course B']);
    await refuses(guild.roles.delete(role.id), 10011);
  });

  it('begins a role at the bottom, named and permitted as Discord does', async () => {
    const role = await guild.roles.create();
    assert.deepEqual([role.name, role.permissions.bitfield], ['new role', guild.roles.everyone.permissions.bitfield]);
    assert.deepEqual((await order()).slice(0, 3), ['@everyone', 'new role', 'Top 10']);
    const positions = (await bench.state()).roles.map(({ position }) => position);
    assert.deepEqual(
      positions,
      positions.map((_, index) => index),
    );
    await role.delete();
  });

  it('reorders below the bot, and nothing else', async () => {
    await named('Bronze').setPosition(1);
    assert.equal((await order())[1], 'Bronze');
    const silver = named('Silver');
    await guild.roles.setPositions([
      { role: silver, position: 1 },
      { role: named('Bronze'), position: 2 },
    ]);
    assert.deepEqual((await order()).slice(1, 3), ['Silver', 'Bronze']);
    const before = await order();
    await refuses(guild.roles.setPositions([{ role: named('Founder'), position: 1 }]), 50013);
    await refuses(guild.roles.setPositions([{ role: silver, position: 20 }]), 50013);
    assert.deepEqual(await order(), before);
  });

  it('refuses roles above the bot, managed ones and @everyone', async () => {
    await refuses(named('Founder').edit({ name: 'x' }), 50013);
    await refuses(named('Founder').delete(), 50013);
    await refuses(named('Guildhall').delete(), 50028);
    await refuses(guild.roles.everyone.delete(), 50028);
    await refuses(guild.roles.create({ name: 'x'.repeat(101) }), 50035);
    await refuses(guild.roles.create({ name: 'x', icon: 'data:image/png;base64,AAAA' }), 50035);
    const edited = await guild.roles.everyone.edit({ name: 'all', permissions: guild.roles.everyone.permissions });
    assert.equal(edited.name, '@everyone');
  });

  it('takes 250 roles and no more (30005)', async () => {
    const path = `/guilds/${guild.id}/roles`;
    let last = await bench.rest('POST', path, {});
    for (let made = 0; last.status === 200 && made < 300; made++) last = await bench.rest('POST', path, {});
    assert.equal(last.body.code, 30005);
    assert.equal((await order()).length, 250);
  });
});

describe('sandbox: roles for a bot with few permissions', () => {
  let bench: Bench;
  before(async () => {
    const { ManageRoles, ViewChannel } = PermissionFlagsBits;
    bench = await Bench.startWith({ permissions: ManageRoles | ViewChannel });
  });
  after(() => bench.stop());

  it('grants only what it holds', async () => {
    const guild = await (await bench.login()).guilds.fetch(bench.sandbox.guildId);
    const role = await guild.roles.create({ name: 'x', permissions: ['ManageRoles'] });
    await refuses(guild.roles.create({ permissions: ['BanMembers'] }), 50013);
    await refuses(role.edit({ permissions: ['Administrator'] }), 50013);
    await refuses(guild.members.kick(await bench.memberId('ana')), 50013);
    const admin = guild.roles.cache.find(({ name }) => name === 'Admin');
    assert.equal((await admin?.edit({ name: 'Boss' }))?.name, 'Boss');
  });
});
