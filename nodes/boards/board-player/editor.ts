import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

const SAVE = { operation: ['save'] };

export default {
  colour: COLOURS.boards,
  icon: 'guildhall-board-player.svg',
  fields: [
    { kind: 'select', name: 'operation', icon: 'tasks' },
    {
      kind: 'value',
      name: 'webId',
      icon: 'id-card-o',
      required: true,
      types: ['msg', 'str', 'flow', 'global', 'jsonata'],
      showIf: SAVE,
    },
    {
      kind: 'value',
      name: 'profile',
      icon: 'address-book-o',
      required: true,
      types: ['msg', 'jsonata', 'flow', 'global'],
      showIf: SAVE,
    },
    {
      kind: 'value',
      name: 'player',
      icon: 'user',
      types: ['msg', 'str', 'num', 'flow', 'global', 'jsonata'],
      showIf: { operation: ['hide', 'show', 'exclude', 'admit'] },
    },
    {
      kind: 'value',
      name: 'reason',
      icon: 'comment-o',
      types: ['msg', 'str', 'flow', 'global', 'jsonata'],
      showIf: { operation: ['exclude', 'admit'] },
    },
  ],
  label: ({ operation }, t) => t(`labels.${keyOf(String(operation))}`),
} satisfies EditorTable;
