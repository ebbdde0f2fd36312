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

/**
 * Evaluates a node's value settings for one message, as Node-RED's own nodes do.
 * @param config the node's saved settings: `<name>` and `<name>Type`
 */
export async function evaluateValues(
  RED: NodeAPI,
  node: Node,
  settings: ValueSettings,
  config: Record<string, unknown>,
  msg: object,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(settings).map(async ([name, initial]) => {
    const value = String(config[name] ?? initial.value);
    const type = String(config[`${name}Type`] ?? initial.type);
    return [name, await evaluate(RED, node, value, type, msg)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What the settings pick from Discord's lists, by id or name; what only a message brings is not there. */
export function pickedValues(settings: ValueSettings, config: Record<string, unknown>): Record<string, string> {
  const picked = Object.entries(settings).filter(([name, { type }]) =>
    PICKED.has(String(config[`${name}Type`] ?? type)),
  );
  return Object.fromEntries(picked.map(([name, { value }]) => [name, String(config[name] ?? value)]));
}

function evaluate(RED: NodeAPI, node: Node, value: string, type: string, msg: object): Promise<unknown> | unknown {
  if (PICKED.has(type)) return value;
  if (type === 'msg') {
    try {
      return RED.util.getMessageProperty(msg as Record<string, unknown>, value);
    } catch {
      // A path through something that is not there; the rule says what is missing.
      return undefined;
    }
  }
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(value, type, node, msg as Record<string, unknown>, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}
