import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { backUpFlows, backupFolder } from './flow-backups.ts';
import {
  clearLeftovers,
  errorCode,
  type FlowNode,
  type FlowSet,
  isFlowNode,
  ORDER_FILE,
  plainId,
  readFlowFolder,
  writeFiles,
} from './flow-files.ts';
import { joined, layOut } from './flow-layout.ts';
import { seedFlows } from './flow-seeds.ts';
import { noCredentials } from './no-credentials.ts';

/** Node-RED's settings, as a storage module gets them. */
export type RuntimeSettings = Record<string, unknown>;

/** What Node-RED asks of a storage module (`@node-red/runtime/lib/storage/index.js`). */
export interface StorageModule {
  init(settings: RuntimeSettings, runtime: unknown): Promise<void>;
  getFlows(): Promise<FlowNode[]>;
  saveFlows(flows: FlowNode[], user?: unknown): Promise<void>;
  getCredentials(): Promise<object>;
  saveCredentials(credentials: object): Promise<void>;
  getSettings(): Promise<object | null>;
  saveSettings(settings: object): Promise<void>;
  getSessions(): Promise<object | null>;
  saveSessions(sessions: object): Promise<void>;
  getLibraryEntry(type: string, path: string): Promise<unknown>;
  saveLibraryEntry(type: string, path: string, meta: object, body: string): Promise<void>;
}

/** Where flows lie and who is told when they change. */
export interface FlowStorageOptions {
  flowsFolder: string;
  /** The flows that came with the program; the same as `flowsFolder` in a checkout. */
  shippedFolder: string;
  dataFolder: string;
  /** Awaited before anything else when Node-RED starts: no node is loaded yet. */
  onInit?: (settings: RuntimeSettings) => Promise<void>;
  /** Awaited before Node-RED restarts flows: before a save writes anything, and before a reload returns flows. */
  beforeChange?: () => Promise<void>;
  /** Called when a save or a reload does not happen after all. */
  afterFailure?: () => void;
  log: (line: string) => void;
  now?: () => Date;
}

/** The storage module, and what is wrong with the flow files. */
export interface FlowStorage extends StorageModule {
  /** What keeps flows from being loaded and saved, each with its fix; empty when all is well. */
  problems(): string[];
  /** Shipped changes that were left out because an admin edited the file. */
  notices(): string[];
}

/** An error as Node-RED's admin API maps it: `status` becomes the HTTP status, `code` goes into the answer. */
export class FlowFilesError extends Error {
  readonly code: string;
  readonly status = 400;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'FlowFilesError';
    this.code = code;
  }
}

/**
 * Node-RED's own file storage with one file per tab. While a file cannot be read, nothing is saved: Node-RED starts
 * without flows and goes on answering then, and its next deploy would overwrite what it did not read.
 */
export function createFlowStorage(options: FlowStorageOptions): FlowStorage {
  const { flowsFolder, dataFolder, log } = options;
  const now = options.now ?? (() => new Date());
  const backUp = () => backUpFlows(flowsFolder, dataFolder, now());
  let local: StorageModule | undefined;
  let tellEditor: (text: string) => void = () => undefined;
  let readOnly = false;
  let credentialSecret: unknown;
  let current: FlowSet | undefined;
  let problems: string[] = [];
  let notices: string[] = [];
  let loadedBefore = false;
  let queue: Promise<unknown> = Promise.resolve();

  const files = (): StorageModule => {
    if (!local) throw new Error('The flow storage is used before its init');
    return local;
  };

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = queue.then(task);
    queue = result.catch(() => undefined);
    return result;
  }

  /** Reads the folder; from a fault until the next good load nothing is saved. */
  async function read(): Promise<FlowSet> {
    let faults: string[];
    try {
      const found = await readFlowFolder(flowsFolder);
      if (found.faults.length === 0) return found.set;
      faults = found.faults.map((fault) => `Flow file ${fault}.`);
    } catch (error) {
      faults = [`The flows folder ${flowsFolder} cannot be read (${errorCode(error) ?? String(error)}).`];
    }
    const fix = `Repair it, or put back a copy from ${backupFolder(dataFolder)}; then choose Restart Flows in the editor's Deploy menu, or restart.`;
    problems = faults.map((fault) => `${fault} ${fix}`);
    for (const problem of problems) log(problem);
    throw new FlowFilesError('flow_file_unreadable', problems.join(' '));
  }

  async function init(settings: RuntimeSettings, runtime: unknown): Promise<void> {
    await options.onInit?.(settings);
    if (hasProjects(settings)) {
      throw new Error('Node-RED projects keep all flows in one file: set editorTheme.projects.enabled to false');
    }
    readOnly = settings.readOnly === true;
    credentialSecret = settings.credentialSecret;
    tellEditor = editorNotifier(runtime);
    if (!readOnly) {
      try {
        await clearLeftovers(flowsFolder);
        notices = await seedFlows({ ...options, backUp });
      } catch (error) {
        // What is there can still run.
        notices = [`Shipped flows could not be brought to ${flowsFolder}: ${String(error)}`];
        log(notices.join());
      }
    }
    // Names the credentials' file; without it the host's name does, which changes with every new container.
    settings.flowFile ??= 'flows.json';
    local = loadLocalStorage();
    await local.init(settings, runtime);
  }

  async function getFlows(): Promise<FlowNode[]> {
    const again = loadedBefore;
    loadedBefore = true;
    try {
      const set = await read();
      if (again) await options.beforeChange?.();
      current = set;
      problems = [];
      return joined(set);
    } catch (error) {
      // After Node-RED's own message about the failed load, which says nothing of use here.
      const text = error instanceof Error ? error.message : String(error);
      setImmediate(() => problems.length > 0 && tellEditor(text));
      if (again) options.afterFailure?.();
      throw error;
    }
  }

  /** Refuses unless the files are those that Node-RED loaded: it would write over what it has not seen. */
  async function requireKnownFiles(): Promise<FlowSet> {
    if (problems.length > 0)
      throw new FlowFilesError('flow_file_unreadable', `Nothing was saved. ${problems.join(' ')}`);
    if (!current) throw new FlowFilesError('flows_not_loaded', 'Nothing was saved: flows have not been loaded yet.');
    const changed = changedFiles(current, await read());
    if (changed.length === 0) return current;
    throw new FlowFilesError(
      'flow_files_changed',
      `Nothing was saved: ${changed.join(', ')} changed in ${flowsFolder} since flows were loaded. Choose Restart Flows in the editor's Deploy menu to load that, then deploy again.`,
    );
  }

  async function saveFlows(flows: FlowNode[]): Promise<void> {
    if (readOnly) return;
    try {
      const before = await requireKnownFiles();
      requireSound(flows);
      const { after, writes, removals } = layOut(flows, before);
      await options.beforeChange?.();
      if (writes.size > 0 || removals.length > 0) {
        await backUp();
        await writeFiles(flowsFolder, writes, removals);
      }
      current = after;
      // Node-RED hashes this very list for its revision: in the order of the files it stays the same over a restart.
      flows.splice(0, flows.length, ...structuredClone(joined(after)));
    } catch (error) {
      options.afterFailure?.();
      throw error;
    }
  }

  async function getCredentials(): Promise<object> {
    const credentials = await files().getCredentials();
    const areThere = Object.keys(credentials).length > 0;
    return areThere || typeof credentialSecret !== 'string' ? credentials : noCredentials(credentialSecret);
  }

  /** Node-RED saves credentials first, without those of nodes that it did not load. */
  async function saveCredentials(credentials: object): Promise<void> {
    if (!readOnly) {
      try {
        await requireKnownFiles();
      } catch (error) {
        options.afterFailure?.();
        throw error;
      }
    }
    await files().saveCredentials(credentials);
  }

  return {
    init,
    getFlows: () => inTurn(getFlows),
    saveFlows: (flows) => inTurn(() => saveFlows(flows)),
    saveCredentials: (credentials) => inTurn(() => saveCredentials(credentials)),
    getCredentials,
    getSettings: () => files().getSettings(),
    saveSettings: (settings) => files().saveSettings(settings),
    getSessions: () => files().getSessions(),
    saveSessions: (sessions) => files().saveSessions(sessions),
    getLibraryEntry: (type, path) => files().getLibraryEntry(type, path),
    saveLibraryEntry: (type, path, meta, body) => files().saveLibraryEntry(type, path, meta, body),
    problems: () => [...problems],
    notices: () => [...notices],
  };
}

/** Names the files that are no longer as they were. */
function changedFiles(known: FlowSet, found: FlowSet): string[] {
  const names = new Set([...known.files.keys(), ...found.files.keys()]);
  const changed = [...names].filter((name) => known.files.get(name)?.text !== found.files.get(name)?.text);
  return known.orderText === found.orderText ? changed : [...changed, ORDER_FILE];
}

/** Refuses what could not be loaded again. */
function requireSound(flows: readonly FlowNode[]): void {
  const seen = new Set<string>();
  for (const node of flows) {
    if (!isFlowNode(node)) throw new FlowFilesError('flow_invalid', 'Nothing was saved: a node has no id or no type.');
    if (seen.has(node.id)) {
      throw new FlowFilesError('flow_id_twice', `Nothing was saved: the id ${plainId(node.id)} occurs twice.`);
    }
    seen.add(node.id);
  }
}

function hasProjects(settings: RuntimeSettings): boolean {
  const theme = settings.editorTheme as { projects?: { enabled?: boolean } } | undefined;
  return theme?.projects?.enabled === true;
}

/**
 * Shows a lasting warning in every open editor. Node-RED's own names only an error code
 * (`@node-red/runtime/lib/flows/index.js`, loadFlows); the next good load clears either.
 */
function editorNotifier(runtime: unknown): (text: string) => void {
  const { events } = (runtime ?? {}) as { events?: { emit(name: string, event: object): void } };
  return (text) => {
    // The editor takes the text for a key of its catalogue, in which a colon cuts, and then for HTML.
    const escaped = text.replace(/[&<>:]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const payload = { type: 'error', error: 'flow_file_unreadable', text: escaped };
    events?.emit('runtime-event', { id: 'runtime-state', payload, retain: true });
  };
}

/** Node-RED's own file storage: of the Node-RED that is running, or else of the installed one. */
function loadLocalStorage(): StorageModule {
  const require = createRequire(import.meta.url);
  const ending = ['@node-red', 'runtime', 'lib', 'storage', 'index.js'].join(sep);
  const running = Object.keys(require.cache).find((path) => path.endsWith(ending));
  const from = createRequire(running ?? require.resolve('node-red'));
  return from('@node-red/runtime/lib/storage/localfilesystem') as StorageModule;
}
