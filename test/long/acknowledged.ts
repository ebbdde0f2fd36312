import type { Answered } from '../support/guildhall.ts';

export type Outcome = 'approved' | 'rejected' | 'cancelled';

/** Everything that members were told is so: none of it may ever be lost or contradicted. */
export class Acknowledged {
  /** Who asked for how much, by request. */
  readonly asked = new Map<number, { as: string; amount: number }>();
  readonly settled = new Map<number, Outcome>();
  /** What nobody should ever be told. */
  readonly contradictions: string[] = [];
  /** Answers that none of the patterns below knows. */
  readonly unknown: string[] = [];
  /** How many answers of each kind came, also "already decided" and "try again". */
  readonly answers = new Map<string, number>();

  /** Notes what a member was told. Returns the request that was made, if any. */
  note(as: string, { messages, error }: Answered): number | null {
    if (error) {
      this.count('no answer');
      return null;
    }
    for (const { content } of messages) {
      const asked = /^You asked for \*\*(\d+) (?:AI|Lead) credits\*\* \(request #(\d+)\)/.exec(content);
      if (asked) return this.noteRequest(as, Number(asked[2]), Number(asked[1]));
      const decided = /^You (approved|rejected) request #(\d+):/.exec(content);
      if (decided) this.settle(Number(decided[2]), decided[1] as Outcome);
      else this.noteOther(content);
      for (const line of content.matchAll(/^\*\*#(\d+)\*\* .*: cancelled/gm)) this.settle(Number(line[1]), 'cancelled');
    }
    return null;
  }

  private noteRequest(as: string, request: number, amount: number): number {
    if (this.asked.has(request)) this.contradictions.push(`request #${request} was made twice`);
    this.asked.set(request, { as, amount });
    this.count('asked');
    return request;
  }

  private settle(request: number, outcome: Outcome): void {
    const before = this.settled.get(request);
    if (before !== undefined && (before !== outcome || outcome !== 'cancelled')) {
      this.contradictions.push(`request #${request} was ${before} and then ${outcome}`);
    }
    if (before === undefined) this.count(outcome);
    this.settled.set(request, outcome);
  }

  private noteOther(content: string): void {
    const kind = Object.entries(KINDS).find(([, pattern]) => pattern.test(content))?.[0];
    if (kind) this.count(kind);
    else this.unknown.push(content);
  }

  private count(kind: string): void {
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
  }
}

const KINDS: Record<string, RegExp> = {
  'decided already': /^\*\*Decided already/,
  'too late': /^\*\*Too late/,
  listed: /^(\*\*#|You have not asked)/,
  'try again': /^This (cannot be done|did not work) at the moment/,
  'put off': /^$/,
};
