import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

const MESSAGE = { event: ['message'] };
const REACTION = { event: ['reaction added'] };
/** Text, voice and announcement channels: those that take messages (Discord's channel types). */
const WRITABLE = [0, 2, 5];

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-discord-event.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'select', name: 'event', icon: 'bolt' },
    {
      kind: 'pick',
      of: 'channel',
      multiple: true,
      channelTypes: WRITABLE,
      name: 'channels',
      icon: 'hashtag',
      showIf: [MESSAGE, REACTION],
    },
    { kind: 'text', name: 'contains', icon: 'search', showIf: MESSAGE },
    { kind: 'checkbox', name: 'content', showIf: MESSAGE },
    { kind: 'text', name: 'emoji', icon: 'smile-o', showIf: REACTION },
    { kind: 'checkbox', name: 'ignoreBots' },
  ],
  label: ({ event, emoji }, t) => {
    if (!event) return '';
    return t(`labels.${keyOf(String(event))}`, { emoji: String(emoji || t('labels.any')) });
  },
} satisfies EditorTable;
