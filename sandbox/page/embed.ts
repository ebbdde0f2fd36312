import { isObject, type JsonObject, list } from '../json.ts';
import { el } from './dom.ts';
import { inlineMarkdown, link, markdown } from './markdown.ts';
import { tint } from './people.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';
import { whenShort } from './time.ts';

/** How many fields stand beside each other. */
const FIELDS_IN_ROW = 3;

/** A text of an object, trimmed; empty when it is none. */
export function textIn(object: unknown, key: string): string {
  const value = isObject(object) ? object[key] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}

/** A picture from an address of the web or of the sandbox; what cannot be shown says so. */
export function picture(address: string, description: string, className = 'picture'): HTMLElement | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const image = el('img', {
    class: className,
    src: url.href,
    alt: description,
    loading: 'lazy',
    referrerpolicy: 'no-referrer',
  });
  image.addEventListener('error', () => {
    image.replaceWith(el('span', { class: 'missing-picture' }, text('picture.missing', { host: url.host })));
  });
  return image;
}

/** An embed (docs: resources/message, "Embed Object"). */
export function embedBox(session: Session, embed: JsonObject): HTMLElement {
  const [title, url, description] = [textIn(embed, 'title'), textIn(embed, 'url'), textIn(embed, 'description')];
  const author = textIn(embed.author, 'name');
  const heading = title === '' ? null : inlineMarkdown(session, title);
  const box = el(
    'div',
    { class: 'embed' },
    el(
      'div',
      { class: 'embed-body' },
      author !== '' &&
        el('div', { class: 'embed-author' }, small(embed.author), linked(textIn(embed.author, 'url'), author)),
      heading && el('div', { class: 'embed-title' }, url === '' ? heading : link(url, heading)),
      description !== '' && markdown(session, description),
      fieldGrid(session, list(embed.fields).filter(isObject)),
      picture(textIn(embed.image, 'url'), text('embed.image')),
      footer(embed),
    ),
    picture(textIn(embed.thumbnail, 'url'), text('embed.thumbnail'), 'thumbnail'),
  );
  return tint(box, Number(embed.color ?? 0));
}

function linked(address: string, label: string): HTMLElement {
  return address === '' ? el('span', {}, label) : link(address, label);
}

function small(object: unknown): HTMLElement | null {
  return picture(textIn(object, 'icon_url'), '', 'embed-icon');
}

function fieldGrid(session: Session, fields: JsonObject[]): HTMLElement | null {
  if (fields.length === 0) return null;
  const grid = el('div', { class: 'embed-fields' });
  let row: HTMLElement[] = [];
  const endRow = () => {
    for (const cell of row) cell.style.setProperty('--span', String(12 / row.length));
    row = [];
  };
  for (const field of fields) {
    const name = el('div', { class: 'embed-field-name' }, inlineMarkdown(session, textIn(field, 'name')));
    const cell = el('div', { class: 'embed-field' }, name, markdown(session, textIn(field, 'value')));
    grid.append(cell);
    if (field.inline !== true || row.length === FIELDS_IN_ROW) endRow();
    if (field.inline === true) row.push(cell);
  }
  endRow();
  return grid;
}

function footer(embed: JsonObject): HTMLElement | null {
  const date = new Date(textIn(embed, 'timestamp'));
  const parts = [textIn(embed.footer, 'text'), Number.isNaN(date.getTime()) ? '' : whenShort(date)].filter(Boolean);
  return parts.length === 0 ? null : el('div', { class: 'embed-footer' }, small(embed.footer), parts.join(' • '));
}
