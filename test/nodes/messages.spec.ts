import assert from 'node:assert/strict';
import { sql } from 'kysely';
import discordMessage from '../../nodes/answers/discord-message/node.ts';
import reply from '../../nodes/answers/reply/node.ts';
import component from '../../nodes/intakes/component/node.ts';
import slashCommand from '../../nodes/intakes/slash-command/node.ts';
import { type Answered, until } from '../support/guildhall.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

/** A message as the sandbox shows it. */
interface Shown {
  id: string;
  content: string;
  ephemeralFor: string | null;
  embeds: { image?: { url: string }; author?: { name: string }; footer?: { text: string } }[];
  components: { components: { type: number; custom_id: string; options?: { label: string; value: string }[] }[] }[];
  attachments: { filename: string; size: number; url: string; description?: string }[];
}
interface State {
  channels: { name: string; messages: Shown[] }[];
  members: { id: string; username: string; dms: Shown[] }[];
  roles: { id: string; name: string }[];
}

describe('messages of nodes', () => {
  let house: NodeHouse;
  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
  });
  afterEach(() => house.red.unload());
  after(() => house?.stop());

  const state = () => house.control<State>('state');
  const newest = async (channel: string) =>
    (await state()).channels.find(({ name }) => name === channel)?.messages.at(-1) as Shown;
  const countPlayers = async () => (await sql`select 1 from players`.execute(house.platform.database)).rows.length;
  const command = (as: string, input: string) =>
    house.control<Answered & { messages: Shown[] }>('command', { as, input, channel: 'general' });
  const out = [0, 1, 2].map((index) => ({ id: `out${index}`, type: 'helper' }));
  const wires = out.map(({ id }) => [id]);
  const send = { id: 'send', type: 'guildhall-discord-message', version: 2, target: 'channel', channel: 'general' };
  const intake = { type: 'guildhall-slash-command', community: 'community', description: 'A test' };
  const answer = { type: 'guildhall-reply' };
  /** Starts a flow and waits until its commands are registered. */
  const start = async (flow: object[]) => {
    await house.loadFlow([slashCommand, component, reply, discordMessage], flow);
    await house.platform.flowsStarted('test');
    await until('the commands', async () =>
      house.platform.registration.compare(house.sandbox.guildId)?.every(({ state }) => state === 'registered'),
    );
  };

  it('show a whole card with a file of the message, and send it once however often it comes', async () => {
    const flow = [
      { ...send, wires, embedAuthor: '{{payload.by}}', embedImage: 'attachment://my card.png', files: 'payload.file' },
      ...out,
    ];
    await house.loadFlow([discordMessage], flow);
    const { actor } = await house.act();
    const file = { name: 'my card.png', data: Buffer.from('not really a picture'), description: 'a card' };
    const ids = [];
    for (const _ of [1, 2]) {
      const done = house.next('out0');
      house.red.getNode('send').receive({ actor, payload: { by: '**Ana**', file } });
      ids.push(((await done).sent as { message_id: string }).message_id);
    }
    assert.equal(ids[0], ids[1]);
    const message = await newest('general');
    assert.equal(message.id, ids[0]);
    const [attached] = message.attachments;
    assert.deepEqual([attached?.filename, attached?.description], ['my_card.png', 'a card']);
    assert.equal(await (await fetch(attached?.url ?? '')).text(), 'not really a picture');
    assert.equal(message.embeds[0]?.image?.url, attached?.url);
    assert.equal(message.embeds[0]?.author?.name, '**Ana**');
  });

  const unfit: [string, object, object, string][] = [
    [
      'a file that is too large',
      { files: 'payload' },
      { payload: Buffer.alloc(10 * 1024 * 1024 + 1) },
      'file-too-large',
    ],
    ['something that is no file', { files: 'payload' }, { payload: 7 }, 'file-unfit'],
    ['an image that is no address', { embedImage: '{{payload}}' }, { payload: 'javascript:alert(1)' }, 'address-unfit'],
    ['a webhook of somewhere else', { target: 'webhook' }, {}, 'webhook-unfit'],
  ];
  for (const [what, settings, message, code] of unfit) {
    it(`send nothing and tell Catch of ${what}`, async () => {
      const before = (await newest('general'))?.id;
      const webhook = 'http://169.254.169.254/api/webhooks/100000000000000001/secret-token';
      const flow = [{ ...send, content: 'text', ...settings }];
      await house.loadFlow([discordMessage], flow, { send: { webhook } });
      const caught = house.next('caught');
      house.red.getNode('send').receive({ actor: (await house.act()).actor, ...message });
      const error = (await caught).error as { code: string; message: string };
      assert.equal(error.code, code);
      assert.ok(!error.message.includes('secret-token'));
      assert.equal((await newest('general'))?.id, before);
    });
  }

  it('edit and delete what was sent to a member', async () => {
    const { members } = await state();
    const ana = members.find(({ username }) => username === 'ana');
    const to = {
      ...send,
      target: 'member',
      memberType: 'str',
      member: ana?.id,
      messageType: 'msg',
      message: 'sent.message_id',
    };
    await house.loadFlow(
      [discordMessage],
      [
        { ...to, content: 'first', wires: [['edit']] },
        { ...to, id: 'edit', operation: 'edit', content: 'second', wires: [['out0', 'delete']] },
        { ...to, id: 'delete', operation: 'delete', wires: [['out1'], [], ['out2']] },
        ...out,
      ],
    );
    const { actor } = await house.act();
    const [edited, deleted] = [house.next('out0'), house.next('out1')];
    house.red.getNode('send').receive({ actor });
    const { sent } = (await edited) as { sent: { message_id: string } };
    await deleted;
    const dms = (await state()).members.find(({ username }) => username === 'ana')?.dms ?? [];
    assert.ok(!dms.some(({ id }) => id === sent.message_id));
    const gone = house.next('out2');
    house.red.getNode('delete').receive({ actor, sent });
    await gone;
  });

  it('write through a webhook, edit and delete there, and know when it is gone', async () => {
    const { channels } = await state();
    const channel = channels.find(({ name }) => name === 'credit-approvals') as { id?: string } | undefined;
    const rest = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const response = await fetch(`${house.sandbox.url}/api/v10${path}`, {
        method,
        headers: {
          authorization: `Bot ${house.sandbox.application.botToken}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      assert.ok(response.ok, `${method} ${path}: ${response.status}`);
      return (response.status === 204 ? null : await response.json()) as T;
    };
    const { id, token } = await rest<{ id: string; token: string }>('POST', `/channels/${channel?.id}/webhooks`, {
      name: 'Race control',
    });
    const webhook = `${house.sandbox.url}/api/webhooks/${id}/${token}`;
    const to = { ...send, target: 'webhook', messageType: 'msg', message: 'sent.message_id' };
    const link = { label: 'Look', style: 'link', url: 'https://example.com/{{payload}}' };
    await house.loadFlow(
      [discordMessage],
      [
        { ...to, content: 'first', buttons: [link], wires: [['out0']] },
        { ...to, id: 'edit', operation: 'edit', content: 'second', wires: [['out1']] },
        { ...to, id: 'delete', operation: 'delete', wires: [['out1'], [], ['out2']] },
        ...out,
      ],
      { send: { webhook }, edit: { webhook }, delete: { webhook } },
    );
    const { actor } = await house.act();
    const run = async (node: string, output: string, msg: object) => {
      const done = house.next(output);
      house.red.getNode(node).receive({ actor, ...msg });
      return done;
    };
    const { sent } = await run('send', 'out0', { payload: 'a b' });
    const shown = await newest('credit-approvals');
    assert.deepEqual([shown.id, shown.content], [(sent as { message_id: string }).message_id, 'first']);
    assert.equal((shown.components[0]?.components[0] as { url?: string }).url, 'https://example.com/a%20b');
    await run('send', 'out0', { payload: 'a b' });
    await run('edit', 'out1', { sent });
    const edited = await newest('credit-approvals');
    assert.deepEqual([edited.id, edited.content], [shown.id, 'second']);
    await run('delete', 'out1', { sent });
    assert.notEqual((await newest('credit-approvals'))?.id, shown.id);
    await rest('DELETE', `/webhooks/${id}`);
    await run('delete', 'out2', { sent });
  });

  it('offer selects of every kind, and bring what was chosen with its name', async () => {
    const selects = [
      {
        kind: 'text',
        customId: 'pick:text',
        options: [{ label: '#{{id}}', value: '{{id}}', description: '{{note}}' }],
        each: 'payload.list',
        maxValues: 2,
      },
      ...['member', 'role', 'mentionable', 'channel'].map((kind) => ({ kind, customId: `pick:${kind}` })),
    ];
    const list = [1, 2].map((id) => ({ id, note: 'a; b = c' }));
    await house.loadFlow(
      [component, reply, discordMessage],
      [
        { ...send, content: 'choose', selects, wires },
        { ...answer, id: 'ok', content: 'ok', wires: [['out1']] },
        {
          id: 'picked',
          type: 'guildhall-component',
          community: 'community',
          customId: 'pick',
          takes: 'selects',
          wires: [['ok']],
        },
        {
          id: 'pressed',
          type: 'guildhall-component',
          community: 'community',
          customId: 'pick',
          takes: 'buttons',
          wires: [['out2']],
        },
        ...out,
      ],
    );
    await house.platform.flowsStarted('test');
    const sent = house.next('out0');
    house.red.getNode('send').receive({ actor: (await house.act()).actor, payload: { list } });
    await sent;
    const message = await newest('general');
    const [options] = message.components.map(({ components }) => components[0]?.options);
    assert.deepEqual(options, [
      { label: '#1', value: '1', description: 'a; b = c' },
      { label: '#2', value: '2', description: 'a; b = c' },
    ]);
    const choices: [string, string[], [string, string][]][] = [
      [
        'text',
        ['2', '1'],
        [
          ['#2', 'text'],
          ['#1', 'text'],
        ],
      ],
      ['member', ['bo'], [['Bo Lærke', 'member']]],
      ['role', ['Elite'], [['Elite', 'role']]],
      ['mentionable', ['Champion'], [['Champion', 'role']]],
      ['channel', ['announcements'], [['announcements', 'channel']]],
    ];
    for (const [argument, values, expected] of choices) {
      const picked = house.next('out1');
      const pressing = house.control('press', { as: 'ana', message: message.id, customId: `pick:${argument}`, values });
      const { payload, interaction } = (await picked) as {
        payload: { value: string; values: string[]; chosen: { id: string; name: string; kind: string }[] };
        interaction: { argument: string; kind: string };
      };
      assert.deepEqual([interaction.kind, interaction.argument], ['select', argument]);
      assert.deepEqual(
        payload.chosen.map(({ name, kind }) => [name, kind]),
        expected,
      );
      assert.deepEqual(
        payload.chosen.map(({ id }) => id),
        payload.values,
      );
      await pressing;
    }
  });

  it('answer, change the answer, and take it away', async () => {
    await start([
      { ...intake, id: 'command', command: 'answers', wires: [['first']] },
      { ...answer, id: 'first', content: 'first', ephemeral: false, wires: [['more']] },
      { ...answer, id: 'more', content: 'more', ephemeral: false, wires: [['change']] },
      { ...answer, id: 'change', answer: 'edit', content: 'changed', wires: [['out0']] },
      { ...intake, id: 'gone', command: 'nothing', wires: [['delete']] },
      { ...answer, id: 'delete', answer: 'delete', wires: [['out1']] },
      ...out,
    ]);
    const changed = house.next('out0');
    await command('ana', '/answers');
    await changed;
    const { channels } = await state();
    const said = channels.find(({ name }) => name === 'general')?.messages.slice(-2);
    assert.deepEqual(
      said?.map(({ content }) => content),
      ['changed', 'more'],
    );
    const taken = house.next('out1');
    const { messages } = await command('ana', '/nothing');
    await taken;
    assert.deepEqual(messages, []);
  });

  it('suggest what the flow finds while a member types, and make nobody a player by it', async () => {
    const typed = { ...intake, command: 'pick', wires: [[], ['choose']] };
    const option = { description: 'One of them', autocomplete: true };
    const options = [
      { ...option, name: 'text', type: 'text' },
      { ...option, name: 'number', type: 'integer' },
    ];
    const long = 'x'.repeat(101);
    const found = {
      text: ['one', { name: long, value: 'two' }, long, null],
      number: [{ name: 'seven', value: '7' }, 'x'],
    };
    await start([
      { ...typed, id: 'typed', options },
      {
        ...answer,
        id: 'choose',
        answer: 'suggestions',
        suggestions: `$lookup(${JSON.stringify(found)}, autocomplete.option)`,
        suggestionsType: 'jsonata',
        wires: [['out0']],
      },
      { ...intake, id: 'silent', command: 'silent', options, wires: [[]] },
      { ...intake, id: 'wrong', command: 'wrong', options, wires: [[], ['message']] },
      { ...answer, id: 'message', content: 'not now' },
      ...out,
    ]);
    const before = await countPlayers();
    const suggest = async (input: string) =>
      (await house.control<{ choices: unknown[] }>('autocomplete', { as: 'lukas', input, channel: 'general' })).choices;
    const asked = house.next('out0');
    const [one, two, ...more] = (await suggest('/pick text:o')) as { name: string; value: string }[];
    assert.deepEqual((await asked).autocomplete, { option: 'text', value: 'o' });
    assert.deepEqual(one, { name: 'one', value: 'one' });
    assert.deepEqual([two?.value, two?.name.length, more.length], ['two', 100, 0]);
    assert.deepEqual(await suggest('/pick number:1'), [{ name: 'seven', value: 7 }]);
    assert.deepEqual(await suggest('/silent text:o'), []);
    assert.deepEqual(await suggest('/wrong text:o'), []);
    assert.equal(await countPlayers(), before);
  });
});
