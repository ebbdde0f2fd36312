import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { COMPONENT, isSelect } from '../rules/components.ts';
import { countsOf } from '../rules/modal.ts';
import { el } from './dom.ts';
import { textIn } from './embed.ts';
import { selectMenu } from './select-menu.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';

const PARAGRAPH = 2;

/** A field of a modal. */
export interface ModalField {
  id: string;
  element: HTMLElement;
  value(): string | string[] | boolean | null;
  /** The files that were chosen, where it takes files. */
  files?(): File[];
  /** What is wrong with the value; null when nothing is. */
  problem(): string | null;
}

/** The field of an input, which has the label that stands above it. */
export function modalField(session: Session, input: JsonObject): ModalField {
  if (isSelect(input)) return selectField(session, input);
  return (FIELDS[Number(input.type)] ?? textField)(input);
}

const FIELDS: Record<number, (input: JsonObject) => ModalField> = {
  [COMPONENT.FILE_UPLOAD]: fileField,
  [COMPONENT.RADIO_GROUP]: groupField,
  [COMPONENT.CHECKBOX_GROUP]: groupField,
  [COMPONENT.CHECKBOX]: checkboxField,
};

function labelText(input: JsonObject): HTMLElement {
  const required = input.required !== false;
  return el(
    'span',
    { class: 'field-label' },
    textIn(input, 'label') || textIn(input, 'custom_id'),
    required && el('span', { class: 'star', title: text('modal.required') }, ' *'),
  );
}

function textField(input: JsonObject): ModalField {
  const id = textIn(input, 'custom_id');
  const [least, most] = [Number(input.min_length ?? 0), Number(input.max_length ?? 4000)];
  const required = input.required !== false;
  const common = {
    class: 'field',
    placeholder: textIn(input, 'placeholder'),
    'aria-required': String(required),
    name: id,
  };
  const field =
    Number(input.style) === PARAGRAPH
      ? el('textarea', { ...common, rows: 4 })
      : el('input', { ...common, type: 'text' });
  field.value = typeof input.value === 'string' ? input.value : '';
  const left = el('span', { class: 'soft count', 'aria-live': 'off' });
  const count = () => {
    left.textContent = `${textLength(field.value)}/${most}`;
    field.removeAttribute('aria-invalid');
  };
  field.addEventListener('input', count);
  count();
  const problem = () => {
    const length = textLength(field.value);
    const wrong =
      length === 0
        ? required
          ? text('modal.empty', { label: textIn(input, 'label') })
          : null
        : length < least
          ? text('modal.too-short', { label: textIn(input, 'label'), min: least })
          : length > most
            ? text('modal.too-long', { label: textIn(input, 'label'), max: most })
            : null;
    field.setAttribute('aria-invalid', String(wrong !== null));
    return wrong;
  };
  return {
    id,
    element: el('label', { class: 'modal-field' }, labelText(input), field, left),
    value: () => field.value,
    problem,
  };
}

function selectField(session: Session, input: JsonObject): ModalField {
  const id = textIn(input, 'custom_id');
  const label = textIn(input, 'label') || id;
  let values: string[] = list(input.options)
    .filter((option) => isObject(option) && option.default === true)
    .map((option) => (isObject(option) ? String(option.value) : ''));
  const menu = selectMenu(session, {
    select: input,
    label,
    chosen(chosen) {
      values = chosen;
    },
  });
  const required = input.required !== false;
  return {
    id,
    element: el('div', { class: 'modal-field' }, labelText(input), menu),
    value: () => values,
    problem: () => (required && values.length === 0 ? text('modal.empty', { label }) : null),
  };
}

/** What is wrong with how many values there are. */
function countProblem(input: JsonObject, count: number): string | null {
  const label = textIn(input, 'label') || textIn(input, 'custom_id');
  const { least, most } = input.type === COMPONENT.RADIO_GROUP ? { least: 1, most: 1 } : countsOf(input);
  if (count === 0) return input.required !== false && least > 0 ? text('modal.empty', { label }) : null;
  if (count < least) return text('modal.too-few', { label, min: least });
  return count > most ? text('modal.too-many', { label, max: most }) : null;
}

function fileField(input: JsonObject): ModalField {
  const chooser = el('input', { class: 'field', type: 'file', multiple: countsOf(input).most > 1 });
  const files = () => [...(chooser.files ?? [])];
  return {
    id: textIn(input, 'custom_id'),
    element: el('label', { class: 'modal-field' }, labelText(input), chooser),
    value: () => files().map(({ name }) => name),
    files,
    problem: () => countProblem(input, files().length),
  };
}

/** Options of which one, or several, can be marked. */
function groupField(input: JsonObject): ModalField {
  const id = textIn(input, 'custom_id');
  const single = input.type === COMPONENT.RADIO_GROUP;
  const boxes = list(input.options)
    .filter(isObject)
    .map((option) => {
      const checked = option.default === true;
      const box = el('input', {
        type: single ? 'radio' : 'checkbox',
        name: id,
        value: textIn(option, 'value'),
        checked,
      });
      const description = textIn(option, 'description');
      const label = el(
        'label',
        { class: 'modal-option' },
        box,
        el('span', {}, textIn(option, 'label'), description !== '' && el('span', { class: 'soft' }, description)),
      );
      return { box, label };
    });
  const values = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  const options = boxes.map(({ label }) => label);
  return {
    id,
    element: el('fieldset', { class: 'modal-field' }, el('legend', {}, labelText(input)), ...options),
    value: () => (single ? (values()[0] ?? null) : values()),
    problem: () => countProblem(input, values().length),
  };
}

function checkboxField(input: JsonObject): ModalField {
  const box = el('input', { type: 'checkbox', checked: input.default === true });
  const label = el('span', { class: 'field-label' }, textIn(input, 'label'));
  return {
    id: textIn(input, 'custom_id'),
    element: el('div', { class: 'modal-field' }, el('label', { class: 'modal-option' }, box, label)),
    value: () => box.checked,
    problem: () => null,
  };
}
