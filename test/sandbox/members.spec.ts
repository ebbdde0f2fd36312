import assert from 'node:assert/strict';
import { GatewayIntentBits } from 'discord.js';
import { Bench, eventually, newFolder, rewriteRecords } from './kit.ts';

describe('sandbox: members, roles and channels', () => {
  let bench: Bench;
  let guild = '';
  before(async () => {
    bench = await Bench.start();
    guild = bench.sandbox.guildId;
  });
  after(() => bench.stop());

  const role = async (method: string, name: string, username = 'ana') =>
    bench.rest(method, `/guilds/${guild}/members/${await bench.memberId(username)}/roles/${await bench.roleId(name)}`);
  const roles = async (username: string) =>
    (await bench.state()).members.find((member) => member.username === username)?.roles;

  it('is seeded as the demo says', async () => {
    const state = await bench.state();
    assert.equal(state.guild.name, 'Guildhall Demo');
    assert.deepEqual(
      state.guilds.map(({ name }) => name),
      ['Guildhall Demo', 'Guildhall Demo Two'],
    );
    const people = state.members.filter(({ bot }) => !bot);
    assert.equal(people.length, 12);
    assert.equal(state.members.at(-1)?.bot, true);
    assert.deepEqual(
      people.slice(0, 2).map((member) => [member.roles, member.dms]),
      [
        [[], []],
        [[], []],
      ],
    );
    assert.equal(people.filter((member) => member.roles.includes('Admin')).length, 1);
    assert.equal(people.filter((member) => member.roles.includes('Approver')).length, 2);
    assert.deepEqual(
      state.channels.map(({ name }) => name),
      ['general', 'credit-approvals', 'announcements', 'Voice', 'Lounge'],
    );
    const position = (name: string) => state.roles.find((known) => known.name === name)?.position ?? 0;
    const bot = state.roles.find(({ managed }) => managed);
    for (const name of ['Champion', 'Silver', 'Bronze', 'Top 10', 'Elite', 'Approver', 'Admin']) {
      assert.ok(position(name) < (bot?.position ?? 0), name);
    }
    assert.equal(state.roles.filter(({ position: at }) => at > (bot?.position ?? 0)).length, 1);
    for (const { id } of [...state.roles, ...state.channels, ...state.members]) assert.match(id, /^\d{17,19}$/);
    assert.ok(people.every(({ username }) => /^[a-z.]+$/.test(username)));
    assert.ok(people.some(({ name }) => /\p{sc=Arabic}/u.test(name)));
  });

  it('gives and takes roles below the bot', async () => {
    assert.equal((await role('PUT', 'Champion')).status, 204);
    assert.equal((await role('PUT', 'Champion')).status, 204);
    assert.deepEqual(await roles('ana'), ['Champion']);
    assert.equal((await role('DELETE', 'Champion')).status, 204);
    assert.equal((await role('DELETE', 'Champion')).status, 204);
    assert.deepEqual(await roles('ana'), []);
  });

  it('refuses roles above the bot (50013), managed ones and @everyone (50028)', async () => {
    assert.equal((await role('PUT', 'Founder')).body.code, 50013);
    assert.equal((await role('DELETE', 'Founder')).body.code, 50013);
    assert.equal((await role('PUT', 'Guildhall')).body.code, 50028);
    assert.equal((await role('PUT', '@everyone')).body.code, 50028);
  });

  it('changes a whole set of roles and checks what differs', async () => {
    const path = `/guilds/${guild}/members/${await bench.memberId('kenji')}`;
    const silver = await bench.roleId('Silver');
    const set = await bench.rest('PATCH', path, { roles: [silver], nick: 'Ken' });
    assert.deepEqual([set.status, set.body.nick, set.body.roles], [200, 'Ken', [silver]]);
    assert.equal(
      (await bench.rest('PATCH', path, { roles: [silver, await bench.roleId('Founder')] })).body.code,
      50013,
    );
    assert.equal((await bench.rest('PATCH', path, { roles: ['1'] })).body.code, 10011);
    assert.equal((await bench.rest('PATCH', path, { nick: 'x'.repeat(33) })).body.code, 50035);
    assert.equal((await bench.command('Ken', '/nothing')).error, 'there is no command "/nothing"');
    await bench.rest('PATCH', path, { roles: [], nick: null });
  });

  it('does not rename the owner (50013)', async () => {
    const path = `/guilds/${guild}/members/${await bench.memberId('amara')}`;
    assert.equal((await bench.rest('PATCH', path, { nick: 'Boss' })).body.code, 50013);
  });

  it('lists, searches and gets members', async () => {
    const client = await bench.login();
    const target = await client.guilds.fetch(guild);
    assert.equal((await target.members.list({ limit: 1000 })).size, 13);
    assert.equal((await target.members.search({ query: 'Lukas' })).first()?.user.username, 'lukas');
    const ana = await target.members.fetch({ user: await bench.memberId('ana'), force: true });
    assert.equal(ana.displayName, 'Ana Souza');
    assert.equal((await target.roles.fetch()).size, 10);
    assert.equal((await target.channels.fetch()).size, 5);
  });

  it('renames the bot itself', async () => {
    await bench.rest('PATCH', `/guilds/${guild}/members/@me`, { nick: 'Helper' });
    assert.equal(
      (await bench.rest('GET', `/guilds/${guild}/members/${bench.sandbox.application.id}`)).body.nick,
      'Helper',
    );
  });

  it('tells the gateway who joins, changes and leaves, with the intent alone', async () => {
    const events: string[] = [];
    const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers];
    const client = await bench.login({ intents });
    const blind = await bench.login();
    blind.on('raw' as never, (packet: { t: string | null }) => {
      if (packet.t?.startsWith('GUILD_MEMBER')) events.push(`blind ${packet.t}`);
    });
    client.on('guildMemberAdd', (member) => void events.push(`add ${member.user.username}`));
    client.on('guildMemberUpdate', (_, member) => void events.push(`update ${member.roles.cache.size - 1}`));
    client.on('guildMemberRemove', (member) => void events.push(`remove ${member.user.username}`));
    assert.equal((await bench.control('join', { username: 'newcomer', name: 'New Comer' })).status, 200);
    assert.equal((await bench.control('join', { username: 'newcomer' })).status, 409);
    assert.equal((await bench.control('join', { username: 'no@body' })).status, 400);
    await bench.control('roles', { as: 'New Comer', add: ['Founder', 'Elite'] });
    assert.deepEqual(await roles('newcomer'), ['Elite', 'Founder']);
    await bench.control('roles', { as: 'newcomer', remove: ['Founder'] });
    assert.equal((await bench.control('roles', { as: 'newcomer', add: ['Guildhall'] })).status, 409);
    assert.equal((await bench.control('roles', { as: 'newcomer', add: ['Nothing'] })).status, 404);
    await bench.control('leave', { as: 'newcomer' });
    await eventually('all four events arrive', () => events.length === 4);
    assert.deepEqual(events, ['add newcomer', 'update 2', 'update 1', 'remove newcomer']);
    assert.equal((await bench.control('join', { username: 'newcomer' })).status, 200);
  });

  it('tells a bot of its own roles without the intent', async () => {
    const client = await bench.login();
    await bench.control('roles', { as: 'guildhall', add: ['Bronze'] });
    const own = () => client.guilds.cache.get(guild)?.members.me?.roles.cache.some(({ name }) => name === 'Bronze');
    await eventually('the client knows', () => own() === true);
    await bench.control('roles', { as: 'guildhall', remove: ['Bronze'] });
    await eventually('the client knows that too', () => own() === false);
  });

  it('kicks members below the bot', async () => {
    await bench.control('join', { username: 'shortly' });
    const id = await bench.memberId('shortly');
    assert.equal((await bench.rest('DELETE', `/guilds/${guild}/members/${id}`)).status, 204);
    assert.equal((await bench.rest('DELETE', `/guilds/${guild}/members/${id}`)).body.code, 10007);
    const owner = await bench.memberId('amara');
    assert.equal((await bench.rest('DELETE', `/guilds/${guild}/members/${owner}`)).body.code, 50013);
  });

  it('lets members write only where they may', async () => {
    const say = (as: string, channel: string) => bench.control('say', { as, channel, content: 'hello' });
    assert.equal((await say('ana', 'announcements')).status, 403);
    assert.equal((await say('amara', 'announcements')).status, 200);
    assert.equal((await say('ana', '#general')).status, 200);
    assert.equal(
      (await bench.control('say', { as: 'ana', channel: 'general', content: 'x'.repeat(2001) })).status,
      400,
    );
  });
});

describe('sandbox: a bot with few permissions', () => {
  let bench: Bench;
  before(async () => {
    const dataFolder = newFolder();
    const first = await Bench.start({ dataFolder });
    const { roles, channels } = await first.state();
    const { guildId } = first.sandbox;
    await first.sandbox.stop();
    const managed = roles.find(({ managed }) => managed);
    const announcements = channels.find(({ name }) => name === 'announcements');
    const approvals = channels.find(({ name }) => name === 'credit-approvals');
    rewriteRecords(dataFolder, (collection, record) => {
      if (collection === 'roles' && record.id === managed?.id) return { ...record, permissions: '0' };
      if (collection !== 'channels') return record;
      const hidden = [{ id: guildId, type: 0, allow: '0', deny: '1024' }];
      if (record.id === approvals?.id) return { ...record, permission_overwrites: hidden };
      if (record.id === announcements?.id) return record;
      return { ...record, permission_overwrites: [{ id: guildId, type: 0, allow: '0', deny: '16384' }] };
    });
    bench = await Bench.start({ dataFolder });
  });
  after(() => bench.stop());

  it('may not change roles, nicknames or members (50013)', async () => {
    const guild = bench.sandbox.guildId;
    const ana = await bench.memberId('ana');
    const path = `/guilds/${guild}/members/${ana}`;
    assert.equal((await bench.rest('PUT', `${path}/roles/${await bench.roleId('Elite')}`)).body.code, 50013);
    assert.equal((await bench.rest('PATCH', path, { nick: 'x' })).body.code, 50013);
    assert.equal((await bench.rest('PATCH', path, { roles: [] })).body.code, 50013);
    assert.equal((await bench.rest('DELETE', path)).body.code, 50013);
  });

  it('sees and writes what overwrites leave it (50001, 50013)', async () => {
    const send = async (channel: string, body: Record<string, unknown>) =>
      (await bench.rest('POST', `/channels/${await bench.channelId(channel)}/messages`, body)).body.code;
    assert.equal(await send('credit-approvals', { content: 'x' }), 50001);
    assert.equal(await send('announcements', { content: 'x' }), 50013);
    assert.equal(await send('general', { embeds: [{ title: 'x' }] }), 50013);
    assert.equal(await send('general', { content: 'x' }), undefined);
    const said = await bench.control('say', { as: 'ana', channel: 'general', content: 'mine' });
    const { id } = (said as unknown as { message: { id: string } }).message;
    const path = `/channels/${await bench.channelId('general')}/messages/${id}`;
    assert.equal((await bench.rest('DELETE', path)).body.code, 50013);
  });

  it('hides a channel from members who do not see it', async () => {
    assert.equal((await bench.control('say', { as: 'ana', channel: 'credit-approvals', content: 'x' })).status, 404);
  });
});
