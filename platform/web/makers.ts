import type { ServerResponse } from 'node:http';

/** Where many ask for one thing at once, lets the first make it, and the others wait for that. */
export interface Makers<T> {
  /**
   * Waits for what is being made.
   * @param state what must be the same as when it was begun
   * @param then gets it, or null where nothing came of it; called once
   * @returns false where nobody is making it
   */
  wait(address: string, state: number, then: (made: T | null) => void): boolean;
  /** From now on it is being made, until it is made, the answer of who makes it is over, or patience ends. */
  begin(address: string, state: number, response: ServerResponse): Making<T>;
}

export interface Making<T> {
  made(made: T): void;
}

interface UnderWay<T> {
  state: number;
  waiting: ((made: T | null) => void)[];
}

/** @param patience how long others wait, in milliseconds */
export function createMakers<T>(patience: number): Makers<T> {
  const underWay = new Map<string, UnderWay<T>>();
  return {
    wait: (address, state, then) => {
      const begun = underWay.get(address);
      if (begun?.state !== state) return false;
      begun.waiting.push(then);
      return true;
    },
    begin: (address, state, response) => {
      const begun: UnderWay<T> = { state, waiting: [] };
      underWay.set(address, begun);
      const end = (made: T | null): void => {
        clearTimeout(late);
        if (underWay.get(address) === begun) underWay.delete(address);
        for (const then of begun.waiting.splice(0)) then(made);
      };
      const late = setTimeout(end, patience, null).unref();
      response.once('close', () => end(null));
      return { made: end };
    },
  };
}
