import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.people,
  icon: 'guildhall-player.svg',
  fields: [{ kind: 'value', name: 'member', icon: 'user', types: ['msg', 'flow', 'global', 'str', 'env', 'jsonata'] }],
  label: (_settings, t) => t('labels.player'),
} satisfies EditorTable;
