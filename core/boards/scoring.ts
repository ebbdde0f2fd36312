import { add, LARGEST, weighted } from './decimals.ts';
import type { BoardDefinition, Operator } from './definition.ts';

/** What a player has on a board in its season. */
export interface Standing {
  /** In the order of the board's metrics. */
  metrics: (number | null)[];
  /** null: nothing yet to be ranked by. */
  score: number | null;
  /** What made the score what it is. */
  reached: number;
}

/** A row of the log that says something of scores. */
export interface Deed {
  seq: number;
  kind: 'score' | 'set';
  metrics: Record<string, number>;
}

type Rules = Pick<BoardDefinition, 'best' | 'metrics'>;

const JOINED: Record<Operator, (held: number, given: number, best: BoardDefinition['best']) => number> = {
  sum: add,
  best: (held, given, best) => (best === 'highest' ? Math.max(held, given) : Math.min(held, given)),
  latest: (_held, given) => given,
};

export const nothing = (): Standing => ({ metrics: [], score: null, reached: 0 });

/** True where a board counts any of these metrics. */
export const counts = (rules: Rules, metrics: Record<string, number>): boolean =>
  rules.metrics.some(({ name }) => Object.hasOwn(metrics, name));

/**
 * What a standing becomes by a deed. A correction (`set`) replaces what its metrics held.
 * @returns null where a number would grow beyond what is exact: the deed must then be refused
 */
export function after(rules: Rules, standing: Standing, { seq, kind, metrics: given }: Deed): Standing | null {
  const metrics = rules.metrics.map(({ name, operator }, at) => {
    const held = standing.metrics[at] ?? null;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) return held;
    return held === null || kind === 'set' ? value : JOINED[operator](held, value, rules.best);
  });
  const score = scoreOf(rules, metrics);
  if ([...metrics, score].some((number) => number !== null && Math.abs(number) > LARGEST)) return null;
  return { metrics, score, reached: score === standing.score ? standing.reached : seq };
}

/** A sum that nothing was added to is 0; without its best or latest value nobody can be ranked. */
function scoreOf({ metrics }: Rules, held: (number | null)[]): number | null {
  const terms: { value: number; weight: number }[] = [];
  for (const [at, { operator, weight }] of metrics.entries()) {
    if (weight === 0) continue;
    const value = held[at] ?? (operator === 'sum' ? 0 : null);
    if (value === null) return null;
    terms.push({ value, weight });
  }
  return weighted(terms);
}

/**
 * What a player has by all their deeds of a season, oldest first.
 * @returns also how many were passed over, as a number would have grown too large with them
 */
export function replay(rules: Rules, deeds: Iterable<Deed>): { standing: Standing; passedOver: number } {
  let standing = nothing();
  let passedOver = 0;
  for (const deed of deeds) {
    if (!counts(rules, deed.metrics)) continue;
    const next = after(rules, standing, deed);
    if (next) standing = next;
    else passedOver += 1;
  }
  return { standing, passedOver };
}
