import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.credits,
  icon: 'guildhall-credit-query.svg',
  fields: [
    { kind: 'select', name: 'query', icon: 'search' },
    {
      kind: 'value',
      name: 'player',
      icon: 'user',
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
      showIf: { query: ['balances'] },
    },
  ],
  label: ({ query }, t) => t(`labels.${keyOf(String(query))}`),
} satisfies EditorTable;
