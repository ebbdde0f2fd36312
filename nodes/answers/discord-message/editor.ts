import { COLOURS } from '../../kit/editor/colours.ts';
import { messageFields } from '../../kit/editor/message-fields.ts';
import { messagePreview } from '../../kit/editor/preview/message.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const EXISTING = { operation: ['edit', 'delete'] };
/** Text, voice and announcement channels: those that take messages (Discord's channel types). */
const WRITABLE = [0, 2, 5];
const SHOWING = { operation: ['send', 'edit'] };

export default {
  colour: COLOURS.answers,
  icon: 'guildhall-discord-message.svg',
  align: 'right',
  fields: [
    { kind: 'select', name: 'operation', icon: 'tasks' },
    { kind: 'select', name: 'target', icon: 'bullseye' },
    {
      kind: 'value',
      name: 'channel',
      icon: 'hashtag',
      required: true,
      types: ['channel', 'msg', 'flow', 'global', 'env', 'jsonata'],
      channelTypes: WRITABLE,
      showIf: { target: ['channel'] },
    },
    {
      kind: 'value',
      name: 'member',
      icon: 'user',
      required: true,
      types: ['msg', 'member', 'flow', 'global', 'env', 'jsonata'],
      showIf: { target: ['member'] },
    },
    {
      kind: 'password',
      name: 'webhook',
      icon: 'key',
      required: true,
      check: 'webhook',
      showIf: { target: ['webhook'] },
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
    { kind: 'section', name: 'notification', showIf: SHOWING, closes: true },
    {
      kind: 'value',
      name: 'ping',
      icon: 'bell-o',
      types: ['member', 'msg', 'flow', 'global', 'env', 'jsonata'],
      showIf: SHOWING,
    },
  ],
  preview: (settings, t) => (settings.operation === 'delete' ? null : messagePreview(settings, t)),
  label({ operation, target, channel, channelType }, t, nameOf) {
    if (operation !== 'send') return t(`labels.${operation}`);
    if (target === 'member' || target === 'webhook') return t(`labels.${target}`);
    const named = channelType === 'channel' ? nameOf('channel', String(channel ?? '')) : '';
    return named ? t('labels.channel', { channel: named }) : t('labels.send');
  },
} satisfies EditorTable;
