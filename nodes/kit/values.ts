import type { Node, NodeAPI } from 'node-red';

/** A setting whose value an admin takes from the message, a context, the environment, JSONata or types in. */
export interface ValueSetting {
  type: ValueType;
  value: string;
}

export type ValueType = 'msg' | 'flow' | 'global' | 'env' | 'jsonata' | 'str' | 'num' | 'bool';

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

function evaluate(RED: NodeAPI, node: Node, value: string, type: string, msg: object): Promise<unknown> | unknown {
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
