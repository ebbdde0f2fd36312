import type { Check, Condition, Field } from './table.ts';

const NOT_LINKS = ['primary', 'secondary', 'success', 'danger'];

/** The fields of everything that shows a message: text, one embed, buttons. */
export function messageFields(showIf: Condition, content: Check): readonly Field[] {
  return [
    { kind: 'textarea', name: 'content', icon: 'align-left', rows: 4, check: content, showIf },
    { kind: 'section', name: 'embed', showIf, closes: true },
    { kind: 'text', name: 'embedTitle', icon: 'header', check: 'template', showIf },
    { kind: 'text', name: 'embedUrl', icon: 'link', check: 'template', showIf },
    { kind: 'textarea', name: 'embedText', icon: 'align-left', rows: 4, check: 'template', showIf },
    { kind: 'text', name: 'embedColour', icon: 'tint', check: 'colour', showIf },
    {
      kind: 'list',
      name: 'embedFields',
      icon: 'table',
      showIf,
      columns: [
        { name: 'name', kind: 'text', span: 9, check: 'template' },
        { name: 'inline', kind: 'checkbox', span: 3 },
        { name: 'value', kind: 'text', span: 12, check: 'template' },
      ],
    },
    { kind: 'text', name: 'embedAuthor', icon: 'user-o', check: 'template', showIf },
    { kind: 'text', name: 'embedAuthorIcon', icon: 'user-circle-o', check: 'template', showIf },
    { kind: 'text', name: 'embedImage', icon: 'picture-o', check: 'template', showIf },
    { kind: 'text', name: 'embedThumbnail', icon: 'file-image-o', check: 'template', showIf },
    { kind: 'text', name: 'embedFooter', icon: 'window-minimize', check: 'template', showIf },
    { kind: 'section', name: 'files', showIf, closes: true },
    { kind: 'text', name: 'files', icon: 'paperclip', showIf },
    { kind: 'section', name: 'selects', showIf, closes: true },
    {
      kind: 'list',
      name: 'selects',
      icon: 'caret-square-o-down',
      unique: 'customId',
      showIf,
      columns: [
        { name: 'kind', kind: 'select', span: 5 },
        { name: 'placeholder', kind: 'text', span: 7, check: 'template' },
        { name: 'customId', kind: 'text', span: 12, check: 'customId' },
        {
          name: 'options',
          kind: 'list',
          required: true,
          showIf: { kind: ['text'] },
          columns: [
            { name: 'label', kind: 'text', span: 7, check: 'template' },
            { name: 'value', kind: 'text', span: 5, check: 'template' },
            { name: 'description', kind: 'text', check: 'template' },
          ],
        },
        { name: 'each', kind: 'text', span: 5, showIf: { kind: ['text'] } },
        { name: 'minValues', kind: 'number', span: 2 },
        { name: 'maxValues', kind: 'number', span: 2 },
        { name: 'disabled', kind: 'checkbox', span: 3 },
      ],
    },
    { kind: 'section', name: 'buttons', showIf, closes: true },
    {
      kind: 'list',
      name: 'buttons',
      icon: 'hand-pointer-o',
      showIf,
      columns: [
        { name: 'label', kind: 'text', span: 7, check: 'template' },
        { name: 'style', kind: 'select', span: 5 },
        { name: 'customId', kind: 'text', check: 'buttonId', showIf: { style: NOT_LINKS } },
        { name: 'url', kind: 'text', check: 'buttonUrl', showIf: { style: ['link'] } },
        { name: 'each', kind: 'text', span: 5 },
        { name: 'when', kind: 'text', span: 4 },
        { name: 'disabled', kind: 'checkbox', span: 3 },
      ],
    },
  ];
}
