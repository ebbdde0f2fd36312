import type { NodeAPI } from 'node-red';
import { Fault } from '../../platform/fault.ts';
import type { RunNode, Sender } from '../../platform/runs.ts';
import type { Platform } from '../../platform/start.ts';
import { entrancesOf } from './entrances.ts';
import { type ForeignSettings, startInForeign } from './foreign.ts';
import { type House, ownHouse, sharedHouse } from './house.ts';

interface SendEvent {
  msg: object;
  source?: { node?: RunNode; port?: number };
}
interface ReceiveEvent {
  msg: object;
  destination: { node: RunningNode };
}
/** How many of a node's input handlers take a third argument, by which they say that they are done. */
interface RunningNode extends RunNode {
  _expectedDoneCount?: number;
}
interface CompleteEvent {
  msg: object;
  node: { node: RunNode };
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
type Settings = ForeignSettings & { guildhall?: () => Platform };

interface Followed {
  /** What gave its platform; none in a Node-RED that is not ours. */
  source: Settings['guildhall'];
  house: House;
  unfollow(): void;
}

/** So long runs may take to finish in what a deploy has left of their flows. */
const FINISH_MILLISECONDS = 1000;

/** The Node-RED runtimes that this kit follows. Weak: a runtime that is gone takes its entry along. */
const followed = new WeakMap<object, Followed>();

/** The house of this Node-RED, followed from the first node on: messages through nodes, flows that start and stop. */
export function houseOf(RED: NodeAPI): House {
  const settings = RED.settings as unknown as Settings;
  const known = followed.get(RED.events);
  if (known && known.source === settings.guildhall) return known.house;
  known?.unfollow();
  const fresh = settings.guildhall ? followOwn(RED, settings.guildhall) : followForeign(RED, settings);
  followed.set(RED.events, { ...fresh, source: settings.guildhall });
  return fresh.house;
}

/**
 * The platform that this Node-RED runs on.
 * @throws Fault while it does not run, with a sentence that says why
 */
export function platformOf(RED: NodeAPI): Platform {
  const house = houseOf(RED);
  const platform = house.platform();
  if (platform) return platform;
  const state = house.state();
  switch (state.kind) {
    case 'failed':
      throw new Fault('not-started', `Guildhall could not start: ${state.sentence}`, { retry: true });
    case 'vacant':
      throw new Fault('not-started', 'Guildhall does not run: add a community node to a flow and deploy it.');
    default:
      throw new Fault('starting', 'Guildhall is starting. Try again in a moment.', { retry: true });
  }
}

/** Our own program starts the platform before Node-RED and drains runs before flows change. */
function followOwn(RED: NodeAPI, platform: () => Platform): Omit<Followed, 'source'> {
  const house = ownHouse(platform);
  const unfollow = follow(RED, house, {
    'flows:stopping': () => platform().flowsStopped(),
    'flows:started': ({ config }) => {
      platform().web.setEntrances(entrancesOf(RED));
      startFlows(platform(), config?.rev ?? '');
    },
  });
  return { house, unfollow };
}

function followForeign(RED: NodeAPI, settings: Settings): Omit<Followed, 'source'> {
  /** The flows that run; null before they have started and while they are replaced. */
  let running: FlowsEvent['config'] | null = null;
  const house = sharedHouse({
    start: () => startInForeign(settings),
    started: (platform) => {
      const { sandboxUrl } = platform;
      RED.log.info(`Guildhall runs${sandboxUrl ? ` with a sandbox for a Discord: ${sandboxUrl}/` : ''}`);
      if (running) startFlows(platform, running.rev ?? '');
    },
    failed: (sentence) => RED.log.error(`Guildhall cannot start: ${sentence}`),
  });
  const unfollow = follow(RED, house, {
    'flows:stopping': ({ config }) => {
      const platform = house.platform();
      platform?.flowsStopped();
      // Nothing waits for them here. What they leave unfinished comes again in the new flows, and counts once.
      platform?.runs.interrupt(FINISH_MILLISECONDS);
      // A deploy has its new flows at hand when it stops the old ones; without any, Node-RED itself is stopping.
      const replaced = config !== running;
      running = null;
      if (replaced) house.hold();
      else void house.close();
    },
    'flows:started': ({ config }) => {
      running = config ?? {};
      house.release();
      const platform = house.platform();
      if (platform) startFlows(platform, config?.rev ?? '');
    },
  });
  return { house, unfollow };
}

function startFlows(platform: Platform, revision: string): void {
  platform.flowsStarted(revision).catch((error: Error) => platform.log.error(`starting the flows: ${error.message}`));
}

/** Follows a runtime's messages and flows. @returns what ends it */
function follow(RED: NodeAPI, house: House, flows: Record<string, (event: FlowsEvent) => void>): () => void {
  const { hooks } = RED as unknown as { hooks: Hooks };
  hooks.remove('*.guildhall');
  hooks.add('preDeliver.guildhall', ({ msg, source }: SendEvent) =>
    house.platform()?.runs.sent(msg, source?.node ? (source as Sender) : undefined),
  );
  hooks.add('onReceive.guildhall', ({ msg, destination: { node } }: ReceiveEvent) =>
    house.platform()?.runs.received(msg, node, node._expectedDoneCount === 0),
  );
  hooks.add('onComplete.guildhall', ({ msg, error, node }: CompleteEvent) =>
    house.platform()?.runs.completed(msg, error, node.node),
  );
  for (const [event, listener] of Object.entries(flows)) RED.events.on(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(flows)) RED.events.off(event, listener);
  };
}
