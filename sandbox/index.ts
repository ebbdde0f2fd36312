import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RateLimits } from './api/limits.ts';
import { type Clock, type ScopedClock, scopedClock, systemClock } from './clock.ts';
import { Faults } from './control/faults.ts';
import { RequestLog } from './control/log.ts';
import { Endpoint } from './endpoint/interactions.ts';
import { EventLog } from './gateway/event-log.ts';
import { Gateway } from './gateway/gateway.ts';
import { loopbackHosts } from './http.ts';
import { createHttpServer } from './server.ts';
import { readDocument } from './state/document.ts';
import { FileStore } from './state/files.ts';
import { demoRecords, newApplication } from './state/seed.ts';
import { snowflakeSource } from './state/snowflake.ts';
import { Store } from './state/store.ts';
import { watchThreads } from './threads.ts';
import type { World } from './world.ts';

export type { Clock } from './clock.ts';

export interface SandboxOptions {
  /** 0 takes any free port. */
  port: number;
  /** The state lies in its subfolder `sandbox`. */
  dataFolder: string;
  /** How many times faster clocks and limits run. */
  speed?: number;
  /** False switches rate limits off. */
  limits?: boolean;
  clock?: Clock;
  /** A saved state, or servers written down, that a new data folder begins with in place of the demo world. */
  initialState?: unknown;
}

export interface Sandbox {
  url: string;
  port: number;
  application: { id: string; publicKey: string; botToken: string; clientSecret: string };
  guildId: string;
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
/** Longer than clients keep idle connections, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/** Starts an offline Discord on the loopback interface; rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  let world: World | undefined;
  const clock = scopedClock(options.clock ?? systemClock);
  let hosts: ReadonlySet<string> = new Set();
  const server = createHttpServer(
    () => world,
    () => hosts,
  );
  // The port is taken first: it keeps a second sandbox from the same journal.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, ADDRESS, resolve);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('error', (error) => console.error('sandbox:', error));
  const { port } = server.address() as AddressInfo;
  hosts = loopbackHosts(port);
  try {
    world = openWorld(options, clock, `${ADDRESS}:${port}`);
  } catch (error) {
    server.close();
    throw error;
  }
  const { store, gateway, application } = world;
  const { id, publicKey, botToken, clientSecret } = application;
  return {
    url: `http://${ADDRESS}:${port}`,
    port,
    application: { id, publicKey, botToken, clientSecret },
    guildId: store.all('guilds')[0]?.id ?? '',
    async stop() {
      clock.cancelAll();
      gateway.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      store.close();
    },
  };
}

function openWorld(options: SandboxOptions, clock: ScopedClock, host: string): World {
  const { dataFolder, speed = 1, limits = true, initialState } = options;
  const store = new Store(join(dataFolder, 'sandbox'));
  const files = new FileStore(join(dataFolder, 'sandbox', 'files'));
  if (store.size('application') === 0) begin(store, files, initialState, clock, host);
  const application = store.all('application')[0];
  const bot = application && store.get('users', application.id);
  if (application === undefined || bot === undefined) {
    throw new Error(
      `the sandbox's state in ${dataFolder} has no application: delete its folder "sandbox" to begin anew`,
    );
  }
  const newest = [...store.all('messages'), ...store.all('interactions'), ...store.all('channels')].reduce(
    (id, record) => (BigInt(record.id) > BigInt(id) ? record.id : id),
    '0',
  );
  const world: World = {
    store,
    files,
    clock,
    speed,
    newId: snowflakeSource(() => clock.now(), newest),
    get application() {
      return store.all('application')[0] ?? application;
    },
    get bot() {
      return store.get('users', this.application.id) ?? bot;
    },
    gateway: new Gateway(),
    endpoint: new Endpoint(),
    faults: new Faults(),
    limits: new RateLimits(clock, speed, limits),
    log: new RequestLog(clock),
    events: new EventLog(clock),
    host,
  };
  world.gateway.open(world);
  watchThreads(world);
  return world;
}

/** Fills a new data folder: with the demo world, or with what somebody brought. */
function begin(store: Store, files: FileStore, initialState: unknown, clock: Clock, host: string): void {
  if (initialState === undefined) {
    store.replace(demoRecords());
    return;
  }
  const newId = snowflakeSource(() => clock.now());
  const application = newApplication(newId(), 'Guildhall');
  const joinedAt = () => new Date(clock.now()).toISOString();
  const loaded = (() => {
    try {
      return readDocument(initialState, { application, newId, joinedAt, host });
    } catch (error) {
      throw new Error(`the state to begin with: ${error instanceof Error ? error.message : String(error)}`);
    }
  })();
  for (const [id, content] of loaded.files) files.save(id, content);
  store.replace(loaded.records);
}
