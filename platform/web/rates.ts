import { RateLimiterMemory } from 'rate-limiter-flexible';

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
}

const WINDOW_SECONDS = 60;

/** Counts calls by the minute, in this process. */
export function createRates(): Rates {
  const counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
  return {
    count: async (who) => {
      const { consumedPoints, msBeforeNext } = await counter.consume(who);
      return { calls: consumedPoints, reset: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
    },
  };
}
