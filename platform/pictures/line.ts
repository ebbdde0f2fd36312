import { type Font, type Fonts, type Glyph, MISSING } from './fonts.ts';
import type { Bidi } from './libraries.ts';

/** One line of text, set in glyphs. All lengths are in ems: times the font size. */
export interface Line {
  /** What of the text is drawn, in the order in which it is read. */
  text: string;
  width: number;
  /** From left to right. */
  runs: Run[];
}

interface Run {
  font: Font;
  /** Where it begins. */
  x: number;
  glyphs: Glyph[];
}

/** A character as people see it, with the font that draws it. */
interface Cluster {
  text: string;
  font: Font;
}

/** How lines are set; both make no line where nothing of the text can be drawn. */
export interface Setter {
  set(text: string, bold: boolean): Line | null;
  /** As `set`, and cut with `…` to a width in ems. */
  cut(text: string, bold: boolean, width: number): Line | null;
}

/** No line is longer, whatever it is made of. */
const MOST_CLUSTERS = 200;
/** So many characters are remembered of each font; few communities use more. */
const MOST_KNOWN = 2000;
const ELLIPSIS = '…';
/** Not drawn: controls, characters that stand for others or that fonts use as they like, and what orders text by force. */
const UNDRAWN = /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\uFFFC\uFFFD\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const NEUTRAL = /^[^\p{L}\p{N}\p{M}]+$/u;
const MARKS = /[\p{M}\p{DI}]+/gu;
/** More marks of no script in particular than any language puts on a letter: they only cover the lines around. */
const PILED = /\p{Script=Inherited}{3}/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Sets text in glyphs that the fonts have, and in no other: what no font has is drawn as the plain characters that it
 * stands for (`𝓐` as `A`), without the marks that are missing, or is left out.
 */
export function createSetter(fonts: Fonts, bidi: Bidi): Setter {
  const clustersOf = (text: string, bold: boolean): Cluster[] => {
    const clusters: Cluster[] = [];
    for (const segment of segmentsOf(tidy(text))) {
      clusters.push(...drawable(segment, bold, clusters.at(-1)?.font));
    }
    return withoutLooseSpaces(clusters);
  };

  const drawable = (cluster: string, bold: boolean, before: Font | undefined): Cluster[] => {
    const plain = cluster.replace(MARKS, '');
    for (const text of PILED.test(cluster) ? [plain] : [cluster, cluster.normalize('NFKC'), plain]) {
      const found: Cluster[] = [];
      for (const part of segmentsOf(text)) {
        const font = fontFor(part, bold, found.at(-1)?.font ?? before);
        if (!font) break;
        found.push({ text: part, font });
      }
      if (found.length > 0 && found.map((part) => part.text).join('') === text) return found;
    }
    return [];
  };

  const fontFor = (cluster: string, bold: boolean, before: Font | undefined): Font | undefined => {
    // Spaces and signs look like the letters before them.
    if (before && NEUTRAL.test(cluster) && has(before, cluster)) return before;
    for (const font of fonts(cluster, bold)) if (has(font, cluster)) return font;
    return undefined;
  };

  const known = new Map<Font, Map<string, boolean>>();
  const has = (font: Font, cluster: string): boolean => {
    const tried = known.get(font) ?? new Map<string, boolean>();
    if (tried.size >= MOST_KNOWN) tried.clear();
    known.set(font, tried);
    const answer = tried.get(cluster) ?? font.shape(cluster, false).every(({ id }) => id !== MISSING);
    tried.set(cluster, answer);
    return answer;
  };

  const lineOf = (clusters: readonly Cluster[]): Line | null => {
    const text = clusters.map((cluster) => cluster.text).join('');
    const { levels } = bidi.getEmbeddingLevels(text);
    const runs: Run[] = [];
    let x = 0;
    for (const { text, level, font } of inVisualOrder(runsOf(clusters, levels))) {
      const glyphs = font.shape(text, level % 2 === 1);
      runs.push({ font, x, glyphs });
      x += glyphs.reduce((sum, { advance }) => sum + advance, 0) / font.unitsPerEm;
    }
    const isSeen = runs.some(({ font, glyphs }) => glyphs.some(({ id }) => font.outline(id) !== ''));
    return isSeen && x > 0 ? { text, width: x, runs } : null;
  };

  return {
    set: (text, bold) => lineOf(clustersOf(text, bold)),
    cut: (text, bold, width) => {
      const clusters = clustersOf(text, bold);
      const whole = lineOf(clusters);
      if (!whole || whole.width <= width) return whole;
      const ellipsis = clustersOf(ELLIPSIS, bold);
      const first = (count: number) =>
        lineOf([...withoutLooseSpaces(clusters.slice(0, count)), ...ellipsis]) ?? { text: '', width: 0, runs: [] };
      let [fits, beyond] = [0, clusters.length];
      while (beyond - fits > 1) {
        const middle = Math.floor((fits + beyond) / 2);
        if (first(middle).width <= width) fits = middle;
        else beyond = middle;
      }
      return first(fits);
    },
  };
}

function tidy(text: string): string {
  return text.toWellFormed().normalize('NFC').replace(/\s/gu, ' ').replace(UNDRAWN, '');
}

/** The characters of a text as people see them, and no more than a line may have. */
function segmentsOf(text: string): string[] {
  const segments: string[] = [];
  for (const { segment } of graphemes.segment(text)) {
    if (segments.length === MOST_CLUSTERS) break;
    segments.push(segment);
  }
  return segments;
}

/** Leaves out the spaces at both ends, and all but one of several: what stood between them may be gone. */
function withoutLooseSpaces(clusters: readonly Cluster[]): Cluster[] {
  const isSpace = (cluster: Cluster | undefined) => !cluster || cluster.text.trim() === '';
  const single = clusters.filter((cluster, index) => !isSpace(cluster) || !isSpace(clusters[index - 1]));
  return isSpace(single.at(-1)) ? single.slice(0, -1) : single;
}

interface DirectedText extends Cluster {
  /** Odd where it is read from right to left. */
  level: number;
}

/** Joins neighbours of one font and one direction: letters must meet to be joined or to form a syllable. */
function runsOf(clusters: readonly Cluster[], levels: Uint8Array): DirectedText[] {
  const runs: DirectedText[] = [];
  let at = 0;
  for (const { text, font } of clusters) {
    const level = levels[at] ?? 0;
    const last = runs.at(-1);
    if (last && last.font === font && last.level === level) last.text += text;
    else runs.push({ text, font, level });
    at += text.length;
  }
  return runs;
}

/** Rule L2 of the Unicode Bidirectional Algorithm, for whole runs: each is ordered within by its direction. */
function inVisualOrder(runs: readonly DirectedText[]): DirectedText[] {
  const ordered = [...runs];
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level--) {
    let start = 0;
    while (start < ordered.length) {
      const next = ordered.findIndex((run, index) => index >= start && run.level < level);
      const end = next < 0 ? ordered.length : next;
      ordered.splice(start, end - start, ...ordered.slice(start, end).reverse());
      start = end + 1;
    }
  }
  return ordered;
}
