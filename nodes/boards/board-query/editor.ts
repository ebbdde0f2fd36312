import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, type Field, keyOf, type ValueType } from '../../kit/editor/table.ts';

const PAGE = { query: ['page'] };

const value = (name: string, icon: string, queries: readonly string[], typed: ValueType): Field => ({
  kind: 'value',
  ...{ name, icon },
  types: ['msg', typed, 'flow', 'global', 'env', 'jsonata'],
  showIf: { query: queries },
});

export default {
  colour: COLOURS.boards,
  icon: 'guildhall-board-query.svg',
  fields: [
    { kind: 'select', name: 'query', icon: 'search' },
    {
      kind: 'config',
      name: 'board',
      type: 'guildhall-board',
      icon: 'trophy',
      mayBeEmpty: true,
      showIf: { query: ['page', 'player', 'history', 'compare', 'to watch', 'suggestions'] },
    },
    {
      kind: 'value',
      name: 'boardKey',
      icon: 'key',
      types: ['msg', 'str', 'flow', 'global', 'env', 'jsonata'],
      showIf: {
        query: ['page', 'player', 'history', 'compare', 'to watch', 'suggestions'],
        board: [''],
      },
    },
    value('limit', 'list-ol', PAGE.query, 'num'),
    value('offset', 'step-forward', PAGE.query, 'num'),
    value('region', 'map-o', PAGE.query, 'str'),
    value('company', 'building-o', PAGE.query, 'str'),
    value('around', 'crosshairs', PAGE.query, 'str'),
    value('place', 'hand-pointer-o', PAGE.query, 'str'),
    value('player', 'user', ['player', 'history', 'compare'], 'str'),
    value('against', 'user-o', ['compare'], 'str'),
    value('days', 'calendar-o', ['history'], 'num'),
    value('hours', 'clock-o', ['to watch'], 'num'),
    value('option', 'sliders', ['suggestions'], 'str'),
    value('typed', 'keyboard-o', ['suggestions'], 'str'),
  ],
  label: ({ query }, t) => t(`labels.${keyOf(String(query))}`),
} satisfies EditorTable;
