import { MISSING } from './fonts.ts';
import type { Line, Setter } from './line.ts';

const TEXT = /<text\b([^>]*)>([^<]*)<\/text>/g;
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g;
const BOLD_FROM = 600;

/**
 * Draws each `<text>` of an SVG as outlines, so that it looks the same whatever fonts a machine has. A text is one line
 * with `x`, `y`, `font-size`, `font-weight`, `fill` and `text-anchor` as SVG has them, and
 * - `data-width`: the most that it may take, in pixels; it shrinks down to `data-least` as its font size and is then cut
 * - `data-else`: what to draw where nothing of it can be drawn
 * @param svg a document whose texts hold no elements and whose attributes hold no `<` or `>`
 */
export function typeset(svg: string, setter: Setter): string {
  return svg.replace(TEXT, (_all, attributes: string, content: string) => {
    const given = Object.fromEntries([...attributes.matchAll(ATTRIBUTE)].map(([, name, value = '']) => [name, value]));
    const size = Number(given['font-size'] ?? 16);
    const bold = Number(given['font-weight'] ?? 400) >= BOLD_FROM;
    const width = Number(given['data-width'] ?? Number.POSITIVE_INFINITY);
    const least = Math.min(size, Number(given['data-least'] ?? size));
    for (const text of [content, given['data-else'] ?? '']) {
      const fitted = fitInto(unescapeXml(text), { size, least, width, bold }, setter);
      if (fitted) return outlines(fitted, given);
    }
    return '';
  });
}

interface Fitted {
  line: Line;
  size: number;
}

interface Space {
  size: number;
  least: number;
  width: number;
  bold: boolean;
}

function fitInto(text: string, { size, least, width, bold }: Space, setter: Setter): Fitted | null {
  const line = setter.set(text, bold);
  if (!line || line.width * size <= width) return line && { line, size };
  const smaller = width / line.width;
  if (smaller >= least) return { line, size: smaller };
  const cut = setter.cut(text, bold, width / least);
  return cut && { line: cut, size: least };
}

/** How much of its width a text stands left of its place. */
const ANCHORS: Record<string, number> = { start: 0, middle: 0.5, end: 1 };

function outlines({ line, size }: Fitted, given: Record<string, string>): string {
  const anchor = ANCHORS[given['text-anchor'] ?? 'start'] ?? 0;
  const left = Number(given.x ?? 0) - anchor * line.width * size;
  const top = Number(given.y ?? 0);
  const paths = line.runs.flatMap(({ font, x, glyphs }) => {
    const scale = size / font.unitsPerEm;
    let at = left + x * size;
    return glyphs.map(({ id, advance, x, y }) => {
      const outline = id === MISSING ? '' : font.outline(id);
      const place = [scale, 0, 0, -scale, at + x * scale, top - y * scale].map((number) => Number(number.toFixed(4)));
      at += advance * scale;
      return outline && `<path transform="matrix(${place.join(' ')})" d="${outline}"/>`;
    });
  });
  return `<g fill="${given.fill ?? '#000'}">${paths.join('')}</g>`;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_all, name: string) => ENTITIES[name] ?? '');
}
