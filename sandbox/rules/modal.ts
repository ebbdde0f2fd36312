import { FormCheck } from '../api/errors.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { allComponents, COMPONENT, checkCustomId, checkSelect, isSelect } from './components.ts';

const MODAL_COMPONENTS = 5;

/** Refuses what Discord refuses in a modal (docs: interactions/receiving-and-responding, "Modal"). */
export function checkModal(modal: JsonObject): void {
  const form = new FormCheck().at('data');
  const components = list(modal.components);
  if (typeof modal.title === 'string') form.at('title').length(textLength(modal.title), 1, 45);
  if (typeof modal.custom_id === 'string') form.at('custom_id').length(textLength(modal.custom_id), 1, 100);
  form.at('components').length(components.length, 1, MODAL_COMPONENTS);
  const seen = new Set<string>();
  for (const [index, outer] of components.entries()) {
    if (!isObject(outer)) continue;
    const at = form.at('components', index);
    if (outer.type === COMPONENT.ROW) {
      for (const [number, input] of list(outer.components).entries()) {
        if (!isObject(input)) continue;
        const inner = at.at('components', number);
        if (typeof input.label !== 'string' || input.label === '') inner.at('label').required();
        checkInput(input, inner, seen);
      }
      if (list(outer.components).length > 1) {
        at.at('components').add('COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width');
      }
    } else if (outer.type === COMPONENT.LABEL && isObject(outer.component)) {
      checkInput(outer.component, at.at('component'), seen);
    }
  }
  form.done();
}

function checkInput(input: JsonObject, at: FormCheck, seen: Set<string>): void {
  if (typeof input.custom_id === 'string') checkCustomId(input.custom_id, seen, at.at('custom_id'));
  if (isSelect(input)) checkSelect(input, at);
  if (input.type !== COMPONENT.TEXT_INPUT) return;
  const min = Number(input.min_length ?? 0);
  const max = Number(input.max_length ?? 4000);
  if (typeof input.label === 'string') at.at('label').length(textLength(input.label), 1, 45);
  if (typeof input.placeholder === 'string') at.at('placeholder').length(textLength(input.placeholder), 0, 100);
  if (min > max) at.at('min_length').add('BASE_TYPE_INVALID', 'Min length must not be greater than max length.');
  if (typeof input.value === 'string' && input.value !== '') {
    at.at('value').length(textLength(input.value), Math.max(min, 0), max);
  }
}

/** The fields of a modal: each input with its custom_id. */
export function modalInputs(modal: JsonObject): JsonObject[] {
  return allComponents(modal.components).filter((component) => typeof component.custom_id === 'string');
}
