import { type Child, el, fill } from './dom.ts';
import { nameOf, tint } from './people.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';
import { timestamp } from './time.ts';

/** Discord's markdown (support: "Markdown Text 101"), as elements. Outside text only ever becomes text. */

/** Deeper markup than this is shown as it was typed. */
const DEPTH = 10;

interface Context {
  session: Session;
  depth: number;
}

interface Found {
  /** How many characters it takes. */
  length: number;
  node: Node | string;
}

/** Reads one kind of markup at a place in a text; undefined when it does not stand there. */
type Read = (source: string, at: number, context: Context) => Found | undefined;

/** A text with its markdown. */
export function markdown(session: Session, source: string): HTMLElement {
  return el('div', { class: 'markdown' }, ...blocks(source, { session, depth: 0 }));
}

/** A text in one line, such as an embed's title: no headings, quotes or lists. */
export function inlineMarkdown(session: Session, source: string): HTMLElement {
  return el('span', { class: 'markdown' }, ...inline(source, { session, depth: 0 }));
}

const FENCE = /^```(?:([\w+#.-]+)\n)?\n?([\s\S]+?)\n?```/;
const HEADING = /^(#{1,3}) +(.+)$/;
const SUBTEXT = /^-# +(.+)$/;
const ITEM = /^( *)(?:[-*]|(\d{1,9})\.) +(.+)$/;
const QUOTE = /^> (.*)$/;

function blocks(source: string, context: Context): Node[] {
  const made: Node[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') made.push(el('div', { class: 'paragraph' }, ...inline(plain, context)));
    plain = '';
  };
  let rest = source;
  while (rest !== '') {
    const block = context.depth > DEPTH ? undefined : blockAt(rest, context);
    if (block !== undefined) {
      flush();
      made.push(block.node);
      rest = rest.slice(block.length).replace(/^\n/, '');
      continue;
    }
    // A fence may begin within a line; everything else begins one.
    const fence = rest.indexOf('```', 1);
    const line = rest.indexOf('\n') < 0 ? rest.length : rest.indexOf('\n') + 1;
    const end = fence > 0 && FENCE.test(rest.slice(fence)) ? Math.min(fence, line) : line;
    plain += rest.slice(0, end);
    rest = rest.slice(end);
  }
  flush();
  return made;
}

function blockAt(rest: string, context: Context): { length: number; node: Node } | undefined {
  const inner = { ...context, depth: context.depth + 1 };
  const fence = rest.startsWith('```') ? FENCE.exec(rest) : null;
  if (fence !== null) return { length: fence[0].length, node: el('pre', {}, el('code', {}, fence[2] ?? '')) };
  if (rest.startsWith('>>> '))
    return { length: rest.length, node: el('blockquote', {}, ...blocks(rest.slice(4), inner)) };
  const line = rest.split('\n', 1)[0] ?? '';
  const heading = HEADING.exec(line);
  if (heading !== null) {
    const level = heading[1]?.length ?? 1;
    const node = el('div', { class: `heading-${level}`, role: 'heading', 'aria-level': level + 2 });
    fill(node, ...inline(heading[2] ?? '', inner));
    return { length: line.length, node };
  }
  const small = SUBTEXT.exec(line)?.[1];
  if (small !== undefined)
    return { length: line.length, node: el('small', { class: 'subtext' }, ...inline(small, inner)) };
  if (QUOTE.test(line)) {
    const lines = takeWhile(rest, (candidate) => QUOTE.test(candidate));
    const quoted = lines.map((candidate) => QUOTE.exec(candidate)?.[1] ?? '').join('\n');
    return { length: lines.join('\n').length, node: el('blockquote', {}, ...blocks(quoted, inner)) };
  }
  if (ITEM.test(line)) {
    const lines = takeWhile(rest, (candidate) => ITEM.test(candidate));
    return { length: lines.join('\n').length, node: listOf(lines, inner) };
  }
  return undefined;
}

function takeWhile(rest: string, test: (line: string) => boolean): string[] {
  const lines = rest.split('\n');
  const end = lines.findIndex((line) => !test(line));
  return end < 0 ? lines : lines.slice(0, end);
}

function listOf(lines: string[], context: Context): HTMLElement {
  const ordered = ITEM.exec(lines[0] ?? '')?.[2];
  const items = lines.map((line) => {
    const [, indent = '', , content = ''] = ITEM.exec(line) ?? [];
    const item = el('li', {}, ...inline(content, context));
    if (indent.length > 0) item.classList.add('deeper');
    return item;
  });
  return ordered === undefined ? el('ul', {}, ...items) : el('ol', { start: ordered }, ...items);
}

/** Text between two equal marks; the inside is markup too. */
function between(mark: string, make: (inner: Child[]) => HTMLElement, word = false): Read {
  return (source, at, context) => {
    if (!source.startsWith(mark, at)) return undefined;
    const start = at + mark.length;
    if (word && /\w/.test(source[at - 1] ?? '')) return undefined;
    let end = source.indexOf(mark, start);
    // A single mark is not half of a double one.
    while (mark.length === 1 && end >= 0 && source[end + 1] === mark) end = source.indexOf(mark, end + 2);
    if (end <= start) return undefined;
    if (mark.length === 2 && source[end + 2] === mark[0] && source[end + 3] !== mark[0]) end++;
    const inner = source.slice(start, end);
    if (inner.trim() === '' || (mark.length === 1 && /^\s|\s$/.test(inner))) return undefined;
    if (word && /\w/.test(source[end + mark.length] ?? '')) return undefined;
    const nodes = inline(inner, { ...context, depth: context.depth + 1 });
    return { length: end + mark.length - at, node: make(nodes) };
  };
}

/** What a pattern finds at a place. */
function pattern(sticky: RegExp, make: (match: RegExpExecArray, context: Context) => Node | string): Read {
  return (source, at, context) => {
    sticky.lastIndex = at;
    const match = sticky.exec(source);
    return match === null ? undefined : { length: match[0].length, node: make(match, context) };
  };
}

function mention(label: string, colour = 0): HTMLElement {
  return tint(el('span', { class: 'mention' }, label), colour);
}

/** A link that leaves the page; only http and https go anywhere. */
export function link(address: string, ...label: Child[]): HTMLElement {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return el('span', {}, ...label);
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer', title: url.href }, ...label);
}

function spoiler(inner: Child[]): HTMLElement {
  const hidden = el('span', { class: 'spoiler', role: 'button', tabindex: 0, 'aria-label': text('markdown.spoiler') });
  const cover = el('span', { 'aria-hidden': 'true' }, ...inner);
  const reveal = () => {
    hidden.classList.add('revealed');
    for (const name of ['role', 'tabindex', 'aria-label']) hidden.removeAttribute(name);
    cover.removeAttribute('aria-hidden');
  };
  hidden.addEventListener('click', reveal);
  hidden.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      reveal();
    }
  });
  hidden.append(cover);
  return hidden;
}

/** Every kind of markup within a line; of those that fit, the first counts. */
const READS: Record<string, Read[]> = {
  '\\': [pattern(/\\([!-/:-@[-`{-~])/y, ([, letter = '']) => letter)],
  '`': [
    pattern(/``([^`]|[^`][\s\S]*?[^`])``(?!`)/y, ([, code = '']) => el('code', {}, code.trim())),
    pattern(/`([^`]+)`/y, ([, code = '']) => el('code', {}, code)),
  ],
  '*': [between('**', (inner) => el('strong', {}, ...inner)), between('*', (inner) => el('em', {}, ...inner))],
  _: [between('__', (inner) => el('u', {}, ...inner)), between('_', (inner) => el('em', {}, ...inner), true)],
  '~': [between('~~', (inner) => el('s', {}, ...inner))],
  '|': [between('||', spoiler)],
  '[': [
    pattern(
      /\[([^\]\n]{1,500})\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"\n]*")?\)/y,
      ([, label = '', address = ''], context) =>
        link(address, ...inline(label, { ...context, depth: context.depth + 1 })),
    ),
  ],
  '<': [
    pattern(/<@!?(\d{1,20})>/y, ([, id = ''], { session }) => mention(`@${nameOf(session, id)}`)),
    pattern(/<@&(\d{1,20})>/y, ([, id = ''], { session }) => {
      const role = session.mirror.get('roles', id);
      return mention(`@${role?.name ?? text('markdown.deleted-role')}`, role?.color ?? 0);
    }),
    pattern(/<#(\d{1,20})>/y, ([, id = ''], { session }) => {
      const channel = session.mirror.get('channels', id);
      if (channel === undefined || !session.sees(channel)) return mention(`#${text('markdown.unknown-channel')}`);
      const open = () => session.open(id);
      return el('button', { type: 'button', class: 'mention', onclick: open }, `#${channel.name}`);
    }),
    pattern(/<\/([^:>\n]{1,100}):\d{1,20}>/y, ([, name = '']) => mention(`/${name}`)),
    pattern(/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, ([, seconds = '', style = 'f']) => timestamp(Number(seconds), style)),
    pattern(/<a?:(\w{2,32}):\d{1,20}>/y, ([, name = '']) => el('span', { class: 'emoji' }, `:${name}:`)),
    pattern(/<(https?:\/\/[^\s<>]+)>/y, ([, address = '']) => link(address, address)),
  ],
  '@': [pattern(/@(everyone|here)\b/y, ([whole]) => mention(whole))],
  h: [
    pattern(/https?:\/\/[^\s<>]+/y, ([whole]) => {
      const address = whole.replace(/[.,:;!?'")\]]+$/, '');
      return el('span', {}, link(address, address), whole.slice(address.length));
    }),
  ],
};

function inline(source: string, context: Context): Child[] {
  const made: Child[] = [];
  let plain = '';
  let at = 0;
  while (at < source.length) {
    const letter = source[at] ?? '';
    const reads = context.depth > DEPTH || !Object.hasOwn(READS, letter) ? [] : (READS[letter] ?? []);
    const found = firstOf(reads, source, at, context);
    if (found === undefined) {
      plain += letter;
      at++;
      continue;
    }
    if (plain !== '') made.push(plain);
    plain = '';
    made.push(found.node);
    at += found.length;
  }
  if (plain !== '') made.push(plain);
  return made;
}

function firstOf(reads: Read[], source: string, at: number, context: Context): Found | undefined {
  for (const read of reads) {
    const found = read(source, at, context);
    if (found !== undefined) return found;
  }
  return undefined;
}
