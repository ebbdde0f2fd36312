import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import fc from 'fast-check';
import type { FlowNode, FlowSet } from '../../program/flow-files.ts';
import { joined, layOut } from '../../program/flow-layout.ts';
import type { FlowStorageOptions } from '../../program/flow-storage.ts';
import {
  CONFIG,
  CREDITS,
  changedLines,
  changedNames,
  contents,
  edited,
  type House,
  makeHouse,
  put,
  ROLES,
  startStorage,
  text,
} from './flow-house.ts';

describe('flow files', () => {
  let house: House;

  beforeEach(async () => {
    house = await makeHouse();
  });
  afterEach(() => rm(house.root, { recursive: true, force: true }));

  const start = (more: Partial<FlowStorageOptions> = {}) => startStorage(house, more);

  it('writes one file per tab and subflow and one for the rest', async () => {
    const storage = await start();
    assert.deepEqual(await storage.getFlows(), []);
    const subflow = { id: 'sub-1', type: 'subflow', name: 'Ask twice', in: [], out: [] };
    const inside = { id: 'in-sub', type: 'comment', z: 'sub-1', name: '', x: 1, y: 1, wires: [] };
    const local = { id: 'tls-2', type: 'tls-config', z: 'tab-roles', name: 'only here' };
    await storage.saveFlows(structuredClone([...ROLES, ...CREDITS, subflow, ...CONFIG, local, inside]));
    const files = await contents(house.flows);
    assert.deepEqual(Object.keys(files), [
      '_order.json',
      'config.json',
      'credits.json',
      'roles.json',
      'subflow-ask-twice.json',
    ]);
    assert.deepEqual(JSON.parse(files['credits.json'] ?? ''), CREDITS);
    assert.deepEqual(JSON.parse(files['config.json'] ?? ''), CONFIG);
    assert.deepEqual(JSON.parse(files['roles.json'] ?? ''), [...ROLES, local]);
    assert.deepEqual(JSON.parse(files['subflow-ask-twice.json'] ?? ''), [subflow, inside]);
    assert.deepEqual(JSON.parse(files['_order.json'] ?? ''), ['roles.json', 'credits.json']);
    const tabs = (await (await start()).getFlows()).filter(({ type }) => type === 'tab');
    assert.deepEqual(
      tabs.map(({ id }) => id),
      ['tab-roles', 'tab-credits'],
    );
  });

  it('leaves hand-written files as they are until their own nodes change', async () => {
    const compact = `[${CREDITS.map((node) => `\n  ${JSON.stringify(node)}`)}\n]`;
    const reordered = text(ROLES.map((node) => Object.fromEntries(Object.entries(node).reverse())));
    const wide = `${JSON.stringify(CONFIG, null, 4)}\n`;
    await put(house.flows, { 'credits.json': compact, 'roles.json': reordered, 'config.json': wide });
    const storage = await start();
    const flows = await storage.getFlows();
    const before = await contents(house.flows);
    // As another client might send them: with other orders of nodes and keys.
    const others = flows.filter(({ type }) => type !== 'tab').reverse();
    const reversed = (node: FlowNode) => Object.fromEntries(Object.entries(node).reverse()) as FlowNode;
    await storage.saveFlows([...flows.filter(({ type }) => type === 'tab'), ...others].map(reversed));
    assert.deepEqual(await contents(house.flows), before);

    await storage.saveFlows(edited(edited(flows, 'comment-2', { name: 'Ranks' }), 'tls-1', { name: 'Mine' }));
    const after = await contents(house.flows);
    assert.deepEqual(changedNames(before, after), ['config.json', 'roles.json']);
    assert.deepEqual(changedLines(reordered, after['roles.json']), ['    "name": "Ranks",']);
    assert.deepEqual(changedLines(wide, after['config.json']), ['        "name": "Mine",']);
  });

  it('adds a property and a node without moving the others', async () => {
    await put(house.flows, { 'roles.json': text(ROLES) });
    const storage = await start();
    const flows = edited(await storage.getFlows(), 'comment-2', { d: true });
    await storage.saveFlows([
      { id: 'a-first', type: 'comment', z: 'tab-roles', name: '', x: 1, y: 2, wires: [] },
      ...flows,
    ]);
    const [tab, comment] = ROLES;
    const expected = [
      tab,
      // As the editor sent it: its own comparison of flows takes another order of properties for a change.
      { ...comment, d: true },
      { id: 'a-first', type: 'comment', z: 'tab-roles', name: '', x: 1, y: 2, wires: [] },
    ];
    assert.equal((await contents(house.flows))['roles.json'], text(expected));
  });

  it('keeps file names apart and safe', async () => {
    const storage = await start();
    await storage.getFlows();
    const labels = ['Config', 'Crédits', 'credits!', '日本', '', 'CON', '../../x'];
    await storage.saveFlows(labels.map((label, index) => ({ id: `tab-${index}`, type: 'tab', label })));
    const names = Object.keys(await contents(house.flows)).filter((name) => name !== '_order.json');
    assert.deepEqual(names, [
      'config-2.json',
      'credits-2.json',
      'credits.json',
      'flow-2.json',
      'flow-con.json',
      'flow.json',
      'x.json',
    ]);
  });

  it('removes the file of a removed tab and its line in the order', async () => {
    await put(house.flows, {
      'credits.json': text(CREDITS),
      'roles.json': text(ROLES),
      '_order.json': text(['roles.json', 'credits.json']),
    });
    const storage = await start();
    await storage.getFlows();
    await storage.saveFlows(structuredClone(CREDITS));
    assert.deepEqual(await contents(house.flows), {
      'credits.json': text(CREDITS),
      '_order.json': text(['credits.json']),
    });
  });

  it('finishes a save that a crash cut short, and forgets one that was not complete', async () => {
    await put(house.flows, { 'credits.json': text(CREDITS), 'roles.json': text(ROLES) });
    await put(house.flows, {
      '.credits.json.tmp': text([...CREDITS, { ...ROLES[1], z: 'tab-credits' }]),
      '.saving.json': JSON.stringify({ writes: ['credits.json', 'done-already.json'], removals: ['roles.json'] }),
    });
    assert.equal((await (await start()).getFlows()).length, CREDITS.length + 1);
    await put(house.flows, { '.credits.json.tmp': '[' });
    await start();
    assert.deepEqual(await readdir(house.flows), ['credits.json']);
  });

  it('splits and joins any flows without loss, and a second save changes nothing', () => {
    const id = fc.integer({ min: 0, max: 12 }).map((number) => `n${number}`);
    const node = fc.record(
      {
        id,
        type: fc.constantFrom('tab', 'subflow', 'group', 'comment', 'function'),
        z: id,
        label: fc.string(),
        name: fc.string(),
        wires: fc.array(fc.array(id)),
        func: fc.jsonValue(),
      },
      { requiredKeys: ['id', 'type'], noNullPrototype: true },
    );
    const flows = fc.uniqueArray(node as fc.Arbitrary<FlowNode>, { selector: ({ id: own }) => own });
    fc.assert(
      fc.property(flows, flows, (first, second) => {
        let set: FlowSet = { files: new Map(), orderText: undefined };
        for (const next of [first, second]) {
          const { after } = layOut(next, set);
          const byId = (a: FlowNode, b: FlowNode) => (a.id < b.id ? -1 : 1);
          assert.deepEqual(joined(after).sort(byId), [...next].sort(byId));
          const again = layOut(next, after);
          assert.equal(again.writes.size + again.removals.length, 0);
          assert.deepEqual(layOut(joined(after), after).writes, new Map());
          for (const { text: content, nodes } of after.files.values())
            assert.deepEqual(JSON.parse(content), JSON.parse(JSON.stringify(nodes)));
          const tabs = (list: FlowNode[]) => list.filter(({ type }) => type === 'tab').map(({ id: own }) => own);
          assert.deepEqual(tabs(joined(after)), tabs(next));
          set = after;
        }
      }),
    );
  });
});
