import { FormCheck } from '../api/errors.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';

/** Command types (docs: interactions/application-commands, "Application Command Types"). */
export const COMMAND = { CHAT_INPUT: 1, USER: 2, MESSAGE: 3 } as const;

/** Option types (docs: interactions/application-commands, "Application Command Option Type"). */
export const OPTION = {
  SUB_COMMAND: 1,
  SUB_COMMAND_GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
} as const;

/** A command's or option's name as the docs write it ("Application Command Naming"). */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const MENU_TYPES: readonly unknown[] = [COMMAND.USER, COMMAND.MESSAGE];
const TOTAL = 8000;
const MANY = 25;

/** Refuses what Discord refuses in a command, beyond its published schema. `path` is where the command stands. */
export function checkCommand(command: JsonObject, form = new FormCheck(), patch = false): FormCheck {
  const menu = MENU_TYPES.includes(command.type);
  if (command.name !== undefined || !patch) checkName(command.name, form.at('name'), menu);
  if (menu) {
    if (typeof command.description === 'string' && command.description !== '') {
      form
        .at('description')
        .add('APPLICATION_COMMAND_INVALID_DESCRIPTION', 'Context menu commands cannot have description');
    }
    if (list(command.options).length > 0) {
      form.at('options').add('APPLICATION_COMMAND_INVALID_OPTIONS', 'Context menu commands cannot have options');
    }
  } else if (command.description !== undefined || !patch) {
    checkDescription(command.description, form.at('description'));
  }
  checkLocalizations(command, form, menu);
  checkOptions(list(command.options), form.at('options'), 0);
  if (size(command) > TOTAL) {
    form.add('APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${TOTAL})`);
  }
  return form;
}

function checkName(name: unknown, form: FormCheck, menu: boolean): void {
  if (typeof name !== 'string') {
    form.required();
    return;
  }
  form.length(textLength(name), 1, 32);
  if (!menu && (!NAME.test(name) || name !== name.toLowerCase())) {
    form.add('APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  }
}

function checkDescription(description: unknown, form: FormCheck): void {
  if (typeof description !== 'string' || description === '') form.required();
  else form.length(textLength(description), 1, 100);
}

function checkLocalizations(item: JsonObject, form: FormCheck, menu: boolean): void {
  for (const [key, check] of [
    ['name_localizations', (text: unknown, at: FormCheck) => checkName(text, at, menu)],
    ['description_localizations', checkDescription],
  ] as const) {
    if (!isObject(item[key])) continue;
    for (const [locale, text] of Object.entries(item[key])) if (text !== null) check(text, form.at(key, locale));
  }
}

function checkOptions(options: unknown[], form: FormCheck, depth: number): void {
  form.length(options.length, 0, MANY);
  const seen = new Set<unknown>();
  let optional = false;
  const kinds = new Set<boolean>();
  for (const [index, option] of options.entries()) {
    if (!isObject(option)) continue;
    const at = form.at(index);
    checkName(option.name, at.at('name'), false);
    checkDescription(option.description, at.at('description'));
    checkLocalizations(option, at, false);
    if (seen.has(option.name))
      at.at('name').add('APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists');
    seen.add(option.name);
    const nested = option.type === OPTION.SUB_COMMAND || option.type === OPTION.SUB_COMMAND_GROUP;
    kinds.add(nested);
    if (nested) {
      checkNesting(option, at, depth);
      continue;
    }
    if (option.required === true && optional) {
      at.add(
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    }
    optional ||= option.required !== true;
    checkValues(option, at);
  }
  if (kinds.size > 1) {
    form.add(
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    );
  }
}

function checkNesting(option: JsonObject, at: FormCheck, depth: number): void {
  const group = option.type === OPTION.SUB_COMMAND_GROUP;
  if (depth > 1 || (group && depth > 0)) {
    at.at('type').add('APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Options are nested too deeply');
    return;
  }
  const inner = list(option.options);
  if (group && inner.length === 0) at.at('options').required();
  if (group && inner.some((item) => isObject(item) && item.type !== OPTION.SUB_COMMAND)) {
    at.at('options').add('APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'A sub-command group holds only sub-commands');
  }
  checkOptions(inner, at.at('options'), depth + 1);
}

function checkValues(option: JsonObject, at: FormCheck): void {
  const choices = list(option.choices);
  at.at('choices').length(choices.length, 0, MANY);
  if (option.autocomplete === true && choices.length > 0) {
    at.at('choices').add(
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES',
      'Choices cannot be set when autocomplete is on',
    );
  }
  const names = new Set<unknown>();
  for (const [index, choice] of choices.entries()) {
    if (!isObject(choice)) continue;
    const form = at.at('choices', index);
    if (typeof choice.name === 'string') form.at('name').length(textLength(choice.name), 1, 100);
    if (typeof choice.value === 'string') form.at('value').length(textLength(choice.value), 1, 100);
    const wanted = option.type === OPTION.STRING ? 'string' : 'number';
    if (typeof choice.value !== wanted || (option.type === OPTION.INTEGER && !Number.isInteger(choice.value))) {
      form.at('value').add('BASE_TYPE_BAD_TYPE', `Must be of type ${wanted}.`);
    }
    if (names.has(choice.name))
      form
        .at('name')
        .add('APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS', 'Option choice name already exists');
    names.add(choice.name);
  }
  for (const [low, high] of [
    ['min_value', 'max_value'],
    ['min_length', 'max_length'],
  ] as const) {
    if (typeof option[low] === 'number' && typeof option[high] === 'number' && option[low] > option[high]) {
      at.at(low).add('BASE_TYPE_INVALID', `${low} must not be greater than ${high}`);
    }
  }
}

/** The characters that count towards a command's 8000: names, descriptions and values, the longest localization of each. */
function size(item: JsonObject): number {
  const longest = (key: string) => {
    const localized = item[`${key}_localizations`];
    const texts = [item[key], ...(isObject(localized) ? Object.values(localized) : [])];
    return Math.max(0, ...texts.map((text) => (typeof text === 'string' ? textLength(text) : 0)));
  };
  const value = typeof item.value === 'string' ? textLength(item.value) : 0;
  const inner = [...list(item.options), ...list(item.choices)].filter(isObject);
  return longest('name') + longest('description') + value + inner.reduce((sum, child) => sum + size(child), 0);
}
