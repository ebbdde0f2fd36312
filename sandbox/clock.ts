/** The time that everything in the sandbox goes by; tests may pass their own. */
export interface Clock {
  now(): number;
  /** Runs `run` after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock whose waits can all be cancelled at once; after that it takes no more. */
export interface ScopedClock extends Clock {
  cancelAll(): void;
}

/** A clock like `clock` for as long as something runs. */
export function scopedClock(clock: Clock): ScopedClock {
  const waits = new Set<() => void>();
  let ended = false;
  return {
    now: () => clock.now(),
    after(ms, run) {
      if (ended) return () => {};
      const cancel = clock.after(ms, () => {
        waits.delete(stop);
        run();
      });
      const stop = () => {
        waits.delete(stop);
        cancel();
      };
      waits.add(stop);
      return stop;
    },
    cancelAll() {
      ended = true;
      for (const stop of [...waits]) stop();
    },
  };
}
