import assert from 'node:assert/strict';
import { problemOf } from '../../nodes/kit/editor/checks.ts';
import { type Settings, settingFields } from '../../nodes/kit/editor/table.ts';
import { sentenceOf } from '../../nodes/kit/editor/texts.ts';
import { readNodes, translator } from './house.ts';

const nodes = await readNodes();

function nodeOf(type: string) {
  const node = nodes.find(({ shape }) => shape.type === type);
  assert.ok(node);
  return node;
}

/** The sentence that the dialog shows under a field with this value, or an empty one. */
function sentence(type: string, name: string, value: unknown, others: Settings = {}): string {
  const { table, shape, texts } = nodeOf(type);
  const field = settingFields(table).find((candidate) => candidate.name === name);
  assert.ok(field, name);
  const settings = { ...shape.defaults, ...others, [name]: value };
  const problem = problemOf(field, shape.rules[name] ?? {}, value, settings);
  return problem ? sentenceOf(problem, field, translator(texts)) : '';
}

/** Whether the runtime takes a setting, the others being in order. */
function runtimeTakes(type: string, name: string, value: unknown): boolean {
  const { definition } = nodeOf(type);
  const field = definition.settings.shape[name] as { safeParse(value: unknown): { success: boolean } };
  return field.safeParse(value).success;
}

const option = { name: 'amount', type: 'integer', description: 'How many', required: true };
const button = { label: 'Approve', style: 'success', customId: 'approve:{{payload.request.id}}', each: '', when: '' };
const modalField = { name: 'note', label: 'Why?', style: 'short', required: true, maxLength: 500 };

/** Settings that both sides judge alike: the dialog refuses what the runtime would refuse. */
const JUDGED: { type: string; name: string; good: unknown[]; bad: unknown[] }[] = [
  {
    type: 'guildhall-slash-command',
    name: 'command',
    good: ['profile', 'request ai-credit', '/request ai-credit', ' a  b  c ', 'größe', 'มังกร'],
    bad: ['', 'a b c d', 'Request', 'what?', 'x'.repeat(33), '/'],
  },
  { type: 'guildhall-slash-command', name: 'description', good: ['x', 'x'.repeat(100)], bad: ['', 'x'.repeat(101)] },
  {
    type: 'guildhall-slash-command',
    name: 'options',
    good: [
      [],
      [option],
      [{ name: 'reason', description: 'Why', minLength: 3, maxLength: 500 }],
      [{ ...option, minValue: 1, maxValue: 100, autocomplete: true }],
      [{ ...option, choices: [{ name: 'Ten', value: '10', localizations: [{ language: 'de', name: 'Zehn' }] }] }],
      [{ ...option, type: 'number', minValue: -0.5, maxValue: '', choices: [] }],
      [{ ...option, type: 'channel', channelTypes: ['text', 'forum'], minValue: 5, maxValue: 1 }],
      [{ ...option, localizations: [{ language: 'pt-BR', name: 'quantia', description: '' }] }],
    ],
    bad: [
      [{ ...option, minValue: 2, maxValue: 1 }],
      [{ ...option, minValue: 0.5 }],
      [{ ...option, minValue: 'few' }],
      [{ ...option, type: 'text', minLength: -1 }],
      [{ ...option, type: 'text', maxLength: 6001 }],
      [{ ...option, choices: [{ name: 'Ten', value: 'ten' }] }],
      [{ ...option, choices: [{ name: '', value: '10' }] }],
      [{ ...option, choices: [{ name: 'Ten', value: '10' }], autocomplete: true }],
      [{ ...option, choices: Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: `${index}` })) }],
      [{ ...option, localizations: [{ language: 'de', name: 'Menge' }] }],
      [{ ...option, localizations: [{ language: 'tlh', name: 'mIw' }] }],
      [{ ...option, name: 'Amount' }],
      [{ ...option, description: '' }],
      [{ ...option, type: 'colour' }],
      Array.from({ length: 26 }, (_, index) => ({ ...option, name: `option-${index}` })),
    ],
  },
  {
    type: 'guildhall-slash-command',
    name: 'localizations',
    good: [[], [{ language: 'de', name: 'anfrage', description: 'Anfragen' }], [{ language: 'de', description: 'x' }]],
    bad: [
      [{ language: 'de', name: 'Anfrage' }],
      [{ name: 'anfrage' }],
      [{ language: 'de', description: 'x'.repeat(101) }],
    ],
  },
  {
    type: 'guildhall-component',
    name: 'customId',
    good: ['credit-approve', 'x'.repeat(60)],
    bad: ['', 'a b', 'a:1', 'x'.repeat(61)],
  },
  { type: 'guildhall-community-event', name: 'event', good: ['credit.requested'], bad: ['', 'credit.forgotten'] },
  { type: 'guildhall-community', name: 'guild', good: ['', '12345678901234567'], bad: ['123', 'our server'] },
  { type: 'guildhall-community', name: 'creditsPerDay', good: [1, '1000', 1e9], bad: [0, '-1', '1.5', 'many', 1e10] },
  { type: 'guildhall-credit-decision', name: 'dailyCap', good: ['0', 100], bad: ['-1', '0.5', 'all'] },
  {
    type: 'guildhall-reply',
    name: 'modalFields',
    good: [[modalField]],
    bad: [
      [{ ...modalField, name: '' }],
      [{ ...modalField, label: 'x'.repeat(46) }],
      [{ ...modalField, maxLength: 4001 }],
      Array.from({ length: 6 }, (_, index) => ({ ...modalField, name: `field-${index}` })),
    ],
  },
  {
    type: 'guildhall-discord-message',
    name: 'buttons',
    good: [[], [button]],
    bad: [[{ ...button, label: '' }], [{ ...button, customId: '' }], [{ ...button, style: 'pink' }]],
  },
];

describe('what the dialogs say before a deploy', () => {
  for (const { type, name, good, bad } of JUDGED) {
    it(`${type}: ${name} is judged as the runtime judges it`, () => {
      for (const value of good) {
        assert.ok(runtimeTakes(type, name, value), `the runtime refuses ${JSON.stringify(value)}`);
        assert.equal(sentence(type, name, value), '', `the dialog refuses ${JSON.stringify(value)}`);
      }
      for (const value of bad) {
        assert.ok(!runtimeTakes(type, name, value), `the runtime takes ${JSON.stringify(value)}`);
        assert.match(sentence(type, name, value), /\.$/, `no sentence about ${JSON.stringify(value)}`);
      }
    });
  }

  it('names the row and the column of a list', () => {
    const options = [option, { ...option, name: 'why not', required: false }];
    assert.equal(
      sentence('guildhall-slash-command', 'options', options),
      'row 2, Name: Use 1 to 32 lower-case letters, digits, - or _.',
    );
  });

  it('names the row of a list within a list', () => {
    const choices = [
      { name: 'Ten', value: '10', localizations: [] },
      { name: 'Twenty', value: '20', localizations: [{ language: 'de', name: '' }] },
    ];
    assert.equal(
      sentence('guildhall-slash-command', 'options', [{ ...option, choices }]),
      'row 1, Choices: row 2, Other languages: row 1, Members see: Fill this in.',
    );
  });

  it('judges a command as a whole: the words of its names, and its size', () => {
    const name = 'anfrage';
    const judge = (command: string) =>
      sentence('guildhall-slash-command', 'localizations', [{ language: 'de', name, description: '' }], { command });
    assert.equal(judge('request'), '');
    assert.match(judge('request ai-credit'), /as many words as the command has: 2/);
    const long = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...option,
        name: `option-${index}`,
        type: 'text',
        choices: [
          { name: 'x'.repeat(100), value: 'y'.repeat(100), localizations: [] },
          { name: 'z'.repeat(100), value: 'z'.repeat(100), localizations: [] },
        ],
      }));
    assert.equal(sentence('guildhall-slash-command', 'options', long(18)), '');
    assert.match(sentence('guildhall-slash-command', 'options', long(20)), /8000 characters/);
  });

  it('finds two options of one name, and two fields of one name', () => {
    assert.match(
      sentence('guildhall-slash-command', 'options', [option, option]),
      /^row 2, Name: “amount” is there twice/,
    );
    assert.match(sentence('guildhall-reply', 'modalFields', [modalField, modalField]), /“note” is there twice/);
  });

  it('finds templates that are not closed', () => {
    const about = (text: string) => sentence('guildhall-reply', 'content', text);
    assert.equal(about('{{payload.amount}} and {{{payload.card}}}'), '');
    assert.equal(
      about('{{#payload.requests}}{{id}} {{/payload.requests}}{{^payload.requests}}none{{/payload.requests}}'),
      '',
    );
    assert.match(about('{{payload.amount'), /not closed/);
    assert.match(about('{{#payload.requests}} x'), /payload\.requests/);
    assert.match(about('x {{/payload.requests}}'), /payload\.requests/);
    assert.match(about('{{#one}}{{#two}}{{/one}}{{/two}}'), /belong together/);
  });

  it('judges a button’s custom id by its name, and by its length where it is fixed', () => {
    const about = (customId: string) => sentence('guildhall-discord-message', 'buttons', [{ ...button, customId }]);
    assert.equal(about('approve'), '');
    assert.equal(about('approve:17:yes'), '');
    assert.equal(about('{{payload.name}}:{{payload.id}}'), '');
    assert.match(about('two words:1'), /no spaces/);
    assert.match(about(`approve:${'x'.repeat(100)}`), /up to 100 characters/);
  });

  it('asks for something to show, and takes any of text, card and buttons', () => {
    const empty = sentence('guildhall-discord-message', 'content', '');
    assert.match(empty, /no empty message/);
    assert.equal(sentence('guildhall-discord-message', 'content', 'Hello'), '');
    for (const others of [{ embedTitle: 'A card' }, { embedText: 'x' }, { buttons: [button] }]) {
      assert.equal(sentence('guildhall-discord-message', 'content', '', others), '');
    }
  });

  it('leaves to the environment what comes from there', () => {
    assert.equal(sentence('guildhall-community', 'guild', `$\{MY_GUILD}`), '');
  });

  it('knows a colour', () => {
    for (const good of ['', '#4f7cff', '4F7CFF', '{{payload.colour}}']) {
      assert.equal(sentence('guildhall-reply', 'embedColour', good), '');
    }
    for (const bad of ['blue', '#4f7', '#4f7cff0'])
      assert.match(sentence('guildhall-reply', 'embedColour', bad), /colour/);
  });
});
