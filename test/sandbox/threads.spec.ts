import assert from 'node:assert/strict';
import { ChannelType, type Client, GatewayIntentBits, PermissionFlagsBits, type TextChannel } from 'discord.js';
import { Bench, eventually, ForwardClock, refuses } from './kit.ts';

const MINUTE = 60_000;

describe('sandbox: threads', () => {
  let bench: Bench;
  let client: Client<true>;
  let channel: TextChannel;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    const { Guilds, GuildMembers, GuildMessages } = GatewayIntentBits;
    client = await bench.login({ intents: [Guilds, GuildMembers, GuildMessages] });
    channel = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    client.on('threadCreate', (thread, fresh) => void events.push(`create ${thread.name} ${fresh}`));
    client.on(
      'threadUpdate',
      (old, thread) => void (old.archived !== thread.archived && events.push(`archived ${thread.archived}`)),
    );
    client.on('threadDelete', (thread) => void events.push(`delete ${thread.name}`));
    client.on('threadMembersUpdate', (added, removed) => void events.push(`members +${added.size} -${removed.size}`));
  });
  beforeEach(() => {
    events.length = 0;
  });
  after(() => bench.stop());

  const say = (as: string, where: string, content = 'hello') => bench.control('say', { as, channel: where, content });

  it('starts from a message, once (160004)', async () => {
    const message = await channel.send('qualifying');
    const thread = await message.startThread({ name: 'Team A', autoArchiveDuration: 60 });
    assert.deepEqual([thread.id, thread.type, thread.ownerId], [message.id, ChannelType.PublicThread, client.user.id]);
    const path = `/channels/${channel.id}/messages/${message.id}/threads`;
    assert.equal((await bench.rest('POST', path, { name: 'again' })).body.code, 160004);
    const starter = await thread.fetchStarterMessage();
    assert.equal(starter?.content, 'qualifying');
    assert.equal((await channel.messages.fetch({ message: message.id, force: true })).hasThread, true);
    assert.equal((await say('ana', 'Team A')).status, 200);
    assert.equal((await thread.members.fetch()).size, 2);
    const again = await channel.threads.fetch(thread.id, { force: true });
    assert.deepEqual([again?.messageCount, again?.memberCount, again?.totalMessageSent], [1, 2, 1]);
    await eventually('the gateway told of it', () => events.length === 2);
    assert.deepEqual(events, ['create Team A true', 'members +1 -0']);
  });

  it('starts without a message, and says so in the channel', async () => {
    const thread = await channel.threads.create({ name: 'Team B', rateLimitPerUser: 300, reason: 'a team' });
    assert.deepEqual([thread.type, thread.rateLimitPerUser], [ChannelType.PublicThread, 300]);
    assert.equal((await say('ana', 'Team B')).status, 200);
    assert.equal((await say('ana', 'Team B')).status, 429);
    assert.equal((await say('amara', 'Team B')).status, 200);
    assert.equal((await say('amara', 'Team B')).status, 200);
    const latest = (await channel.messages.fetch({ limit: 1 })).first();
    assert.deepEqual([latest?.type, latest?.content, latest?.reference?.channelId], [18, 'Team B', thread.id]);
    await thread.delete();
    await refuses(client.channels.fetch(thread.id, { force: true }), 10003);
    await eventually('the gateway told of it', () => events.includes('delete Team B'));
  });

  it('keeps private threads to those who are in them', async () => {
    const thread = await channel.threads.create({
      name: 'Stewards',
      type: ChannelType.PrivateThread,
      invitable: false,
    });
    assert.deepEqual([thread.type, thread.invitable], [ChannelType.PrivateThread, false]);
    assert.equal((await say('kenji', 'Stewards')).status, 404);
    await thread.members.add(await bench.memberId('kenji'));
    assert.equal((await say('kenji', 'Stewards')).status, 200);
    assert.equal(
      (await thread.members.fetch({ member: await bench.memberId('kenji'), force: true })).id.length > 16,
      true,
    );
    await thread.members.remove(await bench.memberId('kenji'));
    assert.equal((await say('kenji', 'Stewards')).status, 404);
    await refuses(thread.members.remove(await bench.memberId('kenji')), 10007);
    await thread.leave();
    await eventually('the bot has left', () => events.includes('members +0 -1'));
    await thread.join();
    assert.equal((await thread.members.fetch({ force: true, withMember: true } as never)) !== undefined, true);
    const voice = await bench.channelId('Lounge');
    assert.equal((await bench.rest('POST', `/channels/${voice}/threads`, { name: 'x', type: 12 })).body.code, 50024);
    const news = await channel.guild.channels.create({ name: 'news', type: ChannelType.GuildAnnouncement });
    assert.equal((await bench.rest('POST', `/channels/${news.id}/threads`, { name: 'x', type: 12 })).body.code, 50024);
    assert.equal((await news.threads.create({ name: 'flash' })).type, ChannelType.AnnouncementThread);
  });

  it('archives, locks and opens again (50083)', async () => {
    const thread = await channel.threads.create({ name: 'Archive me' });
    const message = await thread.send('before');
    await thread.setArchived(true);
    await refuses(thread.setName('x'), 50083);
    await refuses(thread.members.add(await bench.memberId('ana')), 50083);
    await refuses(message.edit('x'), 50083);
    await refuses(message.react('👍'), 50083);
    assert.equal((await bench.command('ana', '/anything', { channel: thread.id })).status, 409);
    const archived = await channel.threads.fetchArchived({ type: 'public' });
    assert.deepEqual(
      archived.threads.map(({ name }) => name),
      ['Archive me'],
    );
    assert.ok(!(await channel.threads.fetchActive()).threads.has(thread.id));
    assert.equal((await say('ana', thread.id)).status, 200);
    assert.ok((await channel.threads.fetchActive()).threads.has(thread.id));
    await eventually('both ways were told', () => events.includes('archived false'));
    await thread.setLocked(true);
    assert.equal((await say('ana', thread.id)).status, 403);
    assert.equal((await say('amara', thread.id)).status, 200);
    await thread.setLocked(false);
    await refuses(thread.edit({ name: 'x'.repeat(101) }), 50035);
  });

  it('lists archived private threads, all and those joined', async () => {
    const thread = await channel.threads.create({ name: 'Hidden', type: ChannelType.PrivateThread });
    await thread.setArchived(true);
    const all = await channel.threads.fetchArchived({ type: 'private', fetchAll: true });
    const joined = await channel.threads.fetchArchived({ type: 'private' });
    assert.deepEqual([all.threads.has(thread.id), joined.threads.has(thread.id), all.hasMore], [true, true, false]);
  });

  it('starts posts in forums, with tags', async () => {
    const forum = await channel.guild.channels.create({
      name: 'protests',
      type: ChannelType.GuildForum,
      availableTags: [{ name: 'open' }],
    });
    const tag = forum.availableTags[0]?.id ?? '';
    const post = await forum.threads.create({
      name: 'Lap 3',
      message: { content: 'contact in turn 1', files: [{ attachment: Buffer.from('video'), name: 'clip.txt' }] },
      appliedTags: [tag],
    });
    assert.deepEqual([post.parentId, post.appliedTags], [forum.id, [tag]]);
    const first = await post.fetchStarterMessage();
    assert.deepEqual([first?.id, first?.content, first?.attachments.size], [post.id, 'contact in turn 1', 1]);
    await refuses(forum.threads.create({ name: 'x', message: { content: '' } }), 50006);
    await refuses(forum.threads.create({ name: 'x', message: { content: 'x' }, appliedTags: ['1'] }), 50035);
    assert.equal((await bench.rest('POST', `/channels/${forum.id}/messages`, { content: 'x' })).body.code, 50008);
  });
});

describe('sandbox: threads and time', () => {
  it('archives a thread after its time without messages', async () => {
    const clock = new ForwardClock();
    const bench = await Bench.start({ clock });
    const general = await bench.channelId('general');
    const body = { name: 'Short', type: 11, auto_archive_duration: 60 };
    const { id } = (await bench.rest('POST', `/channels/${general}/threads`, body)).body;
    const archived = async () => {
      const { thread_metadata } = (await bench.rest('GET', `/channels/${id}`)).body;
      return (thread_metadata as { archived: boolean }).archived;
    };
    clock.forward(30 * MINUTE);
    assert.equal((await bench.control('say', { as: 'ana', channel: 'Short', content: 'x' })).status, 200);
    clock.forward(40 * MINUTE);
    assert.equal(await archived(), false);
    clock.forward(61 * MINUTE);
    assert.equal(await archived(), true);
    await bench.stop();
  });
});

describe('sandbox: threads for a bot with few permissions', () => {
  let bench: Bench;
  before(async () => {
    const { CreatePrivateThreads, CreatePublicThreads, SendMessagesInThreads } = PermissionFlagsBits;
    bench = await Bench.startWith({
      permissions: 0n,
      denied: {
        general: CreatePrivateThreads,
        announcements: CreatePublicThreads | SendMessagesInThreads,
      },
    });
  });
  after(() => bench.stop());

  it('makes and moderates only what it may (50013, 160005)', async () => {
    const client = await bench.login();
    const general = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    await refuses(general.threads.create({ name: 'x', type: ChannelType.PrivateThread }), 50013);
    const thread = await general.threads.create({ name: 'own' });
    assert.equal((await thread.setName('renamed')).name, 'renamed');
    await refuses(thread.setLocked(true), 50013);
    await refuses(thread.delete(), 50013);
    await refuses(thread.members.remove(await bench.memberId('ana')), 50013);
    const announcements = (await client.channels.fetch(await bench.channelId('announcements'))) as TextChannel;
    await refuses(announcements.threads.create({ name: 'x' }), 50013);
  });
});
