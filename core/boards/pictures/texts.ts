import { cleanText, fitText, plainNumber } from '../../../platform/discord/text.ts';
import type { BoardPlayer } from '../entry.ts';
import german from './locales/de.json' with { type: 'json' };
import english from './locales/en-US.json' with { type: 'json' };

type Catalogue = typeof english;

/** Every language that pictures have words in; numbers and dates are written as in any. */
const CATALOGUES: Record<string, Catalogue> = { en: english, de: german };
const ENGLISH = 'en-US';
const LONGEST_NAME = 100;
/** Scores have up to so many decimal places. */
const PLACES = 4;
const LONGEST_NUMBER = 11;

/** The words and numbers of one language. */
export interface Texts extends Catalogue {
  /** The language of numbers, and of dates that stand alone. */
  locale: string;
  /** The language of the words, and of dates among them. */
  wording: string;
  number(value: number): string;
  /** As `number`, and where that is long as in “9,007T”: for places where a cut number would say another one. */
  shortNumber(value: number): string;
  /** A sentence with `{name}` replaced by its value. */
  fill(text: string, values: Record<string, string>): string;
}

/** @param locale a BCP 47 name, as Discord has it in interactions */
export function textsIn(locale = ENGLISH): Texts {
  const known = knownLocale(locale);
  const catalogue = CATALOGUES[known.split('-')[0] ?? ''];
  const compact = new Intl.NumberFormat(known, { notation: 'compact', maximumSignificantDigits: 4 });
  const number = (value: number) => plainNumber(value, known, PLACES);
  return {
    ...(catalogue ?? english),
    locale: known,
    wording: catalogue ? known : ENGLISH,
    number,
    shortNumber: (value) => (number(value).length <= LONGEST_NUMBER ? number(value) : compact.format(value)),
    fill: (text, values) => text.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? ''),
  };
}

function knownLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf([locale])[0] ?? ENGLISH;
  } catch {
    return ENGLISH;
  }
}

/** A name for a picture or a sentence about it: harmless, on one line; where it is blank, the player's id in words. */
export function nameOf(player: BoardPlayer, texts: Texts): string {
  return lineOf(player.name, idOf(player, texts));
}

/** What to call a player whose name cannot be drawn. */
export function idOf({ id }: BoardPlayer, texts: Texts): string {
  const number = /^player:(\d+)$/.exec(id)?.[1];
  return number ? texts.fill(texts.player, { number }) : lineOf(id);
}

/** A text from people on one line. */
export function lineOf(text: string, fallback?: string): string {
  return fitText(cleanText(text.replace(/\s+/gu, ' '), fallback), LONGEST_NAME);
}

/** A metric as people read it: `deals_closed` as “Deals closed”. Whatever is no such name stays as it is. */
export function metricName(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return lineOf(name);
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
