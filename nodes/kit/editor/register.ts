import { type Migrations, migrateSettings } from '../migrations.ts';
import { passwordProblem, problemOf } from './checks.ts';
import { onlyConfigOf } from './configs.ts';
import { Dialog } from './dialog.ts';
import { Names } from './names.ts';
import type { EditorDefault, EditorDefinition, EditorNode } from './red.ts';
import { judgeAgain, rivalProblem } from './rivals.ts';
import type { EditorShape } from './rules.ts';
import {
  type EditorTable,
  isShown,
  keyOf,
  passwordFields,
  type SettingField,
  type Settings,
  settingFields,
  type Translate,
} from './table.ts';
import { sentenceOf } from './texts.ts';

/**
 * Registers a node with Node-RED's editor from what its runtime side and its table say.
 * @param migrations bring a node that an older version saved up to date before anything is shown or judged
 */
export function registerEditor(shape: EditorShape, table: EditorTable, migrations?: Migrations): void {
  const t: Translate = (key, values) => definition._?.(key, values) ?? key;
  const fields = settingFields(table);
  /** The dialog that is open for a node of this type. */
  let dialog: Dialog | null = null;
  const passwords = passwordFields(table);
  /** What checks of credentials go by beside the settings: `apiBase`, once a dialog has asked for it. */
  const known: Settings = {};

  const names = new Names(() => {
    for (const node of RED.nodes.filterNodes({ type: shape.type })) node.dirty = true;
    RED.view.redraw();
  });

  const savedOf = (node: EditorNode): Settings => ({ ...shape.defaults, ...definedOf(node) });

  /** A node's settings: as the open dialog shows them, or as they are saved. */
  const settingsOf = (node: EditorNode): Settings => (dialog?.node === node ? dialog.read() : savedOf(node));

  const defaultOf = (field: SettingField): EditorDefault => {
    const value = shape.defaults[field.name];
    if (field.kind === 'config') return { value, type: field.type, required: field.required ?? false };
    const rule = shape.rules[field.name] ?? {};
    return {
      value,
      validate(given, options) {
        const settings = settingsOf(this);
        if (!isShown(field, settings)) return true;
        const current = field.kind === 'list' ? settings[field.name] : (given ?? value);
        const problem = problemOf(field, rule, current, settings) ?? rivalProblem(this, field, settings, savedOf);
        if (problem) return `${t(`fields.${field.name}`)}: ${sentenceOf(problem, field, t)}`;
        if (field.kind !== 'value' || current === '') return true;
        return RED.utils.validateTypedProperty(current, String(settings[`${field.name}Type`]), options);
      },
    };
  };

  /** What was typed into this editor and is wrong; of what is saved the browser knows nothing. */
  const wrongPassword = (node: EditorNode): true | string => {
    const settings = { ...settingsOf(node), ...known };
    for (const field of passwords) {
      const typed = node.credentials?.[field.name];
      const problem = typeof typed === 'string' ? passwordProblem(field, typed, settings) : null;
      if (problem) return `${t(`fields.${field.name}`)}: ${sentenceOf(problem, field, t)}`;
    }
    return true;
  };

  const defaults: Record<string, EditorDefault> = {};
  for (const [name, value] of Object.entries(shape.defaults)) defaults[name] = { value };
  // Node-RED has credentials judged by nobody: the version, which has no field of its own, stands in for them.
  if (passwords.length > 0) {
    defaults.version = {
      value: shape.defaults.version,
      validate(_version, _options) {
        return wrongPassword(this);
      },
    };
  }
  for (const field of fields) defaults[field.name] = defaultOf(field);

  const credentials: NonNullable<EditorDefinition['credentials']> = {};
  for (const { name } of passwords) credentials[name] = { type: 'password' };

  const isConfig = shape.kind === 'config';
  const definition: EditorDefinition = {
    category: isConfig ? 'config' : 'guildhall',
    color: table.colour,
    icon: table.icon,
    align: table.align,
    ...(table.standsAlone && { hasUsers: false }),
    ...(!isConfig && { inputs: shape.kind === 'intake' ? 0 : 1, outputs: shape.outputs.length }),
    defaults,
    ...(Object.keys(credentials).length > 0 && { credentials }),
    paletteLabel: () => t('palette'),
    label() {
      return (
        this.name ||
        table.label({ ...shape.defaults, ...definedOf(this) }, t, (of, value) => names.of(of, value)) ||
        t('palette')
      );
    },
    labelStyle() {
      return this.name ? 'red-ui-flow-node-label-italic' : '';
    },
    outputLabels: (index) => t(`outputs.${keyOf(shape.outputs[index] ?? '')}`),
    onadd() {
      for (const field of fields)
        if (field.kind === 'config' && !field.mayBeEmpty) this[field.name] ||= onlyConfigOf(field.type);
    },
    oneditprepare() {
      dialog = new Dialog(this, shape, table, t, { known, savedOf });
      if (passwords.length === 0) return;
      $.getJSON('guildhall/api-base').done((answer) => {
        Object.assign(known, answer);
        dialog?.refresh();
      });
    },
    oneditsave() {
      dialog?.save();
      dialog = null;
    },
    oneditcancel() {
      dialog = null;
    },
    oneditdelete() {
      dialog = null;
    },
  };
  // The palette reads it once the texts are there.
  if (!isConfig) Object.defineProperty(definition, 'categoryDescription', { get: () => t('categoryDescription') });
  RED.nodes.registerType(shape.type, definition);
  if (fields.some(({ rivals }) => rivals)) judgeAgain(shape.type);
  const { outputs } = table;
  if (outputs) {
    RED.events.on('nodes:add', (node) => {
      if (node.type === shape.type) countOutputs(node, () => outputs(savedOf(node)));
    });
  }
  const version = Number(shape.defaults.version);
  if (migrations) {
    RED.events.on('nodes:add', (node) => {
      if (node.type !== shape.type || Number(node.version ?? 1) >= version) return;
      const names = Object.keys(shape.defaults);
      const taken = Object.fromEntries(names.map((name) => [name, node[name]]));
      const saved = { ...definedOf(loadedOf(node.id)), ...definedOf(taken), id: node.id };
      const migrated = migrateSettings({ version, migrations }, saved);
      for (const name of names) node[name] = migrated[name];
    });
  }
  // Node-RED names these itself when they are missing, and it finds our texts only now.
  for (const { kind, name } of fields) {
    const entry = defaults[name];
    if (kind === 'config' && entry) entry.label = t(`fields.${name}`);
  }
}

/**
 * Shows of a node's outputs those that it needs and those that are wired. They are counted anew each time: whatever
 * edits, pastes or undoes a setting knows nothing of them.
 */
function countOutputs(node: EditorNode, needed: () => number): void {
  const wired = () => RED.nodes.filterLinks({ source: { id: node.id } }).map(({ sourcePort }) => sourcePort + 1);
  Object.defineProperty(node, 'outputs', {
    configurable: true,
    // The settings, which it is counted from, are read from all that is enumerable.
    enumerable: false,
    get: () => Math.max(needed(), ...wired()),
    set() {},
  });
}

/** What a node was loaded from: of that the editor takes only the settings that its definition names today. */
function loadedOf(id: string): Settings {
  return RED.nodes.originalFlow()?.find((loaded) => loaded.id === id) ?? {};
}

/** What a node has; a flow written by hand may leave settings out. */
function definedOf(node: Settings): Settings {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}
