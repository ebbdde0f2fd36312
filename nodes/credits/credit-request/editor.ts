import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const ASK = { operation: ['ask'] };

export default {
  colour: COLOURS.credits,
  icon: 'guildhall-credit-request.svg',
  fields: [
    { kind: 'select', name: 'operation', icon: 'tasks' },
    {
      kind: 'value',
      name: 'creditType',
      icon: 'diamond',
      required: true,
      types: ['str', 'msg', 'flow', 'global', 'env', 'jsonata'],
      choices: ['ai', 'lead'],
      showIf: ASK,
    },
    {
      kind: 'value',
      name: 'amount',
      icon: 'hashtag',
      required: true,
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
      showIf: ASK,
    },
    {
      kind: 'value',
      name: 'reason',
      icon: 'comment-o',
      types: ['msg', 'str', 'flow', 'global', 'env', 'jsonata'],
      showIf: ASK,
    },
    {
      kind: 'value',
      name: 'request',
      icon: 'ticket',
      required: true,
      types: ['msg', 'num', 'flow', 'global', 'jsonata'],
      showIf: { operation: ['cancel', 'keep card'] },
    },
  ],
  label({ operation, creditType, creditTypeType }, t) {
    if (operation === 'cancel') return t('labels.cancel');
    if (operation === 'keep card') return t('labels.card');
    return creditTypeType === 'str' ? t(`labels.${creditType}`) : t('labels.ask');
  },
} satisfies EditorTable;
