import { attach } from '../api/attachments.ts';
import type { UploadedFile } from '../api/route.ts';
import { resolved } from '../interactions.ts';
import { type JsonObject, textLength } from '../json.ts';
import { OPTION } from '../rules/command.ts';
import type { Command, CommandOption } from '../state/model.ts';
import { ControlError } from './errors.ts';
import { findChannel, findMember, findRole, type Place } from './find.ts';
import type { TypedCommand } from './input.ts';

/** Ids that option values refer to. */
interface Ids {
  users: string[];
  roles: string[];
  channels: string[];
}

interface Reading extends Place {
  ids: Ids;
  /** True while the member still types: nothing is complete, the last value is focused. */
  typing: boolean;
  /** What attachment options may name. */
  files: UploadedFile[];
  attachments: Record<string, JsonObject>;
}

/**
 * The `data` of a command's interaction, as a client would send it.
 * Whatever a client would not send is refused with a sentence.
 */
export function commandData(
  place: Place,
  command: Command,
  typed: TypedCommand,
  { typing = false, files = [] }: { typing?: boolean; files?: UploadedFile[] } = {},
): JsonObject {
  const reading: Reading = { ...place, ids: { users: [], roles: [], channels: [] }, typing, files, attachments: {} };
  const options = readOptions(reading, command.options, typed.words.slice(1), typed.values, `/${command.name}`);
  const { attachments } = reading;
  const known = resolved(place.world, place.channel.guild_id, reading.ids);
  const references = Object.keys(attachments).length > 0 ? { ...known, attachments } : known;
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id === null ? {} : { guild_id: command.guild_id }),
    ...(options.length > 0 ? { options } : {}),
    ...(references === undefined ? {} : { resolved: references }),
  };
}

function readOptions(
  reading: Reading,
  options: CommandOption[],
  words: string[],
  values: TypedCommand['values'],
  path: string,
): JsonObject[] {
  const subs = options.filter(({ type }) => type === OPTION.SUB_COMMAND || type === OPTION.SUB_COMMAND_GROUP);
  const word = words[0];
  if (subs.length > 0) {
    const names = subs.map(({ name }) => name).join(', ');
    if (word === undefined) throw new ControlError(400, `${path} needs one of: ${names}`);
    const sub = subs.find(({ name }) => name === word);
    if (sub === undefined) throw new ControlError(400, `${path} has no "${word}"; it has: ${names}`);
    const inner = readOptions(reading, sub.options ?? [], words.slice(1), values, `${path} ${word}`);
    return [{ name: sub.name, type: sub.type, options: inner }];
  }
  if (word !== undefined) throw new ControlError(400, `${path} takes no "${word}"; options are written as name:value`);
  const given = new Map<string, string>();
  for (const [key, value] of values) {
    if (!options.some(({ name }) => name === key)) throw new ControlError(400, `${path} has no option "${key}"`);
    if (given.has(key)) throw new ControlError(400, `option "${key}" is given twice`);
    given.set(key, value);
  }
  const focused = values.at(-1)?.[0];
  if (reading.typing && focused === undefined) throw new ControlError(400, `${path}: name the option that is typed`);
  const missing = options.find(({ name, required }) => required && !given.has(name));
  if (missing !== undefined && !reading.typing)
    throw new ControlError(400, `${path} needs the option "${missing.name}"`);
  // A client sends the options in the order in which they were filled in.
  return [...given].map(([key, text]) => {
    const option = options.find(({ name }) => name === key);
    if (option === undefined) throw new ControlError(400, `${path} has no option "${key}"`);
    if (reading.typing && key === focused) {
      if (!option.autocomplete) throw new ControlError(400, `option "${key}" of ${path} offers no suggestions`);
      return { name: key, type: option.type, value: text, focused: true };
    }
    return { name: key, type: option.type, value: readValue(reading, option, text) };
  });
}

function readValue(reading: Reading, option: CommandOption, text: string): string | number | boolean {
  if (option.choices !== undefined && option.choices.length > 0) return chosen(option, text);
  const reader = VALUES[option.type];
  if (reader === undefined) throw new ControlError(400, `option "${option.name}" cannot be typed`);
  return reader(reading, option, text);
}

function chosen(option: CommandOption, text: string): string | number {
  const choices = option.choices ?? [];
  const choice = choices.find(({ name }) => name === text) ?? choices.find(({ value }) => String(value) === text);
  if (choice !== undefined) return choice.value;
  const names = choices.map(({ name }) => name).join(', ');
  throw new ControlError(400, `option "${option.name}" must be one of: ${names}`);
}

type ReadValue = (reading: Reading, option: CommandOption, text: string) => string | number | boolean;

/** How a client reads each type of option. */
const VALUES: Record<number, ReadValue> = {
  [OPTION.STRING](_reading, { name, min_length: min = 0, max_length: max = 6000, required }, text) {
    const length = textLength(text);
    if (length === 0 && required) throw new ControlError(400, `option "${name}" is empty`);
    if (length < min) throw new ControlError(400, `option "${name}" must have at least ${min} characters`);
    if (length > max) throw new ControlError(400, `option "${name}" must have at most ${max} characters`);
    return text;
  },
  [OPTION.INTEGER](_reading, option, text) {
    const value = Number(text);
    if (!/^[-+]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new ControlError(400, `option "${option.name}" must be a whole number`);
    }
    return bounded(option, value);
  },
  [OPTION.NUMBER](_reading, option, text) {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > 2 ** 53) {
      throw new ControlError(400, `option "${option.name}" must be a number`);
    }
    return bounded(option, value);
  },
  [OPTION.BOOLEAN](_reading, { name }, text) {
    const known: Record<string, boolean> = { true: true, false: false };
    const value = Object.hasOwn(known, text.toLowerCase()) ? known[text.toLowerCase()] : undefined;
    if (value === undefined) throw new ControlError(400, `option "${name}" must be true or false`);
    return value;
  },
  [OPTION.USER](reading, { name }, text) {
    const member = findMember(reading.world, reading.guild, text);
    if (member === undefined) throw new ControlError(400, `option "${name}": there is no member "${text}"`);
    reading.ids.users.push(member.user_id);
    return member.user_id;
  },
  [OPTION.ROLE](reading, { name }, text) {
    const role = findRole(reading.world, reading.guild, text);
    if (role === undefined) throw new ControlError(400, `option "${name}": there is no role "${text}"`);
    reading.ids.roles.push(role.id);
    return role.id;
  },
  [OPTION.CHANNEL](reading, { name, channel_types: types }, text) {
    const channel = findChannel(reading.world, reading.guild, text);
    if (channel === undefined || (types !== undefined && types.length > 0 && !types.includes(channel.type))) {
      throw new ControlError(400, `option "${name}": there is no fitting channel "${text}"`);
    }
    reading.ids.channels.push(channel.id);
    return channel.id;
  },
  [OPTION.MENTIONABLE](reading, { name }, text) {
    const member = findMember(reading.world, reading.guild, text);
    const role = member === undefined ? findRole(reading.world, reading.guild, text) : undefined;
    const id = member?.user_id ?? role?.id;
    if (id === undefined) throw new ControlError(400, `option "${name}": there is no member or role "${text}"`);
    (member === undefined ? reading.ids.roles : reading.ids.users).push(id);
    return id;
  },
  [OPTION.ATTACHMENT](reading, { name }, text) {
    const file = reading.files.find((candidate) => candidate.name === text);
    if (file === undefined) throw new ControlError(400, `option "${name}": no file "${text}" came with the command`);
    const attachment = attach({ world: reading.world, files: [file], body: {} })[0] ?? {};
    const id = String(attachment.id);
    reading.attachments[id] = { ...attachment, ephemeral: true };
    return id;
  },
};

function bounded({ name, min_value: min, max_value: max }: CommandOption, value: number): number {
  if (min !== undefined && value < min) throw new ControlError(400, `option "${name}" must be at least ${min}`);
  if (max !== undefined && value > max) throw new ControlError(400, `option "${name}" must be at most ${max}`);
  return value;
}
