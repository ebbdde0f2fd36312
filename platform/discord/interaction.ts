import {
  type APIApplicationCommandInteractionDataOption,
  type APIAttachment,
  type APIInteraction,
  type APIMessage,
  type APIMessageComponentInteractionData,
  type APIUser,
  ApplicationCommandOptionType,
  ComponentType,
  InteractionType,
} from 'discord.js';
import type { Chosen, Interaction, InteractionFile, InteractionUser } from '../intakes.ts';

/**
 * Reads Discord's interaction into the plain form that flows meet.
 * @returns null for what Guildhall does not take: a ping, or one outside of a guild
 */
export function readInteraction(data: APIInteraction): Interaction | null {
  const community = data.guild_id;
  if (!community || data.type === InteractionType.Ping || !data.member) return null;
  const common = {
    id: data.id,
    community,
    locale: data.locale,
    channel: data.channel?.id ?? null,
    user: readUser(data.member.user, data.member.nick),
    roles: data.member.roles,
    message: null,
    argument: '',
    options: {},
    focused: null,
    values: [],
    chosen: [],
    users: {},
    attachments: {},
  };
  switch (data.type) {
    case InteractionType.ApplicationCommand:
    case InteractionType.ApplicationCommandAutocomplete: {
      const kind = data.type === InteractionType.ApplicationCommand ? 'command' : 'autocomplete';
      const { path, options, focused } = readOptions(
        data.data.name,
        'options' in data.data ? (data.data.options ?? []) : [],
      );
      const resolved = ('resolved' in data.data ? data.data.resolved : undefined) as Resolved | undefined;
      return { ...common, kind, path, options, focused, users: readUsers(resolved), attachments: readFiles(resolved) };
    }
    case InteractionType.MessageComponent: {
      const { path, argument } = readCustomId(data.data.custom_id);
      const message = { id: data.message.id, channel: data.message.channel_id };
      if (data.data.component_type === ComponentType.Button) {
        return { ...common, kind: 'button', path, argument, message };
      }
      const { values } = data.data;
      const resolved = ('resolved' in data.data ? data.data.resolved : undefined) as Resolved | undefined;
      const users = readUsers(resolved);
      const chosen = readChosen(data.data, data.message, users, resolved);
      return { ...common, kind: 'select', path, argument, message, values, chosen, users };
    }
    case InteractionType.ModalSubmit: {
      const { path, argument } = readCustomId(data.data.custom_id);
      const message = data.message ? { id: data.message.id, channel: data.message.channel_id } : null;
      return { ...common, kind: 'modal', path, argument, message, options: readFields(data.data.components) };
    }
  }
}

/** What Discord tells of the things that options and selects name, by id. */
interface Resolved {
  users?: Record<string, APIUser>;
  members?: Record<string, { nick?: string | null }>;
  roles?: Record<string, { name: string }>;
  channels?: Record<string, { name?: string | null }>;
  attachments?: Record<string, APIAttachment>;
}

function readUsers({ users = {}, members = {} }: Resolved = {}): Record<string, InteractionUser> {
  return Object.fromEntries(Object.entries(users).map(([id, user]) => [id, readUser(user, members[id]?.nick)]));
}

/** A file as flows meet it. */
export function readFile({ id, filename, url, size, content_type }: APIAttachment): InteractionFile {
  return { id, name: filename, url, size, type: content_type ?? null };
}

function readFiles({ attachments = {} }: Resolved = {}): Record<string, InteractionFile> {
  return Object.fromEntries(Object.entries(attachments).map(([id, file]) => [id, readFile(file)]));
}

function readChosen(
  data: Exclude<APIMessageComponentInteractionData, { component_type: ComponentType.Button }>,
  message: APIMessage,
  users: Record<string, InteractionUser>,
  { roles = {}, channels = {} }: Resolved = {},
): Chosen[] {
  const labels = data.component_type === ComponentType.StringSelect ? labelsOf(message, data.custom_id) : null;
  return data.values.map((id): Chosen => {
    if (labels) return { id, name: labels.get(id) ?? id, kind: 'text' };
    const user = users[id];
    if (user) return { id, name: user.displayName, kind: 'member' };
    const role = roles[id];
    if (role) return { id, name: role.name, kind: 'role' };
    return { id, name: channels[id]?.name ?? id, kind: 'channel' };
  });
}

/** What the options of a select are called, by value: Discord sends the message along. */
function labelsOf(message: APIMessage, customId: string): Map<string, string> {
  for (const row of message.components ?? []) {
    for (const component of 'components' in row ? row.components : []) {
      if (component.type === ComponentType.StringSelect && component.custom_id === customId) {
        return new Map(component.options.map(({ value, label }) => [value, label]));
      }
    }
  }
  return new Map();
}

/** A user as flows meet them. */
export function readUser(user: APIUser, nickname?: string | null): InteractionUser {
  return {
    id: user.id,
    username: user.username,
    displayName: nickname || user.global_name || user.username,
    discriminator: user.discriminator && user.discriminator !== '0' ? user.discriminator : null,
    avatar: user.avatar,
    bot: user.bot ?? false,
  };
}

/** Subcommands become part of the path: `/request ai-credit amount:5` is `request ai-credit` with an amount. */
function readOptions(
  name: string,
  given: readonly APIApplicationCommandInteractionDataOption<InteractionType>[],
): Pick<Interaction, 'path' | 'options' | 'focused'> {
  const options: Record<string, unknown> = Object.create(null);
  let path = name;
  let focused: Interaction['focused'] = null;
  for (const option of given) {
    if (
      option.type === ApplicationCommandOptionType.Subcommand ||
      option.type === ApplicationCommandOptionType.SubcommandGroup
    ) {
      const inner = readOptions(`${path} ${option.name}`, option.options ?? []);
      path = inner.path;
      focused = inner.focused;
      Object.assign(options, inner.options);
    } else {
      options[option.name] = option.value;
      if ('focused' in option && option.focused) {
        const isNumber = option.type !== ApplicationCommandOptionType.String;
        focused = { option: option.name, value: String(option.value), isNumber };
      }
    }
  }
  return { path, options, focused };
}

/** A custom_id is `name:argument`; all that a button needs is in it, so it works after a restart. */
function readCustomId(customId: string): { path: string; argument: string } {
  const colon = customId.indexOf(':');
  return colon < 0
    ? { path: customId, argument: '' }
    : { path: customId.slice(0, colon), argument: customId.slice(colon + 1) };
}

/** Collects the fields of a modal, whether they sit in action rows or in labels. */
function readFields(components: readonly object[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  const collect = (component: Record<string, unknown>): void => {
    if (typeof component.custom_id === 'string') fields[component.custom_id] = component.value ?? component.values;
    if (component.component) collect(component.component as Record<string, unknown>);
    for (const inner of (component.components as Record<string, unknown>[] | undefined) ?? []) collect(inner);
  };
  for (const component of components) collect(component as Record<string, unknown>);
  return fields;
}
