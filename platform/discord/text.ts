/** Letters that are written from right to left, by the blocks that Unicode keeps for them. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

const ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const ELLIPSIS = '…';

/** Letters and marks of the scripts in which a joiner changes a letter's form. */
const JOINING_SCRIPTS =
  '[[\\p{L}\\p{M}]--[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Han}\\p{Script=Hangul}' +
  '\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Common}\\p{Script=Inherited}\\p{DI}]]';

/** Invisible characters where a script or an emoji needs them, and format characters that are seen. */
const NEEDED = [
  '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{1,6}\\u{E007F}',
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})',
  `(?<=${JOINING_SCRIPTS})[\\u200C\\u200D]`,
  '(?<=\\p{Emoji})[\\uFE0E\\uFE0F]',
  `(?<=[\\p{Script=Han}\\p{Sm}${JOINING_SCRIPTS}])[\\uFE00-\\uFE0D]`,
  '(?<=\\p{Script=Han})[\\u{E0100}-\\u{E01EF}]',
  '(?<=\\p{Script=Mongolian})[\\u180B-\\u180F]',
  '[\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]',
].join('|');
const INVISIBLE = new RegExp(`(${NEEDED})|[[\\p{DI}\\p{Cc}\\p{Cf}]--[\\n]]`, 'gv');

const MARKS = /[\p{M}\u200C\u200D]+/gu;
const MARKS_WITHOUT_BASE = /(?<!\S)[\p{M}\u200C\u200D]+/gu;
const GENERAL_MARK = /\p{Script=Inherited}/u;
/** Enough for every language; more is written to cover the lines around. */
const MOST_GENERAL_MARKS = 3;
const MOST_MARKS = 8;

const VISIBLE = /[^\s\p{Z}\p{C}\p{M}\u2800]/u;

/**
 * What Discord's markdown gives a meaning (https://support.discord.com, "Markdown Text 101", and the documentation's
 * page "Message Formatting"). A backslash before any sign that is no letter, digit or space shows that sign.
 */
const MARKDOWN = new RegExp(
  [
    '[\\\\*_~`|\\[\\]<]',
    // Mentions, custom emoji, commands, timestamps and links in angle brackets.
    '(?<=<)[@#:/]',
    '@(?=[!&\\d])',
    '(?<=<[a-z]{1,8}):',
    // Links, and invites that need no scheme.
    ':(?=//)',
    '(?<=discord(?:app)?)\\.(?=[a-z])',
    // At the start of a line: quotes, headings, lists and small print.
    '(?<=^[^\\S\\n]*)(?:>|#(?!\\uFE0F)|[-+](?=[\\s#]))',
    '(?<=^[^\\S\\n]*\\d+)[.)](?=\\s)',
  ].join('|'),
  'gimu',
);

/** Shown where there is nothing to show. */
export const NOTHING = '—';

/**
 * A person's text for places where Discord shows text as it is, such as labels and titles of modals: normalised (NFC),
 * without controls and invisible characters, with few marks on a letter, and with each line that has right-to-left
 * letters isolated, so that it cannot reorder the text around it. Applying it again changes nothing.
 */
export function cleanText(text: string, fallback: string = NOTHING): string {
  const clean = tidy(text);
  return VISIBLE.test(clean) ? isolate(clean) : fallback;
}

/**
 * A person's text for message contents and embeds: as `cleanText`, and nothing in it is formatted, linked or mentioned.
 * Mentions of everyone are broken by a character without width, as Discord finds them behind a backslash too.
 */
export function escapeText(text: string, fallback: string = NOTHING): string {
  const clean = tidy(text);
  if (!VISIBLE.test(clean)) return fallback;
  return isolate(clean.replace(MARKDOWN, '\\$&').replace(/@(?=everyone|here)/gi, '@\u200B'));
}

/** As `escapeText`, on one line: for names and whatever stands inside a sentence or a list. */
export function escapeLine(text: string, fallback: string = NOTHING): string {
  return escapeText(text.replace(/\s+/gu, ' '), fallback);
}

/**
 * Cuts text to a limit, at the end of a character as people see it (a grapheme), and ends it with `…`. Works on escaped
 * text: no backslash is left without its sign, no isolate open. Discord counts code points (said by its staff in
 * discord/discord-api-docs#1315), most libraries UTF-16 units; these are never fewer, so what fits here fits both.
 */
export function fitText(text: string, limit: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= limit) return whole;
  if (limit < ELLIPSIS.length) return '';
  // What follows the next character never moves a boundary before it.
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(whole.slice(0, limit + 2));
  const ends = [...segments].map(({ index }) => index).filter((end) => end < limit);
  for (const end of ends.reverse()) {
    const kept = trimCut(whole.slice(0, end));
    const cut = kept + POP_ISOLATE.repeat(openIsolates(kept)) + ELLIPSIS;
    if (cut.length <= limit) return cut;
  }
  return ELLIPSIS;
}

/**
 * A number for people, grouped and never in powers of ten. Discord's locales are BCP 47 names.
 * @param places how many decimal places are shown at most
 */
export function plainNumber(value: number | bigint, locale = 'en-US', places = 2): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return NOTHING;
  // Adding zero makes the negative zero an ordinary one.
  const unit = 10 ** places;
  const number = typeof value === 'number' ? Math.round(value * unit) / unit + 0 : value;
  return numberFormat(locale, places).format(number);
}

/** Making one takes some sixty times as long as using it. */
const numberFormats = new Map<string, Intl.NumberFormat>();
/** Discord has some thirty locales; whoever invents others fills no memory. */
const MOST_FORMATS = 200;

function numberFormat(locale: string, places: number): Intl.NumberFormat {
  const key = `${places} ${locale}`;
  const held = numberFormats.get(key);
  if (held) return held;
  const [known = 'en-US'] = supported(locale);
  const format = new Intl.NumberFormat(known, { maximumFractionDigits: places });
  if (numberFormats.size >= MOST_FORMATS) numberFormats.clear();
  numberFormats.set(key, format);
  return format;
}

function supported(locale: string): string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf([locale]);
  } catch {
    return [];
  }
}

/** Repeated until it settles, as what one step removes may have parted what another step looks for. */
function tidy(text: string): string {
  let tidied = text
    .toWellFormed()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ');
  for (;;) {
    const before = tidied;
    tidied = tidied
      .normalize('NFC')
      .replace(INVISIBLE, (_, needed: string | undefined) => needed ?? '')
      .replace(MARKS, fewMarks)
      .replace(MARKS_WITHOUT_BASE, '')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    if (tidied === before) return tidied;
  }
}

function fewMarks(marks: string): string {
  let general = 0;
  return [...marks]
    .filter((mark) => !GENERAL_MARK.test(mark) || ++general <= MOST_GENERAL_MARKS)
    .slice(0, MOST_MARKS)
    .join('');
}

/** A line's end closes every isolate, so each line has its own. */
function isolate(text: string): string {
  const lines = text.split('\n');
  return lines.map((line) => (RIGHT_TO_LEFT.test(line) ? ISOLATE + line + POP_ISOLATE : line)).join('\n');
}

/** Removes spaces and a backslash whose sign was cut off, until neither ends the text. */
function trimCut(text: string): string {
  let trimmed = text;
  for (;;) {
    const before = trimmed;
    trimmed = trimmed.trimEnd();
    const backslashes = /\\*$/.exec(trimmed)?.[0].length ?? 0;
    if (backslashes % 2 === 1) trimmed = trimmed.slice(0, -1);
    if (trimmed === before) return trimmed;
  }
}

function openIsolates(text: string): number {
  let open = 0;
  for (const [sign] of text.matchAll(/[\u2066-\u2069\n]/g)) {
    if (sign === '\n') open = 0;
    else if (sign === POP_ISOLATE) open = Math.max(0, open - 1);
    else open++;
  }
  return open;
}
