import { wait } from '../platform/clock.ts';

/** What a load made of the answers: milliseconds from the command to the first acknowledgement, as Discord saw it. */
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

const COMMAND = '/request ai-credit amount:1';

/**
 * Members type a command at a steady rate, whatever the answers take.
 * @param sandbox the sandbox's address
 * @param members their usernames, in turn
 * @param rate commands a second
 */
export async function load(sandbox: string, members: string[], rate: number, seconds: number): Promise<Latencies> {
  const acknowledged: number[] = [];
  const underWay = new Set<Promise<void>>();
  let failed = 0;
  const begun = performance.now();
  const total = Math.round(rate * seconds);
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, ((performance.now() - begun) * rate) / 1000);
    for (; sent < due; sent += 1) {
      const member = members[sent % members.length] ?? '';
      const typed = type(sandbox, member).then(
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
  acknowledged.sort((a, b) => a - b);
  const at = (share: number) => acknowledged[Math.ceil(acknowledged.length * share) - 1] ?? Number.NaN;
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

async function type(sandbox: string, as: string): Promise<number | null> {
  const answer = await post<{ acknowledgedMs: number | null; error?: string }>(sandbox, 'command', {
    as,
    input: COMMAND,
    channel: 'general',
  });
  return answer.error ? null : answer.acknowledgedMs;
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

/** To a tenth, or to another part. */
export const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;
