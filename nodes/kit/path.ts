/** What stands in a message under a path such as `payload.requests`; undefined where there is nothing. */
export function valueAt(message: object, path: string): unknown {
  let value: unknown = message;
  for (const key of path.split('.')) {
    value = value && typeof value === 'object' && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

/** The list under a path; empty where there is none. */
export function itemsAt(message: object, path: string): object[] {
  const value = valueAt(message, path);
  return Array.isArray(value) ? value : [];
}
