import { COLOURS, document, places, text } from './svg.ts';
import { lineOf, type Texts, textsIn } from './texts.ts';

/** What a history chart shows. */
export interface HistoryChart {
  title: string;
  /** In any order. Without a rank where it was not known. */
  points: HistoryPoint[];
  /** An IANA name; the machine's own where it is left out or unknown. */
  timeZone?: string;
  /** A BCP 47 name: the language of words, numbers and dates. */
  locale?: string;
}

export interface HistoryPoint {
  at: Date;
  score: number;
  rank: number | null;
}

const WIDTH = 800;
const HEIGHT = 300;
/** The plot, between the labels of its axes. */
const LEFT = 104;
const RIGHT = 768;
const DATES = 280;
/** Where the lines are drawn; without ranks the scores have all the room. */
const SCORES = { top: 88, bottom: 176 };
const RANKS = { top: 214, bottom: 250 };
const SCORES_ALONE = { top: 88, bottom: 250 };

const SCORE_COLOUR = '#8be3d2';
const RANK_COLOUR = '#cdb8ff';
const MOST_DATES = 5;
/** More points than this cannot be told apart. */
const MOST_POINTS = 600;
/** Fewer are marked one by one. */
const FEW_POINTS = 32;
/** A pause counts as a gap where it is so many times as long as usual. */
const GAP = 4;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Draws scores, and ranks with the best one on top, over time as SVG, 800 × 300. */
export function historyChart(chart: HistoryChart): string {
  const texts = textsIn(chart.locale);
  const points = inOrder(chart.points);
  return document(WIDTH, HEIGHT, historyAltText(chart), [
    `<defs><linearGradient id="area" x1="0" y1="0" x2="0" y2="1"><stop stop-color="${SCORE_COLOUR}" stop-opacity="0.35"/>`,
    `<stop offset="1" stop-color="${SCORE_COLOUR}" stop-opacity="0.02"/></linearGradient></defs>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="24" fill="${COLOURS.ground}"/>`,
    text(lineOf(chart.title, ' '), { x: 32, y: 42, size: 22, bold: true, width: 440, least: 17 }),
    ...(points.length === 0
      ? [text(texts.chart.empty, { x: WIDTH / 2, y: 165, size: 22, fill: COLOURS.muted, anchor: 'middle' })]
      : plot(points, texts, datesOf(points, texts, chart.timeZone))),
  ]);
}

function plot(points: HistoryPoint[], texts: Texts, dates: Dates): string[] {
  const shown = thinned(points);
  const ranked = shown.flatMap(({ at, rank }) => (rank === null ? [] : [{ at, value: rank }]));
  const x = scaleOf(
    [shown[0], shown.at(-1)].map((point) => point?.at.getTime() ?? 0),
    LEFT,
    RIGHT,
  );
  const scores: Series = {
    ...(ranked.length > 0 ? SCORES : SCORES_ALONE),
    ...{ name: texts.chart.score, colour: SCORE_COLOUR, filled: true, stepped: true, label: texts.shortNumber },
    values: shown.map(({ at, score }) => ({ at, value: score })),
  };
  const ranks: Series = {
    ...{ name: texts.chart.rank, colour: RANK_COLOUR, filled: false, inverted: true, ...RANKS },
    label: (rank) => `#${texts.shortNumber(rank)}`,
    values: ranked,
  };
  const last = points.at(-1);
  const now = [texts.shortNumber(last?.score ?? 0), ...(last?.rank ? [ranks.label(last.rank)] : [])];
  return [
    text(now.join('  ·  '), { x: RIGHT, y: 42, size: 22, bold: true, anchor: 'end', width: 280, least: 15 }),
    ...panel(scores, x),
    ...(ranked.length > 0 ? panel(ranks, x) : []),
    ...dateLabels(shown, x, dates),
  ];
}

interface Value {
  at: Date;
  value: number;
}

interface Series {
  name: string;
  top: number;
  bottom: number;
  colour: string;
  filled: boolean;
  /** A value holds until the next one: it does not grow on the way there. */
  stepped?: boolean;
  /** Small values are on top. */
  inverted?: boolean;
  label(value: number): string;
  values: Value[];
}

type Scale = (value: number) => number;

/** Maps the range of some numbers to another; a range of one number to its middle. */
function scaleOf(numbers: readonly number[], from: number, to: number): Scale {
  // By halves, as the difference of two numbers may be larger than any number.
  const lowest = Math.min(...numbers) / 2;
  const span = Math.max(...numbers) / 2 - lowest;
  return (value) => (span > 0 ? from + ((value / 2 - lowest) / span) * (to - from) : (from + to) / 2);
}

function panel(series: Series, x: Scale): string[] {
  const { name, top, bottom, colour, label, values, inverted, stepped } = series;
  const numbers = values.map(({ value }) => value);
  const y = inverted ? scaleOf(numbers, top, bottom) : scaleOf(numbers, bottom, top);
  const extremes = [...new Set([Math.min(...numbers), Math.max(...numbers)])];
  const place = ({ at, value }: Value) => `${places(x(at.getTime()))} ${places(y(value))}`;
  const pieces = piecesOf(values);
  const last = values.at(-1);
  return [
    text(name, { x: LEFT, y: top - 10, size: 15, fill: COLOURS.muted }),
    ...extremes.flatMap((value) => [
      `<path d="M${LEFT} ${places(y(value))}H${RIGHT}" stroke="${COLOURS.line}" stroke-width="1"/>`,
      text(label(value), { x: LEFT - 12, y: y(value) + 5, size: 15, anchor: 'end', width: LEFT - 40, least: 11 }),
    ]),
    ...pieces.slice(1).map((piece, index) => {
      const before = pieces[index]?.at(-1);
      const [after] = piece;
      if (!before || !after) return '';
      return `<path d="M${lineThrough([before, after].map(place), stepped)}" fill="none" stroke="${colour}" stroke-opacity="0.5" stroke-width="1.500" stroke-dasharray="2 5"/>`;
    }),
    ...pieces.flatMap((piece) => linesOf(piece, series, place)),
    ...(last ? [`<circle cx="${place(last).replace(' ', '" cy="')}" r="5.500" fill="${colour}"/>`] : []),
  ];
}

function linesOf(
  piece: Value[],
  { bottom, colour, filled, stepped, values }: Series,
  place: (value: Value) => string,
): string[] {
  const at = piece.map(place);
  const line = lineThrough(at, stepped);
  const [start = '', end = ''] = [at[0], at.at(-1)].map((point) => point?.split(' ')[0]);
  const floor = bottom + 6;
  const marked = piece.length === 1 || values.length <= FEW_POINTS ? piece : [];
  return [
    ...(filled && piece.length > 1
      ? [`<path d="M${start} ${floor}L${line}L${end} ${floor}z" fill="url(#area)"/>`]
      : []),
    `<path d="M${line}" fill="none" stroke="${colour}" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/>`,
    ...marked.map((value) => `<circle cx="${place(value).replace(' ', '" cy="')}" r="3.500" fill="${colour}"/>`),
  ];
}

/** Joins points of “x y”: straight, or level as far as the next one and then up or down. */
function lineThrough(points: readonly string[], stepped = false): string {
  return stepped ? points.join('L').replace(/L(\S+) ([^L]+)/g, 'H$1V$2') : points.join('L');
}

/** Parts a line where a pause is much longer than usual. */
function piecesOf(values: readonly Value[]): Value[][] {
  const gap = GAP * usualPause(values);
  const pieces: Value[][] = [];
  for (const value of values) {
    const before = pieces.at(-1)?.at(-1);
    if (before && value.at.getTime() - before.at.getTime() <= gap) pieces.at(-1)?.push(value);
    else pieces.push([value]);
  }
  return pieces;
}

/** The median of the pauses between points. */
function usualPause(points: readonly Value[]): number {
  const pauses = points.slice(1).map(({ at }, index) => at.getTime() - (points[index]?.at.getTime() ?? 0));
  return pauses.sort((one, other) => one - other)[Math.floor(pauses.length / 2)] ?? 0;
}

function dateLabels(points: readonly HistoryPoint[], x: Scale, { axis }: Dates): string[] {
  const [first, last] = [points[0]?.at.getTime() ?? 0, points.at(-1)?.at.getTime() ?? 0];
  const count = first === last ? 1 : MOST_DATES;
  const labels = Array.from({ length: count }, (_, index) => {
    const at = first + ((last - first) * index) / Math.max(1, count - 1);
    return { at, label: axis.format(at) };
  });
  const anchorOf = (index: number) =>
    count === 1 ? 'middle' : index === 0 ? 'start' : index === count - 1 ? 'end' : 'middle';
  return labels.flatMap(({ at, label }, index) =>
    index > 0 && label === labels[index - 1]?.label
      ? []
      : [text(label, { x: x(at), y: DATES, size: 15, fill: COLOURS.muted, anchor: anchorOf(index) })],
  );
}

interface Dates {
  axis: Intl.DateTimeFormat;
  sentence: Intl.DateTimeFormat;
}

/** Dates as fine as the time between the first and the last point. */
function datesOf(points: readonly HistoryPoint[], { locale, wording }: Texts, timeZone: string | undefined): Dates {
  const span = (points.at(-1)?.at.getTime() ?? 0) - (points[0]?.at.getTime() ?? 0);
  const format = (language: string, options: Intl.DateTimeFormatOptions) => {
    try {
      return new Intl.DateTimeFormat(language, { ...options, timeZone });
    } catch {
      return new Intl.DateTimeFormat(language, options);
    }
  };
  const both = (axis: Intl.DateTimeFormatOptions, sentence: Intl.DateTimeFormatOptions): Dates => ({
    axis: format(locale, axis),
    sentence: format(wording, sentence),
  });
  const time = { hour: 'numeric', minute: '2-digit' } as const;
  if (span > 0 && span < 36 * HOUR) return both(time, { day: 'numeric', month: 'long', ...time });
  if (span < 330 * DAY) return both({ day: 'numeric', month: 'short' }, { day: 'numeric', month: 'long' });
  return both({ month: 'short', year: 'numeric' }, { dateStyle: 'long' });
}

/** By time, without what is no point. */
function inOrder(points: readonly HistoryPoint[]): HistoryPoint[] {
  return points
    .filter(({ at, score }) => Number.isFinite(at.getTime()) && Number.isFinite(score))
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** Of many points, the lowest and the highest score of each short while, and the ends. */
function thinned(points: HistoryPoint[]): HistoryPoint[] {
  if (points.length <= MOST_POINTS) return points;
  const size = Math.ceil((2 * points.length) / MOST_POINTS);
  const kept = new Set([points[0], points.at(-1)]);
  for (let start = 0; start < points.length; start += size) {
    const some = points.slice(start, start + size);
    kept.add(some.reduce((lowest, point) => (point.score < lowest.score ? point : lowest)));
    kept.add(some.reduce((highest, point) => (point.score > highest.score ? point : highest)));
  }
  return points.filter((point) => kept.has(point));
}

/** What a chart shows, as one sentence without a full stop. Text from people is harmless in it, and not escaped. */
export function historyAltText({ title, points, timeZone, locale }: HistoryChart): string {
  const texts = textsIn(locale);
  const { number, fill, chart } = texts;
  const ordered = inOrder(points);
  const about = { title: lineOf(title) };
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last) return fill(chart.emptySentence, about);

  const { sentence } = datesOf(ordered, texts, timeZone);
  const scores = ordered.map(({ score }) => score);
  const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
  const values = {
    ...{ ...about, first: number(first.score), last: number(last.score), score: number(last.score) },
    ...{ firstDate: sentence.format(first.at), lastDate: sentence.format(last.at), date: sentence.format(last.at) },
    ...{ lowest: number(lowest), highest: number(highest) },
  };
  const change = Math.sign(last.score - first.score);
  const course = change > 0 ? chart.rose : change < 0 ? chart.fell : chart.stayed;
  const isWithin = Math.min(first.score, last.score) === lowest && Math.max(first.score, last.score) === highest;
  const ranks = ordered.flatMap(({ rank }) => (rank === null ? [] : [rank]));
  const [firstRank = 0, lastRank = 0] = [ranks[0], ranks.at(-1)];
  const ranked = fill(firstRank === lastRank ? chart.oneRank : chart.ranks, {
    ...{ first: number(firstRank), last: number(lastRank) },
  });
  return [
    [fill(ordered.length === 1 ? chart.single : course, values), ...(isWithin ? [] : [fill(chart.span, values)])].join(
      ', ',
    ),
    ...(ranks.length > 0 ? [ranked] : []),
  ].join('; ');
}
