export type JsonObject = { [key: string]: unknown };

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements of `value` when it is an array, else none. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** How Discord counts text: by code points, as JSON Schema's maxLength does. */
export function textLength(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Parses JSON and refuses what nests deeper than `depth`, so that nothing recursive can overflow on it. */
export function parseJson(text: string, depth = 48): unknown {
  const value: unknown = JSON.parse(text);
  let level: unknown[] = [value];
  for (let at = 0; level.length > 0; at++) {
    if (at > depth) throw new SyntaxError('nested too deeply');
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Object.values(item)) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return value;
}
