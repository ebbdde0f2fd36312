import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { COMPONENT, isSelect } from '../rules/components.ts';
import { type Actions, Refused } from './actions.ts';
import { el, fill, iconButton } from './dom.ts';
import { textIn } from './embed.ts';
import { markdown } from './markdown.ts';
import { selectMenu } from './select-menu.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';

const PARAGRAPH = 2;
const TEXT_DISPLAY = 10;

interface ModalField {
  id: string;
  element: HTMLElement;
  value(): string | string[];
  /** What is wrong with the value; null when nothing is. */
  problem(): string | null;
}

/** Shows the modals that interactions open. */
export function modalDialog(session: Session, actions: Actions): HTMLDialogElement {
  const form = el('form', { class: 'modal-form', novalidate: true });
  const dialog = el('dialog', { class: 'modal', 'aria-labelledby': 'modal-title' }, form);
  const close = () => dialog.close();

  actions.openModal = (interaction, modal) => {
    const fields: ModalField[] = [];
    const shown = list(modal.components)
      .filter(isObject)
      .map((outer) => part(session, outer, fields));
    const problem = el('p', { class: 'problem', role: 'alert' });
    const submit = el('button', { class: 'button primary' }, text('modal.submit'));
    fill(
      form,
      el(
        'div',
        { class: 'card-head' },
        el('h2', { id: 'modal-title' }, textIn(modal, 'title')),
        iconButton('close', text('close'), { onclick: close }),
      ),
      el('p', { class: 'soft' }, text('modal.from', { application: session.mirror.application.name })),
      ...shown,
      problem,
      el(
        'div',
        { class: 'modal-actions' },
        el('button', { type: 'button', class: 'button secondary', onclick: close }, text('cancel')),
        submit,
      ),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      const wrong = fields.find((field) => field.problem() !== null);
      problem.textContent = wrong?.problem() ?? '';
      if (wrong !== undefined) {
        wrong.element.querySelector<HTMLElement>('input, textarea, button')?.focus();
        return;
      }
      submit.disabled = true;
      const values = Object.fromEntries(fields.map((field) => [field.id, field.value()]));
      const send = async () => {
        const { error } = await actions.act('submit', { interaction, fields: values, wait: false });
        if (error !== undefined) throw new Refused(text('modal.failed', { reason: error }));
        close();
      };
      send()
        .catch((error: unknown) => {
          problem.textContent = error instanceof Error ? error.message : String(error);
        })
        .finally(() => {
          submit.disabled = false;
        });
    };
    dialog.showModal();
    form.querySelector<HTMLElement>('input, textarea, .select')?.focus();
  };
  return dialog;
}

/** A row or a labelled part of a modal; its field goes to `fields`. */
function part(session: Session, outer: JsonObject, fields: ModalField[]): HTMLElement {
  if (outer.type === TEXT_DISPLAY) return markdown(session, textIn(outer, 'content'));
  const label = outer.type === COMPONENT.LABEL;
  const inputs = label ? [outer.component] : list(outer.components);
  const made = inputs.filter(isObject).map((input) => {
    const named = label ? { ...input, label: outer.label } : input;
    const field = isSelect(input) ? selectField(session, named) : textField(named);
    fields.push(field);
    const description = label ? textIn(outer, 'description') : '';
    if (description !== '') field.element.firstElementChild?.after(el('p', { class: 'soft' }, description));
    return field.element;
  });
  return el('div', {}, ...made);
}

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
