import assert from 'node:assert/strict';
import { type Client, GatewayIntentBits, type Guild, PermissionFlagsBits } from 'discord.js';
import { Bench, eventually, ForwardClock, refuses } from './kit.ts';

describe('sandbox: invites', () => {
  let bench: Bench;
  let client: Client<true>;
  let guild: Guild;
  let general = '';
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    client = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildInvites] });
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    general = await bench.channelId('general');
    client.on('inviteCreate', (invite) => void events.push(`create ${invite.code}`));
    client.on('inviteDelete', (invite) => void events.push(`delete ${invite.code}`));
  });
  after(() => bench.stop());

  const join = (username: string, invite: string) => bench.control('join', { username, invite });
  const rolesOf = async (name: string) =>
    (await bench.state()).members.find(({ username }) => username === name)?.roles;

  it('lets so many in as it says, with its roles, and is gone', async () => {
    const role = await bench.roleId('Bronze');
    const invite = await guild.invites.create(general, { maxUses: 2, maxAge: 3600, unique: true, roles: [role] });
    assert.deepEqual(
      [invite.maxUses, invite.maxAge, invite.uses, invite.temporary, invite.inviter?.id, invite.channelId],
      [2, 3600, 0, false, client.user.id, general],
    );
    assert.equal((await join('first.student', `https://discord.gg/${invite.code}`)).status, 200);
    assert.deepEqual(await rolesOf('first.student'), ['Bronze']);
    assert.equal((await guild.invites.fetch({ code: invite.code, force: true })).uses, 1);
    assert.equal((await join('ana', invite.code)).status, 200);
    assert.deepEqual(await rolesOf('ana'), ['Bronze']);
    assert.equal((await join('late.student', invite.code)).status, 404);
    await refuses(client.fetchInvite(invite.code), 10006);
    await eventually('both events', () => events.length === 2);
    assert.deepEqual(events, [`create ${invite.code}`, `delete ${invite.code}`]);
  });

  it('is found, listed and deleted', async () => {
    const invite = await guild.invites.create(general, { unique: true, maxAge: 0 });
    const found = await client.fetchInvite(invite.code);
    assert.deepEqual([found.guild?.id, found.channel?.id, found.expiresAt], [guild.id, general, null]);
    assert.ok((found.memberCount ?? 0) >= 13);
    assert.ok((await guild.invites.fetch({ channelId: general })).has(invite.code));
    assert.ok((await guild.invites.fetch()).has(invite.code));
    await guild.invites.delete(invite.code);
    await refuses(guild.invites.delete(invite.code), 10006);
  });

  it('gives a like one back unless it is to be unique', async () => {
    const one = await guild.invites.create(general, { maxUses: 7 });
    assert.equal((await guild.invites.create(general, { maxUses: 7 })).code, one.code);
    assert.notEqual((await guild.invites.create(general, { maxUses: 8 })).code, one.code);
    assert.notEqual((await guild.invites.create(general, { maxUses: 7, unique: true })).code, one.code);
  });

  it('can be for some users alone', async () => {
    const kenji = await bench.memberId('kenji');
    const invite = await guild.invites.create(general, {
      maxUses: 1,
      roles: [await bench.roleId('Silver')],
      targetUsersFile: [kenji],
    });
    assert.match(String(await guild.invites.fetchTargetUsers(invite.code)), new RegExp(`^user_id\n${kenji}\n$`));
    const job = await guild.invites.fetchTargetUsersJobStatus(invite.code);
    assert.deepEqual([job.status, job.totalUsers], [2, 1]);
    assert.equal((await join('ana', invite.code)).status, 404);
    await guild.invites.updateTargetUsers(invite.code, [kenji, await bench.memberId('ana')]);
    assert.equal((await join('ana', invite.code)).status, 200);
    const broken = guild.invites.create(general, { targetUsersFile: Buffer.from('user_id\nnobody\n') });
    await refuses(broken, 50035);
  });

  it('refuses what Discord refuses', async () => {
    const path = `/channels/${general}/invites`;
    assert.equal((await bench.rest('POST', path)).body.code, 50109);
    assert.equal((await bench.rest('POST', path, {})).body.max_age, 86_400);
    assert.equal((await bench.rest('POST', path, { max_age: 604_801 })).body.code, 50035);
    assert.equal((await bench.rest('POST', path, { max_uses: 101 })).body.code, 50035);
    await refuses(guild.invites.create(general, { roles: [await bench.roleId('Founder')] }), 50013);
    await refuses(guild.invites.create(general, { roles: [await bench.roleId('Guildhall')] }), 50028);
    await refuses(guild.invites.create(await bench.channelId('Voice')), 50024);
    const { id } = (await bench.rest('POST', '/users/@me/channels', { recipient_id: await bench.memberId('ana') }))
      .body;
    assert.equal((await bench.rest('POST', `/channels/${id}/invites`, {})).body.code, 50013);
  });

  it('keeps out who is banned', async () => {
    const invite = await guild.invites.create(general, { unique: true });
    await guild.members.ban(await bench.memberId('dmitri'));
    assert.equal((await join('dmitri', invite.code)).status, 403);
  });

  it('ends with its time', async () => {
    const clock = new ForwardClock();
    const timed = await Bench.start({ clock });
    const path = `/channels/${await timed.channelId('general')}/invites`;
    const { code } = (await timed.rest('POST', path, { max_age: 60 })).body as unknown as { code: string };
    clock.forward(59_000);
    assert.equal((await timed.rest('GET', `/invites/${code}`)).status, 200);
    clock.forward(2000);
    assert.equal((await timed.rest('GET', `/invites/${code}`)).body.code, 10006);
    assert.equal((await timed.control('join', { username: 'too.late', invite: code })).status, 404);
    await timed.stop();
  });
});

describe('sandbox: invites for a bot with few permissions', () => {
  it('may make them, but neither list them nor grant roles (50013)', async () => {
    const bench = await Bench.startWith({ permissions: PermissionFlagsBits.CreateInstantInvite });
    const guild = await (await bench.login()).guilds.fetch(bench.sandbox.guildId);
    const general = await bench.channelId('general');
    const invite = await guild.invites.create(general);
    await refuses(guild.invites.fetch(), 50013);
    await refuses(guild.invites.fetch({ channelId: general }), 50013);
    await refuses(guild.invites.delete(invite.code), 50013);
    await refuses(guild.invites.create(general, { roles: [await bench.roleId('Bronze')] }), 50013);
    await refuses(guild.invites.create(general, { targetUsersFile: [await bench.memberId('ana')] }), 50013);
    await bench.stop();
  });
});
