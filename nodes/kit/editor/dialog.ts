import { problemOf } from './checks.ts';
import { ItemList } from './list.ts';
import type { EditorNode, Elements, TypedInputType } from './red.ts';
import type { EditorShape } from './rules.ts';
import { type EditorTable, isShown, type SettingField, type Settings, settingFields, type Translate } from './table.ts';
import { choiceOf, sentenceOf } from './texts.ts';

/** The open dialog of a node: its widgets, what is shown, and what is wrong. */
export class Dialog {
  readonly node: EditorNode;
  readonly #shape: EditorShape;
  readonly #table: EditorTable;
  readonly #t: Translate;
  readonly #form: Elements;
  readonly #prefix: string;
  readonly #lists = new Map<string, ItemList>();

  constructor(node: EditorNode, shape: EditorShape, table: EditorTable, t: Translate) {
    this.node = node;
    this.#shape = shape;
    this.#table = table;
    this.#t = t;
    this.#prefix = shape.kind === 'config' ? 'node-config-input' : 'node-input';
    this.#form = $(`#${this.#prefix}-name`).closest('.guildhall-form');
    for (const field of settingFields(table)) this.#prepare(field);
    this.#form.on('change keyup input', () => this.refresh());
    this.refresh();
  }

  /** The settings as the dialog shows them now. */
  read(): Settings {
    const settings: Settings = { ...this.#shape.defaults };
    for (const name of Object.keys(settings)) {
      const input = this.#input(name);
      if (input.length === 0) continue;
      settings[name] = input.attr('type') === 'checkbox' ? input.prop('checked') : chosen(input.val());
    }
    for (const [name, list] of this.#lists) settings[name] = list.read();
    return settings;
  }

  /** Node-RED saves the inputs; the lists are ours to save. */
  save(): void {
    for (const [name, list] of this.#lists) this.node[name] = list.read();
  }

  /** Shows and hides fields, and says below each what is wrong with it. */
  refresh(): void {
    const settings = this.read();
    for (const field of this.#table.fields) {
      const row = this.#form.find(
        field.kind === 'section' ? `[data-section="${field.name}"]` : `[data-field="${field.name}"]`,
      );
      const shown = isShown(field, settings);
      row.toggle(shown);
      if (field.kind !== 'section') row.find('.guildhall-problem').text(shown ? this.#problem(field, settings) : '');
    }
  }

  #problem(field: SettingField, settings: Settings): string {
    const problem = problemOf(field, this.#shape.rules[field.name] ?? {}, settings[field.name], settings);
    this.#lists.get(field.name)?.mark(problem);
    return problem ? sentenceOf(problem, field, this.#t) : '';
  }

  #input(name: string): Elements {
    return this.#form.find(`#${this.#prefix}-${name}`);
  }

  #prepare(field: SettingField): void {
    const input = this.#input(field.name);
    const initial = this.#shape.defaults[field.name];
    const isMissing = this.node[field.name] === undefined;
    if (field.kind === 'list') {
      const items = isMissing ? initial : this.node[field.name];
      const list = this.#form.find(`#${this.#prefix}-${field.name}-items`);
      const rules = this.#shape.rules[field.name]?.items ?? {};
      this.#lists.set(
        field.name,
        new ItemList(list, field, rules, Array.isArray(items) ? items : [], this.#t, () => this.refresh()),
      );
    } else if (field.kind === 'value') {
      const type = this.#input(`${field.name}Type`);
      const initialType = String(this.#shape.defaults[`${field.name}Type`]);
      if (isMissing) input.val(String(initial));
      if (this.node[`${field.name}Type`] === undefined) type.val(initialType);
      input.typedInput({ default: initialType, types: typesOf(field, this.#t), typeField: type });
    } else if (isMissing && field.kind === 'checkbox') {
      input.prop('checked', initial === true);
    } else if (isMissing && field.kind !== 'config') {
      input.val(String(initial ?? ''));
    }
  }
}

/** Node-RED's select of configuration nodes has a value of its own for none. */
const chosen = (value: unknown): unknown => (value === '_ADD_' ? '' : value);

function typesOf(field: SettingField & { kind: 'value' }, t: Translate): TypedInputType[] {
  const options = field.choices?.map((value) => ({ value, label: choiceOf(field.name, value, t) }));
  return field.types.map((type) => (type === 'str' && options ? { value: 'str', label: t('chosen'), options } : type));
}
