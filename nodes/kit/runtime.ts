import type { NodeAPI } from 'node-red';
import type { Platform } from '../../platform/start.ts';

interface SendEvent {
  msg: object;
  source?: { node?: object };
}
interface ReceiveEvent {
  msg: object;
  destination: { node: RunningNode };
}
/** How many of a node's input handlers take a third argument, by which they say that they are done. */
interface RunningNode {
  _expectedDoneCount?: number;
}
interface CompleteEvent {
  msg: object;
  error?: unknown;
}
interface FlowsEvent {
  config?: { rev?: string };
}

/** What of Node-RED's runtime its published types leave out. */
interface Hooks {
  add(hook: string, handler: (event: never) => void): void;
  remove(label: string): void;
}

/** The Node-RED runtimes that this kit follows. Weak: a runtime that is gone takes its entry along. */
const followed = new WeakSet<object>();

/**
 * The platform that this Node-RED runs on, followed from the first node on: messages through nodes, and flows that
 * start and stop.
 * @throws Error when Node-RED was started without it
 */
export function platformOf(RED: NodeAPI): Platform {
  const { guildhall } = RED.settings as unknown as { guildhall?: () => Platform };
  if (!guildhall) {
    throw new Error('Guildhall is not running here. Start Node-RED with its settings.js, or with npm start.');
  }
  const platform = guildhall();
  if (!followed.has(RED.events)) {
    followed.add(RED.events);
    follow(RED, platform);
  }
  return platform;
}

function follow(RED: NodeAPI, platform: Platform): void {
  const { hooks } = RED as unknown as { hooks: Hooks };
  const { runs, log } = platform;
  hooks.remove('*.guildhall');
  hooks.add('preDeliver.guildhall', ({ msg, source }: SendEvent) => runs.sent(msg, source?.node));
  hooks.add('onReceive.guildhall', ({ msg, destination: { node } }: ReceiveEvent) =>
    runs.received(msg, node._expectedDoneCount === 0 ? node : undefined),
  );
  hooks.add('onComplete.guildhall', (event: CompleteEvent) => runs.completed(event.msg, event.error));
  RED.events.on('flows:stopping', platform.flowsStopped);
  RED.events.on('flows:started', (event: FlowsEvent) => {
    platform
      .flowsStarted(event?.config?.rev ?? '')
      .catch((error: Error) => log.error(`starting the flows: ${error.message}`));
  });
}
