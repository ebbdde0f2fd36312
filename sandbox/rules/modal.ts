import { FormCheck } from '../api/errors.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { allComponents, COMPONENT, checkCustomId, checkOptions, checkSelect, isSelect } from './components.ts';

const MODAL_COMPONENTS = 5;
const GROUPS: readonly unknown[] = [COMPONENT.RADIO_GROUP, COMPONENT.CHECKBOX_GROUP];
const GROUP_OPTIONS = 10;

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
  if (GROUPS.includes(input.type)) checkOptions(list(input.options), GROUP_OPTIONS, at.at('options'));
  if (input.type === COMPONENT.FILE_UPLOAD || input.type === COMPONENT.CHECKBOX_GROUP) checkCounts(input, at);
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

function checkCounts(input: JsonObject, at: FormCheck): void {
  const { least, most } = countsOf(input);
  if (least > most)
    at.at('min_values').add('BASE_TYPE_INVALID', 'Min values must be less than or equal to max values.');
}

/** How many values a field takes, one that may stay empty too (docs: components/reference). */
export function countsOf(input: JsonObject): { least: number; most: number } {
  const options = input.type === COMPONENT.CHECKBOX_GROUP ? list(input.options).length : 1;
  return { least: Number(input.min_values ?? 1), most: Number(input.max_values ?? options) };
}

/** The fields of a modal: each input with its custom_id. */
export function modalInputs(modal: JsonObject): JsonObject[] {
  return allComponents(modal.components).filter((component) => typeof component.custom_id === 'string');
}
