import type { Finding } from '../../../platform/doctor/finding.ts';
import { element, rich, withLinks } from './dom.ts';
import { texts } from './texts.ts';

/** Findings with their fixes; those that are well can be left out. */
export function findingList(findings: Finding[], all = true): HTMLElement | null {
  const shown = findings.filter(({ state }) => all || state !== 'ok');
  if (shown.length === 0) return null;
  const marks = { ok: '✓', warning: '!', problem: '✗' };
  return element(
    'ul',
    { class: 'findings' },
    ...shown.map(({ state, title, detail, fix }) =>
      element(
        'li',
        { class: state },
        element('span', { class: 'sign', 'aria-hidden': 'true' }, marks[state]),
        element(
          'div',
          {},
          element('strong', {}, title),
          element('span', {}, detail),
          fix ? element('em', {}, ...withLinks(fix)) : null,
        ),
      ),
    ),
  );
}

export const why = (text: string, links: Record<string, string> = {}) =>
  element('p', { class: 'why' }, ...rich(text, links));
export const numbered = (lines: string[], links: Record<string, string> = {}) =>
  element('ol', { class: 'how' }, ...lines.map((line) => element('li', {}, ...rich(line, links))));
export const button = (words: string, press: () => void, style = '') =>
  element('button', { type: 'button', class: style, onclick: press }, words);

/** A field for a secret with the button that checks it; it is never filled in again. */
export function secretField(id: string, label: string, words: string, send: (value: string) => void): HTMLElement {
  const input = element('input', {
    id,
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    maxlength: 200,
  });
  const submit = (event: Event) => {
    event.preventDefault();
    send(input.value);
  };
  return element(
    'form',
    { class: 'field', onsubmit: submit },
    element('label', { for: id }, label),
    element('div', { class: 'row' }, input, element('button', { type: 'submit' }, words)),
  );
}

export function select(
  id: string,
  label: string,
  choices: { id: string; name: string; group?: string }[],
  chosen: string,
) {
  const groups = Map.groupBy(choices, ({ group = '' }) => group);
  const options = (list: typeof choices) =>
    list.map((choice) => element('option', { value: choice.id, selected: choice.id === chosen }, choice.name));
  const made = element(
    'select',
    { id },
    chosen ? null : element('option', { value: '', selected: true, disabled: true }, texts.names.choose),
    ...[...groups].flatMap(([group, list]) =>
      group ? [element('optgroup', { label: group }, ...options(list))] : options(list),
    ),
  );
  return { made, field: [element('label', { for: id }, label), made] };
}
