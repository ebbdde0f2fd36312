import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  icon: 'guildhall-community.svg',
  fields: [
    { kind: 'config', name: 'bot', type: 'guildhall-discord-bot', icon: 'android' },
    { kind: 'text', name: 'guild', icon: 'university' },
    { kind: 'section', name: 'credits' },
    { kind: 'text', name: 'approverRoles', icon: 'id-badge' },
    { kind: 'number', name: 'creditsPerRequest', icon: 'hashtag' },
    { kind: 'number', name: 'creditsPerDay', icon: 'calendar-o' },
  ],
  label: ({ guild }, t) => (guild ? t('labels.guild', { guild: String(guild) }) : t('labels.first')),
} satisfies EditorTable;
