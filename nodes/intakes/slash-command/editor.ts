import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-slash-command.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'text', name: 'command', icon: 'terminal', required: true, check: 'command' },
    { kind: 'text', name: 'description', icon: 'info-circle' },
    {
      kind: 'list',
      name: 'options',
      icon: 'sliders',
      unique: 'name',
      columns: [
        { name: 'name', kind: 'text', span: 5, check: 'word' },
        { name: 'type', kind: 'select', span: 4 },
        { name: 'required', kind: 'checkbox', span: 3 },
        { name: 'description', kind: 'text', span: 12 },
      ],
    },
    { kind: 'checkbox', name: 'ephemeral' },
  ],
  label: ({ command }) => (command ? `/${String(command).trim().replace(/^\//, '')}` : ''),
} satisfies EditorTable;
