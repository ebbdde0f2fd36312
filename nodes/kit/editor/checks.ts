import { commandWords, isCommandName } from '../command-name.ts';
import { cronProblem, isTimeZone } from '../cron.ts';
import { parseWebhook } from '../webhook.ts';
import { isId } from './live.ts';
import type { Rule } from './rules.ts';
import {
  type Check,
  type Column,
  isShown,
  type ListOf,
  type PasswordField,
  type SettingField,
  type Settings,
} from './table.ts';

/** What is wrong with a setting: the key of a sentence in the catalogue, and what stands in it. */
export interface Problem {
  key: string;
  values?: Record<string, string | number>;
  /** In a list: which item, counted from 1, and in which column; for a list within a list, from the outer one on. */
  at?: { item: number; column: string }[];
}

/** Node-RED puts the environment's value in its place before the node is made. */
const FROM_ENVIRONMENT = /^\$\{[a-zA-Z_]\w*\}$/;
const COMPONENT_NAME = /^[^:\s]{1,60}$/;
/** What is missing is called by its own word where one chooses instead of writing. */
const MISSING: Record<string, string> = { config: 'problems.missingConfig', select: 'problems.choice' };
const LONGEST_CUSTOM_ID = 100;
const MOST_COMMAND_WORDS = 3;

const CHECKS: Record<Check, (value: string, settings: Settings) => Problem | null> = {
  command: (value) => {
    const words = commandWords(value);
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
  buttonId: (value, { style }) => {
    if (style === 'link') return null;
    return value === '' ? { key: 'problems.missing' } : CHECKS.customId(value, {});
  },
  buttonUrl: (value, { style }) => {
    if (style !== 'link') return null;
    return value === '' ? { key: 'problems.missing' } : templateProblem(value);
  },
  webhook: (value, { apiBase = '' }) => {
    const webhook = parseWebhook(value, String(apiBase));
    return typeof webhook === 'string'
      ? { key: `problems.webhook.${webhook}`, values: { base: String(apiBase) } }
      : null;
  },
  cron: (value) => {
    const problem = cronProblem(value);
    if (!problem) return null;
    if (problem.part === null) return { key: 'problems.cron' };
    return { key: `problems.cronParts.${problem.part}`, values: { min: problem.least, max: problem.most } };
  },
  timeZone: (value) => (isTimeZone(value.trim()) ? null : { key: 'problems.timeZone' }),
  colour: (value) =>
    value === '' || value.includes('{{') || /^#?[0-9a-f]{6}$/i.test(value.trim()) ? null : { key: 'problems.colour' },
  someContent: (value, settings) => {
    const shown = ['embedTitle', 'embedText', 'embedAuthor', 'embedImage', 'embedFooter', 'files'].some(
      (name) => String(settings[name] ?? '') !== '',
    );
    const listed = ['embedFields', 'selects', 'buttons'].some(
      (name) => Array.isArray(settings[name]) && settings[name].length > 0,
    );
    return value !== '' || shown || listed ? templateProblem(value) : { key: 'problems.someContent' };
  },
};

/** Whether these may be blank depends on other settings. */
const LOOKS_AT_BLANKS: ReadonlySet<Check> = new Set(['someContent', 'buttonId', 'buttonUrl']);

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
  if (field.kind === 'list') {
    const problem = listProblem(field, rule, Array.isArray(value) ? value : [], settings);
    return problem ?? field.judgeAll?.(settings) ?? null;
  }
  if (typeof value === 'string' && FROM_ENVIRONMENT.test(value)) return null;
  if (field.kind === 'value' && settings[`${field.name}Type`] === 'member' && value && !isId(String(value))) {
    return { key: 'problems.member' };
  }
  return valueProblem(field, { ...rule, required: field.required || rule.required }, value, settings);
}

/** What Node-RED shows in place of a credential that is saved; the browser never gets that itself. */
const SAVED = '__PWRD__';

/**
 * Says what is wrong with a credential that was typed in, or null.
 * @param settings those of the node and, once it is known, `apiBase`, the API of the Discord that the program talks to
 */
export function passwordProblem(field: PasswordField, value: string, settings: Settings): Problem | null {
  if (!isShown(field, settings) || value === SAVED || FROM_ENVIRONMENT.test(value)) return null;
  return valueProblem(field, { required: field.required ?? false }, value, settings);
}

function listProblem(
  list: ListOf & { required?: boolean },
  rule: Rule,
  items: Settings[],
  settings: Settings,
): Problem | null {
  if (list.required && items.length === 0) return { key: 'problems.emptyList' };
  if (rule.maxItems !== undefined && items.length > rule.maxItems) {
    return { key: 'problems.tooMany', values: { max: rule.maxItems } };
  }
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const at = (column: string, { at: inner = [], ...problem }: Problem): Problem => ({
      ...problem,
      at: [{ item: index + 1, column }, ...inner],
    });
    for (const column of list.columns) {
      if (!isShown(column, item)) continue;
      const problem = columnProblem(column, rule.items?.[column.name] ?? {}, item, settings);
      if (problem) return at(column.name, problem);
    }
    const odd = list.judge?.(item, settings);
    if (odd) return at(odd.column, { key: odd.key, ...(odd.values && { values: odd.values }) });
    const key = list.unique && item[list.unique];
    if (list.unique && seen.has(key)) return at(list.unique, { key: 'problems.twice', values: { name: String(key) } });
    seen.add(key);
  }
  return null;
}

function columnProblem(column: Column, rule: Rule, item: Settings, settings: Settings): Problem | null {
  const value = item[column.name] ?? rule.initial;
  if (column.kind === 'list') return listProblem(column, rule, Array.isArray(value) ? value : [], settings);
  return column.kind === 'ticks' ? null : valueProblem(column, rule, value, item);
}

function valueProblem(
  field: { kind: string; check?: Check },
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
  const isOptionalBlank = value === '' && !(field.check && LOOKS_AT_BLANKS.has(field.check));
  return field.check && !isOptionalBlank ? CHECKS[field.check](value, settings) : null;
}

function numberProblem(rule: Rule, value: string): Problem | null {
  if (value === '' && rule.blank) return null;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return { key: 'problems.number' };
  if (rule.integer && !Number.isInteger(number)) return { key: 'problems.whole' };
  if (rule.minimum !== undefined && number < rule.minimum)
    return { key: 'problems.atLeast', values: { min: rule.minimum } };
  if (rule.maximum !== undefined && number > rule.maximum)
    return { key: 'problems.atMost', values: { max: rule.maximum } };
  return null;
}
