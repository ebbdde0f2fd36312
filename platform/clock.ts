/** Where time and chance come from, injected so that a failing test can be replayed. */
export interface Clock {
  /** Milliseconds since 1970. Business rules use the database's clock instead. */
  now(): number;
  /** A random number from 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = { now: Date.now, random: Math.random };

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
