import { make } from './dom.ts';
import type { Rule } from './rules.ts';
import { type Column, keyOf, type Translate } from './table.ts';

/** One value of a list's item: its element in the row, and how it is read and written. */
export interface Cell {
  element: HTMLElement;
  read(): unknown;
  write(value: unknown): void;
}

type PlainColumn = Exclude<Column, { kind: 'list' }>;

let count = 0;

/**
 * Makes the labelled input of a column.
 * @param key where its texts are found: `options.name`
 */
export function cellOf(column: PlainColumn, key: string, rule: Rule, t: Translate): Cell {
  const label = t(`columns.${key}`);
  switch (column.kind) {
    case 'checkbox': {
      const input = make('input', { type: 'checkbox' });
      return {
        element: make('label', { class: 'guildhall-cell guildhall-tick' }, input, make('span', {}, label)),
        read: () => input.checked,
        write: (value) => {
          input.checked = value === true;
        },
      };
    }
    case 'ticks': {
      const inputs = (rule.choices ?? []).map((choice) => make('input', { type: 'checkbox', value: choice }));
      const ticks = inputs.map((input) =>
        make('label', { class: 'guildhall-tick' }, input, make('span', {}, choiceText(column, key, input.value, t))),
      );
      return {
        element: make(
          'div',
          { class: 'guildhall-cell', role: 'group', 'aria-label': label },
          labelled(label),
          ...ticks,
        ),
        read: () => inputs.filter(({ checked }) => checked).map(({ value }) => value),
        write: (value) => {
          for (const input of inputs) input.checked = Array.isArray(value) && value.includes(input.value);
        },
      };
    }
    default:
      return textual(column, key, rule, label, t);
  }
}

function textual(column: PlainColumn, key: string, rule: Rule, label: string, t: Translate): Cell {
  count += 1;
  const id = `guildhall-cell-${count}`;
  const input = inputOf(column, key, rule, t);
  input.id = id;
  return {
    element: make('div', { class: 'guildhall-cell' }, labelled(label, id), input),
    read: () => (column.kind === 'number' ? numberOrText(input.value) : input.value),
    write: (value) => {
      input.value = String(value ?? '');
    },
  };
}

/** What a person typed that is no number stays as it is, for the check to say so. */
const numberOrText = (text: string): number | string =>
  text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;

const labelled = (text: string, id?: string): HTMLElement =>
  id ? make('label', { class: 'guildhall-label', for: id }, text) : make('span', { class: 'guildhall-label' }, text);

function inputOf(column: PlainColumn, key: string, rule: Rule, t: Translate) {
  const example = t(`examples.${key}`);
  const placeholder = example.startsWith('examples.') ? undefined : example;
  switch (column.kind) {
    case 'select':
      return make(
        'select',
        {},
        ...(rule.choices ?? []).map((choice) => make('option', { value: choice }, choiceText(column, key, choice, t))),
      );
    case 'textarea':
      return make('textarea', { rows: '2', spellcheck: 'false', placeholder });
    default:
      return make('input', {
        type: column.kind === 'number' ? 'number' : 'text',
        // A browser takes whole numbers only, unless it is told.
        step: column.kind === 'number' && !rule.integer ? 'any' : undefined,
        autocomplete: 'off',
        spellcheck: 'false',
        placeholder,
      });
  }
}

/** How a choice of a column is called; languages by the name that the browser has for them. */
export function choiceText(column: PlainColumn, key: string, choice: string, t: Translate): string {
  if (!column.languages) return t(`choices.${key}.${keyOf(choice)}`);
  return new Intl.DisplayNames([RED.i18n.lang()], { type: 'language' }).of(choice) ?? choice;
}
