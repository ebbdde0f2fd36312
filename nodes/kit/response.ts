/** The response itself of a message that an `http in` began: Node-RED wraps it. */
export function responseOf(msg: { res?: unknown }): unknown {
  return (msg.res as { _res?: unknown } | undefined)?._res;
}

/** Whether a request of a web app began what this actor does. */
export const isFromWeb = ({ source }: { source: string }): boolean => source.startsWith('web/');
