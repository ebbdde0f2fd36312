import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** How often somebody called within the present minute. */
export interface Rate {
  /** Calls so far, this one among them. */
  calls: number;
  /** Whole seconds until they are counted anew. */
  reset: number;
}

export interface Rates {
  /** Counts a call. @param who whose calls are counted together */
  count(who: string): Promise<Rate>;
  /** What was counted so far; null: nothing. */
  counted(who: string): Promise<Rate | null>;
}

const WINDOW_SECONDS = 60;

/** Counts calls by the minute, in this process. */
export function createRates(): Rates {
  const counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
  return {
    count: async (who) => rateOf(await counter.consume(who)),
    counted: async (who) => {
      const found = await counter.get(who);
      return found && rateOf(found);
    },
  };
}

const rateOf = ({ consumedPoints, msBeforeNext }: RateLimiterRes): Rate => ({
  calls: consumedPoints,
  reset: Math.max(1, Math.ceil(msBeforeNext / 1000)),
});
