import { z } from 'zod';
import type { NodeDefinition } from '../index.ts';
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
  properties?: Record<string, JsonSchema>;
}

/** Derives a node's editor settings from its definition: schema and dialog cannot drift apart. */
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
  defaults.version = definition.version;
  return { type: definition.type, kind: definition.kind, outputs: definition.outputs, defaults, rules };
}

function ruleOf(property: JsonSchema): Rule {
  const { minLength, maxLength, minimum, maximum, pattern, maxItems, items } = property;
  const initial = property.default;
  const given = {
    required: initial === undefined && property.type !== 'boolean',
    minLength,
    maxLength,
    minimum,
    maximum,
    integer: property.type === 'integer' || undefined,
    pattern,
    choices: property.enum,
    maxItems,
    items:
      items?.properties &&
      Object.fromEntries(Object.entries(items.properties).map(([column, rule]) => [column, ruleOf(rule)])),
    initial,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== false),
  ) as Rule;
}
