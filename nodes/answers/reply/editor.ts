import { COLOURS } from '../../kit/editor/colours.ts';
import { messageFields } from '../../kit/editor/message-fields.ts';
import { messagePreview, modalPreview } from '../../kit/editor/preview/message.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

/** Answers that are called by what they do. */
const OTHERS = new Set(['update', 'edit', 'delete', 'suggestions', 'json']);
/** Answers of which a member sees nothing as a message. */
const UNSEEN = new Set(['delete', 'suggestions', 'json']);
const MODAL = { answer: ['modal'] };

export default {
  colour: COLOURS.answers,
  icon: 'guildhall-reply.svg',
  align: 'right',
  fields: [
    { kind: 'select', name: 'answer', icon: 'reply' },
    { kind: 'checkbox', name: 'ephemeral', showIf: { answer: ['message'] } },
    ...messageFields({ answer: ['message', 'update', 'edit'] }, 'template'),
    {
      kind: 'value',
      name: 'suggestions',
      icon: 'magic',
      required: true,
      types: ['msg', 'jsonata', 'flow', 'global', 'env'],
      showIf: { answer: ['suggestions'] },
    },
    { kind: 'text', name: 'modalTitle', icon: 'header', required: true, check: 'template', showIf: MODAL },
    { kind: 'text', name: 'modalCustomId', icon: 'hand-pointer-o', required: true, check: 'customId', showIf: MODAL },
    {
      kind: 'list',
      name: 'modalFields',
      icon: 'wpforms',
      required: true,
      unique: 'name',
      showIf: MODAL,
      columns: [
        { name: 'label', kind: 'text', span: 7 },
        { name: 'style', kind: 'select', span: 5 },
        { name: 'name', kind: 'text', span: 6 },
        { name: 'maxLength', kind: 'number', span: 3 },
        { name: 'required', kind: 'checkbox', span: 3 },
      ],
    },
    { kind: 'section', name: 'web', closes: true },
    {
      kind: 'value',
      name: 'body',
      icon: 'reply',
      required: true,
      types: ['msg', 'jsonata', 'flow', 'global', 'env', 'str'],
    },
    { kind: 'number', name: 'httpStatus', icon: 'hashtag' },
    { kind: 'select', name: 'keep', icon: 'clock-o' },
  ],
  preview(settings, t) {
    const { answer, ephemeral } = settings;
    if (answer === 'modal') return modalPreview(settings, t);
    if (UNSEEN.has(String(answer))) return null;
    return messagePreview(settings, t, answer === 'message' && ephemeral ? t('preview.ephemeral') : '');
  },
  label({ answer, ephemeral, modalTitle }, t) {
    if (answer === 'modal') return t('labels.modal', { title: String(modalTitle || '…') });
    if (typeof answer === 'string' && OTHERS.has(answer)) return t(`labels.${answer}`);
    return t(ephemeral ? 'labels.ephemeral' : 'labels.public');
  },
} satisfies EditorTable;
