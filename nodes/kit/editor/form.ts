import type { EditorShape } from './rules.ts';
import { type EditorTable, type Field, isPick, keyOf, NAME_FIELD } from './table.ts';

/** A node's texts, as its locale file nests them. */
export interface Catalogue {
  [key: string]: string | Catalogue;
}

/** @returns the text of a dotted key, or undefined */
export function textOf(catalogue: Catalogue, key: string): string | undefined {
  let found: string | Catalogue | undefined = catalogue;
  for (const part of key.split('.')) found = typeof found === 'object' ? found[part] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Lays the texts of a node over those that all nodes share. */
export function mergeCatalogues(shared: Catalogue, own: Catalogue): Catalogue {
  const merged: Catalogue = { ...shared };
  for (const [key, value] of Object.entries(own)) {
    const below = merged[key];
    merged[key] = typeof value === 'object' && typeof below === 'object' ? mergeCatalogues(below, value) : value;
  }
  return merged;
}

const ICONS: Record<Exclude<Field['kind'], 'section'>, string> = {
  text: 'pencil',
  number: 'hashtag',
  select: 'list-ul',
  checkbox: 'check-square-o',
  textarea: 'align-left',
  value: 'arrow-right',
  pick: 'at',
  list: 'list',
  config: 'cog',
  password: 'key',
};

/** Writes a node's form. Its inputs must stand there before the dialog opens: Node-RED fills them. */
export function formOf(shape: EditorShape, table: EditorTable, catalogue: Catalogue): string {
  const prefix = shape.kind === 'config' ? 'node-config-input' : 'node-input';
  const fields = [NAME_FIELD, ...table.fields];
  const rows = fields.map((field, index) => {
    // A list with a heading of its own name needs no second one.
    const above = fields[index - 1];
    const isHeaded = field.kind === 'list' && above?.kind === 'section' && above.name === field.name;
    return rowOf(field, isHeaded, prefix, shape, catalogue);
  });
  return `<div class="guildhall-form">\n${rows.join('\n')}\n</div>`;
}

function rowOf(field: Field, isHeaded: boolean, prefix: string, shape: EditorShape, catalogue: Catalogue): string {
  if (field.kind === 'section') {
    const heading = `<span data-i18n="sections.${field.name}"></span>`;
    const inner = field.closes
      ? `<button type="button" class="guildhall-toggle"><i class="fa fa-caret-right" aria-hidden="true"></i>${heading}</button>`
      : heading;
    return `<h4 class="guildhall-section" data-section="${field.name}">${inner}</h4>`;
  }
  const id = `${prefix}-${field.name}`;
  const isWide = field.kind === 'textarea' || field.kind === 'list';
  const labels = field.kind === 'list' ? '' : ` for="${id}"`;
  const label = `<label${labels}><i class="fa fa-${field.icon ?? ICONS[field.kind]}" aria-hidden="true"></i> <span data-i18n="fields.${field.name}"></span></label>`;
  const control = controlOf(field, id, shape, catalogue);
  const tip = textOf(catalogue, `tips.${field.name}`);
  return [
    `<div class="form-row guildhall-row guildhall-${field.kind}${isWide ? ' guildhall-wide' : ''}${isHeaded ? ' guildhall-headed' : ''}" data-field="${field.name}">`,
    field.kind === 'checkbox' ? control + label : label + control,
    '<div class="guildhall-problem" role="status"></div>',
    picks(field) ? '<div class="guildhall-hint" role="status"></div>' : '',
    tip === undefined ? '' : `<div class="guildhall-tip" data-i18n="[html]tips.${field.name}"></div>`,
    '</div>',
  ].join('');
}

const picks = (field: Field): boolean => field.kind === 'pick' || (field.kind === 'value' && field.types.some(isPick));

/** Node-RED's widgets take their width from the input's own style. */
const WIDTH = 'style="width: calc(100% - 125px)"';

function controlOf(
  field: Exclude<Field, { kind: 'section' }>,
  id: string,
  shape: EditorShape,
  catalogue: Catalogue,
): string {
  const placeholder =
    textOf(catalogue, `placeholders.${field.name}`) === undefined
      ? ''
      : ` data-i18n="[placeholder]placeholders.${field.name}"`;
  switch (field.kind) {
    case 'text':
    case 'pick':
    case 'config':
      return `<input type="text" id="${id}" ${WIDTH}${placeholder}>`;
    case 'password':
      return `<input type="password" id="${id}" autocomplete="new-password" ${WIDTH}${placeholder}>`;
    case 'number': {
      const { minimum, maximum } = shape.rules[field.name] ?? {};
      return `<input type="number" id="${id}" style="width: 140px"${bound('min', minimum)}${bound('max', maximum)}${placeholder}>`;
    }
    case 'checkbox':
      return `<input type="checkbox" id="${id}">`;
    case 'select':
      return `<select id="${id}" ${WIDTH}>${choicesOf(field.name, shape)}</select>`;
    case 'textarea':
      return `<textarea id="${id}" rows="${field.rows ?? 3}" spellcheck="false" style="width: 100%"${placeholder}></textarea>`;
    case 'value':
      return `<input type="text" id="${id}" ${WIDTH}${placeholder}><input type="hidden" id="${id}Type">`;
    case 'list':
      return `<ol id="${id}-items"></ol>`;
  }
}

const bound = (attribute: string, value: number | undefined): string =>
  value === undefined ? '' : ` ${attribute}="${value}"`;

function choicesOf(name: string, shape: EditorShape): string {
  const rule = shape.rules[name] ?? {};
  const options = (rule.choices ?? []).map(
    (choice) => `<option value="${choice}" data-i18n="choices.${name}.${keyOf(choice)}"></option>`,
  );
  if (rule.initial === undefined) options.unshift('<option value="" data-i18n="choose"></option>');
  return options.join('');
}
