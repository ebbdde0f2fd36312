import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.credits,
  icon: 'guildhall-credit-decision.svg',
  fields: [
    { kind: 'select', name: 'decision', icon: 'gavel' },
    { kind: 'select', name: 'as', icon: 'user-circle-o' },
    { kind: 'number', name: 'dailyCap', icon: 'tachometer', showIf: { as: ['policy'] } },
    {
      kind: 'value',
      name: 'request',
      icon: 'ticket',
      required: true,
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
    },
    {
      kind: 'value',
      name: 'note',
      icon: 'comment-o',
      types: ['msg', 'str', 'flow', 'global', 'env', 'jsonata'],
      showIf: { decision: ['approve', 'reject'] },
    },
  ],
  label({ decision, as }, t) {
    const does = t(`labels.${keyOf(String(decision))}`);
    return as === 'policy' ? t('labels.policy', { does }) : does;
  },
} satisfies EditorTable;
