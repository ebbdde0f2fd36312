import type { JsonObject } from '../json.ts';
import { el, icon } from './dom.ts';
import { picture, textIn } from './embed.ts';
import { LANGUAGE, text } from './texts.ts';

/** A file that came with a message: pictures are shown, all can be downloaded. */
export function attachmentBox(attachment: JsonObject): HTMLElement {
  const [name, url] = [textIn(attachment, 'filename'), textIn(attachment, 'url')];
  const type = textIn(attachment, 'content_type');
  const description = textIn(attachment, 'description');
  const spoiler = name.startsWith('SPOILER_');
  const image = /^image\/(png|jpeg|gif|webp|avif)/.test(type) ? picture(url, description || name) : null;
  const download = el(
    'a',
    { class: 'file', href: URL.parse(url)?.pathname ?? '', download: name },
    icon('file'),
    el('span', { class: 'file-name' }, name),
    el('span', { class: 'soft' }, bytes(Number(attachment.size ?? 0))),
  );
  if (image === null) return el('div', { class: 'attachment' }, download);
  const shown = spoiler
    ? el('details', { class: 'spoiler-picture' }, el('summary', {}, text('attachment.spoiler')), image)
    : image;
  return el('figure', { class: 'attachment' }, shown, el('figcaption', {}, download));
}

/** A size in bytes, in words. */
export function bytes(size: number): string {
  const [unit, divisor] =
    size < 1024 ? ['byte', 1] : size < 1024 * 1024 ? ['kilobyte', 1024] : ['megabyte', 1024 * 1024];
  const style = { style: 'unit', unitDisplay: 'long', unit: String(unit), maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(LANGUAGE, style).format(size / Number(divisor));
}
