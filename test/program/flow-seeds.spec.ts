import assert from 'node:assert/strict';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowStorage, FlowStorageOptions } from '../../program/flow-storage.ts';
import {
  CONFIG,
  CREDITS,
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

describe('shipped flows', () => {
  let house: House;
  let lines: string[];

  beforeEach(async () => {
    house = await makeHouse();
    lines = [];
    await put(house.shipped, {
      'credits.json': text(CREDITS),
      'roles.json': text(ROLES),
      'config.json': text(CONFIG),
      'README.md': 'no flow',
    });
  });
  afterEach(() => rm(house.root, { recursive: true, force: true }));

  const start = (more: Partial<FlowStorageOptions> = {}) =>
    startStorage(house, { log: (line) => lines.push(line), ...more });

  const upgrade = async (): Promise<FlowStorage> => {
    const storage = await start({ shippedFolder: house.shipped });
    await storage.getFlows();
    return storage;
  };

  it('fill an empty folder once, and none that has flows', async () => {
    const storage = await upgrade();
    assert.deepEqual(Object.keys(await contents(house.flows)), [
      '_seed.json',
      'config.json',
      'credits.json',
      'roles.json',
    ]);
    await storage.saveFlows(structuredClone(CREDITS));
    await upgrade();
    assert.deepEqual(
      Object.keys(await contents(house.flows)).filter((name) => !name.startsWith('_')),
      ['credits.json'],
    );

    await rm(join(house.flows, '_seed.json'));
    await upgrade();
    assert.deepEqual(
      Object.keys(await contents(house.flows)).filter((name) => !name.startsWith('_')),
      ['credits.json'],
    );
  });

  it('stay alone in a checkout', async () => {
    const storage = await start({ flowsFolder: join(house.shipped, '..', 'shipped'), shippedFolder: house.shipped });
    assert.equal((await storage.getFlows()).length, CREDITS.length + ROLES.length + CONFIG.length);
    assert.ok(!(await readdir(house.shipped)).includes('_seed.json'));
  });

  it('of a later version replace what nobody edited, and say what they left alone', async () => {
    const storage = await upgrade();
    await storage.saveFlows(edited(await storage.getFlows(), 'comment-2', { name: 'mine' }));
    const mine = (await contents(house.flows))['roles.json'];
    const credits = text(edited(CREDITS, 'comment-1', { name: 'newer' }));
    const added = text([{ id: 'tab-new', type: 'tab', label: 'New' }]);
    await put(house.shipped, {
      'credits.json': credits,
      'roles.json': text(edited(ROLES, 'comment-2', { name: 'newer' })),
      'new.json': added,
    });
    await rm(join(house.shipped, 'config.json'));
    const later = await upgrade();
    const files = await contents(house.flows);
    assert.equal(files['credits.json'], credits);
    assert.equal(files['roles.json'], mine);
    assert.equal(files['new.json'], added);
    assert.equal(files['config.json'], undefined);
    assert.equal(later.notices().length, 1);
    assert.match(later.notices()[0] ?? '', /roles\.json was edited here/);
    assert.ok(lines.some((line) => line.includes('roles.json was edited')));
    const copies = await readdir(join(house.data, 'flow-backups'));
    assert.equal(copies.length, 2);

    // What the admin removed stays removed, what they took over is theirs no longer.
    await rm(join(house.flows, 'new.json'));
    await put(house.shipped, { 'new.json': text([{ id: 'tab-new', type: 'tab', label: 'Newer' }]) });
    await put(house.flows, { 'roles.json': (await contents(house.shipped))['roles.json'] ?? '' });
    assert.deepEqual((await upgrade()).notices(), []);
    await put(house.shipped, { 'roles.json': text(ROLES) });
    assert.deepEqual((await upgrade()).notices(), []);
    assert.equal((await contents(house.flows))['roles.json'], text(ROLES));
    assert.equal((await contents(house.flows))['new.json'], undefined);
  });

  it('of a later version never double or lose a node that moved to another file', async () => {
    const storage = await upgrade();
    await storage.saveFlows(edited(await storage.getFlows(), 'comment-2', { name: 'mine' }));
    const before = await contents(house.flows);
    // The new file takes nodes from an edited and an unedited file.
    const [tab, group, ...others] = CREDITS;
    await put(house.shipped, { 'tiers.json': text([...ROLES, ...others]), 'credits.json': text([tab, group]) });
    await rm(join(house.shipped, 'roles.json'));
    const later = await upgrade();
    assert.equal((await later.getFlows()).length, CREDITS.length + ROLES.length + CONFIG.length);
    assert.deepEqual(
      changedNames(before, await contents(house.flows)).filter((name) => !name.startsWith('_')),
      [],
    );
    assert.match(later.notices().join(), /tiers\.json was left out/);
    assert.match(later.notices().join(), /credits\.json was left as it is/);
  });

  it('follow a renamed file that nobody edited', async () => {
    await upgrade();
    await rename(join(house.shipped, 'roles.json'), join(house.shipped, 'tiers.json'));
    assert.deepEqual((await upgrade()).notices(), []);
    assert.deepEqual(Object.keys(await contents(house.flows)), [
      '_seed.json',
      'config.json',
      'credits.json',
      'tiers.json',
    ]);
  });

  it('are left out while a file is broken', async () => {
    await upgrade();
    await put(house.flows, { 'roles.json': MERGE });
    await put(house.shipped, { 'credits.json': text(edited(CREDITS, 'comment-1', { name: 'newer' })) });
    await assert.rejects(upgrade(), /roles\.json/);
    assert.equal((await contents(house.flows))['credits.json'], text(CREDITS));
    await put(house.flows, { 'roles.json': text(ROLES), '_seed.json': MERGE });
    assert.match((await upgrade()).notices().join(), /_seed\.json .* is not valid/);
    assert.equal((await contents(house.flows))['credits.json'], text(CREDITS));
  });
});
