/** What something that flows took up was: never what anybody wrote in it. */
export interface TraceSubject {
  kind: 'command' | 'button' | 'select' | 'modal' | 'autocomplete' | 'event' | 'request' | 'other';
  community: string;
  /** A command's path, a custom_id's name, an event's type, a request's method and path. */
  name: string;
  /** What an event is about, such as `request/12`; empty for others. */
  about: string;
  /** The names of the options that were given. */
  options: string[];
  /** The member's name; empty where nobody acted. */
  member: string;
}

/**
 * What happens to an interaction beside the nodes: it was written down, let in after a deploy, deferred, answered,
 * answered by the platform in the flow's place, and all was done.
 */
export type Mark = 'kept' | 'let_in' | 'deferred' | 'answered' | 'stood_in' | 'over';

/** A node's part in it. Times are in milliseconds. */
export interface Hop {
  node: string;
  type: string;
  name: string;
  /** After the arrival. */
  at: number;
  /** null where the node is still at work, or never said that it is done. */
  took: number | null;
  /** The outputs that it sent to, from 0. */
  outputs: number[];
  /** The code of its fault, or of a refusal that began here. */
  fault: string | null;
  refusal: string | null;
}

export type TraceOutcome = 'open' | 'done' | 'refused' | 'fault' | 'caught' | 'cut_off' | 'no_flow' | 'no_answer';

/** One interaction or event and its path through the nodes. */
export interface Trace extends TraceSubject {
  id: number;
  /** An interaction's id, `event/45`, or `web/` with a request's id. */
  source: string;
  /** When it arrived: milliseconds since 1970. */
  at: number;
  outcome: TraceOutcome;
  fault: string | null;
  refusal: string | null;
  /** When each happened, in milliseconds after the arrival. */
  marks: Partial<Record<Mark, number>>;
  hops: Hop[];
  /** How many more nodes it went through than are listed. */
  leftOut: number;
}

/** A trace without its path, only with the length of that. */
export type TraceSummary = Omit<Trace, 'hops' | 'leftOut'> & { nodes: number };
