import type { EditorTable } from '../../kit/editor/table.ts';

export default {
  icon: 'guildhall-community.svg',
  fields: [
    { kind: 'config', name: 'bot', type: 'guildhall-discord-bot', icon: 'android' },
    { kind: 'pick', of: 'guild', name: 'guild', icon: 'university' },
    { kind: 'section', name: 'credits' },
    { kind: 'pick', of: 'role', multiple: true, name: 'approverRoles', icon: 'id-badge' },
    { kind: 'number', name: 'creditsPerRequest', icon: 'hashtag' },
    { kind: 'number', name: 'creditsPerDay', icon: 'calendar-o' },
  ],
  label({ guild }, t, nameOf) {
    if (!guild) return t('labels.first');
    return t('labels.guild', { guild: nameOf('guild', String(guild)) || String(guild) });
  },
} satisfies EditorTable;
