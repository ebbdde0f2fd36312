import assert from 'node:assert/strict';
import { AttachmentBuilder, ComponentType, DiscordAPIError, MessageFlags } from 'discord.js';
import { Bench, button, refuses, row } from './kit.ts';

describe('sandbox: messages', () => {
  let bench: Bench;
  let general = '';
  before(async () => {
    bench = await Bench.start();
    general = await bench.channelId('general');
  });
  after(() => bench.stop());

  const send = (body: Record<string, unknown>, channel = general) =>
    bench.rest('POST', `/channels/${channel}/messages`, body);
  const fox = '🦊';
  const fields = (count: number) => Array.from({ length: count }, () => ({ name: 'n', value: 'v' }));
  const buttons = (count: number) => Array.from({ length: count }, (_, index) => button(`b${index}`, 'B'));
  const embed = (more: Record<string, unknown>) => ({ embeds: [more] });
  const select = (options: unknown[], more: Record<string, unknown> = {}) => ({
    components: [row({ type: 3, custom_id: 's', options, ...more })],
  });
  const option = (value: string) => ({ label: 'l', value });

  const fits: [what: string, body: Record<string, unknown>][] = [
    ['2000 letters', { content: 'x'.repeat(2000) }],
    ['2000 foxes', { content: fox.repeat(2000) }],
    [
      'an embed at its limits',
      embed({ title: fox.repeat(256), description: 'x'.repeat(4096), footer: { text: 'y'.repeat(1000) } }),
    ],
    ['25 fields', embed({ fields: fields(25) })],
    ['10 embeds', { embeds: Array.from({ length: 10 }, () => ({ title: 'x' })) }],
    [
      '5 rows of 5 buttons',
      { components: [0, 1, 2, 3, 4].map((r) => row(...[0, 1, 2, 3, 4].map((b) => button(`${r}-${b}`, 'B')))) },
    ],
    ['a label of 80', { components: [row(button('x'.repeat(100), fox.repeat(80)))] }],
    ['a select of 25', select(Array.from({ length: 25 }, (_, index) => option(`${index}`)))],
    ['components v2', { flags: 32768, components: [{ type: 10, content: 'text' }] }],
    ['an offset in a timestamp', embed({ title: 'x', timestamp: '2026-01-01T00:00:00+02:00' })],
  ];
  for (const [what, body] of fits) {
    it(`takes ${what}`, async () => {
      const answer = await send(body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    });
  }

  const refused: [what: string, body: Record<string, unknown>, code: number, path: string[]][] = [
    ['2001 letters', { content: 'x'.repeat(2001) }, 50035, ['content']],
    ['4001 letters', { content: 'x'.repeat(4001) }, 50035, ['content']],
    ['nothing', {}, 50006, []],
    ['blanks', { content: ' \n ' }, 50006, []],
    ['a number as content', { content: 5 }, 50035, ['content']],
    ['11 embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, 50035, ['embeds']],
    ['a title of 257', embed({ title: 'x'.repeat(257) }), 50035, ['embeds', '0', 'title']],
    ['a description of 4097', embed({ description: 'x'.repeat(4097) }), 50035, ['embeds', '0', 'description']],
    ['26 fields', embed({ fields: fields(26) }), 50035, ['embeds', '0', 'fields']],
    [
      'a field name of 257',
      embed({ fields: [{ name: 'x'.repeat(257), value: 'v' }] }),
      50035,
      ['embeds', '0', 'fields', '0', 'name'],
    ],
    [
      'a field value of 1025',
      embed({ fields: [{ name: 'n', value: 'x'.repeat(1025) }] }),
      50035,
      ['embeds', '0', 'fields', '0', 'value'],
    ],
    ['an empty field', embed({ fields: [{ name: 'n', value: '' }] }), 50035, ['embeds', '0', 'fields', '0', 'value']],
    ['a footer of 2049', embed({ footer: { text: 'x'.repeat(2049) } }), 50035, ['embeds', '0', 'footer', 'text']],
    ['an author of 257', embed({ author: { name: 'x'.repeat(257) } }), 50035, ['embeds', '0', 'author', 'name']],
    ['6001 in all embeds', { embeds: [0, 1].map(() => ({ description: 'x'.repeat(3001) })) }, 50035, ['embeds']],
    ['an empty embed', embed({}), 50035, ['embeds', '0', 'description']],
    ['a script as link', embed({ title: 'x', url: 'javascript:alert(1)' }), 50035, ['embeds', '0', 'url']],
    ['6 rows', { components: [0, 1, 2, 3, 4, 5].map((r) => row(button(`${r}`, 'B'))) }, 50035, ['components']],
    ['6 buttons in a row', { components: [row(...buttons(6))] }, 50035, ['components', '0', 'components']],
    [
      'one custom_id twice',
      { components: [row(button('a', 'A'), button('a', 'B'))] },
      50035,
      ['components', '0', 'components', '1', 'custom_id'],
    ],
    [
      'a custom_id of 101',
      { components: [row(button('x'.repeat(101), 'A'))] },
      50035,
      ['components', '0', 'components', '0', 'custom_id'],
    ],
    [
      'a label of 81',
      { components: [row(button('a', 'x'.repeat(81)))] },
      50035,
      ['components', '0', 'components', '0', 'label'],
    ],
    [
      'a button without a label',
      { components: [row({ type: 2, style: 1, custom_id: 'a' })] },
      50035,
      ['components', '0', 'components', '0', 'label'],
    ],
    [
      'a link button with an id',
      { components: [row(button('a', 'A', { style: 5, url: 'https://a.example' }))] },
      50035,
      ['components', '0', 'components', '0', 'custom_id'],
    ],
    [
      'a select of 26',
      select(Array.from({ length: 26 }, (_, index) => option(`${index}`))),
      50035,
      ['components', '0', 'components', '0', 'options'],
    ],
    [
      'one option value twice',
      select([option('a'), option('a')]),
      50035,
      ['components', '0', 'components', '0', 'options', '1', 'value'],
    ],
    ['a button outside a row', { components: [button('a', 'A')] }, 50035, ['components', '0']],
    [
      'content with components v2',
      { flags: 32768, content: 'x', components: [{ type: 10, content: 'text' }] },
      50035,
      ['content'],
    ],
    [
      'a picture that did not come with it',
      {
        flags: 32768,
        components: [{ type: 17, components: [{ type: 12, items: [{ media: { url: 'attachment://p.png' } }] }] }],
      },
      50035,
      ['components', '0', 'components', '0', 'items', '0', 'media', 'url'],
    ],
    ['a sticker that nobody has', { sticker_ids: ['1193847312875520000'] }, 50081, []],
    [
      'a poll, which it does not have',
      { poll: { question: { text: 'q' }, answers: [{ poll_media: { text: 'a' } }], duration: 1 } },
      50035,
      ['poll'],
    ],
    [
      'parse and list together',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1193847312875520000'] } },
      50035,
      ['allowed_mentions'],
    ],
    [
      'a reply to nothing',
      { content: 'x', message_reference: { message_id: '1193847312875520000' } },
      50035,
      ['message_reference'],
    ],
  ];
  for (const [what, body, code, path] of refused) {
    it(`refuses ${what}`, async () => {
      const answer = await send(body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, code, JSON.stringify(answer.body));
      let node: unknown = answer.body.errors;
      for (const key of path) node = (node as Record<string, unknown> | undefined)?.[key];
      if (path.length > 0) assert.ok(node !== undefined, `${path.join('.')} in ${JSON.stringify(answer.body.errors)}`);
    });
  }

  it('logs a verdict by the schema alone', async () => {
    await send({ content: 5 });
    assert.match((await bench.log()).at(-1)?.verdict ?? '', /^content: /);
    await send({ content: 'x'.repeat(2001) });
    const entry = (await bench.log()).at(-1);
    assert.equal(entry?.verdict, 'ok');
    assert.equal(entry?.route, '/channels/:channel/messages');
    assert.equal(entry?.status, 400);
  });

  it('sends a message once for a nonce with enforce_nonce', async () => {
    const body = { content: 'once', nonce: 'n-1', enforce_nonce: true };
    const first = await send(body);
    const second = await send({ ...body, content: 'again' });
    assert.equal(second.body.id, first.body.id);
    assert.equal(second.body.content, 'once');
    const elsewhere = await send(body, await bench.channelId('announcements'));
    assert.equal(elsewhere.body.id, first.body.id);
    const third = await send({ ...body, enforce_nonce: false });
    assert.notEqual(third.body.id, first.body.id);
  });

  it('lists, gets, edits and deletes through discord.js', async () => {
    const client = await bench.login();
    const channel = await client.channels.fetch(general);
    assert.ok(channel?.isSendable());
    const message = await channel.send('first');
    await channel.send({ content: 'second', reply: { messageReference: message } });
    const list = await channel.messages.fetch({ limit: 2 });
    assert.deepEqual(
      [...list.values()].map(({ content }) => content),
      ['second', 'first'],
    );
    assert.equal((await channel.messages.fetch({ after: message.id })).first()?.reference?.messageId, message.id);
    assert.equal((await message.edit('changed')).content, 'changed');
    assert.equal((await channel.messages.fetch({ message: message.id, force: true })).content, 'changed');
    await message.delete();
    await assert.rejects(
      () => channel.messages.fetch({ message: message.id, force: true }),
      (error) => error instanceof DiscordAPIError && error.code === 10008,
    );
    await channel.sendTyping();
  });

  it('takes files and gives them back', async () => {
    const client = await bench.login();
    const channel = await client.channels.fetch(general);
    assert.ok(channel?.isSendable());
    const files = [new AttachmentBuilder(Buffer.from('a,b\n1,2\n'), { name: 'table.csv' })];
    const message = await channel.send({ files, embeds: [{ image: { url: 'attachment://table.csv' } }] });
    const attachment = message.attachments.first();
    assert.equal(attachment?.name, 'table.csv');
    const download = await fetch(attachment?.url ?? '');
    assert.equal(await download.text(), 'a,b\n1,2\n');
    assert.equal(download.headers.get('content-disposition'), 'attachment');
    assert.equal(message.embeds[0]?.image?.url, attachment?.url);
    const shown = (await bench.state()).channels[0]?.messages.at(-1);
    assert.equal(shown?.attachments[0]?.filename, 'table.csv');
  });

  it('takes 10 files of 10 MB, and no more (30015, 40005)', async () => {
    const client = await bench.login();
    const channel = await client.channels.fetch(general);
    assert.ok(channel?.isSendable());
    const file = (name: string, bytes = 1) => new AttachmentBuilder(Buffer.alloc(bytes), { name });
    const names = Array.from({ length: 10 }, (_, index) => `${index}.txt`);
    const full = await channel.send({ files: names.map((name) => file(name)) });
    await refuses(channel.send({ files: [...names, 'one more.txt'].map((name) => file(name)) }), 50035);
    // Where the body does not list them, the published schema lets more through.
    const form = new FormData();
    form.append('files[0]', new Blob(['x']), 'one more.txt');
    const answer = await fetch(`${bench.url}/api/v10/channels/${general}/messages/${full.id}`, {
      method: 'PATCH',
      headers: { authorization: `Bot ${bench.sandbox.application.botToken}` },
      body: form,
    });
    assert.equal(((await answer.json()) as { code: number }).code, 30015);
    await refuses(channel.send({ files: [file('large', 10 * 1024 * 1024 + 1)] }), 40005);
    assert.equal((await full.edit({ files: [file('alone.txt')], attachments: [] })).attachments.size, 1);
  });

  it('gives pictures and files of components their addresses', async () => {
    const client = await bench.login();
    const channel = await client.channels.fetch(general);
    assert.ok(channel?.isSendable());
    const files = ['a.png', 'b.txt'].map((name) => new AttachmentBuilder(Buffer.from(name), { name }));
    const media = { url: 'attachment://a.png' };
    const message = await channel.send({
      flags: MessageFlags.IsComponentsV2,
      files,
      components: [
        {
          type: 17,
          components: [
            { type: 12, items: [{ media }, { media: { url: 'https://example.com/c.png' }, description: 'c' }] },
            { type: 13, file: { url: 'attachment://b.txt' } },
            { type: 9, components: [{ type: 10, content: 'beside' }], accessory: { type: 11, media } },
          ],
        },
      ],
    });
    assert.equal(message.attachments.size, 0);
    const [container] = message.components;
    assert.ok(container?.type === ComponentType.Container);
    const [gallery, file, section] = container.components;
    assert.ok(gallery?.type === ComponentType.MediaGallery);
    assert.ok(file?.type === ComponentType.File);
    assert.ok(section?.type === ComponentType.Section);
    const [picture, linked] = gallery.items;
    assert.equal(await (await fetch(picture?.media.url ?? '')).text(), 'a.png');
    assert.equal(linked?.media.url, 'https://example.com/c.png');
    assert.equal(await (await fetch(file.file.url)).text(), 'b.txt');
    assert.equal(section.accessory.toJSON().type, ComponentType.Thumbnail);
    await message.edit({ components: [{ type: 13, file: { url: 'attachment://b.txt' } }] });
  });

  it('refuses another author’s message, and unknown things with their codes', async () => {
    const said = await bench.control('say', { as: 'ana', channel: 'general', content: 'mine' });
    const { id } = (said as unknown as { message: { id: string } }).message;
    assert.equal((await bench.rest('PATCH', `/channels/${general}/messages/${id}`, { content: 'x' })).body.code, 50005);
    assert.equal((await bench.rest('DELETE', `/channels/${general}/messages/${id}`)).status, 204);
    const nothing = '1193847312875520999';
    const guild = bench.sandbox.guildId;
    const ana = await bench.memberId('ana');
    const unknown: [method: string, path: string, code: number, body?: unknown][] = [
      ['GET', `/channels/${nothing}`, 10003],
      ['POST', `/channels/${nothing}/messages`, 10003, { content: 'x' }],
      ['GET', `/guilds/${nothing}`, 10004],
      ['GET', `/guilds/${guild}/members/${nothing}`, 10013],
      ['GET', `/channels/${general}/messages/${nothing}`, 10008],
      ['PUT', `/guilds/${guild}/members/${ana}/roles/${nothing}`, 10011],
      ['GET', `/users/${nothing}`, 10013],
      ['POST', '/users/@me/channels', 50033, { recipient_id: nothing }],
      ['POST', `/webhooks/${nothing}/x`, 10015, { content: 'x' }],
      ['GET', '/guilds/abc', 50035],
    ];
    for (const [method, path, code, body] of unknown) {
      assert.equal((await bench.rest(method, path, body)).body.code, code, `${method} ${path}`);
    }
    assert.equal((await bench.rest('GET', '/nowhere')).status, 404);
    assert.equal((await bench.rest('DELETE', '/gateway')).status, 405);
  });

  it('refuses closed DMs (50007) and strangers (50278)', async () => {
    const ana = await bench.memberId('ana');
    const dm = (await bench.rest('POST', '/users/@me/channels', { recipient_id: ana })).body.id;
    assert.equal((await send({ content: 'open' }, dm)).status, 200);
    await bench.control('faults', { member: 'ana', dmsClosed: true });
    const closed = await send({ content: 'closed' }, dm);
    assert.equal(closed.status, 403);
    assert.equal(closed.body.code, 50007);
    await bench.control('faults', { member: 'ana', dmsClosed: false });
    assert.equal((await send({ content: 'open again' }, dm)).status, 200);
    assert.deepEqual(
      (await bench.state()).members[0]?.dms.map(({ content }) => content),
      ['open', 'open again'],
    );
    const joined = await bench.control('join', { username: 'passer.by' });
    const { id } = (joined as unknown as { member: { id: string } }).member;
    const other = (await bench.rest('POST', '/users/@me/channels', { recipient_id: id })).body.id;
    await bench.control('leave', { as: 'passer.by' });
    assert.equal((await send({ content: 'x' }, other)).body.code, 50278);
  });

  it('refuses a voice category as a place to write (50008)', async () => {
    assert.equal((await send({ content: 'x' }, await bench.channelId('Voice'))).body.code, 50008);
  });

  it('knows the bot by its token', async () => {
    for (const token of [null, 'Bot wrong', bench.sandbox.application.botToken]) {
      const answer = await bench.rest('GET', '/users/@me', undefined, { token });
      assert.deepEqual([answer.status, answer.body.code], [401, 0]);
    }
    assert.equal((await bench.rest('GET', '/gateway/bot', undefined, { token: 'Bearer x' })).body.code, 40001);
  });
});

describe('sandbox: mentions', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
  });
  after(() => bench.stop());

  it('pings what allowed_mentions lets through', async () => {
    const ana = await bench.memberId('ana');
    const role = await bench.roleId('Approver');
    const content = `@everyone <@${ana}> <@&${role}>`;
    const general = await bench.channelId('general');
    const pings = async (allowed: unknown, text = content) => {
      await bench.rest('POST', `/channels/${general}/messages`, {
        content: text,
        ...(allowed === undefined ? {} : { allowed_mentions: allowed }),
      });
      const shown = (await bench.state()).channels[0]?.messages.at(-1);
      return [shown?.mentions, shown?.mention_roles, shown?.mention_everyone];
    };
    assert.deepEqual(await pings(undefined), [[ana], [role], true]);
    assert.deepEqual(await pings({ parse: [] }), [[], [], false]);
    assert.deepEqual(await pings({ parse: ['users'] }), [[ana], [], false]);
    assert.deepEqual(await pings({ users: [ana] }), [[ana], [], false]);
    assert.deepEqual(await pings({ roles: [role] }), [[], [role], false]);
    assert.deepEqual(await pings(undefined, `\`<@${ana}>\` \`\`\`@everyone\`\`\``), [[], [], false]);
    assert.deepEqual(await pings(undefined, '<@1193847312875520999> mail@example.org'), [[], [], false]);
  });

  it('lets ordinary members ping nobody but people', async () => {
    const ana = await bench.memberId('ana');
    const role = await bench.roleId('Approver');
    await bench.control('say', { as: 'kenji', channel: 'general', content: `@everyone @here <@&${role}> <@${ana}>` });
    const shown = (await bench.state()).channels[0]?.messages.at(-1);
    assert.deepEqual([shown?.mentions, shown?.mention_roles, shown?.mention_everyone], [[ana], [], false]);
  });
});
