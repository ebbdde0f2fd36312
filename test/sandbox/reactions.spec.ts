import assert from 'node:assert/strict';
import { type Client, GatewayIntentBits, Partials, PermissionFlagsBits, type TextChannel } from 'discord.js';
import { snowflakeAt } from '../../sandbox/state/snowflake.ts';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: reactions, pins and many messages', () => {
  let bench: Bench;
  let client: Client<true>;
  let channel: TextChannel;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    const { Guilds, GuildMessages, GuildMessageReactions, MessageContent } = GatewayIntentBits;
    const intents = [Guilds, GuildMessages, GuildMessageReactions, MessageContent];
    client = await bench.login({ intents, partials: [Partials.Message, Partials.Reaction, Partials.User] });
    channel = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    client.on('messageReactionAdd', (reaction, user) => void events.push(`+${reaction.emoji.name} ${user.username}`));
    client.on(
      'messageReactionRemove',
      (reaction, user) => void events.push(`-${reaction.emoji.name} ${user.username}`),
    );
    client.on('messageReactionRemoveAll', () => void events.push('none'));
    client.on('messageReactionRemoveEmoji', (reaction) => void events.push(`no ${reaction.emoji.name}`));
    client.on('messageUpdate', (_, message) => void events.push(`edit ${message.content}`));
    client.on('messageDelete', (message) => void events.push(`delete ${message.id}`));
    client.on('messageDeleteBulk', (messages) => void events.push(`bulk ${messages.size}`));
    client.on('channelPinsUpdate', () => void events.push('pins'));
    await bench.rest('GET', `/guilds/${bench.sandbox.guildId}/members?limit=20`);
  });
  beforeEach(() => {
    events.length = 0;
  });
  after(() => bench.stop());

  const fresh = async (id: string) => channel.messages.fetch({ message: id, force: true });

  it('reacts, counts, lists and takes back', async () => {
    const message = await channel.send('who races?');
    await message.react('🏁');
    assert.equal((await bench.control('react', { as: 'ana', message: message.id, emoji: '🏁' })).status, 200);
    assert.equal((await bench.control('react', { as: 'kenji', message: message.id, emoji: '👍🏽' })).status, 200);
    const flag = (await fresh(message.id)).reactions.cache.get('🏁');
    assert.deepEqual([flag?.count, flag?.me], [2, true]);
    const users = await flag?.users.fetch();
    assert.deepEqual(users?.map(({ username }) => username).sort(), ['ana', 'guildhall']);
    await flag?.users.remove(await bench.memberId('ana'));
    assert.equal((await fresh(message.id)).reactions.cache.get('🏁')?.count, 1);
    await flag?.users.remove();
    assert.equal(
      (await bench.control('react', { as: 'kenji', message: message.id, emoji: '👍🏽', remove: true })).status,
      200,
    );
    await eventually('the gateway told of all six', () => events.length === 6);
    const bare = await bench.rest('GET', `/channels/${channel.id}/messages/${message.id}`);
    assert.equal(bare.body.reactions, undefined);
    assert.deepEqual(
      events.slice(3).map((event) => event.slice(0, 1)),
      ['-', '-', '-'],
    );
    assert.ok(events.slice(0, 3).every((event) => event.startsWith('+')));
  });

  it('clears one emoji or all', async () => {
    const message = await channel.send('votes');
    for (const emoji of ['👍', '👎']) await bench.control('react', { as: 'ana', message: message.id, emoji });
    await (await fresh(message.id)).reactions.cache.get('👎')?.remove();
    assert.deepEqual([...(await fresh(message.id)).reactions.cache.keys()], ['👍']);
    await message.reactions.removeAll();
    await eventually('both were told', () => events.includes('none') && events.includes('no 👎'));
    assert.equal((await fresh(message.id)).reactions.cache.size, 0);
  });

  it('takes 20 different emojis (30010), and only emojis (10014)', async () => {
    const message = await channel.send('full');
    await refuses(message.react('x'), 10014);
    await refuses(message.react('nothing:1193847312875520000'), 10014);
    for (let index = 0; index < 20; index++) await message.react(String.fromCodePoint(0x1f600 + index));
    await refuses(message.react('🏁'), 30010);
    await message.react(String.fromCodePoint(0x1f600));
    assert.equal((await bench.control('react', { as: 'ana', message: message.id, emoji: '🏁' })).status, 409);
  });

  it('pins up to 250, and says so', async () => {
    const message = await channel.send('rules');
    await message.pin();
    const pinned = await channel.messages.fetchPins();
    assert.deepEqual(
      pinned.items.map((pin) => pin.message.content),
      ['rules'],
    );
    assert.equal((await channel.messages.fetch({ limit: 1 })).first()?.type, 6);
    await message.unpin();
    assert.equal((await channel.messages.fetchPins()).items.length, 0);
    await eventually('pins were told twice', () => events.filter((event) => event === 'pins').length === 2);
    assert.equal((await fresh(message.id)).editedAt, null);
    const path = `/channels/${channel.id}`;
    const many = Array.from({ length: 250 }, async (_, index) => {
      const { id } = (await bench.rest('POST', `${path}/messages`, { content: `${index}` })).body;
      return bench.rest('PUT', `${path}/messages/pins/${id}`);
    });
    assert.ok((await Promise.all(many)).every(({ status }) => status === 204));
    await refuses(message.pin(), 30003);
  });

  it('deletes many at once, none of them two weeks old (50034)', async () => {
    const sent = await Promise.all(['a', 'b', 'c'].map((content) => channel.send(content)));
    assert.equal((await channel.bulkDelete(sent)).size, 3);
    await eventually('told at once', () => events.includes('bulk 3'));
    await refuses(fresh(sent[0]?.id ?? ''), 10008);
    const path = `/channels/${channel.id}/messages/bulk-delete`;
    const old = snowflakeAt(Date.now() - 15 * 86_400_000);
    assert.equal((await bench.rest('POST', path, { messages: [old, '1'] })).body.code, 50034);
    assert.equal((await bench.rest('POST', path, { messages: [old] })).body.code, 50035);
  });

  it('pages through messages', async () => {
    const quiet = await channel.guild.channels.create({ name: 'quiet' });
    const sent = [];
    for (const content of ['1', '2', '3', '4', '5']) sent.push(await quiet.send(content));
    const read = async (query: Record<string, unknown>) =>
      [...(await quiet.messages.fetch({ cache: false, ...query })).values()].map(({ content }) => content);
    const third = sent[2]?.id;
    assert.deepEqual(await read({ limit: 2 }), ['5', '4']);
    assert.deepEqual(await read({ before: third, limit: 1 }), ['2']);
    assert.deepEqual(await read({ after: third, limit: 1 }), ['4']);
    assert.deepEqual(await read({ around: third, limit: 3 }), ['4', '3', '2']);
    const bad = await bench.rest('GET', `/channels/${quiet.id}/messages?limit=101`);
    assert.deepEqual([bad.body.code, Object.keys(bad.body.errors ?? {})], [50035, ['limit']]);
  });

  it('lets members edit and delete what is theirs', async () => {
    const said = (await bench.control('say', { as: 'ana', channel: 'general', content: 'frist' })) as unknown as {
      message: { id: string };
    };
    const { id } = said.message;
    assert.equal((await bench.control('edit', { as: 'kenji', message: id, content: 'x' })).status, 403);
    assert.equal((await bench.control('edit', { as: 'ana', message: id, content: 'first' })).status, 200);
    await eventually('the edit was told', () => events.includes('edit first'));
    assert.equal((await bench.control('delete', { as: 'kenji', message: id })).status, 403);
    assert.equal((await bench.control('delete', { as: 'amara', message: id })).status, 200);
    await eventually('the deletion was told', () => events.includes(`delete ${id}`));
  });

  it('hides the text of others from a bot without the intent, on REST too', async () => {
    const { id } = (
      (await bench.control('say', { as: 'ana', channel: 'general', content: 'secret' })) as unknown as {
        message: { id: string };
      }
    ).message;
    const own = await channel.send('mine');
    await bench.rest('PATCH', '/applications/@me', { flags: 0 });
    assert.deepEqual([(await fresh(id)).content, (await fresh(own.id)).content], ['', 'mine']);
    const members = await bench.rest('GET', `/guilds/${channel.guildId}/members?limit=5`);
    assert.equal(members.body.code, 50001);
    await bench.rest('PATCH', '/applications/@me', { flags: (1 << 13) | (1 << 15) | (1 << 19) });
    assert.equal((await fresh(id)).content, 'secret');
  });
});

describe('sandbox: reactions and pins for a bot with few permissions', () => {
  it('joins a reaction, but begins, pins and clears none (50013)', async () => {
    const bench = await Bench.startWith({
      permissions: PermissionFlagsBits.ViewChannel,
      denied: { general: PermissionFlagsBits.AddReactions },
    });
    const client = await bench.login();
    const channel = (await client.channels.fetch(await bench.channelId('general'))) as TextChannel;
    const message = await channel.send('x');
    await refuses(message.react('👍'), 50013);
    assert.equal((await bench.control('react', { as: 'ana', message: message.id, emoji: '👍' })).status, 403);
    assert.equal((await bench.control('react', { as: 'amara', message: message.id, emoji: '👍' })).status, 200);
    await message.react('👍');
    await refuses(message.reactions.removeAll(), 50013);
    await refuses(message.pin(), 50013);
    await refuses(channel.bulkDelete([message.id, '1193847312875520000']), 50013);
    await bench.stop();
  });
});
