import type { BoardEntry, BoardPlayer, PlayerOnBoard } from '../../core/boards/index.ts';
import { fitText, plainNumber } from '../../platform/discord/text.ts';
import type { Message } from '../kit/index.ts';

/** What of a board is shown in messages: texts that templates take as they are, beside the values themselves. */

/** Scores have up to so many decimal places. */
const PLACES = 4;
const MEDALS = ['🥇', '🥈', '🥉'];
/** In lists; whole names would crowd out the others. */
const LONGEST_NAME = 32;

/**
 * The language in which numbers are written: that of the words around them, which is English, as in the shipped flows,
 * unless a flow says otherwise in `msg.locale`. Others read an answer too, so who asked does not decide.
 */
export const localeOf = ({ locale }: Message): string => (typeof locale === 'string' && locale ? locale : 'en-US');

export const pointsIn = (locale: string, score: number): string => plainNumber(score, locale, PLACES);

/** A change of points or of a metric: +5. */
export const signed = (locale: string, change: number): string =>
  `${change > 0 ? '+' : change < 0 ? '−' : '±'}${pointsIn(locale, Math.abs(change))}`;

/** A time as Discord's timestamps have it: `<t:…:R>`. */
export const secondsOf = (at: string): number => Math.floor(Date.parse(at) / 1000);

/** A number of players, a rank. */
export const countIn = (locale: string, count: number): string => plainNumber(count, locale, 0);

export const placeIn = (locale: string, rank: number): string => MEDALS[rank - 1] ?? `#${countIn(locale, rank)}`;

/** How a metric is called for people: `deals_closed` is “deals closed”. */
export const labelOf = (metric: string): string => metric.replaceAll('_', ' ');

export function movementIn(locale: string, delta: number): string {
  if (delta === 0) return '';
  return `${delta > 0 ? '▲' : '▼'}${countIn(locale, Math.abs(delta))}`;
}

/** A player whose name keeps to its line and leaves room for others. */
export const inList = <Player extends BoardPlayer>(player: Player): Player => ({
  ...player,
  name: fitText(player.name.replace(/\s+/gu, ' '), LONGEST_NAME),
});

/** An entry with its texts. */
export function shownEntry(entry: BoardEntry, locale: string) {
  const { rank, previous_rank, delta, score, player } = entry;
  return {
    ...entry,
    player: inList(player),
    place: placeIn(locale, rank),
    points: pointsIn(locale, score),
    movement: movementIn(locale, delta),
    is_new: previous_rank === null,
  };
}

/** A player on a board with their texts. */
export function shownStanding(found: PlayerOnBoard, locale: string) {
  const { state, entry, player, score, metrics, next, total_players } = found;
  return {
    ...found,
    player: inList(player),
    is_ranked: state === 'ranked',
    is_hidden: state === 'hidden',
    is_excluded: state === 'excluded',
    is_unranked: state === 'unranked',
    is_warming: state === 'warming',
    rank: entry?.rank ?? null,
    place: entry ? placeIn(locale, entry.rank) : '',
    tier: entry?.tier ?? null,
    movement: entry ? movementIn(locale, entry.delta) : '',
    is_new: entry?.previous_rank === null,
    points: score === null ? '' : pointsIn(locale, score),
    total: countIn(locale, total_players),
    metrics: metrics.map(({ name, value }) => ({
      ...{ name, label: labelOf(name), value },
      shown: value === null ? '' : pointsIn(locale, value),
    })),
    next: next && { ...next, place: placeIn(locale, next.rank), shown: pointsIn(locale, next.points) },
  };
}
