import { z } from 'zod';
import type { NodeDefinition } from '../index.ts';
import { isReserved } from './reserved.ts';
import type { EditorShape, Rule } from './rules.ts';

interface JsonSchema {
  type?: string;
  default?: unknown;
  enum?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxItems?: number;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
}

/**
 * Derives a node's editor settings from its definition: schema and dialog cannot drift apart.
 * @throws where a setting has a name that the editor uses for itself
 */
export function shapeOf(definition: NodeDefinition): EditorShape {
  const schema = z.toJSONSchema(definition.settings, { io: 'output', unrepresentable: 'any' }) as JsonSchema;
  const rules: Record<string, Rule> = {};
  const defaults: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    rules[name] = ruleOf(property);
    defaults[name] = property.default ?? '';
  }
  if (definition.kind === 'work') {
    for (const [name, { type, value }] of Object.entries(definition.values)) {
      defaults[name] = value;
      defaults[`${name}Type`] = type;
    }
  }
  const [taken] = Object.keys(defaults).filter(isReserved);
  if (taken)
    throw new Error(`${definition.type}: Node-RED's editor keeps its own “${taken}” on a node. Rename the setting.`);
  defaults.version = definition.version;
  return { type: definition.type, kind: definition.kind, outputs: definition.outputs, defaults, rules };
}

/** A number or nothing, as a dialog's empty field saves it. */
function withoutBlank({ anyOf, ...property }: JsonSchema): JsonSchema & { blank?: boolean } {
  const number = anyOf?.find(({ type }) => type === 'integer' || type === 'number');
  return number ? { ...property, ...number, blank: true } : property;
}

function ruleOf(given: JsonSchema): Rule {
  const property = withoutBlank(given);
  const { minLength, maxLength, minimum, maximum, pattern, maxItems, items } = property;
  const initial = property.default;
  const rule = {
    required: initial === undefined && property.type !== 'boolean',
    minLength,
    maxLength,
    minimum,
    maximum,
    integer: property.type === 'integer' || undefined,
    pattern,
    blank: property.blank,
    // Of a list of words: what each may be.
    choices: property.enum ?? items?.enum,
    maxItems,
    items:
      items?.properties &&
      Object.fromEntries(Object.entries(items.properties).map(([column, rule]) => [column, ruleOf(rule)])),
  };
  const said = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined && value !== false));
  return { ...said, ...(initial !== undefined && { initial }) };
}
