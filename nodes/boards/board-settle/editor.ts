import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.boards,
  icon: 'guildhall-board-settle.svg',
  fields: [
    { kind: 'config', name: 'board', type: 'guildhall-board', icon: 'trophy', mayBeEmpty: true },
    {
      kind: 'value',
      name: 'boardKey',
      icon: 'key',
      types: ['msg', 'str', 'flow', 'global', 'env', 'jsonata'],
      showIf: { board: [''] },
    },
  ],
  label: (_settings, t) => t('labels.settle'),
} satisfies EditorTable;
