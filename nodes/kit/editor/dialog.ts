import { passwordProblem, problemOf } from './checks.ts';
import { onlyConfigOf } from './configs.ts';
import { ItemList } from './list.ts';
import { Picks } from './picks.ts';
import { PreviewPanel } from './preview/panel.ts';
import type { EditorNode, Elements, TypedInputType } from './red.ts';
import { nodesOf, rivalProblem } from './rivals.ts';
import type { EditorShape } from './rules.ts';
import {
  type EditorTable,
  isPick,
  isShown,
  type PasswordField,
  type SettingField,
  type Settings,
  settingFields,
  type Translate,
} from './table.ts';
import { choiceOf, sentenceOf } from './texts.ts';

/** What a dialog asks of the editor around it. */
export interface DialogEditor {
  /** What checks of credentials go by beside the settings, as far as it is known by now. */
  known: Settings;
  /** The saved settings of another node of this type. */
  savedOf(node: EditorNode): Settings;
}

/** The open dialog of a node: its widgets, what is shown, and what is wrong. */
export class Dialog {
  readonly node: EditorNode;
  readonly #shape: EditorShape;
  readonly #table: EditorTable;
  readonly #t: Translate;
  readonly #form: Elements;
  readonly #prefix: string;
  readonly #lists = new Map<string, ItemList>();
  readonly #picks: Picks;
  readonly #preview: PreviewPanel | null;
  readonly #editor: DialogEditor;
  readonly #closed = new Set<string>();
  /** What a new node begins with instead of the usual settings. */
  readonly #begun: Settings;

  /** @param editor what the editor knows beside the node */
  constructor(node: EditorNode, shape: EditorShape, table: EditorTable, t: Translate, editor: DialogEditor) {
    this.node = node;
    this.#editor = editor;
    this.#shape = shape;
    this.#table = table;
    this.#t = t;
    const isNew = !RED.nodes.node(node.id);
    this.#begun = (isNew && table.begins?.(nodesOf(node.type).map(editor.savedOf))) || {};
    this.#prefix = shape.kind === 'config' ? 'node-config-input' : 'node-input';
    this.#form = $(`#${this.#prefix}-name`).closest('.guildhall-form');
    this.#picks = new Picks(t, () => this.read());
    for (const field of settingFields(table)) this.#prepare(field);
    this.#form.on('change keyup input', () => this.refresh());
    this.#foldSections();
    this.#linkSetup();
    this.#preview = table.preview ? new PreviewPanel(this.#form[0] as HTMLElement, t) : null;
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

  /** Node-RED saves the inputs, numbers as text where nobody has done so before; the lists are ours to save. */
  save(): void {
    for (const [name, list] of this.#lists) this.node[name] = list.read();
    for (const { kind, name } of settingFields(this.#table)) {
      if (kind !== 'number') continue;
      const typed = String(this.#input(name).val());
      if (String(this.node[name]) !== typed) this.node[name] = typed === '' ? '' : Number(typed);
    }
  }

  /** Shows and hides fields, and says below each what is wrong with it. */
  refresh(): void {
    const settings = this.read();
    this.#picks.refresh();
    this.#preview?.show(this.#table.preview?.(settings, this.#t) ?? null);
    let section = '';
    for (const field of this.#table.fields) {
      const shown = isShown(field, settings);
      if (field.kind === 'section') {
        section = field.name;
        this.#form.find(`[data-section="${section}"]`).toggle(shown);
        continue;
      }
      const row = this.#row(field);
      row.toggle(shown && !this.#closed.has(section));
      row.find('.guildhall-problem').text(shown ? this.#problem(field, settings) : '');
    }
  }

  /** Sections in which nothing is filled in are closed at first. */
  #foldSections(): void {
    const settings = this.read();
    const filled = new Set<string>();
    let section = '';
    for (const field of this.#table.fields) {
      if (field.kind === 'section') section = field.name;
      else if (!isAlike(settings[field.name], this.#shape.defaults[field.name])) filled.add(section);
    }
    for (const field of this.#table.fields) {
      if (field.kind !== 'section' || !field.closes) continue;
      const { name } = field;
      const toggle = this.#form.find(`[data-section="${name}"] .guildhall-toggle`);
      const close = (isClosed: boolean) => {
        this.#closed[isClosed ? 'add' : 'delete'](name);
        toggle.attr('aria-expanded', String(!isClosed));
      };
      close(!filled.has(name));
      toggle.on('click', () => {
        close(!this.#closed.has(name));
        this.refresh();
      });
    }
  }

  /** Where a tip names the first-run page it leads there, if this Guildhall has one. */
  #linkSetup(): void {
    const names = settingFields(this.#table).map(({ name }) => name);
    if (!names.some((name) => this.#t(`tips.${name}`).includes('data-setup'))) return;
    $.getJSON('guildhall/overview').done((answer) => {
      const { setup } = answer as { setup: string | null };
      // The tips themselves stand there only once the dialog is made.
      if (setup) this.#form.find('a[data-setup]').attr('href', setup).attr('target', '_blank').attr('rel', 'noopener');
    });
  }

  #problem(field: SettingField | PasswordField, settings: Settings): string {
    if (field.kind === 'password') {
      const typed = String(this.#input(field.name).val());
      const problem = passwordProblem(field, typed, { ...settings, ...this.#editor.known });
      return problem ? sentenceOf(problem, field, this.#t) : '';
    }
    const problem =
      problemOf(field, this.#shape.rules[field.name] ?? {}, settings[field.name], settings) ??
      rivalProblem(this.node, field, settings, this.#editor.savedOf);
    this.#lists.get(field.name)?.refresh(problem);
    return problem ? sentenceOf(problem, field, this.#t) : '';
  }

  #input(name: string): Elements {
    return this.#form.find(`#${this.#prefix}-${name}`);
  }

  #row(field: { name: string }): Elements {
    return this.#form.find(`[data-field="${field.name}"]`);
  }

  #typesOf(field: SettingField & { kind: 'value' }): TypedInputType[] {
    const options = field.choices?.map((value) => ({ value, label: choiceOf(field.name, value, this.#t) }));
    return field.types.map((type) => {
      if (isPick(type)) return this.#picks.type(type, field, this.#row(field));
      return type === 'str' && options ? { value: 'str', label: this.#t('chosen'), options } : type;
    });
  }

  #prepare(field: SettingField): void {
    const input = this.#input(field.name);
    const isBegun = field.name in this.#begun;
    const initial = (isBegun ? this.#begun : this.#shape.defaults)[field.name];
    const isMissing = isBegun || this.node[field.name] === undefined;
    if (field.kind === 'list') {
      const items = isMissing ? initial : this.node[field.name];
      const list = this.#form.find(`#${this.#prefix}-${field.name}-items`);
      this.#lists.set(
        field.name,
        new ItemList(list, {
          key: field.name,
          of: field,
          rules: this.#shape.rules[field.name]?.items ?? {},
          items: Array.isArray(items) ? items : [],
          t: this.#t,
          changed: () => this.refresh(),
        }),
      );
    } else if (field.kind === 'value') {
      const type = this.#input(`${field.name}Type`);
      const initialType = String(this.#shape.defaults[`${field.name}Type`]);
      if (isMissing) input.val(String(initial));
      if (this.node[`${field.name}Type`] === undefined) type.val(initialType);
      input.typedInput({ default: initialType, types: this.#typesOf(field), typeField: type });
      keepApart(input, String(type.val()));
    } else if (field.kind === 'pick') {
      if (isMissing) input.val(String(initial ?? ''));
      input.typedInput({ default: field.of, types: [this.#picks.type(field.of, field, this.#row(field))] });
    } else if (field.kind === 'config') {
      if (!field.mayBeEmpty && !this.node[field.name])
        input.val(onlyConfigOf(field.type) || NO_CONFIG).trigger('change');
    } else if (isMissing && field.kind === 'checkbox') {
      input.prop('checked', initial === true);
    } else if (isMissing) {
      input.val(String(initial ?? ''));
    }
    if (isBegun && field.kind === 'text' && field.suggested) this.#suggest(input, field.suggested);
  }

  /** Keeps to what is typed elsewhere until somebody writes something else. */
  #suggest(input: Elements, { by, as }: { by: string; as(typed: string): string }): void {
    let suggested = String(input.val());
    const source = this.#input(by);
    source.on('input keyup change', () => {
      if (input.val() !== suggested) return;
      suggested = as(String(source.val()));
      input.val(suggested);
    });
  }
}

/** Whether an input holds a setting's value: it holds numbers as text. */
const isAlike = (input: unknown, value: unknown): boolean =>
  typeof value === 'number' ? String(input) === String(value) : JSON.stringify(input) === JSON.stringify(value);

const NO_CONFIG = '_ADD_';
/** Node-RED's select of configuration nodes has a value of its own for none. */
const chosen = (value: unknown): unknown => (value === NO_CONFIG ? '' : value);

/** An id is no path in a message: a change between picking and another source keeps the value of each. */
function keepApart(input: Elements, initialType: string): void {
  const values = { picked: '', other: '' };
  let before = isPick(initialType);
  values[before ? 'picked' : 'other'] = String(input.val());
  input.on('change', () => {
    values[before ? 'picked' : 'other'] = String(input.val());
  });
  input.on('typedinputtypechange', (_event, type) => {
    const now = isPick(String(type));
    if (now === before) return;
    before = now;
    input.typedInput('value', values[now ? 'picked' : 'other']);
  });
}
