import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  icon: 'guildhall-discord-bot.svg',
  fields: [],
  label: (_settings, t) => t('labels.bot'),
} satisfies EditorTable;
