import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { askForCredits, findRequest } from '../../core/credits/index.ts';
import { playerOfMember } from '../../core/people/index.ts';
import community from '../../nodes/config/community/node.ts';
import creditDecision from '../../nodes/credits/credit-decision/node.ts';
import creditQuery from '../../nodes/credits/credit-query/node.ts';
import creditRequest from '../../nodes/credits/credit-request/node.ts';
import communityEvent from '../../nodes/intakes/community-event/node.ts';
import type { Acting } from '../../nodes/kit/index.ts';
import { migrateSettings } from '../../nodes/kit/index.ts';
import { readConfiguration } from '../../platform/configuration.ts';
import { type Platform, startPlatform } from '../../platform/start.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { createTestDatabase, ROOT, silent, type TestDatabase } from '../support/database.ts';
import { newMember } from '../support/platform.ts';

interface TestNode {
  on(event: string, listener: (msg: Record<string, unknown>) => void): void;
  receive(msg: object): void;
}

const require = createRequire(import.meta.url);
const runtime = require('node-red') as { hooks: object };
const catchNode: unknown = require('@node-red/nodes/core/common/25-catch.js');

/** The helper's RED lacks the hooks that Node-RED gives to nodes. */
const withHooks = (register: (RED: NodeAPI) => void) => (RED: NodeAPI) =>
  register(Object.assign(RED, { hooks: runtime.hooks }));

/** What node-red-node-test-helper has beside its published types. */
const red = helper as unknown as {
  init(runtime: string, settings: object): void;
  load(nodes: unknown[], flow: object[]): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): TestNode;
};

describe('nodes', () => {
  let test: TestDatabase;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let platform: Platform;
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-nodes-'));

  before(async function () {
    this.timeout(60_000);
    test = await createTestDatabase({ migrated: false });
    sandbox = await startSandbox({ port: 0, dataFolder: folder });
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
    platform = await startPlatform(configuration, ROOT, silent);
    red.init(require.resolve('node-red'), { guildhall: () => platform });
  });
  afterEach(() => red.unload());
  after(async () => {
    await platform?.stop();
    await sandbox?.stop();
    await test?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const COMMUNITY = { id: 'community', type: 'guildhall-community', approverRoles: 'Approver', name: 'Test' };
  const tab = { id: 'tab', type: 'tab' };

  /** Loads one node between a helper for each output and a Catch node. */
  const load = async (nodes: ((RED: NodeAPI) => void)[], node: object, outputs: number) => {
    const helpers = Array.from({ length: outputs }, (_, index) => ({ id: `out${index}`, type: 'helper', z: 'tab' }));
    await red.load(
      [catchNode, ...[community, ...nodes].map(withHooks)],
      [
        tab,
        COMMUNITY,
        { id: 'node', z: 'tab', wires: helpers.map(({ id }) => [id]), ...node },
        ...helpers,
        { id: 'catcher', type: 'catch', z: 'tab', x: 1, y: 1, wires: [['caught']] },
        { id: 'caught', type: 'helper', z: 'tab' },
      ],
    );
    await platform.intakes.ready();
  };
  const next = (id: string) =>
    new Promise<Record<string, unknown>>((resolve) => red.getNode(id).on('input', (msg) => resolve(msg)));

  const act = async (more: Partial<Acting> = {}) => {
    const member = newMember();
    const player = await playerOfMember(platform.database, member);
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
  };

  it('send a result to the output of its name, with values from the message', async () => {
    await load(
      [creditRequest],
      {
        type: 'guildhall-credit-request',
        operation: 'ask',
        amount: 'payload.n',
        amountType: 'msg',
        creditType: 'lead',
        creditTypeType: 'str',
      },
      2,
    );
    const { actor } = await act();
    const done = next('out0');
    red.getNode('node').receive({ actor, payload: { n: 12 } });
    const { request } = (await done).payload as { request: { amount: number; credit_type: string } };
    assert.deepEqual([request.amount, request.credit_type], [12, 'lead']);
  });

  it('send a refusal to its own output, with what a reply needs', async () => {
    await load([creditRequest], { type: 'guildhall-credit-request' }, 2);
    const { actor } = await act();
    const refused = next('out1');
    red.getNode('node').receive({ actor, payload: { amount: 0 } });
    assert.equal(((await refused).refusal as { code: string }).code, 'invalid-amount');
  });

  const forgeries: [string, (sealed: object, player: number) => unknown, string][] = [
    ['is missing', () => undefined, 'actor-missing'],
    ['was made in the flow', (_, player) => ({ community: '1', player, roles: [] }), 'actor-forged'],
    ['was changed', (sealed) => ({ ...sealed, player: 1 }), 'actor-forged'],
  ];
  for (const [what, forge, code] of forgeries) {
    it(`do nothing and tell Catch when the actor ${what}`, async () => {
      await load([creditRequest], { type: 'guildhall-credit-request' }, 2);
      const { actor, player } = await act();
      const caught = next('caught');
      red.getNode('node').receive({ actor: forge(actor, player), payload: { amount: 5 } });
      assert.equal(((await caught).error as { code: string }).code, code);
      const { rows } = await sql`select 1 from credit_requests where player_id = ${player}`.execute(platform.database);
      assert.deepEqual(rows, []);
    });
  }

  it('do nothing when a message comes again after its run is over', async () => {
    await load([creditRequest], { type: 'guildhall-credit-request' }, 2);
    const { actor, release } = await act();
    release();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const caught = next('caught');
    red.getNode('node').receive({ actor, payload: { amount: 5 } });
    assert.equal(((await caught).error as { code: string }).code, 'actor-expired');
  });

  it('check the approver’s roles whatever the flow says', async () => {
    await load([creditDecision], { type: 'guildhall-credit-decision', decision: 'approve' }, 2);
    const asking = await act();
    const asked = await askForCredits(platform, {
      community: sandbox.guildId,
      player: asking.player,
      creditType: 'ai',
      amount: 5,
      reason: null,
      via: 'discord',
      source: 'decision-test',
    });
    assert.ok('request' in asked);
    const { actor } = await act();
    const refused = next('out1');
    red.getNode('node').receive({
      actor,
      roles: ['Approver'],
      interaction: { argument: String(asked.request.id), roles: ['Approver'] },
    });
    assert.equal(((await refused).refusal as { code: string }).code, 'not-an-approver');
    assert.equal((await findRequest(platform.database, sandbox.guildId, asked.request.id))?.status, 'pending');
  });

  it('bring an event into the flow with what it is about', async () => {
    await load(
      [communityEvent],
      { type: 'guildhall-community-event', community: 'community', event: 'credit.requested' },
      1,
    );
    const { player } = await act();
    await askForCredits(platform, {
      community: sandbox.guildId,
      player,
      creditType: 'ai',
      amount: 8,
      reason: null,
      via: 'discord',
      source: `event-test-${player}`,
    });
    const arrived = new Promise<Record<string, unknown>>((resolve) =>
      red.getNode('out0').on('input', (msg) => {
        const { request } = msg.payload as { request: { player: { id: number } } };
        if (request.player.id === player) resolve(msg);
      }),
    );
    await platform.flowsStarted('test');
    const { event, actor } = await arrived;
    assert.equal((event as { type: string }).type, 'credit.requested');
    assert.equal((actor as { player: unknown }).player, null);
  });

  it('say what is wrong with a setting, and leave the others at work', async () => {
    await load([creditRequest, creditQuery], { type: 'guildhall-credit-query', query: 'the weather' }, 1);
    const caught = next('caught');
    red.getNode('node').receive({ actor: (await act()).actor });
    assert.match(String(((await caught).error as { message: string }).message), /Setting “query”.*Open the node/);
  });

  it('bring old settings up to date, version by version', () => {
    const definition = {
      version: 3,
      migrations: {
        1: (config: Record<string, unknown>) => ({ ...config, kind: config.type2 }),
        2: (config: Record<string, unknown>) => ({ ...config, kind: `${config.kind}!` }),
      },
    };
    assert.deepEqual(migrateSettings(definition, { type2: 'x' }), { type2: 'x', kind: 'x!', version: 3 });
    assert.deepEqual(migrateSettings(definition, { kind: 'y', version: 3 }), { kind: 'y', version: 3 });
  });
});
