import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import RED from 'node-red';
import type { FlowNode } from '../../program/flow-files.ts';
import { createFlowStorage, type FlowStorage, type FlowStorageOptions } from '../../program/flow-storage.ts';
import {
  CONFIG,
  CREDITS,
  changedLines,
  changedNames,
  contents,
  edited,
  type House,
  MERGE,
  makeHouse,
  put,
  ROLES,
  startStorage,
  text,
} from './flow-house.ts';

declare module '@node-red/runtime' {
  /** Empty in its published types. */
  interface InternalNodesModule {
    getCredentials(id: string): object | undefined;
  }
}

describe('flow storage', () => {
  let house: House;

  beforeEach(async () => {
    house = await makeHouse();
  });
  afterEach(() => rm(house.root, { recursive: true, force: true }));

  const start = (more: Partial<FlowStorageOptions> = {}) => startStorage(house, more);

  const broken: Record<string, [string, RegExp]> = {
    'merge markers': [MERGE, /credits\.json holds merge markers \(line 2\)/],
    'a truncated file': [text(CREDITS).slice(0, 60), /credits\.json is not valid JSON/],
    'an empty file': ['', /credits\.json is empty/],
    'something that is no list': ['{"id": "a"}', /credits\.json is not a list of nodes/],
    'an entry that is no node': [
      '[{"id": "a", "type": "tab"}, null]',
      /credits\.json has an entry without an id .*entry 2/,
    ],
    'an id of another file': [
      text([...CREDITS, ROLES[1]]),
      /roles\.json holds the id comment-2, which is also in credits\.json/,
    ],
    'an id twice': [text([...CREDITS, CREDITS[1]]), /credits\.json holds the id group-1 twice/],
  };

  for (const [what, [content, message]] of Object.entries(broken)) {
    it(`loads and saves nothing while there is ${what}`, async () => {
      await put(house.flows, { 'credits.json': content, 'roles.json': text(ROLES) });
      const before = await contents(house.flows);
      let failures = 0;
      const storage = await start({ afterFailure: () => failures++ });
      await assert.rejects(storage.getFlows(), message);
      assert.match(storage.problems().join(), message);
      assert.match(storage.problems().join(), /put back a copy from .*flow-backups.*Restart Flows/);
      assert.equal(failures, 0);
      for (const save of [() => storage.saveFlows([]), () => storage.saveCredentials({ $: 'new' })]) {
        await assert.rejects(
          save,
          (error: Error & { status?: number }) => message.test(error.message) && error.status === 400,
        );
      }
      assert.equal(failures, 2);
      assert.deepEqual(await contents(house.flows), before);

      await put(house.flows, { 'credits.json': text(CREDITS) });
      await assert.rejects(storage.saveFlows([]), message);
      assert.equal((await storage.getFlows()).length, CREDITS.length + ROLES.length);
      assert.deepEqual(storage.problems(), []);
      await storage.saveFlows(structuredClone(CREDITS));
      assert.deepEqual(Object.keys(await contents(house.flows)), ['credits.json']);
    });
  }

  it('loads and saves nothing while the folder cannot be read', async () => {
    await put(house.root, { 'no-folder': '' });
    const storage = await start({ flowsFolder: join(house.root, 'no-folder') });
    await assert.rejects(storage.getFlows(), /flows folder .*no-folder cannot be read \(ENOTDIR\)/);
    assert.equal(storage.problems().length, 1);
    await assert.rejects(storage.saveFlows([]), /cannot be read/);
  });

  it('saves nothing over a file that broke or changed after the load', async () => {
    await put(house.flows, { 'credits.json': text(CREDITS), 'roles.json': text(ROLES) });
    const storage = await start();
    const flows = await storage.getFlows();
    const pulled = text(edited(ROLES, 'comment-2', { name: 'from outside' }));
    await put(house.flows, {
      'roles.json': pulled,
      'new.json': text([{ id: 'tab-new', type: 'tab', label: 'New' }]),
    });
    await assert.rejects(
      storage.saveFlows(edited(flows, 'comment-1', { name: 'x' })),
      /roles\.json, new\.json changed/,
    );
    await put(house.flows, { 'roles.json': MERGE });
    await assert.rejects(storage.saveFlows([]), /roles\.json holds merge markers/);
    assert.equal(storage.problems().length, 1);
    const files = await contents(house.flows);
    assert.deepEqual(files['roles.json'], MERGE);
    assert.deepEqual(files['credits.json'], text(CREDITS));
    await put(house.flows, { 'roles.json': pulled });
    assert.equal((await storage.getFlows()).length, flows.length + 1);
  });

  it('refuses flows that it could not load again', async () => {
    const storage = await start();
    await assert.rejects(storage.saveFlows([]), /have not been loaded/);
    await storage.getFlows();
    await assert.rejects(storage.saveFlows([...CREDITS, ...CREDITS]), /the id tab-credits occurs twice/);
    await assert.rejects(storage.saveFlows([{ id: '', type: 'tab' }]), /no id or no type/);
    assert.deepEqual(await contents(house.flows), {});
  });

  it('copies all flow files before a save that changes something, and keeps 20 copies', async () => {
    await put(house.flows, { 'credits.json': text(CREDITS), 'roles.json': text(ROLES) });
    let time = Date.UTC(2026, 0, 1);
    const storage = await start({ now: () => new Date(time) });
    const flows = await storage.getFlows();
    await storage.saveFlows(structuredClone(flows));
    await assert.rejects(readdir(join(house.data, 'flow-backups')));
    const before = await contents(house.flows);
    for (let count = 0; count < 25; count++) {
      time += count % 2;
      await storage.saveFlows(edited(flows, 'comment-1', { name: `name ${count}` }));
    }
    const names = (await readdir(join(house.data, 'flow-backups'))).sort();
    assert.equal(names.length, 20);
    assert.equal(names.at(-1), '2026-01-01T00-00-00-012Z-002');
    const last = await contents(join(house.data, 'flow-backups', '2026-01-01T00-00-00-012Z-002'));
    assert.deepEqual(changedNames(before, last), ['credits.json']);
    assert.match(last['credits.json'] ?? '', /name 23/);
  });

  it('waits for what must happen before a change, and tells of its failure', async () => {
    await put(house.flows, { 'credits.json': text(CREDITS) });
    const told: string[] = [];
    let refuse = false;
    const storage = await start({
      onInit: async (settings) => void told.push(`init ${Object.keys(settings).includes('userDir')}`),
      beforeChange: async () => {
        told.push(`before ${(await contents(house.flows))['credits.json'] === text(CREDITS)}`);
        if (refuse) throw new Error('not now');
      },
      afterFailure: () => void told.push('failed'),
    });
    const flows = await storage.getFlows();
    assert.deepEqual(told.splice(0), ['init true']);
    await storage.saveFlows(structuredClone(flows));
    await storage.getFlows();
    assert.deepEqual(told.splice(0), ['before true', 'before true']);
    refuse = true;
    await assert.rejects(storage.saveFlows(edited(flows, 'comment-1', { name: 'x' })), /not now/);
    await assert.rejects(storage.getFlows(), /not now/);
    assert.deepEqual(told.splice(0), ['before true', 'failed', 'before true', 'failed']);
    assert.deepEqual(storage.problems(), []);
    refuse = false;
    await storage.saveFlows(edited(flows, 'comment-1', { name: 'x' }));
    assert.match((await contents(house.flows))['credits.json'] ?? '', /"x"/);
  });

  it('refuses projects, whose flows lie in one file', async () => {
    const storage = createFlowStorage({
      flowsFolder: house.flows,
      shippedFolder: house.flows,
      dataFolder: house.data,
      log: () => undefined,
    });
    const settings = { userDir: house.root, editorTheme: { projects: { enabled: true } } };
    await assert.rejects(storage.init(settings, {}), /projects\.enabled/);
  });
});

describe('flow storage under Node-RED', () => {
  let house: House;
  let url: string;
  let storage: FlowStorage;
  const server = createServer();
  const told: string[] = [];
  const warnings: unknown[] = [];
  const logged: string[] = [];

  before(async () => {
    house = await makeHouse();
    await put(house.flows, { 'credits.json': text(CREDITS), 'roles.json': text(ROLES), 'config.json': text(CONFIG) });
    storage = createFlowStorage({
      flowsFolder: house.flows,
      shippedFolder: house.flows,
      dataFolder: house.data,
      beforeChange: async () => void told.push('before'),
      afterFailure: () => void told.push('failed'),
      log: () => undefined,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const settings = {
      userDir: join(house.root, 'user'),
      credentialSecret: 'of the test',
      storageModule: storage,
      disableEditor: true,
      telemetry: { enabled: false },
      logging: { console: { level: 'off' } },
    };
    RED.init(server, settings as unknown as Parameters<typeof RED.init>[1]);
    const { addHandler, WARN } = RED.log as unknown as { addHandler(handler: object): void; WARN: number };
    addHandler({
      emit: (_event: string, { level, msg }: { level: number; msg: unknown }) =>
        level <= WARN && logged.push(String(msg)),
    });
    server.on('request', RED.httpAdmin);
    RED.events.on('runtime-event', noteWarning);
    const started = flowsStarted();
    await RED.start();
    await started;
  });

  after(async () => {
    RED.events.off('runtime-event', noteWarning);
    await RED.stop();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await rm(house.root, { recursive: true, force: true });
  });

  function noteWarning(event: { id: string; payload?: unknown }): void {
    if (event.id === 'runtime-state') warnings.push(event.payload);
  }

  function flowsStarted(): Promise<void> {
    return new Promise((resolve) => RED.events.once('flows:started', () => resolve()));
  }

  async function getFlows(): Promise<{ flows: FlowNode[]; rev: string }> {
    const response = await fetch(`${url}/flows`, { headers: { 'Node-RED-API-Version': 'v2' } });
    return (await response.json()) as { flows: FlowNode[]; rev: string };
  }

  async function post(
    body: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; answer: Record<string, string> }> {
    const response = await fetch(`${url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, string> };
  }

  const reload = () => post({}, { 'Node-RED-Deployment-Type': 'reload' });

  /** As the editor sends them: tabs, groups and config nodes first. */
  function asEditor(flows: readonly FlowNode[]): FlowNode[] {
    const rank = ({ type }: FlowNode) => ['tab', 'subflow', 'group', 'tls-config'].indexOf(type) + 1 || 9;
    return structuredClone(flows).toSorted((a, b) => rank(a) - rank(b));
  }

  it('starts without credentials, and misses none', () => {
    assert.deepEqual(logged, []);
  });

  it('deploys without an edit and changes nothing', async () => {
    const before = await contents(house.flows);
    const { flows, rev } = await getFlows();
    const { status, answer } = await post({ flows: asEditor(flows), rev });
    assert.equal(status, 200);
    assert.equal(answer.rev, rev);
    assert.deepEqual(await contents(house.flows), before);
    assert.ok(told.splice(0).includes('before'));
  });

  it('shows one changed property as one changed line in one file, and the revision outlives a reload', async () => {
    const before = await contents(house.flows);
    const { flows, rev } = await getFlows();
    const first = await post({ flows: asEditor(edited(flows, 'comment-1', { name: 'A new name' })), rev });
    assert.equal(first.status, 200);
    const after = await contents(house.flows);
    assert.deepEqual(changedNames(before, after), ['credits.json']);
    assert.deepEqual(changedLines(before['credits.json'], after['credits.json']), ['    "name": "A new name",']);
    assert.equal((await reload()).answer.rev, first.answer.rev);
    const copies = await readdir(join(house.data, 'flow-backups'));
    assert.deepEqual(await contents(join(house.data, 'flow-backups', copies.sort().at(-1) ?? '')), before);
  });

  it('keeps the file of a renamed tab, and refuses a stale revision', async () => {
    const before = await contents(house.flows);
    const { flows, rev } = await getFlows();
    assert.equal((await post({ flows: edited(flows, 'tab-roles', { label: 'Ranks' }), rev })).status, 200);
    const after = await contents(house.flows);
    assert.deepEqual(changedNames(before, after), ['roles.json']);
    assert.deepEqual(changedLines(before['roles.json'], after['roles.json']), ['    "label": "Ranks",']);
    assert.equal((await post({ flows: [], rev })).status, 409);
    assert.deepEqual(await contents(house.flows), after);
  });

  it('keeps credentials encrypted and out of the flow files', async () => {
    const { flows, rev } = await getFlows();
    const request = { id: 'request-1', type: 'http request', z: 'tab-roles', name: '', x: 1, y: 1, wires: [[]] };
    const secret = { ...request, credentials: { user: 'someone', password: 'open sesame' } };
    assert.equal((await post({ flows: [...flows, secret], rev })).status, 200);
    assert.deepEqual(JSON.parse((await contents(house.flows))['roles.json'] ?? '').at(-1), request);
    const kept = await readFile(join(house.root, 'user', 'flows_cred.json'), 'utf8');
    assert.deepEqual(Object.keys(JSON.parse(kept)), ['$']);
    const everything = JSON.stringify([await contents(house.flows), kept]);
    assert.ok(!everything.includes('open sesame') && !everything.includes('someone'));
    assert.equal((await reload()).status, 200);
    assert.deepEqual(RED.nodes.getCredentials('request-1'), { user: 'someone', password: 'open sesame' });
  });

  it('refuses to deploy while a file is broken, by name, and loads it once it is repaired', async () => {
    const whole = await contents(house.flows);
    const credentialsFile = join(house.root, 'user', 'flows_cred.json');
    const credentials = await readFile(credentialsFile, 'utf8');
    const { flows } = await getFlows();
    await put(house.flows, { 'roles.json': MERGE });
    told.splice(0);
    warnings.splice(0);

    const failed = await reload();
    assert.equal(failed.status, 400);
    assert.match(failed.answer.message ?? '', /roles\.json holds merge markers/);
    for (const body of [{ flows: [] }, { flows: edited(flows, 'comment-1', { name: 'lost?' }) }]) {
      const { status, answer } = await post(body);
      assert.equal(status, 400);
      assert.equal(answer.code, 'flow_file_unreadable');
      assert.match(answer.message ?? '', /roles\.json/);
    }
    assert.deepEqual(told, ['failed', 'failed', 'failed']);
    assert.match(JSON.stringify(warnings.at(-1)), /roles\.json holds merge markers/);
    assert.deepEqual(await contents(house.flows), { ...whole, 'roles.json': MERGE });
    assert.equal(await readFile(credentialsFile, 'utf8'), credentials);

    await put(house.flows, { 'roles.json': whole['roles.json'] ?? '' });
    assert.equal((await reload()).status, 200);
    assert.deepEqual(storage.problems(), []);
    assert.ok(warnings.includes(undefined));
    const again = await getFlows();
    assert.deepEqual(again.flows, flows);
    assert.deepEqual(RED.nodes.getCredentials('request-1'), { user: 'someone', password: 'open sesame' });
    assert.equal((await post(again)).status, 200);
    assert.deepEqual(await contents(house.flows), whole);
  });
});
