import assert from 'node:assert/strict';
import { buildCommands, compareCommands, sameCommands } from '../../platform/discord/commands.ts';

const amount = { name: 'amount', type: 4, description: 'How many', required: true };
const declared = [
  { path: 'request list', description: 'See them', options: [] },
  { path: 'request ai-credit', description: 'Ask', options: [amount] },
  { path: 'profile', description: 'Who', options: [] },
  { path: 'club team add', description: 'Add', options: [] },
];

describe('commands', () => {
  const built = buildCommands(declared) as {
    name: string;
    options: { name: string; type: number; options: object[] }[];
  }[];

  it('become one command with subcommands and groups', () => {
    assert.deepEqual(
      built.map(({ name, options }) => [name, options.map((option) => [option.type, option.name])]),
      [
        ['club', [[2, 'team']]],
        ['profile', []],
        [
          'request',
          [
            [1, 'ai-credit'],
            [1, 'list'],
          ],
        ],
      ],
    );
    assert.deepEqual(built[2]?.options[0]?.options, [amount]);
  });

  it('leave what nodes declare as it is, also where a command has subcommands and stands for itself', () => {
    const both = [...declared, { path: 'request', description: 'Itself', options: [amount] }];
    const before = structuredClone(both);
    assert.deepEqual(buildCommands(both), buildCommands(both));
    assert.deepEqual(both, before);
  });

  it('are compared with what Discord has, one by one', () => {
    const registered = buildCommands([
      { path: 'request ai-credit', description: 'Ask', options: [{ ...amount, required: false }] },
      { path: 'request list', description: 'See them', options: [] },
      { path: 'old', description: 'Once', options: [] },
      { path: 'club team add', description: 'Add', options: [] },
    ]);
    assert.deepEqual(compareCommands(registered, built), [
      { path: 'club team add', state: 'registered' },
      { path: 'old', state: 'extra' },
      { path: 'profile', state: 'missing' },
      { path: 'request ai-credit', state: 'differs' },
      { path: 'request list', state: 'registered' },
    ]);
  });

  it('are the same when Discord has them with its own additions and in another order', () => {
    const registered = [...built].reverse().map((command) => ({
      ...command,
      id: '1',
      version: '2',
      application_id: '3',
      default_member_permissions: null,
      name_localizations: null,
    }));
    assert.ok(sameCommands(registered, built));
  });

  it('say their words in other languages, each level its own', () => {
    const [request] = buildCommands([
      {
        path: 'request ai-credit',
        description: 'Ask',
        options: [],
        localizations: [{ language: 'de', words: ['anfrage', 'ki'], description: 'Anfragen' }],
      },
      {
        path: 'request list',
        description: 'See them',
        options: [],
        localizations: [{ language: 'de', words: ['bitte', 'liste'], description: '' }],
      },
    ]);
    const [ai, list] = request?.options as (typeof request & object)[];
    assert.deepEqual(request?.name_localizations, { de: 'anfrage' });
    assert.deepEqual([ai?.name_localizations, list?.name_localizations], [{ de: 'ki' }, { de: 'liste' }]);
    assert.deepEqual([ai?.description_localizations, list?.description_localizations], [{ de: 'Anfragen' }, undefined]);
  });

  it('are the same in whichever order Discord gives languages and kinds, and with what it leaves out', () => {
    const with_ = (option: object) => [{ type: 1, name: 'pick', description: 'Pick', options: [option] }];
    const choices = [{ name: 'Ten', value: 10 }];
    const mine = with_({
      ...amount,
      choices,
      name_localizations: { de: 'menge', fr: 'montant' },
      channel_types: [0, 5],
    });
    const theirs = with_({
      ...amount,
      choices: [{ name: 'Ten', name_localizations: null, value: 10 }],
      name_localizations: { fr: 'montant', de: 'menge' },
      description_localizations: {},
      channel_types: [5, 0],
    });
    assert.ok(sameCommands(theirs, mine));
    assert.ok(sameCommands(with_({ ...amount, choices: [] }), with_(amount)));
    assert.ok(
      !sameCommands(with_({ ...amount, choices: [{ name: 'Ten', value: '10' }] }), with_({ ...amount, choices })),
    );
    assert.ok(
      !sameCommands(
        with_({ ...amount, name_localizations: { de: 'anzahl' } }),
        with_({ ...amount, name_localizations: { de: 'menge' } }),
      ),
    );
  });

  it('differ in a description, an option, its bounds, or one command more', () => {
    const change = (path: string, more: object) =>
      buildCommands(declared.map((command) => (command.path === path ? { ...command, ...more } : command)));
    assert.ok(!sameCommands(change('profile', { description: 'Other' }), built));
    assert.ok(!sameCommands(change('request ai-credit', { options: [{ ...amount, required: false }] }), built));
    assert.ok(!sameCommands(change('request ai-credit', { options: [{ ...amount, min_value: 1 }] }), built));
    assert.ok(!sameCommands(built.slice(1), built));
  });
});
