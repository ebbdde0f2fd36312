import {
  ActionRowBuilder,
  type APIApplicationCommandBasicOption,
  type APIComponentInLabel,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  EmbedBuilder,
  type Interaction,
  MessageFlags,
  type ModalSubmitInteraction,
  StringSelectMenuBuilder,
  UserSelectMenuBuilder,
} from 'discord.js';
import { modalWith, slash } from './kit.ts';

/** A small application with one of everything that a page has to show. */

type Option = Pick<APIApplicationCommandBasicOption, 'type' | 'name'> & Record<string, unknown>;

const option = (type: number, name: string, more: Record<string, unknown> = {}): Option => ({
  type,
  name,
  description: `The ${name} of it`,
  ...more,
});

export const COMMANDS = [
  slash('everything', [
    option(3, 'title', { required: true, min_length: 2, max_length: 10 }),
    option(4, 'count', { required: true, min_value: 1, max_value: 50 }),
    option(3, 'colour', { choices: ['red', 'green'].map((name) => ({ name, value: name })) }),
    option(10, 'share'),
    option(5, 'loud'),
    option(6, 'who'),
    option(7, 'where', { channel_types: [0] }),
    option(8, 'role'),
    option(9, 'whom'),
    option(3, 'city', { autocomplete: true }),
    option(11, 'picture'),
  ]),
  slash('card'),
  slash('secret'),
  slash('slow'),
  slash('silent'),
  slash('form'),
  { name: 'Greet', type: 2 },
  { name: 'Report this', type: 3 },
  slash('details'),
  slash('admins', []),
  { ...slash('hidden'), default_member_permissions: '0' },
  {
    ...slash('group'),
    options: [{ type: 1, name: 'inner', description: 'A command within a group', options: [option(3, 'word')] }],
  },
];

/** A picture of one blue pixel. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADAgH/eL9GtQAAAABJRU5ErkJggg==',
  'base64',
);

export const CITIES = ['Aarhus', 'Abuja', 'Accra', 'Berlin', 'Busan'];

/** Answers of `/slow` that a test lets go. */
export const held: (() => void)[] = [];

const options = (...values: string[]) => values.map((value) => ({ label: value, value, description: `Only ${value}` }));
const labelled = (label: string, component: APIComponentInLabel) =>
  ({ type: ComponentType.Label, label, component }) as const;

type Run = (interaction: ChatInputCommandInteraction) => Promise<unknown>;

const RUNS: Record<string, Run> = {
  everything: (interaction) => {
    const given = interaction.options.data.map(({ name, value, attachment }) => `${name}=${attachment?.name ?? value}`);
    return interaction.reply({ content: `You gave ${given.join(', ')}`, allowedMentions: { parse: [] } });
  },
  card: (interaction) => interaction.reply(card()),
  secret: (interaction) => interaction.reply({ content: 'Nobody else reads this', flags: MessageFlags.Ephemeral }),
  async slow(interaction) {
    await interaction.deferReply();
    await new Promise<void>((resolve) => held.push(resolve));
    await interaction.editReply('It took a while');
  },
  silent: async () => {},
  form: (interaction) =>
    interaction.showModal(modalWith('form', { custom_id: 'reason', label: 'Reason', min_length: 5, style: 2 })),
  details: (interaction) =>
    interaction.showModal({
      custom_id: 'details',
      title: 'The details',
      components: [
        labelled('Tyres', { type: 21, custom_id: 'tyres', options: options('soft', 'hard') }),
        labelled('Days', { type: 22, custom_id: 'days', max_values: 2, options: options('fri', 'sat', 'sun') }),
        labelled('I know the rules', { type: 23, custom_id: 'rules' }),
        labelled('Proof', { type: 19, custom_id: 'proof' }),
      ],
    }),
  group: (interaction) => interaction.reply(`Inner ${interaction.options.getString('word') ?? 'nothing'}`),
};

const PRESSES: Record<string, (interaction: ButtonInteraction) => Promise<unknown>> = {
  approve: (interaction) => interaction.update({ content: 'Approved', embeds: [], components: [] }),
  ask: (interaction) =>
    interaction.showModal(modalWith('form', { custom_id: 'reason', label: 'Reason', min_length: 5 })),
  ignore: async () => {},
  remove: async (interaction) => {
    await interaction.deferUpdate();
    await interaction.message.delete();
  },
};

export async function answer(interaction: Interaction): Promise<unknown> {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused().toLowerCase();
    const found = CITIES.filter((city) => city.toLowerCase().startsWith(typed));
    return interaction.respond(found.map((name) => ({ name, value: name.toUpperCase() })));
  }
  if (interaction.isChatInputCommand()) return RUNS[interaction.commandName]?.(interaction);
  if (interaction.isUserContextMenuCommand()) return interaction.reply(`Hello ${interaction.targetMember?.toString()}`);
  if (interaction.isMessageContextMenuCommand()) {
    return interaction.reply({
      content: `Reported: ${interaction.targetMessage.content}`,
      flags: MessageFlags.Ephemeral,
    });
  }
  if (interaction.isButton()) return PRESSES[interaction.customId]?.(interaction);
  if (interaction.isAnySelectMenu()) {
    return interaction.reply({ content: `Chosen: ${interaction.values.join(' and ')}`, flags: MessageFlags.Ephemeral });
  }
  if (interaction.isModalSubmit()) return submitted(interaction);
  return undefined;
}

function submitted(interaction: ModalSubmitInteraction): Promise<unknown> {
  const { customId, fields } = interaction;
  if (customId === 'details') {
    const files = fields.getUploadedFiles('proof', true).map(({ name }) => name);
    const days = fields.getCheckboxGroup('days');
    return interaction.reply([fields.getRadioGroup('tyres'), ...days, fields.getCheckbox('rules'), ...files].join(' '));
  }
  return interaction.reply(`The reason is **${interaction.fields.getTextInputValue('reason')}**`);
}

/** A card with buttons and menus, as approvals have. */
export function card() {
  const embed = new EmbedBuilder()
    .setTitle('A request')
    .setURL('https://example.org/requests/1')
    .setColor(0x2ecc71)
    .setDescription('For **three** closings\n> on a quiet day')
    .setAuthor({ name: 'Ana Souza' })
    .addFields(
      { name: 'Amount', value: '25', inline: true },
      { name: 'Kind', value: '`AI`', inline: true },
      { name: 'Reason', value: '<script>alert(1)</script> & ||a surprise||' },
    )
    .setImage('attachment://pixel.png')
    .setFooter({ text: 'Request 1' })
    .setTimestamp(0);
  const button = (id: string, label: string, style: ButtonStyle) =>
    new ButtonBuilder({ custom_id: id, label, style: style as ButtonStyle.Primary });
  const buttons = new ActionRowBuilder<ButtonBuilder>().addComponents(
    button('approve', 'Approve', ButtonStyle.Success),
    button('ask', 'Why?', ButtonStyle.Primary),
    button('ignore', 'Ignore', ButtonStyle.Secondary),
    button('remove', 'Remove', ButtonStyle.Danger),
    new ButtonBuilder({ url: 'https://example.org', label: 'Open', style: ButtonStyle.Link }),
  );
  const options = ['one', 'two', 'three'].map((value) => ({ label: value, value, description: `Number ${value}` }));
  const menu = new StringSelectMenuBuilder({
    custom_id: 'numbers',
    placeholder: 'Numbers',
    min_values: 1,
    max_values: 2,
    options,
  });
  const people = new UserSelectMenuBuilder({ custom_id: 'people', placeholder: 'Somebody' });
  return {
    embeds: [embed],
    files: [{ attachment: PIXEL, name: 'pixel.png' }],
    components: [
      buttons,
      new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu),
      new ActionRowBuilder<UserSelectMenuBuilder>().addComponents(people),
    ],
  };
}
