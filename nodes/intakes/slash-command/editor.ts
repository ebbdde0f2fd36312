import { pathsClash } from '../../../platform/paths.ts';
import { commandWords } from '../../kit/command-name.ts';
import { COLOURS } from '../../kit/editor/colours.ts';
import { commandPreview } from '../../kit/editor/preview/command.ts';
import type { EditorTable, Settings, Translate } from '../../kit/editor/table.ts';
import { HAS, isTooLarge, languageFault, optionFault } from './rules.ts';

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-slash-command.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    {
      kind: 'text',
      name: 'command',
      icon: 'terminal',
      required: true,
      check: 'command',
      rivals: ({ command }, others) => pathsClash(pathOf(command), pathOf(others.command)),
    },
    { kind: 'text', name: 'description', icon: 'info-circle' },
    {
      kind: 'list',
      name: 'options',
      icon: 'sliders',
      unique: 'name',
      summary: optionInWords,
      judge: optionFault,
      judgeAll: (settings) => (isTooLarge(settings) ? { key: 'problems.commandSize' } : null),
      columns: [
        { name: 'name', kind: 'text', span: 5, check: 'word' },
        { name: 'type', kind: 'select', span: 4 },
        { name: 'required', kind: 'checkbox', span: 3 },
        { name: 'description', kind: 'text' },
        { name: 'minValue', kind: 'number', span: 6, showIf: { type: HAS.bounds } },
        { name: 'maxValue', kind: 'number', span: 6, showIf: { type: HAS.bounds } },
        { name: 'minLength', kind: 'number', span: 6, showIf: { type: HAS.lengths } },
        { name: 'maxLength', kind: 'number', span: 6, showIf: { type: HAS.lengths } },
        { name: 'channelTypes', kind: 'ticks', showIf: { type: HAS.channelTypes } },
        {
          name: 'choices',
          kind: 'list',
          unique: 'name',
          showIf: { type: HAS.choices },
          columns: [
            { name: 'name', kind: 'text', span: 7 },
            { name: 'value', kind: 'text', span: 5 },
            {
              name: 'localizations',
              kind: 'list',
              unique: 'language',
              columns: [
                { name: 'language', kind: 'select', languages: true, span: 5 },
                { name: 'name', kind: 'text', span: 7 },
              ],
            },
          ],
        },
        { name: 'autocomplete', kind: 'checkbox', showIf: { type: HAS.choices } },
        {
          name: 'localizations',
          kind: 'list',
          unique: 'language',
          columns: [
            { name: 'language', kind: 'select', languages: true, span: 6 },
            { name: 'name', kind: 'text', span: 6, check: 'word' },
            { name: 'description', kind: 'text' },
          ],
        },
      ],
    },
    {
      kind: 'list',
      name: 'localizations',
      icon: 'language',
      unique: 'language',
      judge: (item, { command }) => languageFault(item, String(command ?? '')),
      columns: [
        { name: 'language', kind: 'select', languages: true, span: 5 },
        { name: 'name', kind: 'text', span: 7, check: 'command' },
        { name: 'description', kind: 'text' },
      ],
    },
    { kind: 'checkbox', name: 'ephemeral' },
  ],
  outputs: ({ options }) => (takesSuggestions(options) ? 2 : 1),
  preview: commandPreview,
  label: ({ command }) => (command ? `/${String(command).trim().replace(/^\//, '')}` : ''),
} satisfies EditorTable;

const pathOf = (command: unknown): string => commandWords(String(command ?? '')).join(' ');

/** Whether the flow is asked for suggestions: for what a member types into an option with autocomplete. */
function takesSuggestions(options: unknown): boolean {
  const items = Array.isArray(options) ? (options as Settings[]) : [];
  return items.some(({ type = 'text', autocomplete }) => autocomplete === true && HAS.choices.includes(type as never));
}

/** `amount · whole number · required · 1–100 · 3 choices` */
function optionInWords(option: Settings, t: Translate): string[] {
  const { name, type, required, autocomplete, choices } = option;
  const bounds = HAS.bounds.includes(type as never) ? range(option.minValue, option.maxValue) : '';
  const length = HAS.lengths.includes(type as never) ? range(option.minLength, option.maxLength) : '';
  const count = Array.isArray(choices) && HAS.choices.includes(type as never) ? choices.length : 0;
  return [
    String(name ?? ''),
    t(`choices.options.type.${type}`),
    required ? t('summary.required') : '',
    bounds,
    length && t('summary.characters', { range: length }),
    count > 0 ? t('summary.choices', { number: count }) : '',
    autocomplete && HAS.choices.includes(type as never) ? t('summary.autocomplete') : '',
  ];
}

function range(low: unknown, high: unknown): string {
  const [from, to] = [low ?? '', high ?? ''].map(String);
  if (from !== '' && to !== '') return `${from}–${to}`;
  if (from !== '') return `≥ ${from}`;
  return to !== '' ? `≤ ${to}` : '';
}
