import { isObject, type JsonObject, list } from '../json.ts';
import { COMPONENT } from '../rules/components.ts';
import { type Actions, Refused } from './actions.ts';
import { el, fill, iconButton } from './dom.ts';
import { textIn } from './embed.ts';
import { sentFile } from './files.ts';
import { markdown } from './markdown.ts';
import { type ModalField, modalField } from './modal-fields.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';

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
        const files = await Promise.all(fields.flatMap(({ files = () => [] }) => files()).map(sentFile));
        const { error } = await actions.act('submit', { interaction, fields: values, files, wait: false });
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
    form.querySelector<HTMLElement>('input:not([type="file"]), textarea, .select')?.focus();
  };
  return dialog;
}

/** A row or a labelled part of a modal; its field goes to `fields`. */
function part(session: Session, outer: JsonObject, fields: ModalField[]): HTMLElement {
  if (outer.type === COMPONENT.TEXT_DISPLAY) return markdown(session, textIn(outer, 'content'));
  const label = outer.type === COMPONENT.LABEL;
  const inputs = label ? [outer.component] : list(outer.components);
  const made = inputs.filter(isObject).map((input) => {
    const named = label ? { ...input, label: outer.label } : input;
    const field = modalField(session, named);
    fields.push(field);
    const description = label ? textIn(outer, 'description') : '';
    if (description !== '') field.element.firstElementChild?.after(el('p', { class: 'soft' }, description));
    return field.element;
  });
  return el('div', {}, ...made);
}
