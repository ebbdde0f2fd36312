import type { Node, NodeAPI } from 'node-red';

/** A setting whose value an admin takes from the message, a context, the environment, JSONata or types in. */
export interface ValueSetting {
  type: ValueType;
  value: string;
}

export type ValueType = 'msg' | 'flow' | 'global' | 'env' | 'jsonata' | 'str' | 'num' | 'bool' | PickType;

/** What an admin picks from what Discord has: an id, or the name of one that goes by different ids elsewhere. */
export type PickType = 'guild' | 'role' | 'channel' | 'member';

const PICKED = new Set<string>(['guild', 'role', 'channel', 'member'] satisfies PickType[]);

export type ValueSettings = Record<string, ValueSetting>;

/** Node-RED looks these up without waiting for anything. */
const AT_ONCE = new Set<string>(['str', 'num', 'bool', 'env'] satisfies ValueType[]);

/**
 * Evaluates a node's value settings for one message, as Node-RED's own nodes do.
 * @param config the node's saved settings: `<name>` and `<name>Type`
 */
export async function evaluateValues(
  RED: NodeAPI,
  node: Node,
  settings: ValueSettings,
  config: Record<string, unknown>,
  msg: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  const awaited: Promise<void>[] = [];
  for (const [name, initial] of Object.entries(settings)) {
    const value = String(config[name] ?? initial.value);
    const type = String(config[`${name}Type`] ?? initial.type);
    if (PICKED.has(type)) values[name] = value;
    else if (type === 'msg') values[name] = propertyOf(RED, msg, value);
    else if (AT_ONCE.has(type)) values[name] = RED.util.evaluateNodeProperty(value, type, node, msg);
    else {
      const found = evaluate(RED, node, value, type, msg).then((result) => {
        values[name] = result;
      });
      awaited.push(found);
    }
  }
  if (awaited.length > 0) await Promise.all(awaited);
  return values;
}

/** What the settings pick from Discord's lists, by id or name; what only a message brings is not there. */
export function pickedValues(settings: ValueSettings, config: Record<string, unknown>): Record<string, string> {
  const picked = Object.entries(settings).filter(([name, { type }]) =>
    PICKED.has(String(config[`${name}Type`] ?? type)),
  );
  return Object.fromEntries(picked.map(([name, { value }]) => [name, String(config[name] ?? value)]));
}

/** Paths such as `payload.player`, which most settings hold. */
const PLAIN_PATH = /^[a-z_$][\w$]*(\.[a-z_$][\w$]*)*$/i;
const plainPaths = new Map<string, string[] | null>();
/** More paths than all flows together have: those of dialogs that somebody types in do not gather. */
const MOST_PATHS = 10_000;

/** What lies at a path of the message; a path through something that is not there is undefined: the rule says what is missing. */
function propertyOf(RED: NodeAPI, msg: Record<string, unknown>, path: string): unknown {
  const keys = keysOf(path);
  if (keys) {
    let value: unknown = msg;
    for (const key of keys) {
      if (value === null || value === undefined) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  }
  try {
    return RED.util.getMessageProperty(msg, path);
  } catch {
    return undefined;
  }
}

/** Node-RED takes each path apart for each message; a plain one need not be. @returns null for a path that is not plain */
function keysOf(path: string): string[] | null {
  const known = plainPaths.get(path);
  if (known !== undefined) return known;
  if (plainPaths.size >= MOST_PATHS) plainPaths.clear();
  const keys = PLAIN_PATH.test(path) ? path.replace(/^msg\./, '').split('.') : null;
  plainPaths.set(path, keys);
  return keys;
}

const evaluate = (
  RED: NodeAPI,
  node: Node,
  value: string,
  type: string,
  msg: Record<string, unknown>,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => (error ? reject(error) : resolve(result)));
  });
