import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { COMPONENT, isSelect } from '../rules/components.ts';
import { modalInputs } from '../rules/modal.ts';
import { selection } from './components.ts';
import { ControlError } from './errors.ts';
import type { Place } from './find.ts';

/** The `data` of a modal's submission; `fields` maps custom_id to a text, or to a list for a menu. */
export function submitData(place: Place, modal: JsonObject, fields: unknown): JsonObject {
  if (!isObject(fields)) throw new ControlError(400, '"fields" must map each custom_id to a value');
  const inputs = modalInputs(modal);
  const unknown = Object.keys(fields).find((id) => !inputs.some((input) => input.custom_id === id));
  if (unknown !== undefined) throw new ControlError(400, `the modal has no field "${unknown}"`);
  const references: JsonObject = {};
  const fill = (input: JsonObject): JsonObject => {
    const id = String(input.custom_id);
    const base = { type: input.type, id: input.id, custom_id: id };
    const given = Object.hasOwn(fields, id) ? fields[id] : undefined;
    if (input.type === COMPONENT.TEXT_INPUT) return { ...base, value: text(input, given) };
    if (!isSelect(input)) throw new ControlError(400, `the field "${id}" is of a kind that cannot be filled in here`);
    if (given === undefined && input.required === false) return { ...base, values: [] };
    const { values, resolved } = selection(place, input, given ?? []);
    for (const [kind, objects] of Object.entries(resolved ?? {})) {
      references[kind] = {
        ...(isObject(references[kind]) ? references[kind] : {}),
        ...(isObject(objects) ? objects : {}),
      };
    }
    return { ...base, values };
  };
  const components = list(modal.components)
    .filter(isObject)
    .map((outer) => {
      const base = { type: outer.type, id: outer.id };
      if (outer.type === COMPONENT.LABEL && isObject(outer.component))
        return { ...base, component: fill(outer.component) };
      if (outer.type === COMPONENT.ROW)
        return { ...base, components: list(outer.components).filter(isObject).map(fill) };
      return base;
    });
  const resolved = Object.keys(references).length > 0 ? { resolved: references } : {};
  return { custom_id: modal.custom_id, components, ...resolved };
}

function text(input: JsonObject, given: unknown): string {
  const name = String(input.custom_id);
  const value = given ?? input.value ?? '';
  if (typeof value !== 'string') throw new ControlError(400, `the field "${name}" must be a text`);
  const length = textLength(value);
  if (length === 0) {
    if (input.required !== false) throw new ControlError(400, `the field "${name}" is required`);
    return value;
  }
  const least = Number(input.min_length ?? 0);
  const most = Number(input.max_length ?? 4000);
  if (length < least) throw new ControlError(400, `the field "${name}" must have at least ${least} characters`);
  if (length > most) throw new ControlError(400, `the field "${name}" must have at most ${most} characters`);
  return value;
}
