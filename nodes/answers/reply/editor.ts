import { COLOURS } from '../../kit/editor/colours.ts';
import { messageFields } from '../../kit/editor/message-fields.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const MODAL = { answer: ['modal'] };

export default {
  colour: COLOURS.answers,
  icon: 'guildhall-reply.svg',
  align: 'right',
  fields: [
    { kind: 'select', name: 'answer', icon: 'reply' },
    { kind: 'checkbox', name: 'ephemeral', showIf: { answer: ['message'] } },
    ...messageFields({ answer: ['message', 'update'] }, 'template'),
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
  ],
  label({ answer, ephemeral, modalTitle }, t) {
    if (answer === 'modal') return t('labels.modal', { title: String(modalTitle || '…') });
    if (answer === 'update') return t('labels.update');
    return t(ephemeral ? 'labels.ephemeral' : 'labels.public');
  },
} satisfies EditorTable;
