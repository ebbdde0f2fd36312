import assert from 'node:assert/strict';
import {
  type APIModalInteractionResponseCallbackData,
  DiscordAPIError,
  type Interaction,
  MessageFlags,
  type RepliableInteraction,
} from 'discord.js';
import { Bench, button, eventually, ForwardClock, modalWith, row, slash } from './kit.ts';

const COMMANDS = [
  slash('reply', [{ type: 3, name: 'text', description: 'What to say' }]),
  slash('secret'),
  slash('defer'),
  slash('card'),
  slash('picture'),
  slash('form'),
  slash('details'),
  { name: 'Greet', type: 2 },
  { name: 'Quote', type: 3 },
  slash('silent'),
  slash('twice'),
  slash('more'),
  slash('gone'),
  slash('find', [{ type: 3, name: 'word', description: 'A word', autocomplete: true }]),
];

const options = (...values: string[]) => values.map((value) => ({ label: value.toUpperCase(), value }));

/** A modal with the fields that are no texts and no menus. */
const DETAILS: APIModalInteractionResponseCallbackData = {
  custom_id: 'details',
  title: 'Details',
  components: [
    {
      type: 18,
      label: 'Tyres',
      component: { type: 21, custom_id: 'tyres', options: options('soft', 'hard') },
    },
    {
      type: 18,
      label: 'Days',
      component: { type: 22, custom_id: 'days', min_values: 1, max_values: 2, options: options('fri', 'sat', 'sun') },
    },
    { type: 18, label: 'I know the rules', component: { type: 23, custom_id: 'rules' } },
    { type: 18, label: 'Proof', component: { type: 19, custom_id: 'proof', required: false, max_values: 2 } },
  ],
};

describe('sandbox: interactions', () => {
  let bench: Bench;
  const errors: unknown[] = [];
  const seen: string[] = [];
  let kept: RepliableInteraction | undefined;

  const answers: Record<string, (interaction: Interaction) => Promise<unknown>> = {
    async reply(interaction) {
      if (interaction.isChatInputCommand()) await interaction.reply(interaction.options.getString('text') ?? 'hello');
    },
    async secret(interaction) {
      if (!interaction.isRepliable()) return;
      await interaction.reply({
        content: 'only you',
        flags: MessageFlags.Ephemeral,
        components: [row(button('hush', 'Hush')) as never],
      });
    },
    async defer(interaction) {
      if (!interaction.isRepliable()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply('here it is');
    },
    async card(interaction) {
      if (!interaction.isRepliable()) return;
      const menu = {
        type: 3,
        custom_id: 'menu',
        options: ['a', 'b'].map((value) => ({ label: value.toUpperCase(), value })),
      };
      const people = { type: 5, custom_id: 'people', placeholder: 'Who?' };
      const buttons = row(
        button('ok', 'OK'),
        button('later', 'Later'),
        button('ask', 'Ask'),
        button('no', 'No', { disabled: true }),
      );
      await interaction.reply({ content: 'a card', components: [buttons, row(menu), row(people)] as never });
    },
    async picture(interaction) {
      const file = (name: string) => ({ attachment: Buffer.from(name), name, description: `it is ${name}` });
      const components = [row(button('picture', 'Another')) as never];
      if (interaction.isChatInputCommand()) await interaction.reply({ files: [file('a.png')], components });
      if (interaction.isButton()) await interaction.update({ files: [file('b.png')], attachments: [] });
    },
    async form(interaction) {
      if (!interaction.isChatInputCommand()) return;
      await interaction.showModal(modalWith('form', { custom_id: 'note', min_length: 2, max_length: 5 }));
    },
    async details(interaction) {
      if (interaction.isChatInputCommand()) await interaction.showModal(DETAILS);
      if (!interaction.isModalSubmit()) return;
      const { fields } = interaction;
      const files = fields.getUploadedFiles('proof');
      const told = [
        fields.getRadioGroup('tyres'),
        fields.getCheckboxGroup('days').join('+'),
        fields.getCheckbox('rules'),
        files?.map(({ name }) => name).join('+') ?? 'no file',
        files === null ? '' : await (await fetch(files.first()?.url ?? '')).text(),
      ];
      await interaction.reply(told.join(', '));
    },
    async Greet(interaction) {
      if (interaction.isUserContextMenuCommand()) await interaction.reply(`hello ${interaction.targetUser.username}`);
    },
    async Quote(interaction) {
      if (interaction.isMessageContextMenuCommand()) await interaction.reply(`> ${interaction.targetMessage.content}`);
    },
    async silent() {},
    async twice(interaction) {
      if (!interaction.isRepliable()) return;
      kept = interaction;
      await interaction.reply('first');
      interaction.replied = false;
      await interaction.reply('second');
    },
    async more(interaction) {
      if (!interaction.isRepliable()) return;
      await interaction.reply('one');
      const two = await interaction.followUp({ content: 'two', flags: MessageFlags.Ephemeral });
      await interaction.webhook.editMessage(two, 'two, edited');
    },
    async gone(interaction) {
      if (!interaction.isRepliable()) return;
      await interaction.deferReply();
      await interaction.deleteReply();
      await interaction.editReply('too late');
    },
    async find(interaction) {
      if (!interaction.isAutocomplete()) return;
      const typed = interaction.options.getFocused();
      await interaction.respond([{ name: `${typed}!`, value: typed }]);
    },
    async ok(interaction) {
      if (interaction.isButton())
        await interaction.update({ content: `by ${interaction.user.username}`, components: [] });
    },
    async later(interaction) {
      if (!interaction.isButton()) return;
      await interaction.deferUpdate();
      await interaction.editReply('later it was');
    },
    async ask(interaction) {
      if (interaction.isButton())
        await interaction.showModal(modalWith('asked', { custom_id: 'why', required: false }));
    },
    async asked(interaction) {
      if (!interaction.isModalSubmit() || !interaction.isFromMessage()) return;
      await interaction.update(`because ${interaction.fields.getTextInputValue('why')}`);
    },
    async menu(interaction) {
      if (interaction.isStringSelectMenu()) await interaction.reply(interaction.values.join('+'));
    },
    async people(interaction) {
      if (interaction.isUserSelectMenu())
        await interaction.reply(interaction.users.map((user) => user.username).join('+'));
    },
    async hush(interaction) {
      if (interaction.isButton()) await interaction.update({ content: 'hushed', components: [] });
    },
  };

  before(async () => {
    bench = await Bench.start();
    await bench.bot(COMMANDS, async (interaction) => {
      seen.push(interaction.id);
      const key =
        'commandName' in interaction ? interaction.commandName : 'customId' in interaction ? interaction.customId : '';
      if (key === 'form' && interaction.isModalSubmit()) {
        await interaction.reply(`note: ${interaction.fields.getTextInputValue('note')}`);
        return;
      }
      await answers[key]?.(interaction).catch((error: unknown) => errors.push(error));
    });
  });
  after(() => bench.stop());

  it('shows a reply to all', async () => {
    const outcome = await bench.command('ana', '/reply text:"a \\"word\\" or two"');
    assert.equal(outcome.status, 200);
    assert.equal(outcome.messages[0]?.content, 'a "word" or two');
    assert.equal(outcome.messages[0]?.ephemeralFor, null);
    assert.ok(outcome.acknowledgedMs !== null && outcome.answeredMs !== null);
    assert.ok(outcome.answeredMs >= outcome.acknowledgedMs);
  });

  it('names the reader of an ephemeral reply and lets only that reader press', async () => {
    const outcome = await bench.command('佐藤 健司', '/secret');
    const message = outcome.messages[0];
    assert.equal(message?.ephemeralFor, 'kenji');
    const other = await bench.control('press', { as: 'ana', message: message?.id, label: 'Hush' });
    assert.equal(other.status, 403);
    const own = await bench.control('press', { as: 'kenji', message: message?.id, label: 'Hush' });
    assert.equal(own.messages[0]?.content, 'hushed');
    assert.equal(own.messages[0]?.id, message?.id);
    const rest = await bench.rest('GET', `/channels/${message?.channel}/messages/${message?.id}`);
    assert.equal(rest.body.code, 10008);
  });

  it('waits for the edit of a deferred answer', async () => {
    const outcome = await bench.command('ana', '/defer');
    assert.equal(outcome.messages[0]?.content, 'here it is');
    assert.equal(outcome.messages[0]?.ephemeralFor, 'ana');
    assert.equal(outcome.error, undefined);
  });

  it('says when the application does not respond', async () => {
    const quick = await Bench.start({ speed: 30 });
    await quick.bot([slash('silent')], () => {});
    const outcome = await quick.command('ana', '/silent');
    assert.equal(outcome.status, 200);
    assert.equal(outcome.error, 'The application did not respond');
    assert.equal(outcome.acknowledgedMs, null);
    assert.deepEqual(outcome.messages, []);
    await quick.stop();
  });

  it('answers a press with the updated message', async () => {
    const card = (await bench.command('ana', '/card')).messages[0];
    const updated = await bench.control('press', { as: 'bo', message: card?.id, customId: 'ok' });
    assert.equal(updated.messages[0]?.id, card?.id);
    assert.equal(updated.messages[0]?.content, 'by bo');
    assert.deepEqual(updated.messages[0]?.components, []);
  });

  it('keeps the descriptions of files in answers and updates', async () => {
    const described = ({ attachments }: { attachments: object[] }) =>
      (attachments as { description?: string }[]).map(({ description }) => description);
    const [first] = (await bench.command('ana', '/picture')).messages;
    assert.deepEqual(first && described(first), ['it is a.png']);
    const pressed = await bench.control('press', { as: 'ana', message: first?.id, label: 'Another' });
    assert.deepEqual(pressed.messages[0] && described(pressed.messages[0]), ['it is b.png']);
  });

  it('waits for the edit after a deferred update', async () => {
    const card = (await bench.command('ana', '/card')).messages[0];
    const updated = await bench.control('press', { as: 'bo', message: card?.id, label: 'Later' });
    assert.equal(updated.messages[0]?.content, 'later it was');
    assert.notEqual(updated.messages[0]?.editedAt, null);
  });

  it('opens modals, checks their fields and submits them', async () => {
    const outcome = await bench.command('ana', '/form');
    assert.equal(outcome.modal?.custom_id, 'form');
    assert.deepEqual(outcome.messages, []);
    const submit = (as: string, fields: Record<string, unknown>) =>
      bench.control('submit', { as, interaction: outcome.interaction, fields });
    assert.match((await submit('ana', {})).error ?? '', /"note" is required/);
    assert.match((await submit('ana', { note: 'a' })).error ?? '', /at least 2/);
    assert.match((await submit('ana', { note: 'abcdef' })).error ?? '', /at most 5/);
    assert.match((await submit('ana', { other: 'abc' })).error ?? '', /no field "other"/);
    assert.equal((await submit('bo', { note: 'abc' })).status, 403);
    assert.equal((await submit('ana', { note: '🦊🦊🦊🦊🦊' })).messages[0]?.content, 'note: 🦊🦊🦊🦊🦊');
    assert.equal((await submit('ana', { note: 'abc' })).status, 409);
  });

  it('uses commands on members and messages, with what they are used on', async () => {
    const bo = await bench.memberId('bo');
    const greeted = await bench.control('context', { as: 'ana', command: 'Greet', user: 'bo' });
    assert.equal(greeted.messages[0]?.content, 'hello bo');
    const read = async (id = '') =>
      (await bench.rest('GET', `/channels/${await bench.channelId('general')}/messages/${id}`)).body as unknown as {
        type: number;
        interaction_metadata: { command_type: number; target_user?: { id: string }; target_message_id?: string };
      };
    const greeting = await read(greeted.messages[0]?.id);
    assert.equal(greeting.type, 23);
    assert.deepEqual(greeting.interaction_metadata.target_user?.id, bo);
    const message = greeted.messages[0]?.id;
    const quoted = await bench.control('context', { as: 'ana', command: 'Quote', message });
    assert.equal(quoted.messages[0]?.content, '> hello bo');
    assert.equal((await read(quoted.messages[0]?.id)).interaction_metadata.target_message_id, message);
    for (const wrong of [
      { command: 'Quote', user: 'bo' },
      { command: 'Greet', message },
      { command: 'reply', message },
    ])
      assert.equal((await bench.control('context', { as: 'ana', ...wrong })).status, 400);
  });

  it('takes files, choices and marks in modals', async () => {
    const opened = await bench.command('ana', '/details');
    assert.equal(opened.modal?.title, 'Details');
    const files = ['a.txt', 'b.txt'].map((name) => ({ name, type: 'text/plain', content: btoa(`this is ${name}`) }));
    const submit = (fields: Record<string, unknown>) =>
      bench.control('submit', { as: 'ana', interaction: opened.interaction, fields, files });
    const whole = { tyres: 'hard', days: ['fri', 'SUN'], rules: true, proof: ['a.txt', 'b.txt'] };
    assert.match((await submit({})).error ?? '', /"tyres" takes 1 to 1/);
    assert.match((await submit({ ...whole, tyres: 'wet' })).error ?? '', /"tyres" has no option "wet"/);
    assert.match((await submit({ ...whole, days: ['fri', 'sat', 'sun'] })).error ?? '', /"days" takes 1 to 2/);
    assert.match((await submit({ ...whole, rules: 'yes' })).error ?? '', /"rules" is true or false/);
    assert.match((await submit({ ...whole, proof: ['c.txt'] })).error ?? '', /holds no "c.txt"/);
    assert.equal((await submit(whole)).messages[0]?.content, 'hard, fri+sun, true, a.txt+b.txt, this is a.txt');
    const again = await bench.command('ana', '/details');
    const fields = { tyres: 'soft', days: ['sat'] };
    const plain = await bench.control('submit', { as: 'ana', interaction: again.interaction, fields });
    assert.equal(plain.messages[0]?.content, 'soft, sat, false, no file,');
  });

  it('updates the message whose button opened the modal', async () => {
    const card = (await bench.command('ana', '/card')).messages[0];
    const asked = await bench.control('press', { as: 'bo', message: card?.id, label: 'Ask' });
    assert.equal(asked.modal?.custom_id, 'asked');
    const done = await bench.control('submit', { as: 'bo', interaction: asked.interaction, fields: { why: 'so' } });
    assert.equal(done.messages[0]?.id, card?.id);
    assert.equal(done.messages[0]?.content, 'because so');
  });

  it('offers select menus their options and members', async () => {
    const card = (await bench.command('ana', '/card')).messages[0];
    const pick = (body: Record<string, unknown>) => bench.control('press', { as: 'bo', message: card?.id, ...body });
    assert.equal((await pick({ customId: 'menu', values: ['B'] })).messages[0]?.content, 'b');
    assert.equal((await pick({ customId: 'people', values: ['@ana'] })).messages[0]?.content, 'ana');
    assert.match((await pick({ customId: 'menu', values: ['c'] })).error ?? '', /no option "c"/);
    assert.match((await pick({ customId: 'menu', values: ['a', 'b'] })).error ?? '', /takes 1 to 1/);
  });

  it('refuses a missing or disabled component', async () => {
    const card = (await bench.command('ana', '/card')).messages[0];
    const pressed = (body: Record<string, unknown>) => bench.control('press', { as: 'bo', message: card?.id, ...body });
    assert.equal((await pressed({ label: 'No' })).status, 409);
    assert.equal((await pressed({ label: 'Nowhere' })).status, 404);
    assert.equal((await pressed({})).status, 400);
    assert.equal((await bench.control('press', { as: 'bo', message: '1', label: 'OK' })).status, 404);
  });

  it('takes one acknowledgement (40060) and knows interactions (10062)', async () => {
    errors.length = 0;
    await bench.command('ana', '/twice');
    await eventually('the second acknowledgement fails', () => errors.length > 0);
    assert.ok(errors[0] instanceof DiscordAPIError);
    assert.equal(errors[0].code, 40060);
    const path = `/interactions/${kept?.id}/wrong/callback`;
    assert.equal(
      (await bench.rest('POST', path, { type: 4, data: { content: 'x' } }, { token: null })).body.code,
      10062,
    );
  });

  it('takes follow-ups and their edits', async () => {
    const outcome = await bench.command('ana', '/more');
    assert.equal(outcome.messages[0]?.content, 'one');
    const { channels } = await bench.state();
    await eventually('the follow-up is edited', async () => {
      const messages = (await bench.state()).channels[0]?.messages ?? [];
      return messages.some(({ content, ephemeralFor }) => content === 'two, edited' && ephemeralFor === 'ana');
    });
    assert.ok(channels.length > 0);
  });

  it('forgets a deleted answer (10008)', async () => {
    errors.length = 0;
    const outcome = await bench.command('ana', '/gone');
    assert.deepEqual(outcome.messages, []);
    await eventually('the edit fails', () => errors.length > 0);
    assert.equal((errors[0] as DiscordAPIError).code, 10008);
  });

  it('asks for no suggestions where an option offers none', async () => {
    for (const input of ['/find', '/reply text:a']) {
      assert.equal((await bench.control('autocomplete', { as: 'ana', input })).status, 400, input);
    }
  });

  it('answers autocomplete with the choices', async () => {
    const outcome = await bench.control('autocomplete', { as: 'ana', input: '/find word:ab' });
    assert.deepEqual(outcome.choices, [{ name: 'ab!', value: 'ab' }]);
  });

  it('sends the same interaction again', async () => {
    const outcome = await bench.command('ana', '/reply');
    const replayed = await bench.control('replay', { interaction: outcome.interaction });
    assert.equal(replayed.status, 200);
    await eventually('it arrives twice', () => seen.filter((id) => id === outcome.interaction).length === 2);
  });

  it('runs commands in the DM with the bot', async () => {
    const { application } = bench.sandbox;
    await bench.rest('PUT', `/applications/${application.id}/commands`, [slash('reply')]);
    const outcome = await bench.command('ana', '/reply', { channel: '@me' });
    assert.equal(outcome.messages[0]?.content, 'hello');
    const ana = (await bench.state()).members.find(({ username }) => username === 'ana');
    assert.equal(ana?.dms.at(-1)?.content, 'hello');
  });
});

describe('sandbox: interaction tokens', () => {
  const clock = new ForwardClock();
  let bench: Bench;
  let received: RepliableInteraction | undefined;
  const callback = () => `/interactions/${received?.id}/${received?.token}/callback`;
  const webhook = () => `/webhooks/${received?.applicationId}/${received?.token}`;

  before(async () => {
    bench = await Bench.start({ clock });
    await bench.bot([slash('hello')], (interaction) => {
      if (interaction.isRepliable()) received = interaction;
    });
  });
  beforeEach(() => {
    received = undefined;
  });
  after(() => bench.stop());

  it('refuses an answer after 3 s (10062), and follow-ups without one (10015)', async () => {
    const outcome = bench.command('ana', '/hello');
    await eventually('it arrives', () => received !== undefined);
    clock.forward(3001);
    const reply = { type: 4, data: { content: 'x' } };
    assert.equal((await bench.rest('POST', callback(), reply)).body.code, 10062);
    assert.equal((await bench.rest('POST', webhook(), { content: 'x' })).body.code, 10015);
    await outcome;
  });

  it('refuses a token after 15 min (50027)', async () => {
    const outcome = bench.command('ana', '/hello');
    await eventually('it arrives', () => received !== undefined);
    const deferred = await bench.rest('POST', `${callback()}?with_response=true`, { type: 5, data: { flags: 64 } });
    assert.equal(deferred.status, 200);
    const edit = (content: string) => bench.rest('PATCH', `${webhook()}/messages/@original`, { content });
    await edit('at once');
    assert.equal((await outcome).messages[0]?.content, 'at once');
    clock.forward(14 * 60_000);
    assert.equal((await edit('in time')).body.content, 'in time');
    clock.forward(61_000);
    const late = await edit('late');
    assert.equal(late.status, 401);
    assert.equal(late.body.code, 50027);
  });

  it('takes only callbacks that fit the interaction', async () => {
    const outcome = bench.command('ana', '/hello');
    await eventually('it arrives', () => received !== undefined);
    for (const type of [6, 7, 8]) {
      const data = type === 8 ? { choices: [] } : {};
      assert.equal((await bench.rest('POST', callback(), { type, data })).body.code, 50035, `type ${type}`);
    }
    assert.equal((await bench.rest('POST', callback(), { type: 4, data: {} })).body.code, 50006);
    const done = await bench.rest('POST', callback(), { type: 4, data: { content: 'x' } });
    assert.equal(done.status, 204);
    assert.equal(done.headers.get('content-type'), null);
    await outcome;
  });

  it('fills a deferred answer with the first follow-up', async () => {
    const outcome = bench.command('ana', '/hello');
    await eventually('it arrives', () => received !== undefined);
    await bench.rest('POST', callback(), { type: 5, data: { flags: 64 } });
    await bench.rest('POST', webhook(), { content: 'first' });
    const { messages } = await outcome;
    assert.deepEqual(
      messages.map(({ content, ephemeralFor }) => [content, ephemeralFor]),
      [['first', 'ana']],
    );
  });
});
