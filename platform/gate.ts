/** Holds interactions and events back while flows restart, so that a deploy loses none. */
export interface Gate {
  /** Resolves at once when flows run, or as soon as they do. */
  pass(): Promise<void>;
  hold(): void;
  open(): void;
  readonly isOpen: boolean;
}

/** A gate that is closed at first: flows have not started yet. */
export function createGate(): Gate {
  let isOpen = false;
  let waiting = Promise.withResolvers<void>();
  return {
    pass: () => (isOpen ? Promise.resolve() : waiting.promise.then(() => undefined)),
    hold: () => {
      if (!isOpen) return;
      isOpen = false;
      waiting = Promise.withResolvers<void>();
    },
    open: () => {
      isOpen = true;
      waiting.resolve();
    },
    get isOpen() {
      return isOpen;
    },
  };
}
