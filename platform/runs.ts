import { toFault } from './fault.ts';

/**
 * A run is all that flows make of one interaction or event: it begins at an intake and is over when every node that
 * its messages reached has said that it is done.
 */
export interface Run {
  readonly id: string;
  /** What began it, such as `event/45` or an interaction's id. */
  readonly source: string;
  /** Settles when the run is over: with the first fault that deserves another try, or none. */
  readonly over: Promise<RunEnd>;
}

export interface RunEnd {
  /** Set when a node failed: the first fault, one that may be tried again before others. */
  fault: ReturnType<typeof toFault> | null;
  /** True when the flows were stopped under it. */
  cutOff: boolean;
}

interface OpenRun extends Run {
  underWay: number;
  end: RunEnd;
  finish(end: RunEnd): void;
}

/** Follows messages through nodes. It knows messages by identity and runs by the id that a message carries. */
export interface Runs {
  /** Begins a run; the caller sends its messages and then calls `release`. */
  begin(source: string): { run: Run; release(): void };
  /** The run that is open under this id. */
  find(id: unknown): Run | null;
  /** A message is on its way to a node; `from` is the node that sent it. */
  sent(message: object, from?: object): void;
  /**
   * A node received a message.
   * @param silent the node, where it is one that never says that it is done, as Node-RED's own switch is: it counts as
   * done once it sends a message of this run on, or after a moment without one
   */
  received(message: object, silent?: object): void;
  /** A node is done with a message, or failed with it. */
  completed(message: object, error?: unknown): void;
  /** Waits until no run is open, but not for ever: those that are left are cut off. @returns whether none was left */
  drain(milliseconds: number): Promise<boolean>;
  readonly open: number;
}

/** So long a node that never says that it is done may take to send a message on. */
const SILENT_MILLISECONDS = 1000;

/**
 * @param idOf reads the run's id from a message that an intake or a copy of it carries
 */
export function createRuns(idOf: (message: object) => string | undefined, newId: () => string): Runs {
  const open = new Map<string, OpenRun>();
  /** Messages on their way, so that one that was handed over directly (a Catch node's) is counted too. */
  const onTheirWay = new WeakSet<object>();
  /** A node passes the object that it received on: the same message may be with two nodes until the first is done. */
  const held = new WeakMap<object, { run: OpenRun; nodes: number }[]>();
  /** What each silent node received and may still send on, oldest first. */
  const silences = new WeakMap<object, { run: OpenRun; end(): void }[]>();
  const drained = new Set<() => void>();

  const settle = (run: OpenRun): void => {
    // A Catch node gets its message right after the failing node is done: look again when that has happened.
    setImmediate(() => {
      if (run.underWay > 0 || !open.delete(run.id)) return;
      run.finish(run.end);
      if (open.size === 0) for (const tell of drained) tell();
    });
  };
  const enter = (message: object): boolean => {
    const run = open.get(idOf(message) ?? '');
    if (!run) return false;
    run.underWay += 1;
    const holdings = held.get(message) ?? [];
    const holding = holdings.find((candidate) => candidate.run === run);
    if (holding) holding.nodes += 1;
    else holdings.push({ run, nodes: 1 });
    held.set(message, holdings);
    return true;
  };
  const leave = (run: OpenRun): void => {
    run.underWay -= 1;
    if (run.underWay === 0) settle(run);
  };

  const complete = (message: object, error?: unknown): void => {
    // A flow may put another actor into the object that it received: what came first is done first.
    const holdings = held.get(message);
    const holding = holdings?.[0];
    if (!holdings || !holding) return;
    const { run } = holding;
    holding.nodes -= 1;
    if (holding.nodes === 0) holdings.shift();
    if (error !== undefined && error !== null) {
      const fault = toFault(error);
      if (!run.end.fault || (fault.retry && !run.end.fault.retry)) run.end.fault = fault;
    }
    leave(run);
  };
  const expectSilence = (node: object, message: object): void => {
    const run = held.get(message)?.at(-1)?.run;
    if (!run) return;
    const waiting = silences.get(node) ?? [];
    silences.set(node, waiting);
    const silence = {
      run,
      end: () => {
        clearTimeout(timer);
        waiting.splice(waiting.indexOf(silence), 1);
        complete(message);
      },
    };
    const timer = setTimeout(silence.end, SILENT_MILLISECONDS).unref();
    waiting.push(silence);
  };

  return {
    begin: (source) => {
      const { promise, resolve } = Promise.withResolvers<RunEnd>();
      const run: OpenRun = {
        id: newId(),
        source,
        over: promise,
        underWay: 1,
        end: { fault: null, cutOff: false },
        finish: resolve,
      };
      open.set(run.id, run);
      return { run, release: () => leave(run) };
    },
    find: (id) => (typeof id === 'string' ? (open.get(id) ?? null) : null),
    sent: (message, from) => {
      if (!enter(message)) return;
      onTheirWay.add(message);
      const run = held.get(message)?.at(-1)?.run;
      const waiting = from ? silences.get(from) : undefined;
      waiting?.find((silence) => silence.run === run)?.end();
    },
    received: (message, silent) => {
      if (!onTheirWay.delete(message)) enter(message);
      if (silent) expectSilence(silent, message);
    },
    completed: complete,
    drain: async (milliseconds) => {
      if (open.size === 0) return true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        drained.add(done);
        void Promise.allSettled([...open.values()].map((run) => run.over)).then(() => drained.delete(done));
      });
      const left = [...open.values()];
      for (const run of left) {
        open.delete(run.id);
        run.finish({ ...run.end, cutOff: true });
      }
      return left.length === 0;
    },
    get open() {
      return open.size;
    },
  };
}
