import type { Translate } from './table.ts';

/** What this kit uses of Node-RED's editor and of the jQuery that comes with it. */

/** A node as the editor holds it: its settings lie beside its own properties. */
export interface EditorNode {
  id: string;
  type: string;
  name?: string;
  /** The tab or subflow that it lies in. */
  z?: string;
  /** Set where it is disabled. */
  d?: boolean;
  /** What was typed in since the last deploy. */
  credentials?: Record<string, unknown>;
  [setting: string]: unknown;
}

interface Tab {
  label?: string;
  name?: string;
  disabled?: boolean;
}

export interface Elements {
  length: number;
  readonly [index: number]: unknown;
  find(selector: string): Elements;
  closest(selector: string): Elements;
  attr(name: string): string | undefined;
  attr(name: string, value: string): Elements;
  prop(name: string): unknown;
  prop(name: string, value: boolean): Elements;
  val(): unknown;
  val(value: string): Elements;
  text(text: string): Elements;
  toggle(shown: boolean): Elements;
  toggleClass(name: string, on: boolean): Elements;
  addClass(name: string): Elements;
  css(name: string, value: string): Elements;
  appendTo(parent: Elements): Elements;
  on(events: string, handler: (event: unknown, ...details: unknown[]) => void): Elements;
  trigger(event: string): Elements;
  data(key: string): unknown;
  data(key: string, value: unknown): Elements;
  each(handler: (index: number, element: unknown) => void): Elements;
  typedInput(options: TypedInputOptions): Elements;
  typedInput(method: 'value', value: string): void;
  editableList(options: EditableListOptions): Elements;
  editableList(method: 'addItems', items: object[]): Elements;
  editableList(method: 'items'): Elements;
}

/** The widget itself, as its own types see it. */
export interface TypedInputWidget {
  /** Holds the value; its `change` carries it into the setting. */
  input: Elements;
  type(): string;
}

export interface TypedInputWith {
  value: string;
  label: string;
  icon?: string;
  options?: readonly { value: string; label: string }[];
  /** Shows the value, in place of an input. */
  valueLabel?(this: TypedInputWidget, container: Elements, value: string): void;
}

export type TypedInputType = string | TypedInputWith;

export interface TypedInputOptions {
  default: string;
  types: readonly TypedInputType[];
  typeField?: Elements;
}

export interface EditableListOptions {
  height: 'auto';
  sortable: boolean;
  removable: boolean;
  scrollOnAdd: boolean;
  addButton: string;
  addItem(row: Elements, index: number, item: Record<string, unknown>): void;
  removeItem(): void;
  sortItems(): void;
}

/** A setting in a node's definition. A validator with two parameters may say what is wrong. */
export interface EditorDefault {
  value: unknown;
  type?: string;
  required?: boolean;
  label?: string;
  validate?(this: EditorNode, value: unknown, options: unknown): true | string;
}

export interface EditorDefinition {
  category: string;
  /** Shown where one points at the category in the palette. */
  readonly categoryDescription?: string;
  color?: string;
  icon: string;
  align?: 'left' | 'right';
  /** False for a configuration node that is not called unused though no node names it. */
  hasUsers?: boolean;
  inputs?: number;
  outputs?: number;
  defaults: Record<string, EditorDefault>;
  credentials?: Record<string, { type: 'password' | 'text' }>;
  paletteLabel(): string;
  label(this: EditorNode): string;
  labelStyle(this: EditorNode): string;
  outputLabels?(index: number): string;
  onadd(this: EditorNode): void;
  oneditprepare(this: EditorNode): void;
  oneditsave(this: EditorNode): void;
  oneditcancel(this: EditorNode): void;
  oneditdelete(this: EditorNode): void;
  /** Node-RED puts it there when the node is registered. */
  _?: Translate;
}

interface Editor {
  nodes: {
    registerType(type: string, definition: EditorDefinition): void;
    node(id: string): EditorNode | null;
    filterNodes(filter: { type: string }): EditorNode[];
    /** The flows as they were loaded or last deployed, with every property that they have; none before that. */
    originalFlow(): { id: string; [property: string]: unknown }[] | null | undefined;
    eachConfig(visit: (node: EditorNode) => boolean): void;
    workspace(id: string | undefined): Tab | null | undefined;
    subflow(id: string | undefined): (Tab & { instances: unknown[] }) | null | undefined;
    filterLinks(filter: { source: { id: string } }): { sourcePort: number }[];
  };
  /** Judges a node by its validators and marks it. */
  editor: { validateNode(node: EditorNode): boolean };
  view: { redraw(): void };
  events: {
    on(
      event: 'nodes:add' | 'nodes:change' | 'nodes:remove' | 'flows:change',
      listener: (node: EditorNode) => void,
    ): void;
  };
  /** The language of the editor's texts; its page's own `lang` stays English. */
  i18n: { lang(): string };
  utils: {
    validateTypedProperty(value: unknown, type: string, options: unknown): true | string;
    getNodeLabel(node: EditorNode): string;
  };
}

interface JQuery {
  (selector: string | unknown, attributes?: Record<string, string>): Elements;
  getJSON(path: string): Asked;
}

interface Asked {
  done(handler: (answer: unknown) => void): Asked;
  fail(handler: (request: { responseJSON?: { detail?: string } }) => void): Asked;
}

declare global {
  const RED: Editor;
  const $: JQuery;
}
