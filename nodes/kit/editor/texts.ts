import type { Problem } from './checks.ts';
import { keyOf, type SettingField, type Translate } from './table.ts';

/** Says a problem in words; a field's own sentence stands before the general one. */
export function sentenceOf(problem: Problem, field: SettingField, t: Translate): string {
  const { key, values, item, column } = problem;
  const sentence = key === 'problems.pattern' ? t(`problems.of.${field.name}`) : t(key, values);
  if (item === undefined || column === undefined) return sentence;
  return t('problems.inList', { item, column: t(`columns.${field.name}.${column}`), problem: sentence });
}

/** The text of one choice of a select. */
export function choiceOf(name: string, choice: string, t: Translate): string {
  return t(`choices.${name}.${keyOf(choice)}`);
}
