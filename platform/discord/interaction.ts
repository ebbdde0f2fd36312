import {
  type APIApplicationCommandInteractionDataOption,
  type APIInteraction,
  type APIUser,
  ApplicationCommandOptionType,
  InteractionType,
} from 'discord.js';
import type { Interaction, InteractionUser } from '../intakes.ts';

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
    values: [],
    users: {},
  };
  switch (data.type) {
    case InteractionType.ApplicationCommand:
    case InteractionType.ApplicationCommandAutocomplete: {
      const kind = data.type === InteractionType.ApplicationCommand ? 'command' : 'autocomplete';
      const { path, options } = readOptions(data.data.name, 'options' in data.data ? (data.data.options ?? []) : []);
      const resolved = 'resolved' in data.data ? data.data.resolved : undefined;
      const nicknames = resolved && 'members' in resolved ? resolved.members : undefined;
      const users = Object.fromEntries(
        Object.entries(resolved && 'users' in resolved ? (resolved.users ?? {}) : {}).map(([id, user]) => [
          id,
          readUser(user, nicknames?.[id]?.nick),
        ]),
      );
      return { ...common, kind, path, options, users };
    }
    case InteractionType.MessageComponent: {
      const { path, argument } = readCustomId(data.data.custom_id);
      const values = 'values' in data.data ? data.data.values : [];
      const message = { id: data.message.id, channel: data.message.channel_id };
      return { ...common, kind: 'component', path, argument, values, message };
    }
    case InteractionType.ModalSubmit: {
      const { path, argument } = readCustomId(data.data.custom_id);
      const message = data.message ? { id: data.message.id, channel: data.message.channel_id } : null;
      return { ...common, kind: 'modal', path, argument, message, options: readFields(data.data.components) };
    }
  }
}

function readUser(user: APIUser, nickname?: string | null): InteractionUser {
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
): { path: string; options: Record<string, unknown> } {
  const options: Record<string, unknown> = Object.create(null);
  let path = name;
  for (const option of given) {
    if (
      option.type === ApplicationCommandOptionType.Subcommand ||
      option.type === ApplicationCommandOptionType.SubcommandGroup
    ) {
      const inner = readOptions(`${path} ${option.name}`, option.options ?? []);
      path = inner.path;
      Object.assign(options, inner.options);
    } else {
      options[option.name] = option.value;
    }
  }
  return { path, options };
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
