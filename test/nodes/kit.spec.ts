import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { NodeAPI } from 'node-red';
import { askForCredits, findRequest } from '../../core/credits/index.ts';
import creditDecision from '../../nodes/credits/credit-decision/node.ts';
import creditQuery from '../../nodes/credits/credit-query/node.ts';
import creditRequest from '../../nodes/credits/credit-request/node.ts';
import communityEvent from '../../nodes/intakes/community-event/node.ts';
import { migrateSettings } from '../../nodes/kit/index.ts';
import webGuard from '../../nodes/web/web-guard/node.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

describe('nodes', () => {
  let house: NodeHouse;
  let platform: NodeHouse['platform'];
  let sandbox: NodeHouse['sandbox'];
  let red: NodeHouse['red'];
  let act: NodeHouse['act'];
  let next: NodeHouse['next'];

  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
    ({ platform, sandbox, red, act, next } = house);
  });
  afterEach(() => red.unload());
  after(() => house?.stop());

  /** Loads one node between a helper for each output and a Catch node. */
  const load = (nodes: ((RED: NodeAPI) => void)[], node: object, outputs: number) => {
    const helpers = Array.from({ length: outputs }, (_, index) => ({ id: `out${index}`, type: 'helper' }));
    return house.loadFlow(nodes, [{ id: 'node', wires: helpers.map(({ id }) => [id]), ...node }, ...helpers]);
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

  it('let nothing past a web guard that was not checked at the door', async () => {
    await load([webGuard], { type: 'guildhall-web-guard', community: 'community' }, 1);
    const { actor } = await act();
    for (const msg of [{ payload: {} }, { actor, req: { headers: {} }, res: {} }]) {
      const caught = next('caught');
      red.getNode('node').receive(msg);
      assert.equal(((await caught).error as { code: string }).code, 'not-admitted');
    }
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
