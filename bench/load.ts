import { wait } from '../platform/clock.ts';
import { percentiles, round } from './figures.ts';

/** What a load made of the answers: milliseconds from the command, as Discord saw it. */
export interface Latencies {
  /** Commands a second, as asked for and as they were answered. */
  rate: number;
  answered: number;
  failed: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** What members type, and until when it counts: the first acknowledgement, or the answer that they see. */
export interface Typing {
  input: string;
  until: 'acknowledgedMs' | 'answeredMs';
}

const REQUEST: Typing = { input: '/request ai-credit amount:1', until: 'acknowledgedMs' };

/**
 * Members type a command at a steady rate, whatever the answers take.
 * @param sandbox the sandbox's address
 * @param members their usernames, in turn
 * @param rate commands a second
 */
export async function load(
  sandbox: string,
  members: string[],
  rate: number,
  seconds: number,
  typing = REQUEST,
): Promise<Latencies> {
  const acknowledged: number[] = [];
  const underWay = new Set<Promise<void>>();
  let failed = 0;
  const begun = performance.now();
  const total = Math.round(rate * seconds);
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, ((performance.now() - begun) * rate) / 1000);
    for (; sent < due; sent += 1) {
      const member = members[sent % members.length] ?? '';
      const typed = type(sandbox, member, typing).then(
        (milliseconds) => {
          if (milliseconds === null) failed += 1;
          else acknowledged.push(milliseconds);
        },
        () => {
          failed += 1;
        },
      );
      underWay.add(typed);
      void typed.finally(() => underWay.delete(typed));
    }
    await wait(2);
  }
  await Promise.all(underWay);
  const took = (performance.now() - begun) / 1000;
  const at = percentiles(acknowledged);
  return {
    rate,
    answered: round(acknowledged.length / took),
    failed,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}

async function type(sandbox: string, as: string, { input, until }: Typing): Promise<number | null> {
  const answer = await post<Record<Typing['until'], number | null> & { error?: string }>(sandbox, 'command', {
    as,
    input,
    channel: 'general',
  });
  return answer.error ? null : answer[until];
}

/** Asks the sandbox's control API. @throws Error with what it says */
export async function post<T>(sandbox: string, path: string, body: object): Promise<T> {
  const response = await fetch(`${sandbox}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer as T;
}
