import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import { wait } from '../../platform/clock.ts';
import { Fault, isRefusal, type Refusal, toFault } from '../../platform/fault.ts';
import type { RunEnd } from '../../platform/runs.ts';
import type { Platform } from '../../platform/start.ts';
import type { Status } from '../../platform/status.ts';
import { platformOf } from './runtime.ts';
import { evaluateValues, type ValueSettings } from './values.ts';

export { renderForDiscord, renderPlain } from './template.ts';
export type { ValueSetting, ValueSettings } from './values.ts';

/** A message as nodes of the palette know it; flows may add what they like. */
export interface Message {
  payload?: unknown;
  actor?: unknown;
  interaction?: unknown;
  event?: unknown;
  refusal?: Refusal;
  parts?: { index?: number };
  [property: string]: unknown;
}

/** What a node makes of a message: a named output with its payload, or a refusal. */
export type Result = { output: string; payload?: unknown } | { refusal: Refusal };

interface Common<Schema extends z.ZodObject> {
  /** `guildhall-…`: node types are global to all of Node-RED. */
  type: `guildhall-${string}`;
  /** Raised when saved settings change their shape, with a migration. */
  version: number;
  settings: Schema;
  /** `migrations[n]` turns settings of version n into those of version n + 1. */
  migrations?: Record<number, (config: Record<string, unknown>) => Record<string, unknown>>;
  /** The names of the outputs, in order. */
  outputs: readonly string[];
}

/** A node that works on messages. */
export interface WorkNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'work';
  values: ValueSettings;
  handle(context: {
    platform: Platform;
    settings: z.output<Schema>;
    values: Record<string, unknown>;
    msg: Message;
    actor: Actor;
    node: { id: string; name: string };
  }): Promise<Result>;
}

/** A node that brings something into the flow. */
export interface IntakeNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'intake';
  /** Begins to take; returns what ends it. */
  start(context: { platform: Platform; settings: z.output<Schema>; community: string; run: BeginRun }): () => void;
}

/** A configuration node. */
export interface ConfigNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'config';
  /** Begins; returns what ends it and what other nodes may read of it. */
  start(context: { platform: Platform; settings: z.output<Schema> }): { stop(): void; [shared: string]: unknown };
}

export type NodeDefinition<Schema extends z.ZodObject = z.ZodObject> =
  | WorkNode<Schema>
  | IntakeNode<Schema>
  | ConfigNode<Schema>;

/**
 * Begins a run at once, so that a deploy waits for it, and sends what `prepare` makes: who acts, and the message.
 * Settles when all of it is done; cut off where the node closed before anything was sent.
 */
export type BeginRun = (
  source: string,
  prepare: () => Promise<{ acting: Acting; message: Message }>,
) => Promise<RunEnd>;

/** Who acts in a run, before it is sealed. */
export type Acting = Omit<Actor, 'run' | 'expires' | 'community' | 'source'>;

/** Runs have been drained before a node closes: what is still under way then waits for somebody who does not answer. */
const CLOSE_MILLISECONDS = 1000;
/** An actor may act for as long as Discord takes answers, and for longer only in an event's run. */
const ACTOR_LIFETIME_SECONDS = 15 * 60;
const EVENT_ACTOR_LIFETIME_SECONDS = 24 * 3600;

/**
 * Makes a node of the palette from its definition. It does once what all nodes do: reads and migrates settings, checks
 * the actor's seal, resolves values, routes results to named outputs, reports faults to Catch nodes, shows status, and
 * waits for what is under way when it closes.
 * @returns what Node-RED loads, with the definition for the build to read
 */
export function defineNode<Schema extends z.ZodObject>(definition: NodeDefinition<Schema>) {
  const register = (RED: NodeAPI): void => {
    platformOf(RED);
    RED.nodes.registerType(definition.type, function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
      construct(RED, this, config as NodeDef & Record<string, unknown>, definition as unknown as NodeDefinition);
    });
  };
  return Object.assign(register, { definition });
}

/** Brings saved settings up to the node's version. */
export function migrateSettings(
  definition: Pick<NodeDefinition, 'version' | 'migrations'>,
  config: Record<string, unknown>,
): Record<string, unknown> {
  let migrated = config;
  for (let version = Number(config.version ?? 1); version < definition.version; version += 1) {
    migrated = { ...(definition.migrations?.[version]?.(migrated) ?? migrated), version: version + 1 };
  }
  return migrated;
}

function construct(RED: NodeAPI, node: Node, config: NodeDef & Record<string, unknown>, definition: NodeDefinition) {
  const migrated = migrateSettings(definition, config);
  const parsed = definition.settings.safeParse(migrated);
  if (!parsed.success) return refuseSettings(node, parsed.error);
  const platform = platformOf(RED);
  const settings = parsed.data;
  switch (definition.kind) {
    case 'work':
      return constructWork(RED, node, migrated, definition, settings, platform);
    case 'intake':
      return constructIntake(RED, node, migrated, definition, settings, platform);
    case 'config': {
      const { stop, ...shared } = definition.start({ platform, settings });
      Object.assign(node, shared);
      node.on('close', () => stop());
    }
  }
}

/** A node whose settings cannot be used says so and refuses messages; the rest of the flow runs. */
function refuseSettings(node: Node, error: z.ZodError): void {
  const [issue] = error.issues;
  const sentence = `Setting “${issue?.path.join('.')}”: ${issue?.message}. Open the node and mend it.`;
  node.status({ fill: 'red', shape: 'ring', text: 'setting to mend' });
  node.error(sentence);
  node.on('input', (_msg, _send, done) => done(new Error(sentence)));
}

function constructWork(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: WorkNode<z.ZodObject>,
  settings: Record<string, unknown>,
  platform: Platform,
): void {
  const underWay = new Set<Promise<void>>();
  const show = statusOf(node);
  const identity = { id: node.id, name: node.name ?? '' };

  const work = async (msg: Message): Promise<{ output: string; msg: Message }> => {
    const actor = platform.seals.verify(msg.actor, platform.clock.now());
    const values = await evaluateValues(RED, node, definition.values, config, msg);
    const result = await definition.handle({ platform, settings, values, msg, actor, node: identity });
    if (isRefusal(result)) {
      const { code, detail } = result.refusal;
      if (!definition.outputs.includes('refused')) throw new Fault(code, detail);
      msg.refusal = result.refusal;
      show('yellow', 'dot', result.refusal.code);
      return { output: 'refused', msg };
    }
    // A node that cannot refuse passes on what an earlier one refused.
    if (definition.outputs.includes('refused')) delete msg.refusal;
    if (result.payload !== undefined) msg.payload = result.payload;
    show('green', 'dot', result.output);
    return { output: result.output, msg };
  };

  node.on('input', (given, send, done) => {
    const task = work(given as Message)
      .then(({ output, msg }) => {
        send(definition.outputs.map((name) => (name === output ? (msg as object) : null)) as never);
        done();
      })
      .catch((error: unknown) => {
        const fault = toFault(error);
        show('red', 'ring', fault.code);
        done(fault);
      });
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  });
  node.on('close', (done: () => void) => {
    void Promise.race([Promise.allSettled(underWay), wait(CLOSE_MILLISECONDS)]).then(() => done());
  });
}

function constructIntake(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: IntakeNode<z.ZodObject>,
  settings: Record<string, unknown>,
  platform: Platform,
): void {
  const community = (RED.nodes.getNode(String(config.community)) as unknown as { guild?: string } | null)?.guild;
  if (!community) {
    node.status({ fill: 'red', shape: 'ring', text: 'choose a community' });
    node.error('This node has no community. Open it and choose one.');
    return;
  }
  let closed = false;
  const run: BeginRun = async (source, prepare) => {
    const { run: begun, release } = platform.runs.begin(source);
    try {
      const { acting, message } = await prepare();
      if (closed || !platform.runs.find(begun.id)) return { fault: null, cutOff: true };
      const lifetime = acting.player === null ? EVENT_ACTOR_LIFETIME_SECONDS : ACTOR_LIFETIME_SECONDS;
      const expires = Math.floor(platform.clock.now() / 1000) + lifetime;
      const actor = platform.seals.seal({ ...acting, source, community, run: begun.id, expires });
      node.send({ ...message, actor } as never);
    } catch (error) {
      return { fault: toFault(error), cutOff: false };
    } finally {
      release();
    }
    return begun.over;
  };
  const stop = definition.start({ platform, settings, community, run });
  const show = statusOf(node);
  const showStatus = ({ state, problem, fix }: Status): void => {
    if (state === 'ready') show('green', 'dot', 'connected');
    else show(state === 'refused' ? 'red' : 'yellow', 'ring', fix ? `${problem}. ${fix}` : problem);
  };
  showStatus(platform.status.current());
  const unfollow = platform.status.onChange(showStatus);
  node.on('close', () => {
    closed = true;
    unfollow();
    stop();
  });
}

/** Sets a node's status only when it changes: under load the editor would drown in the same news. */
function statusOf(node: Node) {
  let last = '';
  return (fill: 'green' | 'yellow' | 'red', shape: 'dot' | 'ring', text: string): void => {
    const next = `${fill} ${shape} ${text}`;
    if (next === last) return;
    last = next;
    node.status({ fill, shape, text });
  };
}
