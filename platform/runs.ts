import { type Fault, toFault } from './fault.ts';

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

/** A run that its first message holds open until `release` is called, the first time. */
export interface Begun {
  run: Run;
  release(): void;
}

export interface RunEnd {
  /** Set when a node failed: the first fault, one that may be tried again before others. */
  fault: ReturnType<typeof toFault> | null;
  /** True when the flows were stopped under it. */
  cutOff: boolean;
}

/** A node as Node-RED runs it. */
export interface RunNode {
  id: string;
  type: string;
  name?: string;
  /** The id in the editor of a node that lies within a subflow. */
  _alias?: string;
}

/** Where a message comes from: a node, and which of its outputs, from 0. */
export interface Sender {
  node: RunNode;
  port?: number;
}

/** Hears of every step of runs. Each message pays for what it does, so it must be quick. */
export interface RunRecorder {
  began(run: Run): void;
  sent(run: Run, from: Sender, message: object): void;
  entered(run: Run, node: RunNode, message: object): void;
  /** `message` is the one that it entered with. */
  left(run: Run, node: RunNode, message: object, fault: Fault | null): void;
  ended(run: Run, end: RunEnd): void;
}

interface OpenRun extends Run {
  underWay: number;
  end: RunEnd;
  finish(end: RunEnd): void;
}

/** Follows messages through nodes. It knows messages by identity and runs by the id that a message carries. */
export interface Runs {
  /** Begins a run; the caller sends its messages and then calls `release`. */
  begin(source: string): Begun;
  /** The run that is open under this id. */
  find(id: unknown): Run | null;
  /** A message is on its way to a node. */
  sent(message: object, from?: Sender): void;
  /**
   * A node received a message.
   * @param isSilent true for a node that never says that it is done, as Node-RED's own switch is: it counts as done
   * once it sends a message of this run on, or after a moment without one
   */
  received(message: object, node?: RunNode, isSilent?: boolean): void;
  /** A node is done with a message, or failed with it. */
  completed(message: object, error?: unknown, node?: RunNode): void;
  /** Waits until no run is open, but not for ever: those that are left are cut off. @returns whether none was left */
  drain(milliseconds: number): Promise<boolean>;
  /** The flows change under the runs that are open: they count as cut off, and end so after that time at the latest. */
  interrupt(milliseconds: number): void;
  readonly open: number;
}

/** So long a node that never says that it is done may take to send a message on. */
const SILENT_MILLISECONDS = 1000;

const NOT_RECORDED: RunRecorder = { began() {}, sent() {}, entered() {}, left() {}, ended() {} };

/**
 * @param idOf reads the run's id from a message that an intake or a copy of it carries
 */
export function createRuns(
  idOf: (message: object) => string | undefined,
  newId: () => string,
  recorder: RunRecorder = NOT_RECORDED,
): Runs {
  const open = new Map<string, OpenRun>();
  /** Messages on their way, so that one that was handed over directly (a Catch node's) is counted too. */
  const onTheirWay = new WeakSet<object>();
  /** A node passes the object that it received on: the same message may be with two nodes until the first is done. */
  const held = new WeakMap<object, { run: OpenRun; nodes: number }[]>();
  /** What each silent node received and may still send on, oldest first. */
  const silences = new WeakMap<object, { run: OpenRun; message: object; end(): void }[]>();
  const drained = new Set<() => void>();

  const settle = (run: OpenRun): void => {
    // A Catch node gets its message right after the failing node is done: look again when that has happened.
    setImmediate(() => {
      if (run.underWay > 0 || !open.delete(run.id)) return;
      run.finish(run.end);
      recorder.ended(run, run.end);
      if (open.size === 0) for (const tell of drained) tell();
    });
  };
  const enter = (message: object): OpenRun | null => {
    const run = open.get(idOf(message) ?? '');
    if (!run) return null;
    run.underWay += 1;
    const holdings = held.get(message) ?? [];
    const holding = holdings.find((candidate) => candidate.run === run);
    if (holding) holding.nodes += 1;
    else holdings.push({ run, nodes: 1 });
    held.set(message, holdings);
    return run;
  };
  const leave = (run: OpenRun): void => {
    run.underWay -= 1;
    if (run.underWay === 0) settle(run);
  };

  const complete = (message: object, error?: unknown, node?: RunNode): void => {
    // A flow may put another actor into the object that it received: what came first is done first.
    const holdings = held.get(message);
    const holding = holdings?.[0];
    if (!holdings || !holding) return;
    const { run } = holding;
    holding.nodes -= 1;
    if (holding.nodes === 0) holdings.shift();
    const fault = error === undefined || error === null ? null : toFault(error);
    if (fault && (!run.end.fault || (fault.retry && !run.end.fault.retry))) run.end.fault = fault;
    if (node) recorder.left(run, node, message, fault);
    leave(run);
  };
  const expectSilence = (run: OpenRun, node: object, message: object): void => {
    const waiting = silences.get(node) ?? [];
    silences.set(node, waiting);
    const silence = {
      run,
      message,
      end: () => {
        clearTimeout(timer);
        waiting.splice(waiting.indexOf(silence), 1);
        complete(message);
      },
    };
    const timer = setTimeout(silence.end, SILENT_MILLISECONDS).unref();
    waiting.push(silence);
  };

  const cutOff = (left: OpenRun[]): void => {
    for (const run of left) {
      if (!open.delete(run.id)) continue;
      const end = { ...run.end, cutOff: true };
      run.finish(end);
      recorder.ended(run, end);
    }
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
      recorder.began(run);
      let isHeld = true;
      const release = (): void => {
        if (isHeld) leave(run);
        isHeld = false;
      };
      return { run, release };
    },
    find: (id) => (typeof id === 'string' ? (open.get(id) ?? null) : null),
    sent: (message, from) => {
      const run = enter(message);
      if (!run) return;
      onTheirWay.add(message);
      if (!from) return;
      recorder.sent(run, from, message);
      const silence = silences.get(from.node)?.find((waiting) => waiting.run === run);
      if (!silence) return;
      recorder.left(run, from.node, silence.message, null);
      silence.end();
    },
    received: (message, node, isSilent = false) => {
      const run = onTheirWay.delete(message) ? held.get(message)?.at(-1)?.run : enter(message);
      if (!run || !node) return;
      recorder.entered(run, node, message);
      if (isSilent) expectSilence(run, node, message);
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
      cutOff(left);
      return left.length === 0;
    },
    interrupt: (milliseconds) => {
      const left = [...open.values()];
      for (const run of left) run.end.cutOff = true;
      setTimeout(cutOff, milliseconds, left).unref();
    },
    get open() {
      return open.size;
    },
  };
}
