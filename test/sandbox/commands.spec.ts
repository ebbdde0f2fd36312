import assert from 'node:assert/strict';
import { Bench, slash } from './kit.ts';

const text = (name: string, more: Record<string, unknown> = {}) => ({ type: 3, name, description: 'A text', ...more });

describe('sandbox: registering commands', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
  });
  after(() => bench.stop());

  const codes = (errors: unknown): string[] =>
    typeof errors !== 'object' || errors === null
      ? []
      : Object.entries(errors).flatMap(([key, value]) =>
          key === '_errors' ? (value as { code: string }[]).map(({ code }) => code) : codes(value),
        );

  const many = (count: number) => Array.from({ length: count }, (_, index) => slash(`command-${index}`));
  const long = 'x'.repeat(100);
  const big = Array.from({ length: 25 }, (_, index) => ({
    ...text(`option-${index}`),
    choices: [1, 2, 3, 4].map((value) => ({ name: `${value}`, value: `${value}${long}`.slice(0, 100) })),
  }));
  const refused: [what: string, commands: Record<string, unknown>[], code: string][] = [
    ['capitals in a name', [slash('Request')], 'APPLICATION_COMMAND_INVALID_NAME'],
    ['a space in a name', [slash('a b')], 'APPLICATION_COMMAND_INVALID_NAME'],
    ['no description', [{ name: 'a' }], 'BASE_TYPE_REQUIRED'],
    ['a description over 100', [{ name: 'a', description: `${long}x` }], 'BASE_TYPE_MAX_LENGTH'],
    ['two commands of a name', [slash('a'), slash('a')], 'APPLICATION_COMMANDS_DUPLICATE_NAME'],
    [
      '26 options',
      [
        slash(
          'a',
          Array.from({ length: 26 }, (_, index) => text(`o${index}`)),
        ),
      ],
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'required after optional',
      [slash('a', [text('b'), text('c', { required: true })])],
      'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    ['two options of a name', [slash('a', [text('b'), text('b')])], 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS'],
    ['over 8000 characters', [slash('a', big)], 'APPLICATION_COMMAND_TOO_LARGE'],
    [
      'options beside sub-commands',
      [slash('a', [text('b'), { type: 1, name: 'c', description: 'c' }])],
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
    ],
    [
      'choices with autocomplete',
      [slash('a', [text('b', { autocomplete: true, choices: [{ name: 'x', value: 'x' }] })])],
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES',
    ],
  ];
  for (const [what, commands, code] of refused) {
    it(`refuses ${what}`, async () => {
      const answer = await bench.register(commands);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, 50035);
      assert.ok(codes(answer.body.errors).includes(code), JSON.stringify(answer.body.errors));
    });
  }

  it('takes 100 commands and no more (30032)', async () => {
    assert.equal((await bench.register(many(100))).status, 200);
    assert.equal((await bench.register(many(101))).body.code, 30032);
    assert.equal((await bench.state()).commands.length, 100);
  });

  it('keeps the id of a command whose name stays', async () => {
    const ids = async () => new Map((await bench.state()).commands.map(({ name, id }) => [name, id]));
    await bench.register([slash('stays'), slash('goes')]);
    const before = await ids();
    await bench.register([slash('new'), slash('stays', [text('more')])]);
    const after = await ids();
    assert.equal(after.get('stays'), before.get('stays'));
    assert.deepEqual([...after.keys()].sort(), ['new', 'stays']);
  });

  it('gets, adds, edits and deletes one, in the guild and globally, through discord.js', async () => {
    const client = await bench.login();
    for (const scope of [undefined, bench.sandbox.guildId]) {
      const command = await client.application.commands.create({ name: 'one', description: 'One' }, scope);
      const edited = await client.application.commands.edit(command.id, { description: 'Another' }, scope as string);
      assert.equal(edited.description, 'Another');
      const all = await client.application.commands.fetch({ ...(scope === undefined ? {} : { guildId: scope }) });
      assert.ok(all.some(({ id }) => id === command.id));
      await client.application.commands.delete(command.id, scope);
      const path = scope === undefined ? '' : `/guilds/${scope}`;
      const gone = await bench.rest('GET', `/applications/${client.application.id}${path}/commands/${command.id}`);
      assert.equal(gone.body.code, 10063);
    }
  });

  it('refuses another application (20012)', async () => {
    assert.equal((await bench.rest('GET', '/applications/1193841524736000001/commands')).body.code, 20012);
  });
});

describe('sandbox: what a client would not send', () => {
  let bench: Bench;
  let options: unknown;
  before(async () => {
    bench = await Bench.start();
    const kinds = [
      { type: 4, name: 'amount', description: 'How many', required: true, min_value: 1, max_value: 100 },
      { type: 10, name: 'ratio', description: 'A number' },
      { type: 5, name: 'sure', description: 'Yes or no' },
      { type: 6, name: 'who', description: 'A member' },
      { type: 7, name: 'where', description: 'A channel', channel_types: [0] },
      { type: 8, name: 'role', description: 'A role' },
      { type: 9, name: 'any', description: 'A member or role' },
      text('kind', { choices: [{ name: 'Lead credit', value: 'lead' }] }),
      text('reason', { min_length: 2, max_length: 5 }),
    ];
    const group = {
      type: 2,
      name: 'group',
      description: 'A group',
      options: [{ type: 1, name: 'sub', description: 'In it' }],
    };
    const commands = [
      slash('all', kinds),
      slash('nested', [{ type: 1, name: 'sub', description: 'One', options: [text('word')] }, group]),
      { ...slash('admins'), default_member_permissions: '0' },
      { ...slash('managers'), default_member_permissions: '32' },
    ];
    await bench.bot(commands, async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      options = interaction.options.data;
      await interaction.reply(`ran ${interaction.toString()}`);
    });
  });
  after(() => bench.stop());

  const refused: [input: string, says: RegExp][] = [
    ['all amount:1', /must be a command/],
    ['/nothing', /no command "\/nothing"/],
    ['/all', /needs the option "amount"/],
    ['/all amount:ten', /whole number/],
    ['/all amount:1.5', /whole number/],
    ['/all amount:0', /at least 1/],
    ['/all amount:101', /at most 100/],
    ['/all amount:1 amount:2', /given twice/],
    ['/all amount:1 colour:red', /no option "colour"/],
    ['/all amount:1 ratio:x', /must be a number/],
    ['/all amount:1 sure:maybe', /true or false/],
    ['/all amount:1 who:nobody', /no member "nobody"/],
    ['/all amount:1 where:Lounge', /no fitting channel/],
    ['/all amount:1 role:Nothing', /no role "Nothing"/],
    ['/all amount:1 kind:ai', /must be one of: Lead credit/],
    ['/all amount:1 reason:a', /at least 2/],
    ['/all amount:1 reason:abcdef', /at most 5/],
    ['/all amount:1 reason:"ab', /does not end/],
    ['/all sub amount:1', /takes no "sub"/],
    ['/nested', /needs one of: sub, group/],
    ['/nested other', /has no "other"/],
    ['/nested group', /needs one of: sub/],
  ];
  for (const [input, says] of refused) {
    it(`refuses ${input}`, async () => {
      const outcome = await bench.command('ana', input);
      assert.equal(outcome.status, 400);
      assert.match(outcome.error ?? '', says);
    });
  }

  it('reads every type of option', async () => {
    const input =
      '/all amount:25 ratio:-1.5 sure:TRUE who:@kenji where:#general role:Approver any:"Ελένη Παππά" kind:"Lead credit" reason:"a \\" b"';
    const outcome = await bench.command('ana', input);
    assert.equal(outcome.status, 200, outcome.error);
    const state = await bench.state();
    const id = (list: { id: string; username?: string; name?: string }[], name: string) =>
      list.find((item) => item.username === name || item.name === name)?.id;
    const values = (options as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]);
    assert.deepEqual(Object.fromEntries(values), {
      amount: 25,
      ratio: -1.5,
      sure: true,
      who: id(state.members, 'kenji'),
      where: id(state.channels, 'general'),
      role: id(state.roles, 'Approver'),
      any: id(state.members, 'eleni'),
      kind: 'lead',
      reason: 'a " b',
    });
  });

  it('reads sub-commands and groups', async () => {
    assert.equal((await bench.command('ana', '/nested sub word:x')).messages[0]?.content, 'ran /nested sub word:x');
    assert.equal((await bench.command('ana', '/nested group sub')).messages[0]?.content, 'ran /nested group sub');
  });

  it('shows a command only to members with its permissions', async () => {
    assert.equal((await bench.command('ana', '/admins')).status, 403);
    assert.equal((await bench.command('ana', '/managers')).status, 403);
    assert.equal((await bench.command('amara', '/admins')).status, 200);
    assert.equal((await bench.command('Amara Okafor', '/managers')).status, 200);
  });

  it('names who and what it does not know', async () => {
    assert.equal((await bench.command('nobody', '/admins')).status, 404);
    assert.equal((await bench.command('ana', '/all amount:1', { channel: 'nowhere' })).status, 404);
    assert.equal((await bench.command('ana', '/all amount:1', { guild: 'nowhere' })).status, 404);
    assert.equal((await bench.command('ana', '/all amount:1', { guild: 'Guildhall Demo Two' })).status, 400);
  });
});
