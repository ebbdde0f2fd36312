import type { Run, RunEnd, RunNode, RunRecorder } from './runs.ts';
import type { Hop, Mark, Trace, TraceOutcome, TraceSubject, TraceSummary } from './trace.ts';

export type { Hop, Mark, Trace, TraceOutcome, TraceSubject, TraceSummary } from './trace.ts';

/** The newest interactions and events with their paths, in this process' memory. */
export interface Traces extends RunRecorder {
  /** Something arrived; what runs make of this source is noted until `end`. */
  begin(source: string, subject: TraceSubject): void;
  mark(source: string, mark: Mark): void;
  /** It never reached a node, for the reason of this code. */
  failed(source: string, code: string): void;
  end(source: string): void;
  /** It is none: it came before. */
  forget(source: string): void;
  /** The newest first, without their paths. */
  list(community?: string): TraceSummary[];
  find(id: number): Trace | null;
  /** Grows with every change. */
  readonly version: number;
}

/** So many interactions are kept, as many requests, and as many events: a crowd of one kind pushes no other out. */
const KEPT = 100;
const INTERACTIONS: ReadonlySet<string> = new Set(['command', 'button', 'select', 'modal']);
const MOST_HOPS = 60;
const NAME_LENGTH = 80;

interface Recording {
  trace: Omit<Trace, 'outcome'>;
  /** The monotonic time of its arrival. */
  arrived: number;
  /** How many of its runs are open; null before the first. */
  runs: number | null;
  cutOff: boolean;
  caught: boolean;
  /** What nodes are at work on. Emptied in the end: a trace holds no message. */
  atWork: { node: RunNode; message: object; hop: Hop }[];
}

/**
 * Notes the way of each interaction and event, at the cost of a small object a node.
 * @param clock monotonic milliseconds
 */
export function createTraces(clock: () => number = () => performance.now(), kept = KEPT): Traces {
  const rings: Record<'interactions' | 'requests' | 'others', Recording[]> = {
    interactions: [],
    requests: [],
    others: [],
  };
  const bySource = new Map<string, Recording>();
  const byRun = new Map<string, { recording: Recording; began: number }>();
  let ids = 0;
  let version = 0;

  const ringOf = (kind: TraceSubject['kind']): Recording[] => {
    if (INTERACTIONS.has(kind)) return rings.interactions;
    return kind === 'request' ? rings.requests : rings.others;
  };

  const begin = (source: string, subject: TraceSubject): Recording => {
    ids += 1;
    version += 1;
    const { kind, community, name, about, options, member } = subject;
    const recording: Recording = {
      trace: {
        id: ids,
        source,
        kind,
        community,
        name: name.slice(0, NAME_LENGTH),
        about: about.slice(0, NAME_LENGTH),
        options,
        member: member.slice(0, NAME_LENGTH),
        at: Date.now(),
        fault: null,
        refusal: null,
        marks: {},
        hops: [],
        leftOut: 0,
      },
      arrived: clock(),
      runs: null,
      cutOff: false,
      caught: false,
      atWork: [],
    };
    const ring = ringOf(kind);
    ring.push(recording);
    if (ring.length > kept) ring.shift();
    bySource.set(source, recording);
    return recording;
  };

  const addHop = (recording: Recording, node: RunNode, at: number): Hop | null => {
    const { trace } = recording;
    if (trace.hops.length >= MOST_HOPS) {
      trace.leftOut += 1;
      return null;
    }
    const hop: Hop = {
      // A node within a subflow has an id that the editor does not know.
      node: node._alias ?? node.id,
      type: node.type,
      name: node.name?.slice(0, NAME_LENGTH) ?? '',
      at,
      took: null,
      outputs: [],
      fault: null,
      refusal: null,
    };
    trace.hops.push(hop);
    return hop;
  };

  /** The hop that a message comes from: the node's own, or the first of all where an intake sends. */
  const senderOf = (recording: Recording, node: RunNode, message: object, began: number): Hop | null => {
    const { atWork, trace, arrived } = recording;
    const own = atWork.find((work) => work.node === node && work.message === message);
    const hop = (own ?? atWork.findLast((work) => work.node === node))?.hop;
    if (hop) return hop;
    const id = node._alias ?? node.id;
    const earlier = trace.hops.findLast((candidate) => candidate.node === id);
    if (earlier) return earlier;
    const first = addHop(recording, node, began - arrived);
    if (first) first.took = clock() - began;
    return first;
  };

  return {
    begin: (source, subject) => void begin(source, subject),
    mark: (source, mark) => {
      const recording = bySource.get(source);
      if (!recording) return;
      recording.trace.marks[mark] ??= clock() - recording.arrived;
      version += 1;
    },
    failed: (source, code) => {
      const recording = bySource.get(source);
      if (recording) recording.trace.fault = code;
    },
    forget: (source) => {
      const recording = bySource.get(source);
      if (!recording) return;
      bySource.delete(source);
      const ring = ringOf(recording.trace.kind);
      ring.splice(ring.indexOf(recording), 1);
    },
    end: (source) => {
      const recording = bySource.get(source);
      if (!recording) return;
      bySource.delete(source);
      const { marks } = recording.trace;
      // The platform's own answer comes after all that the nodes did.
      if (marks.over === undefined || marks.stood_in !== undefined) marks.over = clock() - recording.arrived;
      version += 1;
    },
    began: (run: Run) => {
      const unannounced = {
        kind: 'other' as const,
        community: '',
        name: run.source,
        about: '',
        options: [],
        member: '',
      };
      const recording = bySource.get(run.source) ?? begin(run.source, unannounced);
      recording.runs = (recording.runs ?? 0) + 1;
      recording.cutOff = false;
      byRun.set(run.id, { recording, began: clock() });
    },
    sent: (run, { node, port = 0 }, message) => {
      const known = byRun.get(run.id);
      if (!known) return;
      const { recording } = known;
      const hop = senderOf(recording, node, message, known.began);
      if (!hop) return;
      if (!hop.outputs.includes(port)) hop.outputs.push(port);
      const { refusal } = message as { refusal?: { code?: unknown } };
      if (typeof refusal?.code === 'string' && recording.trace.refusal === null) {
        recording.trace.refusal = hop.refusal = refusal.code.slice(0, NAME_LENGTH);
      }
    },
    entered: (run, node, message) => {
      const recording = byRun.get(run.id)?.recording;
      if (!recording) return;
      if (node.type === 'catch') recording.caught = true;
      const hop = addHop(recording, node, clock() - recording.arrived);
      if (hop) recording.atWork.push({ node, message, hop });
    },
    left: (run, node, message, fault) => {
      const recording = byRun.get(run.id)?.recording;
      if (!recording) return;
      const { atWork, arrived } = recording;
      const index = atWork.findIndex((work) => work.node === node && work.message === message);
      const hop = atWork[index]?.hop;
      if (!hop) return;
      atWork.splice(index, 1);
      hop.took = clock() - arrived - hop.at;
      if (fault) hop.fault = fault.code;
    },
    ended: (run: Run, end: RunEnd) => {
      const recording = byRun.get(run.id)?.recording;
      if (!recording) return;
      byRun.delete(run.id);
      recording.cutOff = end.cutOff;
      recording.trace.fault = end.fault?.code ?? recording.trace.fault;
      recording.runs = (recording.runs ?? 1) - 1;
      version += 1;
      if (recording.runs > 0) return;
      recording.atWork = [];
      recording.trace.marks.over = clock() - recording.arrived;
      if (recording.trace.kind === 'other') bySource.delete(run.source);
    },
    list: (community) =>
      Object.values(rings)
        .flat()
        .filter(({ trace }) => community === undefined || trace.community === community)
        .sort((a, b) => b.trace.id - a.trace.id)
        .map((recording) => {
          const { hops, leftOut, ...summary } = recording.trace;
          return { ...summary, nodes: hops.length + leftOut, outcome: outcomeOf(recording) };
        }),
    find: (id) => {
      const recording = Object.values(rings)
        .flat()
        .find(({ trace }) => trace.id === id);
      return recording ? { ...structuredClone(recording.trace), outcome: outcomeOf(recording) } : null;
    },
    get version() {
      return version;
    },
  };
}

function outcomeOf({ trace, runs, cutOff, caught }: Recording): TraceOutcome {
  if (trace.marks.over === undefined || (runs ?? 0) > 0) return 'open';
  if (cutOff) return 'cut_off';
  if (trace.fault) return caught ? 'caught' : 'fault';
  if (runs === null) return 'no_flow';
  if (trace.refusal) return 'refused';
  return trace.marks.stood_in === undefined ? 'done' : 'no_answer';
}
