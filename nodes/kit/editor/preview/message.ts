import { make } from '../dom.ts';
import type { Settings, Translate } from '../table.ts';
import { plainLine, richLine, richText } from './text.ts';

const textOf = (value: unknown): string => String(value ?? '').trim();
const listOf = (value: unknown): Settings[] => (Array.isArray(value) ? value : []);
const icon = (name: string) => make('i', { class: `fa fa-${name}` });

/** A message as Discord will show it, with what the settings hold: text, card, files, selects and buttons. */
export function messagePreview(settings: Settings, t: Translate, note = ''): HTMLElement {
  const card = embedOf(settings);
  const selects = listOf(settings.selects).map((select) => row(selectOf(select, t)));
  const buttons = listOf(settings.buttons).map(buttonOf);
  const parts = [
    ...(textOf(settings.content)
      ? [make('div', { class: 'guildhall-text' }, ...richText(textOf(settings.content)))]
      : []),
    ...(card ? [card] : []),
    ...(textOf(settings.files) ? [fileOf(textOf(settings.files))] : []),
    ...selects,
    ...(buttons.length > 0 ? [row(...buttons)] : []),
  ];
  const empty = make('div', { class: 'guildhall-nothing' }, t('preview.nothing'));
  return make(
    'div',
    { class: 'guildhall-message' },
    make('div', { class: 'guildhall-avatar' }, icon('shield')),
    make(
      'div',
      { class: 'guildhall-body' },
      make('div', { class: 'guildhall-author' }, make('b', {}, t('preview.bot')), make('span', {}, t('preview.app'))),
      ...(parts.length > 0 ? parts : [empty]),
      ...(note ? [make('div', { class: 'guildhall-note' }, icon('eye'), ` ${note}`)] : []),
    ),
  );
}

const row = (...children: Node[]) => make('div', { class: 'guildhall-components' }, ...children);

function embedOf(settings: Settings): HTMLElement | null {
  const shown = (name: string, draw: (template: string) => Node[], of = name) =>
    textOf(settings[name]) ? [make('div', { class: `guildhall-${of}` }, ...draw(textOf(settings[name])))] : [];
  const image = (name: string) =>
    textOf(settings[name])
      ? [make('div', { class: `guildhall-${name}` }, icon('picture-o'), ' ', ...plainLine(textOf(settings[name])))]
      : [];
  const fields = listOf(settings.embedFields).map((field) =>
    make(
      'div',
      { class: `guildhall-field${field.inline === false ? ' guildhall-alone' : ''}` },
      make('b', {}, ...richLine(textOf(field.name))),
      make('div', {}, ...richText(textOf(field.value))),
    ),
  );
  const main = [
    ...shown('embedAuthor', plainLine),
    ...shown('embedTitle', richLine),
    ...shown('embedText', richText),
    ...(fields.length > 0 ? [make('div', { class: 'guildhall-fields' }, ...fields)] : []),
    ...image('embedImage'),
    ...shown('embedFooter', plainLine),
  ];
  const small = image('embedThumbnail');
  if (main.length + small.length === 0) return null;
  const card = make('div', { class: 'guildhall-embed' }, make('div', {}, ...main), ...small);
  card.classList.toggle('guildhall-leads', textOf(settings.embedUrl) !== '');
  const colour = /#?([0-9a-f]{6})\b/i.exec(textOf(settings.embedColour))?.[1];
  if (colour) card.style.borderLeftColor = `#${colour}`;
  return card;
}

function buttonOf({ label, style = 'secondary', each, disabled }: Settings): HTMLElement {
  return make(
    'span',
    { class: `guildhall-button guildhall-${style}${disabled ? ' guildhall-disabled' : ''}` },
    ...plainLine(textOf(label)),
    ...(style === 'link' ? [' ', icon('external-link')] : []),
    ...timesOf(each),
  );
}

/** One for each item of a list: how many there will be, only the message knows. */
const timesOf = (each: unknown): Node[] =>
  textOf(each) ? [make('small', { title: textOf(each) }, ` × ${textOf(each).split('.').at(-1)}`)] : [];

function selectOf({ kind = 'text', placeholder, each, disabled }: Settings, t: Translate): HTMLElement {
  const shown = textOf(placeholder) ? plainLine(textOf(placeholder)) : [t(`preview.select.${kind}`)];
  return make(
    'span',
    { class: `guildhall-select${disabled ? ' guildhall-disabled' : ''}` },
    make('span', {}, ...shown, ...timesOf(each)),
    icon('chevron-down'),
  );
}

const fileOf = (path: string) =>
  make('div', { class: 'guildhall-file' }, icon('file-o'), ' ', ...plainLine(`{{${path}}}`));

/** A modal as the form that it will be. */
export function modalPreview(settings: Settings, t: Translate): HTMLElement {
  const fields = listOf(settings.modalFields).map(({ label, style, required }) =>
    make(
      'div',
      { class: 'guildhall-input' },
      make('span', {}, textOf(label), ...(required ? [make('em', {}, ' *')] : [])),
      make('div', { class: style === 'paragraph' ? 'guildhall-tall' : '' }),
    ),
  );
  return make(
    'div',
    { class: 'guildhall-modal' },
    make('b', {}, ...(textOf(settings.modalTitle) ? plainLine(textOf(settings.modalTitle)) : ['…'])),
    ...fields,
    make(
      'div',
      { class: 'guildhall-components' },
      make('span', { class: 'guildhall-button guildhall-secondary' }, t('preview.cancel')),
      make('span', { class: 'guildhall-button guildhall-primary' }, t('preview.submit')),
    ),
  );
}
