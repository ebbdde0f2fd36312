import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-component.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    {
      kind: 'text',
      name: 'customId',
      icon: 'hand-pointer-o',
      required: true,
      rivals: ({ customId, takes }, others) =>
        customId === others.customId && (takes === others.takes || [takes, others.takes].includes('all')),
    },
    { kind: 'select', name: 'takes', icon: 'filter' },
    { kind: 'select', name: 'whenSlow', icon: 'clock-o' },
  ],
  label: ({ customId }, t) => (customId ? t('labels.pressed', { name: String(customId) }) : ''),
} satisfies EditorTable;
