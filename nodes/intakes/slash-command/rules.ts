import { commandWords } from '../../kit/command-name.ts';

/** What Discord asks of a command beyond single values; the dialog and the runtime judge by the same rules. */

/** Discord's option types by the names that the editor shows (application-commands page). */
export const OPTION_TYPES = {
  text: 3,
  integer: 4,
  boolean: 5,
  member: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

/** Discord's channel types that an option may be held to. */
export const CHANNEL_TYPES = {
  text: 0,
  voice: 2,
  category: 4,
  announcement: 5,
  stage: 13,
  forum: 15,
  media: 16,
} as const;

/** Discord's languages (https://discord.com/developers/docs/reference#locales). */
export const LANGUAGES = [
  ...['bg', 'cs', 'da', 'de', 'el', 'en-GB', 'en-US', 'es-419', 'es-ES', 'fi', 'fr', 'hi', 'hr', 'hu', 'id', 'it'],
  ...['ja', 'ko', 'lt', 'nl', 'no', 'pl', 'pt-BR', 'ro', 'ru', 'sv-SE', 'th', 'tr', 'uk', 'vi', 'zh-CN', 'zh-TW'],
] as const;

/** Which types have what; what does not belong to a type is not sent. */
export const HAS = {
  choices: ['text', 'integer', 'number'],
  bounds: ['integer', 'number'],
  lengths: ['text'],
  channelTypes: ['channel'],
} as const;

const LARGEST_COMMAND = 8000;

interface Localized {
  name?: unknown;
  description?: unknown;
  localizations?: unknown;
}

/** What is wrong, at which setting, and the key of the dialog's sentence for it. */
export interface Fault {
  column: string;
  key: string;
  values?: Record<string, string | number>;
}

const has = (feature: keyof typeof HAS, type: unknown) => (HAS[feature] as readonly unknown[]).includes(type ?? 'text');
const list = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
const isNumber = (value: unknown) => value !== '' && Number.isFinite(Number(value));

/** Judges an option as a whole. */
export function optionFault(option: Record<string, unknown>): Fault | null {
  const { type = 'text' } = option;
  if (has('choices', type)) {
    const choices = list(option.choices);
    if (choices.length > 0 && option.autocomplete === true)
      return { column: 'autocomplete', key: 'problems.choicesAndAutocomplete' };
    const bad = type === 'text' ? undefined : choices.find(({ value }) => !fits(type, value));
    if (bad) return { column: 'choices', key: `problems.choice-${type}`, values: { name: String(bad.name ?? '') } };
  }
  if (has('bounds', type)) {
    for (const column of ['minValue', 'maxValue'])
      if (isNumber(option[column] ?? '') && !fits(type, option[column])) return { column, key: 'problems.whole' };
    if (isAbove(option.minValue, option.maxValue)) return { column: 'maxValue', key: 'problems.bounds' };
  }
  return has('lengths', type) && isAbove(option.minLength, option.maxLength)
    ? { column: 'maxLength', key: 'problems.bounds' }
    : null;
}

const fits = (type: unknown, value: unknown): boolean =>
  isNumber(value) && (type !== 'integer' || Number.isSafeInteger(Number(value)));

const isAbove = (low: unknown, high: unknown): boolean =>
  isNumber(low ?? '') && isNumber(high ?? '') && Number(low) > Number(high);

/** Judges the names in another language: one word for each of the command's. */
export function languageFault({ name }: Record<string, unknown>, command: string): Fault | null {
  const count = commandWords(command).length;
  return name && commandWords(String(name)).length !== count
    ? { column: 'name', key: 'problems.languageWords', values: { count } }
    : null;
}

/** Discord takes 8000 characters for a command; of what is there in several languages the longest counts. */
export function isTooLarge(command: {
  command?: unknown;
  description?: unknown;
  localizations?: unknown;
  options?: unknown;
}) {
  return sizeOf({ ...command, name: command.command, options: list(command.options) }) > LARGEST_COMMAND;
}

function sizeOf(item: Localized & { value?: unknown; options?: unknown; choices?: unknown }): number {
  const longest = (key: 'name' | 'description') =>
    Math.max(0, ...[item, ...list(item.localizations)].map((one) => length(one[key])));
  const inner = [...list(item.options), ...list(item.choices)].map(sizeOf);
  const value = typeof item.value === 'string' ? length(item.value) : 0;
  return longest('name') + longest('description') + value + inner.reduce((sum, size) => sum + size, 0);
}

const length = (text: unknown): number => [...String(text ?? '')].length;
