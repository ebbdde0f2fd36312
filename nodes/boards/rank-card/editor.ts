import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

const HISTORY = { picture: ['history'] };

export default {
  colour: COLOURS.boards,
  icon: 'guildhall-rank-card.svg',
  fields: [
    { kind: 'select', name: 'picture', icon: 'picture-o' },
    {
      kind: 'value',
      name: 'standing',
      icon: 'trophy',
      types: ['msg', 'flow', 'global', 'jsonata'],
      showIf: { picture: ['rank card'] },
    },
    {
      kind: 'value',
      name: 'history',
      icon: 'line-chart',
      types: ['msg', 'flow', 'global', 'jsonata'],
      showIf: HISTORY,
    },
    { kind: 'text', name: 'title', icon: 'header', check: 'template', showIf: HISTORY },
    { kind: 'text', name: 'timeZone', icon: 'globe', check: 'timeZone', showIf: HISTORY },
  ],
  label: ({ picture }, t) => t(`labels.${keyOf(String(picture))}`),
} satisfies EditorTable;
