/** The colours of pictures: a dark card of its own, readable in Discord’s light and dark, for every kind of colour vision. */
export const COLOURS = {
  ground: '#1b1f2a',
  /** Lines, and what lies behind a bar. */
  line: '#39404f',
  text: '#f4f6fb',
  muted: '#b4bccb',
  /** On a light ground. */
  ink: '#14171f',
  up: '#79c0ff',
  down: '#ffb26b',
} as const;

/** How a text stands; all lengths are in pixels. `platform/pictures/typeset.ts` says what `width`, `least` and `otherwise` do. */
export interface TextStyle {
  x: number;
  y: number;
  size: number;
  fill?: string;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  width?: number;
  least?: number;
  otherwise?: string;
}

/** One line of text. */
export function text(content: string, style: TextStyle): string {
  const { x, y, size, fill = COLOURS.text, bold, anchor, width, least, otherwise } = style;
  const attributes = {
    x: places(x),
    y: places(y),
    'font-size': size,
    'font-weight': bold ? 700 : 500,
    fill,
    'text-anchor': anchor,
    'data-width': width === undefined ? undefined : places(width),
    'data-least': least,
    'data-else': otherwise,
  };
  return `<text ${attributesOf(attributes)}>${escapeXml(content)}</text>`;
}

/** @param label what the picture says, for those who do not see it */
export function document(width: number, height: number, label: string, content: readonly string[]): string {
  const attributes = { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label };
  const font = 'font-family="Inter, Noto Sans, sans-serif"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributesOf(attributes)} ${font}>${content.join('')}</svg>`;
}

/** A number for a path or a place, with no more digits than can be seen. */
export function places(number: number): number {
  return Math.round(number * 100) / 100;
}

const ENTITIES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };
/** What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets). */
const UNWRITABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text as XML has it in elements and attributes. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(UNWRITABLE, '')
    .replace(/[<>&"']/g, (sign) => ENTITIES[sign] ?? '');
}

function attributesOf(attributes: Record<string, string | number | undefined>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ');
}
