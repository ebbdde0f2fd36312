import assert from 'node:assert/strict';
import { type House, sharedHouse } from '../../nodes/kit/house.ts';
import type { Platform } from '../../platform/start.ts';
import { until } from '../support/guildhall.ts';

/** The house only starts platforms, hands them out and stops them: which one it was is all that counts here. */
describe('the house of a Node-RED that is not ours', () => {
  let house: House;
  let running = 0;
  let starts = 0;
  let stops = 0;
  let refusals = 0;
  let told: string[] = [];
  const is = (kind: string) => until(kind, async () => house.state().kind === kind);

  beforeEach(() => {
    running = 0;
    starts = 0;
    stops = 0;
    refusals = 0;
    told = [];
    house = sharedHouse({
      start: async () => {
        starts += 1;
        running += 1;
        assert.equal(running, 1, 'one at a time');
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (refusals > 0) {
          refusals -= 1;
          running -= 1;
          throw new Error('the port is taken');
        }
        const stop = async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          stops += 1;
        };
        return { stop } as unknown as Platform;
      },
      started: () => told.push('started'),
      failed: (sentence) => told.push(sentence),
      grace: 20,
      firstRetry: 20,
    });
  });
  afterEach(() => house.close());

  it('starts with the first community, for all of them, and ends with the last', async () => {
    const leave = [house.moveIn(), house.moveIn(), house.moveIn()];
    await is('ready');
    await leave[0]?.();
    await leave[1]?.();
    house.release();
    assert.equal(house.state().kind, 'ready');
    await leave[2]?.();
    await is('vacant');
    await until('its end', async () => stops === 1);
    assert.deepEqual([starts, told], [1, ['started']]);
  });

  it('stays over a deploy, however long that takes', async () => {
    const leave = house.moveIn();
    await is('ready');
    const platform = house.platform();
    house.hold();
    await leave();
    await new Promise((resolve) => setTimeout(resolve, 60));
    house.moveIn();
    house.release();
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(house.platform(), platform);
    assert.deepEqual([starts, stops], [1, 0]);
  });

  it('tries again after a fault, and at once with a deploy', async () => {
    refusals = 2;
    const states: string[] = [];
    house.follow(() => states.push(house.state().kind));
    const leave = house.moveIn();
    await is('ready');
    assert.deepEqual(states, ['starting', 'failed', 'starting', 'failed', 'starting', 'ready']);
    assert.deepEqual(told, ['the port is taken', 'the port is taken', 'started']);
    await leave();
  });

  it('ends at once where Node-RED ends, also in the middle of a start, and begins anew afterwards', async () => {
    const leave = house.moveIn();
    await is('starting');
    void house.close();
    await leave();
    assert.deepEqual([starts, stops, running, told], [1, 1, 0, []]);
    house.moveIn();
    await is('ready');
    assert.equal(starts, 2);
  });
});
