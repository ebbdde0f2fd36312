import assert from 'node:assert/strict';
import { type Client, Events, GatewayIntentBits, Partials } from 'discord.js';
import WebSocket from 'ws';
import { Bench, eventually, slash } from './kit.ts';

/** A bare gateway connection and all that it received. */
class Wire {
  readonly packets: { op: number; t: string | null; s: number | null; d: Record<string, unknown> }[] = [];
  closed: number | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.packets.push(JSON.parse(String(data))));
    socket.on('close', (code) => {
      this.closed = code;
    });
    socket.on('error', () => {});
  }

  static async open(url: string): Promise<Wire> {
    const wire = new Wire(new WebSocket(`${url.replace('http', 'ws')}/gateway/?v=10&encoding=json`));
    await eventually('hello', () => wire.packets.some(({ op }) => op === 10));
    return wire;
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  send(payload: unknown): void {
    this.#socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  identify(token: string, intents: unknown): void {
    this.send({ op: 2, d: { token, intents, properties: { os: 'x', browser: 'x', device: 'x' } } });
  }

  events(name: string) {
    return this.packets.filter(({ t }) => t === name);
  }

  async closes(code: number): Promise<void> {
    await eventually(`closed with ${code}`, () => this.closed !== undefined);
    assert.equal(this.closed, code);
  }

  end(): void {
    this.#socket.terminate();
  }
}

describe('sandbox: the gateway', () => {
  let bench: Bench;
  const wires: Wire[] = [];
  const wire = async () => {
    const opened = await Wire.open(bench.url);
    wires.push(opened);
    return opened;
  };
  before(async () => {
    bench = await Bench.start();
  });
  afterEach(() => {
    for (const opened of wires.splice(0)) opened.end();
  });
  after(() => bench.stop());

  it('acknowledges heartbeats and greets with READY and the guilds', async () => {
    const opened = await wire();
    opened.send({ op: 1, d: null });
    opened.identify(bench.sandbox.application.botToken, 1);
    await eventually('both guilds arrive', () => opened.events('GUILD_CREATE').length === 2);
    assert.ok(opened.packets.some(({ op }) => op === 11));
    const ready = opened.events('READY')[0]?.d;
    assert.equal(ready?.v, 10);
    assert.match(String(ready?.resume_gateway_url), /^ws:\/\/127\.0\.0\.1:\d+\//);
    const guild = opened.events('GUILD_CREATE')[0]?.d;
    assert.equal(guild?.member_count, 13);
    assert.equal((guild?.members as unknown[]).length, 1);
  });

  const closing: [what: string, code: number, act: (opened: Wire, token: string) => void][] = [
    ['a wrong token', 4004, (opened) => opened.identify('wrong', 1)],
    ['unknown intents', 4013, (opened, token) => opened.identify(token, 1 << 30)],
    ['no intents', 4013, (opened, token) => opened.identify(token, 'all')],
    ['an unknown opcode', 4001, (opened) => opened.send({ op: 99, d: null })],
    ['no JSON', 4002, (opened) => opened.send('{')],
    ['a list', 4002, (opened) => opened.send('[]')],
    ['more than 4096 bytes', 4002, (opened) => opened.send({ op: 1, d: 'x'.repeat(4096) })],
    ['a request before identifying', 4003, (opened) => opened.send({ op: 8, d: {} })],
    ['a bad shard', 4010, (opened, token) => opened.send({ op: 2, d: { token, intents: 1, shard: [2, 1] } })],
    [
      'identifying twice',
      4005,
      (opened, token) => {
        opened.identify(token, 0);
        opened.identify(token, 0);
      },
    ],
  ];
  for (const [what, code, act] of closing) {
    it(`closes with ${code} on ${what}`, async () => {
      const opened = await wire();
      act(opened, bench.sandbox.application.botToken);
      await opened.closes(code);
    });
  }

  it('answers a resume of an unknown session with op 9', async () => {
    const opened = await wire();
    opened.send({ op: 6, d: { token: bench.sandbox.application.botToken, session_id: 'none', seq: 1 } });
    await eventually('op 9', () => opened.packets.some(({ op, d }) => op === 9 && (d as unknown) === false));
  });

  for (const [code, op] of [
    [1000, 9],
    [4000, 0],
  ] as const) {
    it(`${op === 9 ? 'ends' : 'keeps'} the session of a client that closes with ${code}`, async () => {
      const token = bench.sandbox.application.botToken;
      const opened = await wire();
      opened.identify(token, 1);
      await eventually('it is ready', () => opened.events('GUILD_CREATE').length === 2);
      const { session_id } = opened.events('READY')[0]?.d ?? {};
      opened.close(code);
      await opened.closes(code);
      const again = await wire();
      again.send({ op: 6, d: { token, session_id, seq: 1 } });
      await eventually('it is answered', () => again.packets.length > 1);
      assert.equal(again.packets[1]?.op, op);
    });
  }

  it('splits guilds over shards', async () => {
    const { botToken } = bench.sandbox.application;
    const seen: unknown[] = [];
    for (const shard of [0, 1]) {
      const opened = await wire();
      opened.send({ op: 2, d: { token: botToken, intents: 1, shard: [shard, 2] } });
      await eventually('READY', () => opened.events('READY').length === 1);
      seen.push(...(opened.events('READY')[0]?.d.guilds as unknown[]));
    }
    assert.equal(seen.length, 2);
  });

  it('gives the whole member list only with GUILD_MEMBERS', async () => {
    const { guildId } = bench.sandbox;
    const client = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers] });
    assert.equal((await client.guilds.cache.get(guildId)?.members.fetch())?.size, 13);
    const blind = await wire();
    blind.identify(bench.sandbox.application.botToken, 1);
    blind.send({ op: 8, d: { guild_id: guildId, query: '', limit: 0 } });
    blind.send({ op: 8, d: { guild_id: guildId, user_ids: [await bench.memberId('ana'), '1'], nonce: 'n' } });
    await eventually('a chunk', () => blind.events('GUILD_MEMBERS_CHUNK').length > 0);
    const chunk = blind.events('GUILD_MEMBERS_CHUNK')[0]?.d;
    assert.deepEqual([(chunk?.members as unknown[]).length, chunk?.not_found, chunk?.nonce], [1, ['1'], 'n']);
  });

  it('shows the content of messages only with MESSAGE_CONTENT, and always in DMs and mentions', async () => {
    const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
    const listen = async (intents: GatewayIntentBits[]) => {
      const contents: string[] = [];
      const client = await bench.login({ intents, partials: [Partials.Channel] });
      client.on('messageCreate', (message) => void contents.push(message.content));
      return contents;
    };
    const seeing = await listen([Guilds, GuildMessages, DirectMessages, MessageContent]);
    const blind = await listen([Guilds, GuildMessages, DirectMessages]);
    const deaf = await listen([Guilds]);
    const mention = `<@${bench.sandbox.application.id}> hello`;
    await bench.control('say', { as: 'ana', channel: 'general', content: 'secret' });
    await bench.control('say', { as: 'ana', channel: 'general', content: mention });
    await bench.control('say', { as: 'ana', channel: '@me', content: 'private' });
    await eventually('all arrive', () => blind.length === 3 && seeing.length === 3);
    assert.deepEqual(seeing, ['secret', mention, 'private']);
    assert.deepEqual(blind, ['', mention, 'private']);
    assert.deepEqual(deaf, []);
  });
});

describe('sandbox: a gateway that misbehaves', () => {
  let bench: Bench;
  let client: Client<true>;
  let resumes = 0;
  const ran: string[] = [];
  before(async () => {
    bench = await Bench.start();
    client = await bench.bot([slash('hello')], async (interaction) => {
      ran.push(interaction.id);
      if (interaction.isRepliable()) await interaction.reply('hi');
    });
    client.on(Events.ShardResume, () => {
      resumes++;
    });
  });
  after(() => bench.stop());

  for (const fault of [{ gateway: 'drop' }, { gateway: 'close', code: 4000 }, { gateway: 'reconnect' }]) {
    it(`loses no interaction over ${JSON.stringify(fault)}`, async () => {
      const before = resumes;
      await bench.control('faults', fault);
      const outcome = await bench.command('ana', '/hello');
      assert.equal(outcome.messages[0]?.content, 'hi');
      await eventually('the session is resumed', () => resumes === before + 1);
      assert.equal(ran.filter((id) => id === outcome.interaction).length, 1);
    });
  }

  it('ends a session that it calls invalid', async () => {
    const ready = new Promise((resolve) => client.once(Events.ShardReady, resolve));
    await bench.control('faults', { gateway: 'invalidate' });
    await ready;
    assert.equal((await bench.command('ana', '/hello')).messages[0]?.content, 'hi');
  });

  it('refuses faults that make no sense', async () => {
    for (const fault of [
      {},
      { gateway: 'sulk' },
      { gateway: 'close', code: 1006 },
      { route: 'nowhere', status: 500 },
      { status: 9 },
    ]) {
      assert.equal((await bench.control('faults', fault)).status, 400, JSON.stringify(fault));
    }
  });
});
