import type { BoardEntry, BoardPlayer } from '../entry.ts';
import { COLOURS, document, places, text } from './svg.ts';
import { idOf, lineOf, metricName, nameOf, type Texts, textsIn } from './texts.ts';

/** What a rank card shows. */
export interface RankCard {
  /** The board's title. */
  board: string;
  /** How many are ranked. */
  total: number;
  entry: BoardEntry;
  /** Up to four are shown. */
  metrics: { name: string; value: number }[];
  /** How much of the score lies between the player and who comes next; unknown where it is left out. */
  toNext?: number;
  /** A BCP 47 name: the language of words and numbers. */
  locale?: string;
}

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 44;
const RIGHT = WIDTH - LEFT;
const MOST_METRICS = 4;
/** A metric's name takes no more room than so many letters from the others. */
const MOST_COLUMNS = 19;

/** Ranks by their colours, which never stand for anything alone: the rank and the tier stand beside them as text. */
const ACCENTS: { until: number; light: string; deep: string }[] = [
  { until: 1, light: '#ffd866', deep: '#f0b429' },
  { until: 2, light: '#e8edf5', deep: '#b9c4d6' },
  { until: 3, light: '#f3b98a', deep: '#d98f57' },
  { until: 10, light: '#cdb8ff', deep: '#a78bfa' },
  { until: 100, light: '#8be3d2', deep: '#4cc3ad' },
  { until: Number.POSITIVE_INFINITY, light: '#a9c6f5', deep: '#7ba4e6' },
];

/** Draws a player's rank as SVG, 900 × 260. */
export function rankCard(card: RankCard): string {
  const texts = textsIn(card.locale);
  const { entry } = card;
  const accent = ACCENTS.find(({ until }) => entry.rank <= until) ?? ACCENTS[0];
  const { light = COLOURS.text, deep = COLOURS.text } = accent ?? {};
  return document(WIDTH, HEIGHT, altTextOf(card), [
    `<defs><linearGradient id="accent" x1="0" y1="0" x2="1" y2="1"><stop stop-color="${light}"/>`,
    `<stop offset="1" stop-color="${deep}"/></linearGradient>`,
    `<radialGradient id="glow" cx="0.1" cy="0.1" r="0.75"><stop stop-color="${deep}" stop-opacity="0.2"/>`,
    `<stop offset="1" stop-color="${deep}" stop-opacity="0"/></radialGradient></defs>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="24" fill="${COLOURS.ground}"/>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="24" fill="url(#glow)"/>`,
    ...head(card, light, texts),
    ...figures(card, texts),
    ...progress(card),
  ]);
}

function head({ board, total, entry }: RankCard, accent: string, texts: Texts): string[] {
  const { rank, tier, player } = entry;
  const otherwise = idOf(player, texts);
  const where = [board, player.company, player.region].filter((part) => part?.trim()).map((part) => lineOf(part ?? ''));
  const move = movementOf(entry, texts);
  return [
    `<circle cx="92" cy="86" r="48" fill="url(#accent)"/>`,
    text(initialsOf(nameOf(player, texts)), {
      ...{ x: 92, y: 99, size: 36, bold: true, fill: COLOURS.ink, anchor: 'middle', width: 80 },
      otherwise: '#',
    }),
    text(nameOf(player, texts), { x: 164, y: 80, size: 40, bold: true, width: 420, least: 26, otherwise }),
    text(where.join('  ·  '), { x: 164, y: 110, size: 19, fill: COLOURS.muted, width: 420, least: 17 }),
    ...(tier?.trim()
      ? [
          `<path d="M171 121.500 l6.500 6.500 -6.500 6.500 -6.500 -6.500z" fill="${accent}"/>`,
          text(lineOf(tier), { x: 186, y: 134.5, size: 19, bold: true, fill: accent, width: 398, least: 17 }),
        ]
      : []),
    text(`#${texts.number(rank)}`, {
      ...{ x: RIGHT, y: 88, size: 66, bold: true, fill: accent, anchor: 'end', width: 250, least: 20 },
    }),
    text(texts.fill(texts.card.of, { total: texts.number(total) }), {
      ...{ x: RIGHT, y: 114, size: 19, fill: COLOURS.muted, anchor: 'end', width: 250 },
    }),
    text(move.mark, { x: RIGHT, y: 140, size: 19, bold: true, fill: move.fill, anchor: 'end', width: 250 }),
  ];
}

function figures({ entry, metrics, toNext }: RankCard, texts: Texts): string[] {
  const shown = [
    { name: texts.card.score, value: texts.shortNumber(entry.score) },
    ...metrics
      .slice(0, MOST_METRICS)
      .map(({ name, value }) => ({ name: metricName(name), value: texts.shortNumber(value) })),
    ...(toNext === undefined ? [] : [{ name: texts.card.next, value: texts.shortNumber(toNext) }]),
  ];
  const wanted = shown.map(
    ({ name, value }) => Math.max(Math.min(columnsOf(name), MOST_COLUMNS), 1.7 * columnsOf(value)) + 2,
  );
  const unit = (RIGHT - LEFT) / wanted.reduce((sum, columns) => sum + columns, 0);
  let x = LEFT;
  return [
    `<path d="M${LEFT} 157.500 H${RIGHT}" stroke="${COLOURS.line}" stroke-width="1"/>`,
    ...shown.flatMap(({ name, value }, index) => {
      const place = { x, width: unit * (wanted[index] ?? 0) - 16 };
      x += unit * (wanted[index] ?? 0);
      return [
        text(name, { ...place, y: 185, size: 17, least: 12, fill: COLOURS.muted }),
        text(value, { ...place, y: 216, size: 27, least: 12, bold: true }),
      ];
    }),
  ];
}

/** How wide a text is, roughly, in Latin letters. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\u1100-\u11FF\u2E80-\uFF60]/.test(letter) ? 2 : 1), 0);
}

/** How much of the score of who comes next is reached; full for the first. */
function progress({ entry: { rank, score }, toNext }: RankCard): string[] {
  const next = score + (toNext ?? 0);
  const part =
    toNext === undefined ? (rank === 1 ? 1 : null) : next > 0 ? Math.min(1, Math.max(0.02, score / next)) : null;
  if (part === null) return [];
  const bar = (width: number, fill: string) =>
    `<rect x="${LEFT}" y="233" width="${places(width)}" height="7" rx="3.500" fill="${fill}"/>`;
  return [bar(RIGHT - LEFT, COLOURS.line), bar((RIGHT - LEFT) * part, 'url(#accent)')];
}

/** The first letters of the first and the last word; the first alone in scripts without capitals. */
function initialsOf(name: string): string {
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const initials = name.split(/\s+/u).flatMap((word) => {
    const letter = [...graphemes.segment(word)].find(({ segment }) => /[\p{L}\p{N}]/u.test(segment));
    return letter ? [letter.segment.toLocaleUpperCase('en')] : [];
  });
  const [first = '', last = ''] = [initials[0], initials.length > 1 ? initials.at(-1) : ''];
  return /^\p{Lu}/u.test(first) && /^\p{Lu}/u.test(last) ? first + last : first;
}

function movementOf({ previous_rank, delta }: BoardEntry, texts: Texts): { mark: string; fill: string } {
  if (previous_rank === null) return { mark: texts.card.new, fill: COLOURS.muted };
  if (delta === 0) return { mark: `– ${texts.card.same}`, fill: COLOURS.muted };
  const places = texts.number(Math.abs(delta));
  return delta > 0 ? { mark: `▲ ${places}`, fill: COLOURS.up } : { mark: `▼ ${places}`, fill: COLOURS.down };
}

/** All that a card shows, as one sentence without a full stop. Text from people is harmless in it, and not escaped. */
export function altTextOf({ board, total, entry, metrics, toNext, locale }: RankCard): string {
  const texts = textsIn(locale);
  const { number, fill, sentence } = texts;
  const { rank, score, tier, player } = entry;
  const about = { name: nameOf(player, texts), rank: number(rank), total: number(total), board: lineOf(board) };
  const facts = [
    fill(sentence.rank, about),
    movementSentence(entry, texts),
    ...(tier?.trim() ? [fill(sentence.tier, { tier: lineOf(tier) })] : []),
    fill(sentence.score, { score: number(score) }),
  ];
  const more = [
    ...metrics.slice(0, MOST_METRICS).map(({ name, value }) => `${metricName(name)} ${number(value)}`),
    ...(toNext === undefined ? [] : [fill(sentence.next, { points: number(toNext) })]),
  ];
  return [facts.join(', '), ...(more.length > 0 ? [more.join(', ')] : [])].join('; ');
}

function movementSentence({ rank, previous_rank, delta }: BoardEntry, { number, fill, sentence }: Texts): string {
  if (previous_rank === null) return sentence.new;
  if (delta === 0) return sentence.same;
  const values = { places: number(Math.abs(delta)), previous: number(previous_rank) };
  // Within a region or a company ranks are others than on the whole board, where movement is counted.
  const isWhole = previous_rank - delta === rank;
  if (delta > 0) return fill(isWhole ? sentence.upFrom : sentence.up, values);
  return fill(isWhole ? sentence.downFrom : sentence.down, values);
}

/** All that a card shows, as a few short lines. Text from people is harmless in it, and not escaped. */
export function textOf({ board, total, entry, metrics, toNext, locale }: RankCard): string {
  const texts = textsIn(locale);
  const { number, fill, card, sentence } = texts;
  const { tier, player } = entry;
  const lines = [
    [
      nameOf(player, texts),
      ...[player.company, player.region].filter((part) => part?.trim()).map((part) => lineOf(part ?? '')),
    ],
    [`#${number(entry.rank)} ${fill(card.of, { total: number(total) })}`, movementOf(entry, texts).mark, lineOf(board)],
    [`${card.score} ${number(entry.score)}`, ...(tier?.trim() ? [lineOf(tier)] : [])],
    metrics.slice(0, MOST_METRICS).map(({ name, value }) => `${metricName(name)} ${number(value)}`),
    toNext === undefined ? [] : [fill(sentence.next, { points: number(toNext) })],
  ];
  return lines
    .filter((parts) => parts.length > 0)
    .map((parts) => parts.join(' · '))
    .join('\n');
}

/** What there is to say of a player without a rank. Text from people is harmless in it, and not escaped. */
export function unrankedText({
  board,
  player,
  locale,
}: {
  board: string;
  player?: BoardPlayer;
  locale?: string;
}): string {
  const texts = textsIn(locale);
  const about = { name: player ? nameOf(player, texts) : texts.somebody, board: lineOf(board) };
  return texts.fill(texts.unranked, about);
}
