import { COLOURS } from '../../kit/editor/colours.ts';
import { messageFields } from '../../kit/editor/message-fields.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const EXISTING = { operation: ['edit', 'delete'] };
const SHOWING = { operation: ['send', 'edit'] };

export default {
  colour: COLOURS.answers,
  icon: 'guildhall-discord-message.svg',
  align: 'right',
  fields: [
    { kind: 'select', name: 'operation', icon: 'tasks' },
    { kind: 'select', name: 'target', icon: 'bullseye', showIf: { operation: ['send'] } },
    {
      kind: 'text',
      name: 'channel',
      icon: 'hashtag',
      required: true,
      check: 'template',
      showIf: [{ operation: ['send'], target: ['channel'] }, EXISTING],
    },
    {
      kind: 'value',
      name: 'member',
      icon: 'user',
      required: true,
      types: ['msg', 'flow', 'global', 'str', 'env', 'jsonata'],
      showIf: { operation: ['send'], target: ['member'] },
    },
    {
      kind: 'value',
      name: 'message',
      icon: 'comment-o',
      required: true,
      types: ['msg', 'flow', 'global', 'str', 'env', 'jsonata'],
      showIf: EXISTING,
    },
    ...messageFields(SHOWING, 'someContent'),
    { kind: 'section', name: 'notification', showIf: SHOWING },
    {
      kind: 'value',
      name: 'ping',
      icon: 'bell-o',
      types: ['str', 'msg', 'flow', 'global', 'env', 'jsonata'],
      showIf: SHOWING,
    },
  ],
  label({ operation, target, channel }, t) {
    if (operation !== 'send') return t(`labels.${operation}`);
    if (target === 'member') return t('labels.member');
    const named = String(channel ?? '').trim();
    const isName = named !== '' && !named.includes('{{') && !/^\d{17,20}$/.test(named);
    return isName ? t('labels.channel', { channel: `#${named.replace(/^#/, '')}` }) : t('labels.send');
  },
} satisfies EditorTable;
