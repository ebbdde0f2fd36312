import assert from 'node:assert/strict';
import {
  ChannelType,
  type Client,
  GatewayIntentBits,
  type Guild,
  PermissionFlagsBits,
  type TextChannel,
  WebhookClient,
} from 'discord.js';
import { Bench, button, eventually, refuses, row } from './kit.ts';

describe('sandbox: webhooks', () => {
  let bench: Bench;
  let client: Client<true>;
  let guild: Guild;
  let channel: TextChannel;
  let updates = 0;
  before(async () => {
    bench = await Bench.start();
    client = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildWebhooks] });
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    channel = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    client.on('webhooksUpdate', () => void updates++);
  });
  after(() => bench.stop());

  const alone = (id: string, token: string) =>
    new WebhookClient({ id, token }, { rest: { api: `${bench.url}/api`, retries: 0 } });

  it('is made, listed, edited, moved and deleted', async () => {
    const webhook = await channel.createWebhook({ name: 'Race Control', avatar: Buffer.from('picture') });
    assert.deepEqual(
      [webhook.name, webhook.channelId, webhook.guildId, webhook.owner?.id, webhook.applicationId],
      ['Race Control', channel.id, guild.id, client.user.id, client.user.id],
    );
    assert.match(String(webhook.avatar), /^[0-9a-f]{32}$/);
    assert.ok((await channel.fetchWebhooks()).has(webhook.id));
    assert.ok((await guild.fetchWebhooks()).has(webhook.id));
    await webhook.edit({ name: 'Stewards', channel: await bench.channelId('announcements') });
    const moved = await client.fetchWebhook(webhook.id);
    assert.deepEqual([moved.name, moved.channelId], ['Stewards', await bench.channelId('announcements')]);
    const byToken = await bench.rest('GET', `/webhooks/${webhook.id}/${webhook.token}`, undefined, { token: null });
    assert.deepEqual([byToken.status, byToken.body.name, byToken.body.user], [200, 'Stewards', undefined]);
    await webhook.delete();
    await refuses(client.fetchWebhook(webhook.id), 10015);
    await eventually('each change was told', () => updates === 3);
  });

  it('writes, edits, reads and deletes without the bot', async () => {
    const { id, token } = await channel.createWebhook({ name: 'Results' });
    const hook = alone(id, token ?? '');
    const sent = await hook.send({
      content: `lap 1 @everyone <@${await bench.memberId('ana')}>`,
      username: 'Timing',
      avatarURL: 'https://a.example/b.png',
      embeds: [{ title: 'Spa', image: { url: 'attachment://map.txt' } }],
      components: [row(button('more', 'More')) as never],
      files: [{ attachment: Buffer.from('a map'), name: 'map.txt' }],
      allowedMentions: { parse: [] },
    });
    const shown = (await bench.state()).channels[0]?.messages.at(-1);
    assert.deepEqual([shown?.author, shown?.mentions, shown?.mention_everyone], ['Timing', [], false]);
    const attachment = shown?.attachments[0];
    assert.equal(await (await fetch(attachment?.url ?? '')).text(), 'a map');
    const message = await channel.messages.fetch(sent.id);
    assert.deepEqual([message.author.username, message.webhookId, message.author.bot], ['Timing', id, true]);
    await hook.editMessage(sent.id, { content: 'lap 2' });
    const read = await bench.rest('GET', `/webhooks/${id}/${token}/messages/${sent.id}`, undefined, { token: null });
    assert.equal(read.body.content, 'lap 2');
    const silent = await bench.rest('POST', `/webhooks/${id}/${token}`, { content: 'x' }, { token: null });
    assert.equal(silent.status, 204);
    await hook.deleteMessage(sent.id);
    await refuses(hook.deleteMessage(sent.id), 10008);
    hook.destroy();
  });

  it('writes in threads of its channel, and makes posts in forums', async () => {
    const webhook = await channel.createWebhook({ name: 'Splits' });
    const thread = await channel.threads.create({ name: 'Team radio' });
    await webhook.send({ content: 'box box', threadId: thread.id });
    assert.equal((await thread.messages.fetch({ limit: 1 })).first()?.content, 'box box');
    await refuses(webhook.send({ content: 'x', threadId: '1193847312875520000' }), 10003);
    const forum = await guild.channels.create({ name: 'results', type: ChannelType.GuildForum });
    const poster = await forum.createWebhook({ name: 'Poster' });
    await refuses(poster.send({ content: 'x' }), 220001);
    const post = await poster.send({ content: 'P1', threadName: 'Monza' });
    assert.equal((await client.channels.fetch(post.id))?.isThread(), true);
    await refuses(webhook.send({ content: 'x', threadName: 'Monza' }), 220003);
  });

  it('refuses what Discord refuses', async () => {
    const webhook = await channel.createWebhook({ name: 'Strict' });
    await refuses(channel.createWebhook({ name: 'not discord' }), 50035);
    await refuses(webhook.send({ content: 'x'.repeat(2001) }), 50035);
    await refuses(webhook.send({ content: '' }), 50006);
    const path = `/webhooks/${webhook.id}`;
    assert.equal((await bench.rest('POST', `${path}/wrong`, { content: 'x' }, { token: null })).body.code, 50027);
    assert.equal((await bench.rest('GET', `${path}/wrong`, undefined, { token: null })).body.code, 50027);
    assert.equal((await bench.rest('POST', '/webhooks/1/x', { content: 'x' }, { token: null })).body.code, 10015);
    const own = await channel.send('mine');
    const foreign = `${path}/${webhook.token}/messages/${own.id}`;
    assert.equal((await bench.rest('DELETE', foreign, undefined, { token: null })).body.code, 10008);
    const original = `${path}/${webhook.token}/messages/@original`;
    assert.equal((await bench.rest('GET', original, undefined, { token: null })).body.code, 10008);
    const there = (await channel.fetchWebhooks()).size;
    for (let made = there; made < 15; made++) await channel.createWebhook({ name: `${made}` });
    await refuses(channel.createWebhook({ name: 'one more' }), 30007);
  });
});

describe('sandbox: webhooks for a bot with few permissions', () => {
  it('are out of its reach (50013)', async () => {
    const bench = await Bench.startWith({ permissions: PermissionFlagsBits.ManageChannels });
    const client = await bench.login();
    const channel = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    await refuses(channel.createWebhook({ name: 'x' }), 50013);
    await refuses(channel.fetchWebhooks(), 50013);
    await refuses(channel.guild.fetchWebhooks(), 50013);
    await bench.stop();
  });
});
