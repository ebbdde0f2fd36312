import type { Problem } from './checks.ts';
import { keyOf, nestedKey, type Translate } from './table.ts';

/** Says a problem in words; a field's own sentence stands before the general one. */
export function sentenceOf(problem: Problem, field: { name: string }, t: Translate): string {
  const { key, values, at = [] } = problem;
  let list = field.name;
  const places = at.map(({ item, column }) => {
    const place = { item, column: t(`columns.${list}.${column}`) };
    list = nestedKey(list, column);
    return place;
  });
  const sentence = key === 'problems.pattern' ? t(`problems.of.${field.name}`) : t(key, values);
  return places.reduceRight((said, place) => t('problems.inList', { ...place, problem: said }), sentence);
}

/** The text of one choice of a select. */
export function choiceOf(name: string, choice: string, t: Translate): string {
  return t(`choices.${name}.${keyOf(choice)}`);
}
