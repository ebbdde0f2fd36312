/** What a node's `editor.ts` says about its dialog. Plain data: the build reads it too. */

/** Settings that must have one of these values, all of them. */
export type Condition = Readonly<Record<string, readonly string[]>>;

/** What of Discord a field may name; it offers what there is right now. */
export type PickType = 'guild' | 'role' | 'channel' | 'member';

/** Where a value may come from, as Node-RED's typed input names it, or picked from what Discord has. */
export type ValueType = 'msg' | 'flow' | 'global' | 'env' | 'jsonata' | 'str' | 'num' | 'bool' | PickType;

const PICKS = new Set<string>(['guild', 'role', 'channel', 'member'] satisfies PickType[]);
export const isPick = (type: string): type is PickType => PICKS.has(type);

/** How a field picks from what Discord has. It stores ids; names are taken too. */
export interface Picking {
  /** The setting holds several, separated by commas. */
  multiple?: boolean;
  /** Of channels: only these of Discord's types. */
  channelTypes?: readonly number[];
}

/** Checks that a schema's bounds cannot say; `checks.ts` has them. */
export type Check =
  | 'command'
  | 'word'
  | 'template'
  | 'customId'
  | 'colour'
  | 'someContent'
  | 'buttonId'
  | 'buttonUrl'
  | 'webhook'
  | 'cron'
  | 'timeZone';

interface Named {
  /** The setting. Texts are found by it: `fields.<name>`, and if they exist `placeholders.<name>` and `tips.<name>`. */
  name: string;
  /** A Font Awesome 4.7 icon for the label. */
  icon?: string;
  /** Shown when one of these conditions holds. */
  showIf?: Condition | readonly Condition[];
  /** May not be empty while it is shown; the schema's own demands need no mention. */
  required?: boolean;
  check?: Check;
  /** Whether no community can have two nodes with these settings: each then names the other. */
  rivals?(settings: Settings, others: Settings): boolean;
}

interface Celled {
  name: string;
  /** Twelfths of the row; what exceeds twelve goes to a second line. All of them, unless told. */
  span?: number;
  /** Shown when one of these conditions holds of the item. */
  showIf?: Condition | readonly Condition[];
  check?: Check;
}

/** What an item of a list holds. `ticks` takes several of the schema's choices. */
export type Column =
  | (Celled & {
      kind: 'text' | 'textarea' | 'number' | 'select' | 'checkbox' | 'ticks';
      /** The choices are languages, which go by the names that the browser has for them. */
      languages?: boolean;
    })
  | (Celled & ListOf & { kind: 'list'; required?: boolean });

/** A list's items. Their texts are found by `columns.<list>.<column>`; see `nestedKey` for lists within lists. */
export interface ListOf {
  columns: readonly Column[];
  /** The column in which no two items may be alike. */
  unique?: string;
  /** What a closed item says of itself; without it, what is in its columns. */
  summary?(item: Settings, t: Translate): string[];
  /** What no single cell can say is wrong. */
  judge?(item: Settings, settings: Settings): ItemProblem | null;
}

/** What is wrong with an item as a whole, and at which column to say so. */
export interface ItemProblem {
  column: string;
  key: string;
  values?: Record<string, string | number>;
}

/** Under which name the texts of a list within a list are found: `optionsChoices`. */
export const nestedKey = (list: string, column: string): string =>
  `${list}${column.charAt(0).toUpperCase()}${column.slice(1)}`;

export type Field =
  | (Named & { kind: 'number' | 'select' | 'checkbox' })
  | (Named & {
      kind: 'text';
      /** What is suggested for a new node, from what is typed into another field. */
      suggested?: { by: string; as(typed: string): string };
    })
  | (Named & { kind: 'textarea'; rows?: number })
  | (Named & Picking & { kind: 'pick'; of: PickType })
  | (Named &
      Picking & {
        kind: 'value';
        types: readonly ValueType[];
        /** Texts to choose from when the value is typed in. */
        choices?: readonly string[];
      })
  | (Named &
      ListOf & {
        kind: 'list';
        /** What only all settings together can say is wrong. */
        judgeAll?(settings: Settings): { key: string } | null;
      })
  /** A credential, which Node-RED keeps apart and encrypted: it never stands in a flow. */
  | (Named & { kind: 'password' })
  | (Named & {
      kind: 'config';
      type: `guildhall-${string}`;
      /** Left empty it has a meaning of its own: a new node does not take the only one there is. */
      mayBeEmpty?: true;
    })
  /** The fields after it belong to it. */
  | {
      kind: 'section';
      name: string;
      showIf?: Condition | readonly Condition[];
      /** Closed at first while nothing in it is filled in. */
      closes?: boolean;
    };

/** A field that holds a setting. */
export type SettingField = Exclude<Field, { kind: 'section' | 'password' }>;

/** A field that holds a credential. */
export type PasswordField = Extract<Field, { kind: 'password' }>;

export type Settings = Record<string, unknown>;

/** Looks up a text of the node's catalogue. */
export type Translate = (key: string, values?: Record<string, unknown>) => string;

export interface EditorTable {
  /** One muted colour for each area; configuration nodes need none. */
  colour?: string;
  /** A file in `icons/`. */
  icon: string;
  /** `right` for nodes that end a flow. */
  align?: 'left' | 'right';
  /** A configuration node that does its work though no other node names it. */
  standsAlone?: true;
  fields: readonly Field[];
  /**
   * What the dialog of a new configuration node shows instead of the usual settings, which stay those of what is left
   * out.
   * @param others the saved settings of the nodes of this type that there are
   */
  begins?(others: Settings[]): Settings;
  /** How many of its outputs a node with these settings needs, from the first on. All of them, unless told. */
  outputs?(settings: Settings): number;
  /** What will be seen in Discord, drawn anew with each change; null where there is nothing to see. */
  preview?(settings: Settings, t: Translate): HTMLElement | null;
  /**
   * What an unnamed node is called: what it does with these settings.
   * @param nameOf how a picked value is called; empty while that is not known
   */
  label(settings: Settings, t: Translate, nameOf: (of: PickType, value: string) => string): string;
}

/** The field that every dialog shows first. */
export const NAME_FIELD: SettingField = { kind: 'text', name: 'name', icon: 'tag' };

const isSetting = (field: Field): field is SettingField => field.kind !== 'section' && field.kind !== 'password';

/** The fields of a dialog that hold credentials. */
export function passwordFields(table: EditorTable): PasswordField[] {
  return table.fields.filter((field) => field.kind === 'password');
}

/** The fields of a dialog that hold settings. */
export function settingFields(table: EditorTable): SettingField[] {
  return [NAME_FIELD, ...table.fields.filter(isSetting)];
}

/** The texts of a choice or an output are found by a key without dots and spaces. */
export const keyOf = (value: string): string => value.replace(/[^a-z0-9]+/gi, '-');

/** Whether a field or a column is to be seen with these settings. */
export function isShown(field: Pick<Named, 'showIf'>, settings: Settings): boolean {
  if (!field.showIf) return true;
  const alternatives: readonly Condition[] = Array.isArray(field.showIf) ? field.showIf : [field.showIf as Condition];
  return alternatives.some((condition) =>
    Object.entries(condition).every(([name, values]) => values.includes(String(settings[name] ?? ''))),
  );
}
