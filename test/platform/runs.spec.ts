import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSeals } from '../../platform/actor.ts';
import { Fault } from '../../platform/fault.ts';
import { createGate } from '../../platform/gate.ts';
import { createRuns } from '../../platform/runs.ts';

interface Carried {
  actor?: { run: string };
}

function newRuns() {
  let ids = 0;
  return createRuns(
    (message) => (message as Carried).actor?.run,
    () => {
      ids += 1;
      return `run-${ids}`;
    },
  );
}

const code = (check: () => unknown): string => {
  try {
    check();
    return 'accepted';
  } catch (error) {
    return (error as Fault).code;
  }
};

describe('runs', () => {
  it('are over when every node is done, in whatever order nodes send, receive and finish', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { maxLength: 6 }), fc.infiniteStream(fc.nat()), async (fanOut, choices) => {
        const runs = newRuns();
        const { run, release } = runs.begin('event/1');
        let over = false;
        void run.over.then(() => {
          over = true;
        });
        const pending: (() => void)[] = [];
        const send = (message: Carried, depth: number): void => {
          runs.sent(message);
          pending.push(() => {
            runs.received(message);
            pending.push(() => {
              // A node may pass on the very object that it received, or copies of it.
              const targets = fanOut[depth] ?? 0;
              for (let target = 0; target < targets; target += 1)
                send(target === 0 ? message : { ...message }, depth + 1);
              runs.completed(message);
            });
          });
        };
        send({ actor: { run: run.id } }, 0);
        release();
        while (pending.length > 0) {
          assert.equal(over, false);
          pending.splice((choices.next().value ?? 0) % pending.length, 1)[0]?.();
        }
        assert.deepEqual(await run.over, { fault: null, cutOff: false });
        assert.equal(runs.open, 0);
      }),
    );
  });

  it('count what a Catch node gets, and keep the fault that deserves another try', async () => {
    const runs = newRuns();
    const { run, release } = runs.begin('event/2');
    const message = { actor: { run: run.id } };
    runs.sent(message);
    release();
    runs.received(message);
    const caught = { ...message };
    runs.completed(message, new Error('a bug'));
    runs.received(caught);
    runs.completed(caught, new Fault('database-away', 'away', { retry: true }));
    const { fault } = await run.over;
    assert.equal(fault?.code, 'database-away');
  });

  it('all end when a flow puts another actor into the object that it received', async () => {
    const runs = newRuns();
    const first = runs.begin('event/4');
    const second = runs.begin('event/5');
    const message: Carried = { actor: { run: first.run.id } };
    runs.sent(message);
    first.release();
    second.release();
    runs.received(message);
    message.actor = { run: second.run.id };
    runs.sent(message);
    runs.completed(message);
    runs.received(message);
    runs.completed(message);
    await first.run.over;
    await second.run.over;
    assert.equal(runs.open, 0);
  });

  it('are cut off when flows stop and something is left', async () => {
    const runs = newRuns();
    const { run } = runs.begin('event/3');
    await runs.drain(1);
    assert.equal((await run.over).cutOff, true);
    assert.equal(runs.find(run.id), null);
  });
});

describe('actors', () => {
  const runs = newRuns();
  const seals = createSeals(runs);
  const { run } = runs.begin('123');
  const actor = {
    community: '1',
    player: 7,
    discord_id: '2',
    roles: ['3'],
    scopes: [],
    source: '123',
    run: run.id,
    expires: 1000,
  };
  const sealed = seals.seal(actor);

  it('are accepted as they were sealed, also after a copy', () => {
    assert.deepEqual(seals.verify(structuredClone(sealed), 0), actor);
  });

  const forgeries: [string, unknown, string][] = [
    ['nothing', undefined, 'actor-missing'],
    ['a text', 'admin', 'actor-forged'],
    ['an object of one’s own', { player: 7, roles: ['admin'] }, 'actor-forged'],
    ['another player', { ...sealed, player: 8 }, 'actor-forged'],
    ['more roles', { ...sealed, roles: ['3', '4'] }, 'actor-forged'],
    ['another community', { ...sealed, community: '2' }, 'actor-forged'],
    ['a later end', { ...sealed, expires: 9999 }, 'actor-forged'],
    ['an empty seal', { ...sealed, seal: '' }, 'actor-forged'],
    ['a seal of another process', createSeals(runs).seal(actor), 'actor-forged'],
    ['a list for a seal', { ...sealed, seal: [sealed.seal] }, 'actor-forged'],
  ];
  for (const [what, given, expected] of forgeries) {
    it(`are refused as ${what}`, () =>
      assert.equal(
        code(() => seals.verify(given, 0)),
        expected,
      ));
  }

  it('are what was checked, whatever an object says when it is asked again', () => {
    const twoFaced = {
      ...sealed,
      player: { toJSON: () => 7 },
      roles: { toJSON: () => ['3'], includes: () => true },
    };
    assert.deepEqual(seals.verify(twoFaced, 0), actor);
  });

  it('are refused after their time and after their run', async () => {
    assert.equal(
      code(() => seals.verify(sealed, 1_000_001)),
      'actor-expired',
    );
    await runs.drain(1);
    assert.equal(
      code(() => seals.verify(sealed, 0)),
      'actor-expired',
    );
  });
});

describe('the gate', () => {
  it('holds from the start, lets in when it opens, and holds again', async () => {
    const gate = createGate();
    const passed: string[] = [];
    const first = gate.pass().then(() => passed.push('first'));
    await Promise.resolve();
    assert.equal(passed.length, 0);
    gate.open();
    await first;
    gate.hold();
    const second = gate.pass().then(() => passed.push('second'));
    await new Promise(setImmediate);
    assert.deepEqual(passed, ['first']);
    gate.open();
    await second;
  });
});
