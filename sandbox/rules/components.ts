import type { FormCheck } from '../api/errors.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { checkUrl } from './url.ts';

/** Component types (docs: components/reference). */
export const COMPONENT = {
  ROW: 1,
  BUTTON: 2,
  STRING_SELECT: 3,
  TEXT_INPUT: 4,
  USER_SELECT: 5,
  ROLE_SELECT: 6,
  MENTIONABLE_SELECT: 7,
  CHANNEL_SELECT: 8,
  SECTION: 9,
  TEXT_DISPLAY: 10,
  THUMBNAIL: 11,
  GALLERY: 12,
  FILE: 13,
  SEPARATOR: 14,
  CONTAINER: 17,
  LABEL: 18,
  FILE_UPLOAD: 19,
  RADIO_GROUP: 21,
  CHECKBOX_GROUP: 22,
  CHECKBOX: 23,
} as const;

const SELECTS: readonly number[] = [3, 5, 6, 7, 8];
const BUTTON_LABEL = 80;

/** All components, those inside others too, in the order that they are shown. */
export function allComponents(components: unknown): JsonObject[] {
  return list(components)
    .filter(isObject)
    .flatMap((component) => [
      component,
      ...allComponents(component.components),
      ...allComponents([component.component, component.accessory]),
    ]);
}

export function hasComponents(components: unknown): boolean {
  return list(components).length > 0;
}

export function isSelect(component: JsonObject): boolean {
  return SELECTS.includes(Number(component.type));
}

/** Checks a message's components (docs: components/reference, "Legacy Message Component Behavior"). */
export function checkComponents(components: unknown[], form: FormCheck, v2: boolean): void {
  if (v2) {
    const all = allComponents(components);
    if (all.length > 40)
      form.add('COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', 'The max number of components (40) is exceeded.');
  } else {
    if (components.length > 5) form.length(components.length, 1, 5);
    for (const [index, row] of components.entries()) {
      if (isObject(row) && row.type !== COMPONENT.ROW) {
        form.at(index, 'type').add('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).');
      }
    }
  }
  const seen = new Set<string>();
  visit(components, form, (component, at) => {
    if (component.type === COMPONENT.ROW) checkRow(component, at);
    if (component.type === COMPONENT.BUTTON) checkButton(component, at);
    if (isSelect(component)) checkSelect(component, at);
    if (typeof component.custom_id === 'string') checkCustomId(component.custom_id, seen, at.at('custom_id'));
  });
}

/** Checks a custom_id's length and that no other component has it. */
export function checkCustomId(id: string, seen: Set<string>, form: FormCheck): void {
  form.length(textLength(id), 1, 100);
  if (seen.has(id)) form.add('COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  seen.add(id);
}

function visit(components: unknown[], form: FormCheck, check: (component: JsonObject, at: FormCheck) => void): void {
  for (const [index, component] of components.entries()) {
    if (!isObject(component)) continue;
    const at = form.at(index);
    check(component, at);
    visit(list(component.components), at.at('components'), check);
    if (isObject(component.accessory)) check(component.accessory, at.at('accessory'));
  }
}

function checkRow(row: JsonObject, at: FormCheck): void {
  const inner = list(row.components).filter(isObject);
  const buttons = inner.filter(({ type }) => type === COMPONENT.BUTTON).length;
  at.at('components').length(inner.length, 1, 5);
  if (inner.some(isSelect) && inner.length > 1) {
    at.at('components').add('COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width');
  } else if (buttons > 5) {
    at.at('components').add('COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width');
  }
}

function checkButton(button: JsonObject, at: FormCheck): void {
  const link = button.style === 5;
  const premium = button.style === 6;
  const label = typeof button.label === 'string' ? button.label : '';
  at.at('label').length(textLength(label), 0, BUTTON_LABEL);
  if (!premium && label === '' && !isObject(button.emoji)) at.at('label').required();
  if (link && typeof button.url === 'string') checkUrl(button.url, false, at.at('url'));
  if (link && typeof button.url !== 'string') at.at('url').add('BASE_TYPE_REQUIRED', 'A url is required');
  if (!link && !premium && typeof button.custom_id !== 'string') {
    at.at('custom_id').add('BASE_TYPE_REQUIRED', 'A custom id is required');
  }
  if (typeof button.url === 'string' && typeof button.custom_id === 'string') {
    at.at('custom_id').add('COMPONENT_CUSTOM_ID_AND_URL', 'A custom id and url cannot both be specified');
  }
}

/** Checks a select menu, in a message or a modal. */
export function checkSelect(select: JsonObject, at: FormCheck): void {
  const min = Number(select.min_values ?? 1);
  const max = Number(select.max_values ?? 1);
  if (typeof select.placeholder === 'string') at.at('placeholder').length(textLength(select.placeholder), 0, 150);
  if (min > max) at.at('min_values').add('BASE_TYPE_INVALID', 'Min values must be less than or equal to max values.');
  if (select.type !== COMPONENT.STRING_SELECT) return;
  const options = list(select.options);
  checkOptions(options, 25, at.at('options'));
  if (max > options.length) at.at('max_values').add('BASE_TYPE_INVALID', 'Max values exceeds the number of options.');
}

/** Checks what a menu or a group offers: how many, how long, and that no two have the same value. */
export function checkOptions(options: unknown[], most: number, at: FormCheck): void {
  at.length(options.length, 1, most);
  const seen = new Set<unknown>();
  for (const [index, option] of options.entries()) {
    if (!isObject(option)) continue;
    const form = at.at(index);
    for (const key of ['label', 'value', 'description'] as const) {
      const text = option[key];
      if (typeof text === 'string') form.at(key).length(textLength(text), key === 'description' ? 0 : 1, 100);
    }
    if (seen.has(option.value)) {
      form.at('value').add('SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The specified option value is already used');
    }
    seen.add(option.value);
  }
}

const SELECT_DEFAULTS = { min_values: 1, max_values: 1 };
/** What Discord fills in, by component type. */
const DEFAULTS: Record<number, JsonObject> = {
  ...Object.fromEntries(SELECTS.map((type) => [type, SELECT_DEFAULTS])),
  [COMPONENT.SEPARATOR]: { spacing: 1, divider: true },
  [COMPONENT.CONTAINER]: { accent_color: null, spoiler: false },
};

/** Gives every component its `id`, counting from 1 where the sender named none (docs: "Anatomy of a Component"). */
export function numberComponents(components: unknown): JsonObject[] {
  const taken = new Set(allComponents(components).map((component) => component.id));
  let last = 0;
  const number = (component: unknown): JsonObject => {
    if (!isObject(component)) return {};
    const { id, ...sent } = component;
    const rest = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null));
    const named = typeof id === 'number' && id > 0;
    if (!named) last++;
    while (!named && taken.has(last)) last++;
    const own: JsonObject = { ...DEFAULTS[Number(component.type)], ...rest, id: named ? id : last };
    if (Array.isArray(component.components)) own.components = component.components.map(number);
    for (const key of ['component', 'accessory']) if (isObject(component[key])) own[key] = number(component[key]);
    return own;
  };
  return list(components).map(number);
}
