import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { Bench, eventually, type State, slash } from './kit.ts';

type Json = Record<string, unknown>;
type Saved = Record<string, Record<string, Json>> & { format: number };

describe('sandbox: saving and loading its state', () => {
  let bench: Bench;
  let other: Bench;
  before(async () => {
    bench = await Bench.start();
    other = await Bench.start();
  });
  after(async () => {
    await bench.stop();
    await other.stop();
  });

  const save = async () => (await (await fetch(`${bench.url}/sandbox/save`)).json()) as Saved;
  const load = async (document: unknown, into = bench) => {
    const response = await fetch(`${into.url}/sandbox/load`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
    return { status: response.status, body: (await response.json()) as { error?: string; guilds: { id: string }[] } };
  };
  const seen = ({ application, connected: _, ...state }: State) => ({ ...state, application: application.id });

  it('brings back what was saved, here and in another sandbox, and clients begin anew', async () => {
    const client = new WebSocket(`${bench.url.replace('http', 'ws')}/gateway`);
    const ended = new Promise((resolve) => client.once('close', resolve));
    client.once('message', () => {
      const d = { token: bench.sandbox.application.botToken, intents: 1, properties: {} };
      client.send(JSON.stringify({ op: 2, d }));
    });
    await eventually('it is connected', async () => (await bench.state()).connected === 1);
    await bench.register([slash('kept')]);
    const content = Buffer.from('a file').toString('base64');
    await bench.control('say', {
      as: 'ana',
      channel: 'general',
      content: 'first',
      files: [{ name: 'a.txt', content }],
    });
    await bench.control('roles', { as: 'ana', add: ['Elite'] });
    const [before, saved] = [await bench.state(), await save()];
    assert.ok(!JSON.stringify(saved).includes(bench.sandbox.application.botToken), 'secrets stay where they are');
    await bench.control('say', { as: 'ana', channel: 'general', content: 'second' });
    await bench.control('leave', { as: 'kenji' });
    await bench.register([slash('later')]);
    assert.equal((await load(saved)).status, 200);
    assert.equal(await ended, 4009, 'clients are told to identify anew');
    assert.deepEqual(seen({ ...(await bench.state()) }), seen(before));

    const own = (await other.state()).application.botToken;
    assert.equal((await load(saved, other)).status, 200);
    const there = await other.state();
    assert.equal(there.application.botToken, own);
    const file = there.channels[0]?.messages[0]?.attachments[0]?.url ?? '';
    assert.ok(file.startsWith(other.url), file);
    assert.equal(await (await fetch(file)).text(), 'a file');
    await bench.control('say', { as: 'kenji', channel: 'general', content: 'it goes on' });
  });

  it('makes servers of what somebody wrote down', async () => {
    const club = {
      name: 'Our club',
      owner: 'max',
      roles: [{ name: 'Driver' }, { name: 'Steward', permissions: ['MANAGE_MESSAGES'] }],
      channels: [
        { name: 'Race day', type: 'category' },
        { name: 'paddock', parent: 'Race day' },
        {
          name: 'stewards',
          overwrites: [
            { role: '@everyone', deny: ['VIEW_CHANNEL'] },
            { role: 'Steward', allow: '1024' },
          ],
        },
      ],
      members: [
        { username: 'lena', roles: ['Driver'] },
        { username: 'max', name: 'Max Mustermann', roles: ['Steward'] },
      ],
    };
    const loaded = await load({ format: 1, guilds: [club, { name: 'Bare', members: [{ username: 'lena' }] }] });
    assert.equal(loaded.status, 200, loaded.body.error);
    const state = await bench.state();
    assert.equal(state.application.botToken, bench.sandbox.application.botToken);
    assert.deepEqual(
      state.guilds.map(({ name, members }) => [name, members.length]),
      [
        ['Our club', 3],
        ['Bare', 2],
      ],
    );
    assert.deepEqual(
      state.roles.map(({ name }) => name),
      ['@everyone', 'Driver', 'Steward', 'Guildhall'],
    );
    const client = await bench.login();
    const guild = await client.guilds.fetch(loaded.body.guilds[0]?.id ?? '');
    assert.equal(guild.channels.cache.find(({ name }) => name === 'paddock')?.parent?.name, 'Race day');
    const say = (as: string) => bench.control('say', { as, channel: 'stewards', content: 'x' });
    assert.deepEqual([(await say('lena')).status, (await say('max')).status], [404, 200]);
    await client.destroy();
  });

  it('says what is wrong with a document, and keeps what was there', async () => {
    const good = await save();
    const [guildId, guild] = Object.entries(good.guilds ?? {})[0] ?? ['', {}];
    const written = (change: Json) => ({
      format: 1,
      guilds: [{ name: 'A', members: [{ username: 'me' }], ...change }],
    });
    const bad: [problem: RegExp, document: unknown][] = [
      [/format: must be 1/, {}],
      [/format: must be 1/, { ...good, format: 2 }],
      [/^surprise: there is no such part/, { ...good, surprise: {} }],
      [/^guilds: there must be one/, { format: 1, application: good.application, users: good.users }],
      [/^guilds\.\d+\.name: /, { ...good, guilds: { [guildId]: { ...guild, name: '' } } }],
      [/^guilds\.1: its key does not fit/, { ...good, guilds: { 1: guild } }],
      [
        /^guilds\.\d+\.owner_id: there is no 1 under "users"/,
        { ...good, guilds: { ...good.guilds, [guildId]: { ...guild, owner_id: '1' } } },
      ],
      [/^users: the bot is missing|there is no \d+ under "users"/, { ...good, users: {} }],
      [/^files\.x: /, { ...good, files: { x: 'YQ==' } }],
      [/^guilds\.0\.owner: there is no member "you"/, written({ owner: 'you' })],
      [/^guilds\.0\.members\.0\.roles: there is no role "X"/, written({ members: [{ username: 'me', roles: ['X'] }] })],
      [
        /^guilds\.0\.channels\.0\.parent: there is no category "X"/,
        written({ channels: [{ name: 'a', parent: 'X' }] }),
      ],
      [/^guilds\.0: .*colour/, written({ colour: 1 })],
      [
        /^guilds\.0\.roles.*: the id 7 stands there twice/,
        written({
          roles: [
            { id: '7', name: 'a' },
            { id: '7', name: 'b' },
          ],
        }),
      ],
      [/^application\.botToken: /, { ...written({}), application: { botToken: 'x' } }],
    ];
    const before = await bench.state();
    for (const [problem, document] of bad) {
      const { status, body } = await load(document);
      assert.equal(status, 400, String(problem));
      assert.match(body.error ?? '', problem);
    }
    assert.deepEqual(await bench.state(), before);
    assert.deepEqual(await save(), good);
  });

  it('takes a bot token that the document names', async () => {
    const guilds = [{ name: 'A', members: [{ username: 'me' }] }];
    assert.equal((await load({ format: 1, application: { botToken: 'a.b.c' }, guilds }, other)).status, 200);
    assert.equal((await other.rest('GET', '/users/@me', undefined, { token: 'Bot a.b.c' })).status, 200);
    assert.equal((await other.rest('GET', '/users/@me')).status, 401);
  });
});
