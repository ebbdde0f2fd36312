import { z } from 'zod';
import type { DeclaredCommand } from '../../../platform/intakes.ts';
import { commandWords, isCommandName } from '../../kit/command-name.ts';
import {
  CHANNEL_TYPES,
  type Fault,
  HAS,
  isTooLarge,
  LANGUAGES,
  languageFault,
  OPTION_TYPES,
  optionFault,
} from './rules.ts';

const keysOf = <Key extends string>(table: Record<Key, unknown>) => Object.keys(table) as [Key, ...Key[]];
const description = z.string().min(1, 'Discord shows a description: write one').max(100, 'use up to 100 characters');
/** A number, or nothing, as an empty field of the dialog saves it. */
const orNothing = <Schema extends z.ZodType>(number: Schema) => z.union([z.literal(''), number]).default('');
const bound = orNothing(
  z.coerce
    .number('use a number')
    .min(-(2 ** 53))
    .max(2 ** 53),
);
const language = z.enum(LANGUAGES, 'choose a language');
const word = z.string().refine(isCommandName, 'use 1 to 32 lower-case letters, digits, - or _');
const wordOrNothing = z.union([z.literal(''), word]).default('');

/** The faults that only the item as a whole has, as zod's issues. */
const SENTENCES: Record<string, string> = {
  'problems.choicesAndAutocomplete': 'an option has either choices or an autocomplete, not both',
  'problems.choice-integer': 'the values of these choices are whole numbers',
  'problems.choice-number': 'the values of these choices are numbers',
  'problems.whole': 'use a whole number',
  'problems.bounds': 'the largest is below the smallest',
  'problems.languageWords': 'as many words as the command has',
};

function report(context: z.RefinementCtx, fault: Fault | null, path: (string | number)[] = []): void {
  if (!fault) return;
  context.addIssue({ code: 'custom', path: [...path, fault.column], message: SENTENCES[fault.key] ?? fault.key });
}

const choice = z.object({
  name: z.string().min(1, 'a choice needs a name').max(100, 'use up to 100 characters'),
  value: z
    .union([z.number(), z.string()])
    .transform(String)
    .pipe(z.string().min(1, 'a choice needs a value').max(100, 'use up to 100 characters')),
  localizations: z
    .array(z.object({ language, name: z.string().min(1, 'write the name').max(100, 'use up to 100 characters') }))
    .default([]),
});

const option = z
  .object({
    name: word,
    type: z.enum(keysOf(OPTION_TYPES)).default('text'),
    description,
    required: z.boolean().default(false),
    choices: z.array(choice).max(25, 'Discord takes up to 25 choices').default([]),
    /** The flow answers with what fits what was typed so far. */
    autocomplete: z.boolean().default(false),
    minValue: bound,
    maxValue: bound,
    minLength: orNothing(z.coerce.number().int().min(0).max(6000)),
    maxLength: orNothing(z.coerce.number().int().min(1).max(6000)),
    channelTypes: z.array(z.enum(keysOf(CHANNEL_TYPES))).default([]),
    localizations: z
      .array(z.object({ language, name: wordOrNothing, description: z.string().max(100).default('') }))
      .default([]),
  })
  .superRefine((item, context) => report(context, optionFault(item)));

/** What a slash command is declared with. */
export const commandSettings = {
  /** The command with its subcommands, such as `request ai-credit`. */
  command: z
    .string()
    .transform((command) => commandWords(command).join(' '))
    .refine((command) => {
      const parts = command.split(' ');
      return parts.length <= 3 && parts.every(isCommandName);
    }, 'use one to three lower-case words, such as request ai-credit'),
  description,
  options: z.array(option).max(25, 'Discord takes up to 25 options').default([]),
  /** The command in other languages; members write and read it in theirs. */
  localizations: z
    .array(
      z.object({
        language,
        name: z
          .string()
          .default('')
          .refine(
            (name) => name === '' || commandWords(name).every(isCommandName),
            'use lower-case words, one for each of the command’s',
          ),
        description: z.string().max(100, 'use up to 100 characters').default(''),
      }),
    )
    .default([]),
};

type CommandSettings = z.output<z.ZodObject<typeof commandSettings>>;

/** Refuses what only the command as a whole has: its size, and names with too many words. */
export function checkCommand(settings: CommandSettings, context: z.RefinementCtx): void {
  settings.localizations.forEach((item, index) => {
    report(context, languageFault(item, settings.command), ['localizations', index]);
  });
  if (isTooLarge(settings))
    context.addIssue({ code: 'custom', path: ['options'], message: 'Discord takes up to 8000 characters a command' });
}

/** What the node declares: Discord's JSON of its options, and its texts in other languages. */
export function declarationOf({
  command,
  description: text,
  options,
  localizations,
}: CommandSettings): DeclaredCommand {
  return {
    path: command,
    description: text.trim(),
    // Discord wants the required ones first.
    options: [...options].sort((a, b) => Number(b.required) - Number(a.required)).map(optionOf),
    localizations: localizations.map(({ language: to, name, description: translated }) => ({
      language: to,
      words: name ? commandWords(name) : [],
      description: translated.trim(),
    })),
  };
}

function optionOf(settings: z.output<typeof option>): object {
  const { name, type, required, localizations, autocomplete, choices } = settings;
  const has = (feature: keyof typeof HAS) => (HAS[feature] as readonly string[]).includes(type);
  const number = (key: string, value: number | '') => value !== '' && { [key]: value };
  return {
    name,
    type: OPTION_TYPES[type],
    description: settings.description.trim(),
    required,
    ...translated('name', localizations),
    ...translated('description', localizations),
    ...(has('choices') && autocomplete && { autocomplete }),
    ...(has('choices') && choices.length > 0 && { choices: choices.map((one) => choiceOf(one, type)) }),
    ...(has('bounds') && { ...number('min_value', settings.minValue), ...number('max_value', settings.maxValue) }),
    ...(has('lengths') && { ...number('min_length', settings.minLength), ...number('max_length', settings.maxLength) }),
    ...(has('channelTypes') &&
      settings.channelTypes.length > 0 && {
        channel_types: settings.channelTypes.map((kind) => CHANNEL_TYPES[kind]).sort((a, b) => a - b),
      }),
  };
}

function choiceOf({ name, value, localizations }: z.output<typeof choice>, type: string): object {
  return { name, value: type === 'text' ? value : Number(value), ...translated('name', localizations) };
}

function translated(
  key: 'name' | 'description',
  localizations: { language: string; name?: string; description?: string }[],
): object {
  const texts = localizations.flatMap((one) => (one[key]?.trim() ? [[one.language, one[key].trim()]] : []));
  return texts.length > 0 ? { [`${key}_localizations`]: Object.fromEntries(texts) } : {};
}
