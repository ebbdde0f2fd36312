/** What a node's `editor.ts` says about its dialog. Plain data: the build reads it too. */

/** Settings that must have one of these values, all of them. */
export type Condition = Readonly<Record<string, readonly string[]>>;

/** Where a value may come from, as Node-RED's typed input names it. */
export type ValueType = 'msg' | 'flow' | 'global' | 'env' | 'jsonata' | 'str' | 'num' | 'bool';

/** Checks that a schema's bounds cannot say; `checks.ts` has them. */
export type Check = 'command' | 'word' | 'template' | 'customId' | 'colour' | 'someContent';

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
}

export interface Column {
  name: string;
  kind: 'text' | 'number' | 'select' | 'checkbox';
  /** Twelfths of the row; what exceeds twelve goes to a second line. */
  span: number;
  check?: Check;
}

export type Field =
  | (Named & { kind: 'text' | 'number' | 'select' | 'checkbox' })
  | (Named & { kind: 'textarea'; rows?: number })
  | (Named & {
      kind: 'value';
      types: readonly ValueType[];
      /** Texts to choose from when the value is typed in. */
      choices?: readonly string[];
    })
  | (Named & {
      kind: 'list';
      columns: readonly Column[];
      /** The column in which no two items may be alike. */
      unique?: string;
    })
  | (Named & { kind: 'config'; type: `guildhall-${string}` })
  | { kind: 'section'; name: string; showIf?: Condition | readonly Condition[] };

/** A field that holds a setting. */
export type SettingField = Exclude<Field, { kind: 'section' }>;

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
  fields: readonly Field[];
  /** What an unnamed node is called: what it does with these settings. */
  label(settings: Settings, t: Translate): string;
}

/** The field that every dialog shows first. */
export const NAME_FIELD: SettingField = { kind: 'text', name: 'name', icon: 'tag' };

/** The fields of a dialog that hold settings. */
export function settingFields(table: EditorTable): SettingField[] {
  return [NAME_FIELD, ...table.fields.filter((field) => field.kind !== 'section')];
}

/** The texts of a choice or an output are found by a key without dots and spaces. */
export const keyOf = (value: string): string => value.replace(/[^a-z0-9]+/gi, '-');

/** Whether a field is to be seen with these settings. */
export function isShown(field: Field, settings: Settings): boolean {
  if (!field.showIf) return true;
  const alternatives: readonly Condition[] = Array.isArray(field.showIf) ? field.showIf : [field.showIf as Condition];
  return alternatives.some((condition) =>
    Object.entries(condition).every(([name, values]) => values.includes(String(settings[name] ?? ''))),
  );
}
