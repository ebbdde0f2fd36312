import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { playerOfMember } from '../../core/people/index.ts';
import community from '../../nodes/config/community/node.ts';
import type { Acting } from '../../nodes/kit/index.ts';
import { readConfiguration } from '../../platform/configuration.ts';
import { type Platform, startPlatform } from '../../platform/start.ts';
import { startCheckedSandbox } from './contract.ts';
import { createTestDatabase, ROOT, silent } from './database.ts';
import { newMember } from './platform.ts';

export interface TestNode {
  on(event: string, listener: (msg: Record<string, unknown>) => void): void;
  receive(msg: object): void;
}

const require = createRequire(import.meta.url);
const runtime = require('node-red') as { hooks: object };
const catchNode: unknown = require('@node-red/nodes/core/common/25-catch.js');

/** The helper's RED lacks the hooks that Node-RED gives to nodes. */
const withHooks = (register: (RED: NodeAPI) => void) => (RED: NodeAPI) =>
  register(Object.assign(RED, { hooks: runtime.hooks }));

/** What of node-red-node-test-helper is used here; it has no types of its own. */
const red = require('node-red-node-test-helper') as {
  init(runtime: string, settings: object): void;
  load(nodes: unknown[], flow: object[], credentials?: object): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): TestNode;
};

const COMMUNITY = { id: 'community', type: 'guildhall-community', approverRoles: 'Approver', name: 'Test' };

export type NodeHouse = Awaited<ReturnType<typeof startNodeHouse>>;

/** A platform on a database and a sandbox of its own, for nodes of the palette in Node-RED's test helper. */
export async function startNodeHouse() {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-nodes-'));
  const test = await createTestDatabase({ migrated: false });
  const sandbox = await startCheckedSandbox({ port: 0, dataFolder: folder, limits: false });
  const configuration = readConfiguration(
    {
      DATABASE_URL: test.connectionString,
      DISCORD_BOT_TOKEN: sandbox.application.botToken,
      DISCORD_CLIENT_ID: sandbox.application.id,
      DISCORD_GUILD_ID: sandbox.guildId,
      DISCORD_API_BASE: `${sandbox.url}/api`,
      GUILDHALL_DATA: folder,
    },
    ROOT,
  );
  const platform: Platform = await startPlatform(configuration, ROOT, silent);
  red.init(require.resolve('node-red'), { guildhall: () => platform });

  return {
    platform,
    sandbox,
    red,
    /** Loads a flow beside a community, with a Catch node that sends to the helper `caught`. */
    loadFlow: async (nodes: ((RED: NodeAPI) => void)[], flow: object[], credentials: object = {}) => {
      await red.load(
        [catchNode, ...[community, ...nodes].map(withHooks)],
        [
          { id: 'tab', type: 'tab' },
          COMMUNITY,
          // Without a place they would be taken for configuration nodes.
          ...flow.map((node) => ({ z: 'tab', x: 1, y: 1, wires: [], ...node })),
          { id: 'catcher', type: 'catch', z: 'tab', x: 1, y: 1, wires: [['caught']] },
          { id: 'caught', type: 'helper', z: 'tab' },
        ],
        credentials,
      );
      await platform.intakes.ready();
    },
    /** The next message that a helper gets; a fault that Catch gets instead is thrown. */
    next: (id: string) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        red.getNode(id).on('input', (msg) => resolve(msg));
        if (id !== 'caught') red.getNode('caught').on('input', ({ error }) => reject(error));
      }),
    /** Somebody acts, in a run of their own. */
    act: async (more: Partial<Acting> & { source?: string } = {}) => {
      const member = newMember();
      const player = await playerOfMember(platform.database, sandbox.guildId, member);
      const source = `test-${member.id}`;
      const { run, release } = platform.runs.begin(source);
      const actor = platform.seals.seal({
        community: sandbox.guildId,
        player,
        discord_id: member.id,
        roles: [],
        scopes: [],
        source,
        run: run.id,
        expires: Math.floor(Date.now() / 1000) + 60,
        ...more,
      });
      return { actor, player, release };
    },
    /** Asks the sandbox's control API. */
    control: async <T>(path: string, body?: object): Promise<T> => {
      const response = await fetch(`${sandbox.url}/sandbox/${path}`, {
        method: body ? 'POST' : 'GET',
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
      return answer as T;
    },
    stop: async () => {
      await platform.stop();
      await sandbox.stop();
      await test.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
