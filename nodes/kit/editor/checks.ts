import type { Rule } from './rules.ts';
import type { Check, Column, SettingField, Settings } from './table.ts';

/** What is wrong with a setting: the key of a sentence in the catalogue, and what stands in it. */
export interface Problem {
  key: string;
  values?: Record<string, string | number>;
  /** In a list: which item, counted from 1, and in which column. */
  item?: number;
  column?: string;
}

/** Discord's names of commands and options (application-commands page). */
const COMMAND_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
/** Node-RED puts the environment's value in its place before the node is made. */
const FROM_ENVIRONMENT = /^\$\{[a-zA-Z_]\w*\}$/;
const COMPONENT_NAME = /^[^:\s]{1,60}$/;
/** What is missing is called by its own word where one chooses instead of writing. */
const MISSING: Record<string, string> = { config: 'problems.missingConfig', select: 'problems.choice' };
const LONGEST_CUSTOM_ID = 100;
const MOST_COMMAND_WORDS = 3;

const isCommandName = (word: string): boolean => COMMAND_NAME.test(word) && word === word.toLowerCase();

const CHECKS: Record<Check, (value: string, settings: Settings) => Problem | null> = {
  command: (value) => {
    const words = value.trim().replace(/^\//, '').split(/\s+/);
    return words.length <= MOST_COMMAND_WORDS && words.every(isCommandName) ? null : { key: 'problems.command' };
  },
  word: (value) => (isCommandName(value) ? null : { key: 'problems.word' }),
  template: templateProblem,
  customId: (value) => {
    const template = templateProblem(value);
    if (template) return template;
    const isFixed = !value.includes('{{');
    if (isFixed && value.length > LONGEST_CUSTOM_ID)
      return { key: 'problems.tooLong', values: { max: LONGEST_CUSTOM_ID } };
    const [name = ''] = value.split(':');
    return name.includes('{{') || COMPONENT_NAME.test(name) ? null : { key: 'problems.customId' };
  },
  colour: (value) =>
    value === '' || value.includes('{{') || /^#?[0-9a-f]{6}$/i.test(value.trim()) ? null : { key: 'problems.colour' },
  someContent: (value, settings) => {
    const shown = ['embedTitle', 'embedText'].some((name) => String(settings[name] ?? '') !== '');
    const listed = ['embedFields', 'buttons'].some(
      (name) => Array.isArray(settings[name]) && settings[name].length > 0,
    );
    return value !== '' || shown || listed ? templateProblem(value) : { key: 'problems.someContent' };
  },
};

/** Finds braces and sections of a template that are not closed. */
function templateProblem(template: string): Problem | null {
  const open: string[] = [];
  const rest = template.replace(/\{\{\{[^{}]*\}\}\}|\{\{([#^/]?)\s*([^{}]*?)\s*\}\}/g, (_tag, kind, name) => {
    if (kind === '#' || kind === '^') open.push(name);
    if (kind === '/' && open.pop() !== name) open.push(name);
    return '';
  });
  if (rest.includes('{{') || rest.includes('}}')) return { key: 'problems.braces' };
  const unclosed = open.at(-1);
  return unclosed === undefined ? null : { key: 'problems.section', values: { name: unclosed } };
}

/**
 * Says what is wrong with a setting, or null.
 * @param settings all settings of the node, as far as they are filled in
 */
export function problemOf(field: SettingField, rule: Rule, value: unknown, settings: Settings): Problem | null {
  if (field.kind === 'list') return listProblem(field, rule, Array.isArray(value) ? value : []);
  if (typeof value === 'string' && FROM_ENVIRONMENT.test(value)) return null;
  return valueProblem(field, { ...rule, required: field.required || rule.required }, value, settings);
}

function listProblem(field: SettingField & { kind: 'list' }, rule: Rule, items: Settings[]): Problem | null {
  if (field.required && items.length === 0) return { key: 'problems.emptyList' };
  if (rule.maxItems !== undefined && items.length > rule.maxItems) {
    return { key: 'problems.tooMany', values: { max: rule.maxItems } };
  }
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const at = (column: string) => ({ item: index + 1, column });
    for (const column of field.columns) {
      const columnRule = rule.items?.[column.name] ?? {};
      const problem = valueProblem(column, columnRule, item[column.name] ?? columnRule.initial, item);
      if (problem) return { ...problem, ...at(column.name) };
    }
    const key = field.unique && item[field.unique];
    if (field.unique && seen.has(key))
      return { key: 'problems.twice', values: { name: String(key) }, ...at(field.unique) };
    seen.add(key);
  }
  return null;
}

function valueProblem(
  field: { kind: string; check?: Check } | Column,
  rule: Rule,
  given: unknown,
  settings: Settings,
): Problem | null {
  if (typeof given === 'boolean') return null;
  const value = String(given ?? '');
  if (field.kind === 'number') return numberProblem(rule, value);
  if (value === '' && (rule.required || (rule.minLength ?? 0) > 0))
    return { key: MISSING[field.kind] ?? 'problems.missing' };
  if (rule.choices && !rule.choices.includes(value)) return { key: 'problems.choice' };
  if (rule.maxLength !== undefined && value.length > rule.maxLength) {
    return { key: 'problems.tooLong', values: { max: rule.maxLength } };
  }
  if (rule.pattern && !new RegExp(rule.pattern, 'u').test(value)) return { key: 'problems.pattern' };
  const isOptionalBlank = value === '' && field.check !== 'someContent';
  return field.check && !isOptionalBlank ? CHECKS[field.check](value, settings) : null;
}

function numberProblem(rule: Rule, value: string): Problem | null {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return { key: 'problems.number' };
  if (rule.integer && !Number.isInteger(number)) return { key: 'problems.whole' };
  if (rule.minimum !== undefined && number < rule.minimum)
    return { key: 'problems.atLeast', values: { min: rule.minimum } };
  if (rule.maximum !== undefined && number > rule.maximum)
    return { key: 'problems.atMost', values: { max: rule.maximum } };
  return null;
}
