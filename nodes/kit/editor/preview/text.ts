import { make } from '../dom.ts';

/**
 * Shows templates as Discord shows the text that comes of them: its markdown, with a pill where a value of the message
 * will stand (https://discord.com/developers/docs/reference#message-formatting). Text never becomes HTML.
 */

/** Signs of no script stand for the values while markdown is read. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const VALUE = `${OPEN}\\d+${CLOSE}`;

interface Read {
  text: string;
  /** The paths of the values, by their place. */
  paths: string[];
}

/** Takes the braces out of a template: of sections, what stands where there is something shows. */
function read(template: string): Read {
  const paths: string[] = [];
  const text = template
    .replace(/[\uE000\uE001]/g, '')
    .replace(/\{\{\^\s*([^{}]+?)\s*\}\}[\s\S]*?\{\{\/\s*\1\s*\}\}/g, '')
    .replace(/\{\{[#/][^{}]*\}\}/g, '')
    .replace(/\{\{\{?\s*([^{}]*?)\s*\}?\}\}/g, (_tag, path: string) => {
      paths.push(path);
      return `${OPEN}${paths.length - 1}${CLOSE}`;
    });
  return { text, paths };
}

/** A template as one line without markdown, as labels and titles of modals show it. */
export function plainLine(template: string): Node[] {
  const { text, paths } = read(template);
  return withPills(text, paths);
}

/** A template with markdown on one line, as titles and headings of a card show it. */
export function richLine(template: string): Node[] {
  const { text, paths } = read(template);
  return inline(text, paths);
}

/** A template with all of Discord's markdown. */
export function richText(template: string): Node[] {
  const { text, paths } = read(template);
  const blocks: Node[] = [];
  for (const [index, part] of text.split(/```(?:\w*\n)?([\s\S]*?)```/).entries()) {
    if (index % 2 === 1) blocks.push(make('pre', {}, ...withPills(part.replace(/\n$/, ''), paths)));
    else if (part !== '') blocks.push(...lines(part.replace(/^\n|\n$/g, ''), paths));
  }
  return blocks;
}

/** What begins a line, and what the line then is. */
const LINES: [RegExp, string][] = [
  [/^# (.+)/, 'h1'],
  [/^## (.+)/, 'h2'],
  [/^### (.+)/, 'h3'],
  [/^-# (.+)/, 'small'],
  [/^> ?(.*)/, 'quote'],
  [/^\s*[-*] (.+)/, 'item'],
];

function lines(text: string, paths: string[]): Node[] {
  return text.split('\n').map((line) => {
    for (const [pattern, kind] of LINES) {
      const rest = pattern.exec(line)?.[1];
      if (rest !== undefined) return make('div', { class: `guildhall-md-${kind}` }, ...inline(rest, paths));
    }
    return make('div', { class: 'guildhall-md-line' }, ...inline(line, paths));
  });
}

/** What stands within a line: the first pattern that is found earliest wins. */
const INLINE: { pattern: RegExp; draw: (found: RegExpExecArray, paths: string[]) => Node }[] = [
  { pattern: /`([^`]+)`/, draw: ([, code = ''], paths) => make('code', {}, ...withPills(code, paths)) },
  { pattern: /\*\*(.+?)\*\*(?!\*)/, draw: ([, inner = ''], paths) => make('b', {}, ...inline(inner, paths)) },
  { pattern: /__(.+?)__/, draw: ([, inner = ''], paths) => make('u', {}, ...inline(inner, paths)) },
  { pattern: /~~(.+?)~~/, draw: ([, inner = ''], paths) => make('s', {}, ...inline(inner, paths)) },
  {
    pattern: /\|\|(.+?)\|\|/,
    draw: ([, inner = ''], paths) => make('span', { class: 'guildhall-spoiler' }, ...inline(inner, paths)),
  },
  { pattern: /\*([^*\s](?:[^*]*[^*\s])?)\*/, draw: ([, inner = ''], paths) => make('i', {}, ...inline(inner, paths)) },
  {
    pattern: /(?<!\w)_([^_\s](?:[^_]*[^_\s])?)_(?!\w)/,
    draw: ([, inner = ''], paths) => make('i', {}, ...inline(inner, paths)),
  },
  {
    pattern: /\[([^\]]+)\]\(<?[^)\s]+>?\)/,
    draw: ([, label = ''], paths) => make('span', { class: 'guildhall-link' }, ...inline(label, paths)),
  },
  {
    pattern: /https?:\/\/[^\s<>]+/,
    draw: ([address = ''], paths) => make('span', { class: 'guildhall-link' }, ...withPills(address, paths)),
  },
  {
    pattern: new RegExp(`<t:(?:-?\\d+|${VALUE})(?::([tTdDfFR]))?>`),
    draw: ([, style]) => make('span', { class: 'guildhall-time' }, sampleTime(style)),
  },
  {
    pattern: new RegExp(`<(@[!&]?|#)(\\d+|${VALUE})>`),
    draw: ([, sign = '', id = ''], paths) =>
      make('span', { class: 'guildhall-mention' }, sign.startsWith('@') ? '@' : '#', ...mentioned(id, paths)),
  },
];

const mentioned = (id: string, paths: string[]): Node[] =>
  id.startsWith(OPEN) ? withPills(id, paths) : [document.createTextNode(id)];

function inline(text: string, paths: string[]): Node[] {
  let first: { found: RegExpExecArray; draw: (found: RegExpExecArray, paths: string[]) => Node } | null = null;
  for (const { pattern, draw } of INLINE) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, draw };
  }
  if (!first) return withPills(text, paths);
  const { found, draw } = first;
  const rest = text.slice(found.index + found[0].length);
  return [...withPills(text.slice(0, found.index), paths), draw(found, paths), ...inline(rest, paths)];
}

/** Puts a pill where a value will stand: its last two names, and the whole path to whoever points at it. */
function withPills(text: string, paths: string[]): Node[] {
  return text
    .split(new RegExp(`${OPEN}(\\d+)${CLOSE}`))
    .map((part, index) => {
      if (index % 2 === 0) return document.createTextNode(part);
      const path = paths[Number(part)] ?? '';
      const name = path.split('.').slice(-2).join('.');
      return make('span', { class: 'guildhall-pill', title: path }, name);
    })
    .filter((node) => node.textContent !== '');
}

/** A time as Discord writes it, an hour and a half ago. */
function sampleTime(style = 'f'): string {
  const language = RED.i18n.lang();
  if (style === 'R') return new Intl.RelativeTimeFormat(language).format(-2, 'hour');
  const FORMATS: Record<string, Intl.DateTimeFormatOptions> = {
    t: { timeStyle: 'short' },
    T: { timeStyle: 'medium' },
    d: { dateStyle: 'short' },
    D: { dateStyle: 'long' },
    F: { dateStyle: 'full', timeStyle: 'short' },
    f: { dateStyle: 'long', timeStyle: 'short' },
  };
  return new Intl.DateTimeFormat(language, FORMATS[style] ?? FORMATS.f).format(Date.now() - 5_400_000);
}
