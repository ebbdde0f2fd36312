import assert from 'node:assert/strict';
import { createIntakes, type Intakes, type InteractionIntake } from '../../platform/intakes.ts';

const COMMUNITY = '100000000000000001';

describe('intakes that want the same', () => {
  /** What each node was told last. */
  let told: Map<string, string[]>;
  let intakes: Intakes;
  beforeEach(() => {
    told = new Map();
    intakes = createIntakes();
  });

  const intake = (id: string, more: Partial<InteractionIntake>): InteractionIntake => ({
    node: { id, name: `“${id}”` },
    community: COMMUNITY,
    kinds: ['button'],
    paths: [],
    deferral: 'ephemeral',
    contested: (sentences) => void told.set(id, sentences),
    take: async () => ({ fault: null, cutOff: false }),
    ...more,
  });
  const command = (id: string, path: string, more: Partial<InteractionIntake> = {}) =>
    intakes.addInteraction(
      intake(id, {
        kinds: ['command', 'autocomplete'],
        paths: [path],
        command: { path, description: `Of ${id}`, options: [] },
        ...more,
      }),
    );
  const registered = () =>
    intakes.commands(COMMUNITY).declared.map(({ path, description }) => `${path}: ${description}`);
  const taker = (path: string) => intakes.interaction(COMMUNITY, 'command', path)?.node.id;

  for (const order of [
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
  ]) {
    it(`leave one command to the node with the lowest id, added in the order ${order.join(', ')}`, () => {
      for (const id of order) command(id, 'request list');
      assert.deepEqual(registered(), ['request list: Of a']);
      assert.equal(taker('request list'), 'a');
      for (const id of order) {
        assert.equal(told.get(id)?.length, 2, id);
        assert.match(
          told.get(id)?.join() ?? '',
          /both take \/request list: only the first gets it\. Delete one of the two/,
        );
      }
      assert.match(intakes.commands(COMMUNITY).problems[0] ?? '', /^“a” and “b” both take \/request list/);
    });
  }

  it('are told when they are alone again', () => {
    command('a', 'profile');
    const end = command('b', 'profile');
    end();
    assert.deepEqual(told.get('a'), []);
    assert.deepEqual(intakes.commands(COMMUNITY), {
      declared: [{ path: 'profile', description: 'Of a', options: [] }],
      problems: [],
    });
  });

  it('are a command and its own subcommand, too, as Discord refuses the whole set', () => {
    command('b', 'request');
    command('a', 'request list');
    command('c', 'requests');
    assert.deepEqual(registered(), ['request list: Of a', 'requests: Of c']);
    assert.match(told.get('b')?.join() ?? '', /no command beside its own subcommands: only the first is registered/);
    assert.equal(told.has('c'), false);
  });

  it('are two that take one button, and not one that takes its selects alone', () => {
    intakes.addInteraction(intake('a', { kinds: ['button', 'modal'], paths: ['wave'] }));
    intakes.addInteraction(intake('b', { kinds: ['select'], paths: ['wave'] }));
    assert.equal(told.size, 0);
    intakes.addInteraction(intake('c', { kinds: ['button'], paths: ['wave'] }));
    assert.deepEqual([...told.keys()], ['c', 'a']);
    assert.match(told.get('a')?.join() ?? '', /“a” and “c” both take wave: .* another custom id, and deploy\.$/);
  });

  it('are none in two communities', () => {
    command('a', 'profile');
    command('b', 'profile', { community: '100000000000000002' });
    assert.equal(told.size, 0);
    assert.equal(intakes.commands('100000000000000002').declared.length, 1);
  });
});
