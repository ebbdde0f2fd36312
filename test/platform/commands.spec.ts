import assert from 'node:assert/strict';
import { buildCommands, sameCommands } from '../../platform/discord/commands.ts';

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

  it('differ in a description, an option, its bounds, or one command more', () => {
    const change = (path: string, more: object) =>
      buildCommands(declared.map((command) => (command.path === path ? { ...command, ...more } : command)));
    assert.ok(!sameCommands(change('profile', { description: 'Other' }), built));
    assert.ok(!sameCommands(change('request ai-credit', { options: [{ ...amount, required: false }] }), built));
    assert.ok(!sameCommands(change('request ai-credit', { options: [{ ...amount, min_value: 1 }] }), built));
    assert.ok(!sameCommands(built.slice(1), built));
  });
});
