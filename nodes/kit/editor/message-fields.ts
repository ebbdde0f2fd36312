import type { Check, Condition, Field } from './table.ts';

/** The fields of everything that shows a message: text, one embed, buttons. */
export function messageFields(showIf: Condition, content: Check): readonly Field[] {
  return [
    { kind: 'textarea', name: 'content', icon: 'align-left', rows: 4, check: content, showIf },
    { kind: 'section', name: 'embed', showIf },
    { kind: 'text', name: 'embedTitle', icon: 'header', check: 'template', showIf },
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
    { kind: 'section', name: 'buttons', showIf },
    {
      kind: 'list',
      name: 'buttons',
      icon: 'hand-pointer-o',
      showIf,
      columns: [
        { name: 'label', kind: 'text', span: 7, check: 'template' },
        { name: 'style', kind: 'select', span: 5 },
        { name: 'customId', kind: 'text', span: 12, check: 'customId' },
        { name: 'each', kind: 'text', span: 7 },
        { name: 'when', kind: 'text', span: 5 },
      ],
    },
  ];
}
