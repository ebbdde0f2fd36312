import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

const RECORD = { operation: ['record'] };
const CORRECT = { operation: ['correct'] };
const BY_HAND = { operation: ['add', 'correct'] };
const WITH_REASON = { operation: ['add', 'correct', 'take back'] };

export default {
  colour: COLOURS.boards,
  icon: 'guildhall-score-event.svg',
  fields: [
    { kind: 'select', name: 'operation', icon: 'tasks' },
    { kind: 'select', name: 'as', icon: 'user-circle-o', showIf: RECORD },
    {
      kind: 'value',
      name: 'events',
      icon: 'list',
      types: ['msg', 'jsonata', 'flow', 'global'],
      showIf: RECORD,
    },
    {
      kind: 'value',
      name: 'player',
      icon: 'user',
      required: true,
      types: ['msg', 'str', 'num', 'flow', 'global', 'jsonata'],
      showIf: BY_HAND,
    },
    { kind: 'config', name: 'board', type: 'guildhall-board', icon: 'trophy', mayBeEmpty: true, showIf: CORRECT },
    {
      kind: 'value',
      name: 'boardKey',
      icon: 'key',
      types: ['msg', 'str', 'flow', 'global', 'env', 'jsonata'],
      showIf: { ...CORRECT, board: [''] },
    },
    {
      kind: 'value',
      name: 'metric',
      icon: 'calculator',
      required: true,
      types: ['msg', 'str', 'flow', 'global', 'jsonata'],
      showIf: BY_HAND,
    },
    {
      kind: 'value',
      name: 'value',
      icon: 'hashtag',
      required: true,
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
      showIf: BY_HAND,
    },
    {
      kind: 'value',
      name: 'number',
      icon: 'ticket',
      required: true,
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
      showIf: { operation: ['take back'] },
    },
    {
      kind: 'value',
      name: 'reason',
      icon: 'comment-o',
      types: ['msg', 'str', 'flow', 'global', 'jsonata'],
      showIf: WITH_REASON,
    },
  ],
  label: ({ operation }, t) => t(`labels.${keyOf(String(operation))}`),
} satisfies EditorTable;
