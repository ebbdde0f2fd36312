import type { PlayerHistory } from '../../../core/boards/index.ts';
import { countIn, labelOf, movementIn, pointsIn, secondsOf, signed } from '../shown.ts';

const BARS = [...'▁▂▃▄▅▆▇█'];
const WIDEST = 24;

/** A player's way on a board with texts: what was gained, and the scores drawn as bars. */
export function shownHistory({ board, days, points }: PlayerHistory, locale: string) {
  const [first, last] = [points[0], points.at(-1)];
  const ranks = points.flatMap(({ rank }) => rank ?? []);
  const scores = points.flatMap(({ score }) => score ?? []);
  const gained = (last?.score ?? 0) - (first?.score ?? 0);
  const names = [...new Set(points.flatMap(({ metrics }) => Object.keys(metrics)))];
  return {
    ...{ board, days, points },
    has_points: scores.length > 0,
    is_drawn: new Set(scores).size > 1,
    since: first ? secondsOf(first.at) : null,
    drawn: bars(scores),
    gained: signed(locale, gained),
    best_rank: ranks.length > 0 ? `#${countIn(locale, Math.min(...ranks))}` : '',
    ranks_gained: movementIn(locale, (ranks[0] ?? 0) - (ranks.at(-1) ?? 0)),
    metrics: names.map((name) => {
      const change = (last?.metrics[name] ?? 0) - (first?.metrics[name] ?? 0);
      return {
        ...{ name, label: labelOf(name), shown: pointsIn(locale, last?.metrics[name] ?? 0) },
        gained: change === 0 ? '' : signed(locale, change),
      };
    }),
  };
}

/** Values as bars from the lowest to the highest, at most so many. */
function bars(values: number[]): string {
  const step = Math.max(1, values.length / WIDEST);
  const shown = Array.from({ length: Math.ceil(values.length / step) }, (_, at) => {
    const end = Math.min(values.length, Math.ceil((at + 1) * step));
    return values[end - 1] ?? 0;
  });
  const lowest = Math.min(...shown);
  const span = Math.max(...shown) - lowest;
  return shown.map((value) => BARS[span > 0 ? Math.round(((value - lowest) / span) * (BARS.length - 1)) : 0]).join('');
}
