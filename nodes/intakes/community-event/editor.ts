import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-community-event.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'select', name: 'event', icon: 'bolt' },
  ],
  label: ({ event }) => String(event ?? ''),
} satisfies EditorTable;
