import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import { wait } from '../../platform/clock.ts';
import { switchOnIntents } from '../../platform/doctor/texts.ts';
import { Fault, isRefusal, type Refusal, toFault } from '../../platform/fault.ts';
import type { Need } from '../../platform/needs.ts';
import type { Begun, RunEnd } from '../../platform/runs.ts';
import type { Platform } from '../../platform/start.ts';
import type { Status } from '../../platform/status.ts';
import { type AdminRoute, serveAdmin } from './admin.ts';
import { keyOf } from './editor/table.ts';
import { type Migrations, migrateSettings } from './migrations.ts';
import { houseOf, platformOf } from './runtime.ts';
import { evaluateValues, pickedValues, type ValueSettings } from './values.ts';

export { migrateSettings } from './migrations.ts';
export { renderForDiscord, renderPlain } from './template.ts';
export type { ValueSetting, ValueSettings } from './values.ts';

/** A message as nodes of the palette know it; flows may add what they like. */
export interface Message {
  payload?: unknown;
  actor?: unknown;
  interaction?: unknown;
  event?: unknown;
  refusal?: Refusal;
  /** Of a request: as Node-RED's `http in` set them. */
  req?: unknown;
  res?: unknown;
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
  /** They lie in `migrations.ts` beside the node, from where its dialog takes them too. */
  migrations?: Migrations;
  /** The names of the outputs, in order. */
  outputs: readonly string[];
  /** Passwords that Node-RED keeps apart from the flow, encrypted; the editor sees only that there is one. */
  credentials?: readonly string[];
  /** What its dialog asks of the running program. */
  admin?: readonly AdminRoute[];
  /**
   * What a node with these settings asks of Discord; the doctor and the invite link go by it.
   * @param picked which channels, roles … its values name, so far as no message has to say it
   */
  needs?(settings: z.output<Schema>, picked: Record<string, string>): Need[];
}

/** A node that works on messages. */
export interface WorkNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'work';
  values: ValueSettings;
  handle(context: {
    platform: Platform;
    settings: z.output<Schema>;
    values: Record<string, unknown>;
    credentials: Readonly<Record<string, string>>;
    msg: Message;
    actor: Actor;
    node: { id: string; name: string };
    /** What a configuration node that a setting names lets others read; empty where there is none. */
    shared(config: string): Readonly<Record<string, unknown>>;
  }): Promise<Result>;
}

/** What an intake begins with. */
export interface IntakeContext<Settings = unknown> {
  platform: Platform;
  settings: Settings;
  community: string;
  /** The node, and what to call it in a sentence. */
  node: { id: string; name: string };
  run: BeginRun;
  /** What the node's status says while all is well; empty: that it is connected. */
  say(text: string): void;
  /**
   * Says what is wrong with the node beside others; empty: nothing any more.
   * @param status the key of a short text
   * @param sentence what is wrong and what to do, for the log and the editor's debug tab
   */
  complain(status: 'twice' | 'tooLarge', sentence: string): void;
}

/** A node that brings something into the flow. */
export interface IntakeNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'intake';
  /** It works while Discord is away, too. */
  withoutDiscord?: true;
  /** Begins to take; returns what ends it. */
  start(context: IntakeContext<z.output<Schema>>): () => void;
}

/** A node that brings in what a node before it took: the requests of an `http in`. */
export interface GuardNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'guard';
  /** Begins to take; returns what ends it, and what becomes of a message. */
  start(context: IntakeContext<z.output<Schema>>): { stop(): void; take(msg: Message): Promise<unknown> };
}

/** A configuration node. */
export interface ConfigNode<Schema extends z.ZodObject> extends Common<Schema> {
  kind: 'config';
  /** Set where this node starts the platform in a Node-RED that is not ours, and keeps it running. */
  startsPlatform?: true;
  /** Begins; returns what ends it and what other nodes may read of it. */
  start(context: ConfigContext<z.output<Schema>>): { stop(): void; [shared: string]: unknown };
}

/** What a configuration node begins with. */
export interface ConfigContext<Settings = unknown> {
  platform: Platform;
  settings: Settings;
  /** The guild of the community that it names; empty where it names none, as a node without such a setting does. */
  community: string;
  node: { id: string; name: string };
  complain: IntakeContext['complain'];
}

export type NodeDefinition<Schema extends z.ZodObject = z.ZodObject> =
  | WorkNode<Schema>
  | IntakeNode<Schema>
  | GuardNode<Schema>
  | ConfigNode<Schema>;

/**
 * Begins a run at once, so that a deploy waits for it, and sends what `prepare` makes: who acts, the message, and the
 * output where it is not the first; or nothing.
 * Settles when all of it is done; cut off where the node closed before anything was sent.
 * @param begun the run, where it has begun before it came to this node
 */
export type BeginRun = (
  source: string,
  prepare: () => Promise<{ acting: Acting; message: Message; output?: string } | null>,
  begun?: Begun,
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
    houseOf(RED);
    serveAdmin(RED, definition.admin ?? []);
    const credentials = (definition.credentials ?? []).map((name) => [name, { type: 'password' as const }]);
    RED.nodes.registerType(
      definition.type,
      function (this: Node, config: NodeDef) {
        RED.nodes.createNode(this, config);
        construct(RED, this, config as NodeDef & Record<string, unknown>, definition as unknown as NodeDefinition);
      },
      { credentials: Object.fromEntries(credentials) },
    );
  };
  return Object.assign(register, { definition });
}

/** What a node with these saved settings asks of Discord; nothing where the settings are not in order. */
export function needsOf(definition: NodeDefinition, config: Record<string, unknown>): Need[] {
  const migrated = migrateSettings(definition, config);
  const parsed = definition.settings.safeParse(migrated);
  return parsed.success ? needsWith(definition, parsed.data, migrated) : [];
}

function needsWith(definition: NodeDefinition, settings: Record<string, unknown>, config: Record<string, unknown>) {
  const picked = definition.kind === 'work' ? pickedValues(definition.values, config) : {};
  return definition.needs?.(settings, picked) ?? [];
}

function construct(RED: NodeAPI, node: Node, config: NodeDef & Record<string, unknown>, definition: NodeDefinition) {
  const migrated = migrateSettings(definition, config);
  const parsed = definition.settings.safeParse(migrated);
  if (!parsed.success) return refuseSettings(RED, node, definition, parsed.error);
  const settings = parsed.data;
  const needs = needsWith(definition, settings, migrated);
  if (needs.length > 0) {
    const { id, type, name = '' } = node;
    const end = withPlatform(
      RED,
      node,
      () => {},
      (platform) => {
        const guild = guildOf(RED, config);
        return platform.needs.add(
          needs.map((need) => ({ ...(guild && { guild }), ...need, node: { id, type, name } })),
        );
      },
    );
    node.on('close', end);
  }
  switch (definition.kind) {
    case 'work':
      return constructWork(RED, node, migrated, definition, settings);
    case 'intake':
      return constructIntake(RED, node, migrated, definition, settings);
    case 'guard':
      return constructGuard(RED, node, migrated, definition, settings);
    case 'config':
      return constructConfig(RED, node, migrated, definition, settings);
  }
}

/** The guild of the community that a node names. */
function guildOf(RED: NodeAPI, config: Record<string, unknown>): string | null {
  return (RED.nodes.getNode(String(config.community)) as unknown as { guild?: string } | null)?.guild ?? null;
}

/**
 * Begins a node as soon as the platform runs, and again when another one does. Says meanwhile what it waits for.
 * @returns what ends it
 */
function withPlatform(RED: NodeAPI, node: Node, show: Show, begin: (platform: Platform) => () => void): () => void {
  const house = houseOf(RED);
  let begun: { platform: Platform; end(): void } | null = null;
  const leave = (): void => {
    begun?.end();
    begun = null;
  };
  const update = (): void => {
    const platform = house.platform();
    const state = house.state();
    if (!platform || state.kind === 'failed') {
      leave();
      if (state.kind === 'failed') show('red', 'ring', state.sentence);
      else show(state.kind === 'starting' ? 'yellow' : 'grey', 'ring', `status.${state.kind}`);
    } else if (begun?.platform !== platform) {
      leave();
      show(null);
      try {
        begun = { platform, end: begin(platform) };
      } catch (error) {
        node.error(toFault(error));
      }
    }
  };
  const unfollow = house.follow(update);
  update();
  return () => {
    unfollow();
    leave();
  };
}

function constructConfig(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: ConfigNode<z.ZodObject>,
  settings: Record<string, unknown>,
): void {
  const show = statusOf(node);
  const complain: ConfigContext['complain'] = (status, sentence) => {
    if (sentence) {
      show('red', 'ring', `status.${status}`);
      node.error(sentence);
    } else show(null);
  };
  const end = withPlatform(RED, node, show, (platform) => {
    const community = guildOf(RED, config) ?? '';
    if ('community' in settings && !community) return refuseWithoutCommunity(node, show);
    const { stop, ...shared } = definition.start({ platform, settings, community, node: called(node), complain });
    Object.assign(node, shared);
    return stop;
  });
  const moveOut = definition.startsPlatform ? houseOf(RED).moveIn() : async () => {};
  node.on('close', (done: () => void) => {
    end();
    void moveOut().then(done);
  });
}

/** A node whose settings cannot be used says so and refuses messages; the rest of the flow runs. */
function refuseSettings(RED: NodeAPI, node: Node, { kind }: NodeDefinition, error: z.ZodError): void {
  const [issue] = error.issues;
  const sentence = `Setting “${issue?.path.join('.')}”: ${issue?.message}. Open the node and mend it.`;
  // No message reaches it, and what it stood for goes for everybody: nobody would hear of it.
  if (kind === 'config') {
    const end = withPlatform(
      RED,
      node,
      () => {},
      ({ brokenNodes }) => {
        brokenNodes.set(node.id, `${called(node).name} does not run. ${sentence}`);
        return () => void brokenNodes.delete(node.id);
      },
    );
    node.on('close', end);
  }
  node.status({ fill: 'red', shape: 'ring', text: 'status.mend' });
  node.error(sentence);
  node.on('input', (_msg, _send, done) => done(new Error(sentence)));
}

function constructWork(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: WorkNode<z.ZodObject>,
  settings: Record<string, unknown>,
): void {
  const underWay = new Set<Promise<void>>();
  const show = statusOf(node);
  const end = withPlatform(RED, node, show, () => () => {});
  const identity = { id: node.id, name: node.name ?? '' };
  const { credentials = {} } = node as { credentials?: Record<string, string> };
  const shared = (id: string) => (RED.nodes.getNode(id) ?? {}) as unknown as Record<string, unknown>;

  const work = async (msg: Message): Promise<{ output: string; msg: Message }> => {
    const platform = platformOf(RED);
    const actor = platform.seals.verify(msg.actor, platform.clock.now());
    const values = await evaluateValues(RED, node, definition.values, config, msg);
    const context = { platform, settings, values, credentials, msg, actor, node: identity, shared };
    const result = await definition.handle(context);
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
    show('green', 'dot', `outputs.${keyOf(result.output)}`);
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
    end();
    void Promise.race([Promise.allSettled(underWay), wait(CLOSE_MILLISECONDS)]).then(() => done());
  });
}

function constructIntake(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: IntakeNode<z.ZodObject>,
  settings: Record<string, unknown>,
): void {
  const show = statusOf(node);
  const end = withPlatform(RED, node, show, (platform) => {
    const community = guildOf(RED, config);
    return community
      ? beginIntake(node, definition, settings, platform, community, show)
      : refuseWithoutCommunity(node, show);
  });
  node.on('close', end);
}

function constructGuard(
  RED: NodeAPI,
  node: Node,
  config: Record<string, unknown>,
  definition: GuardNode<z.ZodObject>,
  settings: Record<string, unknown>,
): void {
  let take: ((msg: Message) => Promise<unknown>) | null = null;
  const start: IntakeNode<z.ZodObject>['start'] = (context) => {
    const begun = definition.start(context);
    take = begun.take;
    return () => {
      take = null;
      begun.stop();
    };
  };
  constructIntake(RED, node, config, { ...definition, kind: 'intake', withoutDiscord: true, start }, settings);
  node.on('input', (msg, _send, done) => {
    const taking = async () => {
      if (!take) throw new Fault('not-started', 'Guildhall does not run here yet.', { retry: true });
      await take(msg as Message);
    };
    taking().then(
      () => done(),
      (error) => done(toFault(error)),
    );
  });
}

function refuseWithoutCommunity(node: Node, show: Show): () => void {
  show('red', 'ring', 'status.community');
  node.error('This node has no community. Open it and choose one.');
  return () => {};
}

/** A node by its id, and by what to call it in a sentence. */
function called({ id, name, type }: Node): { id: string; name: string } {
  return { id, name: name ? `“${name}”` : `${type.replace(/^guildhall-/, '').replaceAll('-', ' ')} ${id}` };
}

/** @returns what ends it */
function beginIntake(
  node: Node,
  definition: IntakeNode<z.ZodObject>,
  settings: Record<string, unknown>,
  platform: Platform,
  community: string,
  show: Show,
): () => void {
  let closed = false;
  const run: BeginRun = async (source, prepare, already) => {
    const { run: begun, release } = already ?? platform.runs.begin(source);
    try {
      const prepared = await prepare();
      if (!prepared) return { fault: null, cutOff: false };
      const { acting, message, output } = prepared;
      if (closed || !platform.runs.find(begun.id)) return { fault: null, cutOff: true };
      const lifetime = message.interaction ? ACTOR_LIFETIME_SECONDS : EVENT_ACTOR_LIFETIME_SECONDS;
      const expires = Math.floor(platform.clock.now() / 1000) + lifetime;
      const actor = platform.seals.seal({ ...acting, source, community, run: begun.id, expires });
      const at = output === undefined ? 0 : definition.outputs.indexOf(output);
      node.send([...Array(at).fill(null), { ...message, actor }] as never);
    } catch (error) {
      return { fault: toFault(error), cutOff: false };
    } finally {
      release();
    }
    return begun.over;
  };
  const intents = definition.needs?.(settings, {}).flatMap(({ intents = [] }) => intents) ?? [];
  let said = '';
  let warned = '';
  let complaint = { status: '', sentence: '' };
  const say = (text: string): void => {
    said = text;
    showStatus(platform.status.current());
  };
  const complain = (status: string, sentence: string): void => {
    if (sentence && sentence !== complaint.sentence) node.error(sentence);
    complaint = { status: `status.${status}`, sentence };
    showStatus(platform.status.current());
  };
  const showStatus = ({ state, code }: Status): void => {
    const missing = platform.discord.missingIntents().filter((name) => intents.includes(name));
    const isReady = state === 'ready' || (definition.withoutDiscord && code !== 'database');
    if (isReady && complaint.sentence) show('red', 'ring', complaint.status);
    else if (isReady && missing.length > 0) {
      show('yellow', 'ring', `status.off.${missing[0]}`);
      if (warned !== missing.join()) node.warn(switchOnIntents(missing));
    } else if (isReady) show('green', 'dot', said || 'status.connected');
    else show(state === 'refused' ? 'red' : 'yellow', 'ring', `status.${code}`);
    warned = missing.join();
  };
  const stop = definition.start({ platform, settings, community, node: called(node), run, say, complain });
  showStatus(platform.status.current());
  const unfollow = platform.status.onChange(showStatus);
  return () => {
    closed = true;
    unfollow();
    stop();
  };
}

/** Shows a node's status; null clears it. The editor says a text that is a key of the node's catalogue in its language. */
type Show = (fill: 'green' | 'yellow' | 'red' | 'grey' | null, shape?: 'dot' | 'ring', text?: string) => void;

/** Sets a node's status only when it changes: under load the editor would drown in the same news. */
function statusOf(node: Node): Show {
  let last = 'null';
  return (fill, shape = 'dot', text = ''): void => {
    const next = fill ? `${fill} ${shape} ${text}` : 'null';
    if (next === last) return;
    last = next;
    node.status(fill ? { fill, shape, text } : {});
  };
}
