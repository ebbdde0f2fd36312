/** Holds interactions and events back while flows restart, so that a deploy loses none. */
export interface Gate {
  /** Resolves at once when flows run, or as soon as they do. */
  pass(): Promise<void>;
  hold(): void;
  open(): void;
  readonly isOpen: boolean;
  /** True while it is open, and for the moments that a deploy holds it. */
  readonly flowsRun: boolean;
}

/** A deploy drains flows, stops them and starts others within this time; a gate that is held longer waits for nobody. */
const DEPLOY_MILLISECONDS = 10_000;

/** A gate that is closed at first: flows have not started yet. */
export function createGate(): Gate {
  let isOpen = false;
  let heldAt = Number.NEGATIVE_INFINITY;
  let waiting = Promise.withResolvers<void>();
  return {
    pass: () => (isOpen ? Promise.resolve() : waiting.promise.then(() => undefined)),
    hold: () => {
      if (!isOpen) return;
      isOpen = false;
      heldAt = performance.now();
      waiting = Promise.withResolvers<void>();
    },
    open: () => {
      isOpen = true;
      waiting.resolve();
    },
    get isOpen() {
      return isOpen;
    },
    get flowsRun() {
      return isOpen || performance.now() - heldAt < DEPLOY_MILLISECONDS;
    },
  };
}
