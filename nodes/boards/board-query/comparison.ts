import type { PlayerOnBoard } from '../../../core/boards/index.ts';
import { labelOf, pointsIn, shownStanding } from '../shown.ts';

/** Stands for a metric that one of the two has nothing of. */
const NONE = '–';

/** Two players of one board beside each other, with texts. */
export function comparisonOf(one: PlayerOnBoard, other: PlayerOnBoard, locale: string) {
  const [mine, theirs] = [shownStanding(one, locale), shownStanding(other, locale)];
  const gap = Math.abs((one.score ?? 0) - (other.score ?? 0));
  const ahead = leader(one, other);
  const areMeasured = [mine, theirs].every(({ metrics }) => metrics.some(({ value }) => value !== null));
  return {
    board: one.board,
    one: mine,
    other: theirs,
    /** None where one of the two has nothing to be compared with. */
    metrics: mine.metrics.flatMap(({ name, value, shown }, at) => {
      const its = theirs.metrics[at];
      const isKnown = areMeasured && (value !== null || (its?.value ?? null) !== null);
      return isKnown ? { name, label: labelOf(name), one: shown || NONE, other: its?.shown || NONE } : [];
    }),
    /** Those of the two who have no place, so that nobody is ahead of them. */
    placeless: [mine, theirs].flatMap(({ is_ranked, player }) => (is_ranked ? [] : [player])),
    /** Who is ahead, by how much; nobody where they are level. */
    ahead: ahead === one ? mine.player : ahead === other ? theirs.player : null,
    gap: pointsIn(locale, Math.round(gap * 10_000) / 10_000),
  };
}

function leader(one: PlayerOnBoard, other: PlayerOnBoard): PlayerOnBoard | null {
  if (!one.entry || !other.entry || one.entry.rank === other.entry.rank) return null;
  return one.entry.rank < other.entry.rank ? one : other;
}
