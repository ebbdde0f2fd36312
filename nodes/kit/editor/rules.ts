/** What the schema demands of one setting, in a form small enough for the browser. */
export interface Rule {
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  integer?: boolean;
  /** A number that may be left empty. */
  blank?: boolean;
  pattern?: string;
  choices?: string[];
  maxItems?: number;
  /** The columns of a list. */
  items?: Record<string, Rule>;
  /** The value that the schema takes when there is none. */
  initial?: unknown;
}

/** What the editor knows of a node from its runtime side. */
export interface EditorShape {
  type: string;
  kind: 'work' | 'intake' | 'guard' | 'config';
  outputs: readonly string[];
  /** Initial values of all settings, `version` and the values' types among them. */
  defaults: Record<string, unknown>;
  rules: Record<string, Rule>;
}
