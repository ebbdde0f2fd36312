import { attach } from '../api/attachments.ts';
import type { UploadedFile } from '../api/route.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { COMPONENT, isSelect } from '../rules/components.ts';
import { countsOf, modalInputs } from '../rules/modal.ts';
import { selection } from './components.ts';
import { ControlError } from './errors.ts';
import type { Place } from './find.ts';

/** What a member filled in: `fields` maps custom_id to a text, a list, or true and false; `files` are what it uploads. */
export interface Filled {
  fields: unknown;
  files: UploadedFile[];
}

interface Filling {
  place: Place;
  files: UploadedFile[];
  /** What values refer to: members, roles, channels, attachments. */
  resolved: Record<string, JsonObject>;
}

type Fill = (filling: Filling, input: JsonObject, given: unknown) => JsonObject;

/** What each kind of field sends (docs: components/reference, "Interaction Response Structure"). */
const FILLS: Record<number, Fill> = {
  [COMPONENT.TEXT_INPUT]: (_filling, input, given) => ({ value: text(input, given) }),
  [COMPONENT.FILE_UPLOAD]: (filling, input, given) => ({ values: upload(filling, input, given) }),
  [COMPONENT.RADIO_GROUP](_filling, input, given) {
    const [value = null] = options(input, given === undefined || given === null ? undefined : [given], 1, 1);
    return { value };
  },
  [COMPONENT.CHECKBOX_GROUP](_filling, input, given) {
    const { least, most } = countsOf(input);
    return { values: options(input, given, least, most) };
  },
  [COMPONENT.CHECKBOX](_filling, input, given) {
    const value = given ?? input.default ?? false;
    if (typeof value !== 'boolean') throw new ControlError(400, `the field "${nameOf(input)}" is true or false`);
    return { value };
  },
};

/** The `data` of a modal's submission. */
export function submitData(place: Place, modal: JsonObject, { fields, files }: Filled): JsonObject {
  if (!isObject(fields)) throw new ControlError(400, '"fields" must map each custom_id to a value');
  const inputs = modalInputs(modal);
  const unknown = Object.keys(fields).find((id) => !inputs.some((input) => input.custom_id === id));
  if (unknown !== undefined) throw new ControlError(400, `the modal has no field "${unknown}"`);
  const filling: Filling = { place, files, resolved: {} };
  const fill = (input: JsonObject): JsonObject => {
    const given = Object.hasOwn(fields, nameOf(input)) ? fields[nameOf(input)] : undefined;
    const run = isSelect(input) ? choose : FILLS[Number(input.type)];
    if (run === undefined) throw new ControlError(400, `the field "${nameOf(input)}" cannot be filled in here`);
    return { type: input.type, id: input.id, custom_id: input.custom_id, ...run(filling, input, given) };
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
  const { resolved } = filling;
  return { custom_id: modal.custom_id, components, ...(Object.keys(resolved).length > 0 ? { resolved } : {}) };
}

function nameOf(input: JsonObject): string {
  return String(input.custom_id);
}

function refer({ resolved }: Filling, objects: JsonObject): void {
  for (const [kind, found] of Object.entries(objects)) resolved[kind] = { ...resolved[kind], ...(found as JsonObject) };
}

const choose: Fill = (filling, input, given) => {
  if (given === undefined && input.required === false) return { values: [] };
  const { values, resolved } = selection(filling.place, input, given ?? []);
  refer(filling, resolved ?? {});
  return { values };
};

/** The options that a group's field names, by value or label. */
function options(input: JsonObject, given: unknown, least: number, most: number): string[] {
  const offered = list(input.options).filter(isObject);
  const preset = offered.filter((option) => option.default === true).map(({ value }) => value);
  const wanted = counted(input, given ?? preset, least, most);
  return wanted.map((name) => {
    const option = offered.find(({ value, label }) => value === name || label === name);
    if (option === undefined) throw new ControlError(400, `the field "${nameOf(input)}" has no option "${name}"`);
    return String(option.value);
  });
}

/** The ids of the files that a field names, kept as attachments. */
function upload(filling: Filling, input: JsonObject, given: unknown): string[] {
  const { least, most } = countsOf(input);
  return counted(input, given ?? [], least, most).map((name) => {
    const file = filling.files.find((candidate) => candidate.name === name);
    if (file === undefined) throw new ControlError(400, `"files" holds no "${name}"`);
    const [attachment = {}] = attach({ world: filling.place.world, files: [file], body: {} });
    refer(filling, { attachments: { [String(attachment.id)]: attachment } });
    return String(attachment.id);
  });
}

/** A list of as many texts as a field takes; none where it may stay empty. */
function counted(input: JsonObject, given: unknown, least: number, most: number): string[] {
  if (!Array.isArray(given)) throw new ControlError(400, `the field "${nameOf(input)}" must be a list`);
  const wanted = [...new Set(given.map(String))];
  if (wanted.length === 0 && input.required === false) return wanted;
  if (wanted.length < least || wanted.length > most) {
    throw new ControlError(400, `the field "${nameOf(input)}" takes ${least} to ${most} values`);
  }
  return wanted;
}

function text(input: JsonObject, given: unknown): string {
  const name = nameOf(input);
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
