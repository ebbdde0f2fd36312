import type { REST } from 'discord.js';

/** How far the bot is from Discord's limits (https://discord.com/developers/docs/topics/rate-limits). */
export interface Headroom {
  /** Calls in the last second, of those that count against the bot's global limit. */
  global: { used: number; limit: number };
  /** Of the limits whose time has not run out, the one with the least left; null where none is known. */
  tightest: { route: string; left: number; limit: number; resetsInMilliseconds: number } | null;
  /** Answers 401, 403 and 429 in the last 10 minutes: at 10,000 Discord shuts the whole address out for a while. */
  invalid: { used: number; limit: number };
  /** The last call that a limit held up or refused; null where none did. */
  heldUp: { route: string; at: number } | null;
}

export interface HeadroomMeter {
  /** Counts what this client asks. @param isGlobal whether Discord's global limit binds its calls */
  watch(rest: REST, isGlobal: boolean): void;
  read(): Headroom;
}

const GLOBAL_LIMIT = 50;
const SECOND = 1000;
const INVALID_LIMIT = 10_000;
const TEN_MINUTES = 600_000;
const MOST_BUCKETS = 200;
/** discord.js' names of its events (RESTEvents). */
const RESPONSE = 'response' as const;
const RATE_LIMITED = 'rateLimited' as const;

interface Bucket {
  route: string;
  left: number;
  limit: number;
  resetsAt: number;
}

/** Reads Discord's limits from the headers of its answers. */
export function createHeadroomMeter(now: () => number = Date.now): HeadroomMeter {
  const calls: number[] = [];
  const invalid: number[] = [];
  const buckets = new Map<string, Bucket>();
  let heldUp: Headroom['heldUp'] = null;

  const count = (times: number[], span: number, most: number): number => {
    const since = now() - span;
    while (times.length > most || (times[0] ?? since) < since) times.shift();
    return times.length;
  };
  const note = (times: number[], span: number, most: number): void => {
    times.push(now());
    count(times, span, most);
  };
  const noteBucket = (route: string, path: string, headers: { get(name: string): string | null }): void => {
    const limit = Number(headers.get('x-ratelimit-limit'));
    const resetsAfter = Number(headers.get('x-ratelimit-reset-after'));
    if (!(limit > 0) || !(resetsAfter >= 0)) return;
    // The same limit counts for itself in each channel, guild and webhook.
    const [place = ''] = /^\/(?:channels|guilds|webhooks)\/\d+/.exec(path) ?? [];
    const left = Number(headers.get('x-ratelimit-remaining'));
    buckets.delete(route + place);
    buckets.set(route + place, { route, left, limit, resetsAt: now() + resetsAfter * SECOND });
    if (buckets.size > MOST_BUCKETS) buckets.delete(buckets.keys().next().value ?? '');
  };
  const tightest = (): Headroom['tightest'] => {
    const open = [...buckets.values()].filter(({ resetsAt }) => resetsAt > now());
    const [first] = open.sort((a, b) => a.left / a.limit - b.left / b.limit);
    if (!first) return null;
    const { route, left, limit, resetsAt } = first;
    return { route, left, limit, resetsInMilliseconds: Math.ceil(resetsAt - now()) };
  };

  return {
    watch: (rest, isGlobal) => {
      rest.on(RESPONSE, ({ method, route, path }, { status, headers }) => {
        if (isGlobal) note(calls, SECOND, INVALID_LIMIT);
        const isShared = headers.get('x-ratelimit-scope') === 'shared';
        if (status === 401 || status === 403 || (status === 429 && !isShared)) {
          note(invalid, TEN_MINUTES, INVALID_LIMIT);
        }
        if (status === 429) heldUp = { route: `${method} ${route}`, at: now() };
        noteBucket(`${method} ${route}`, path, headers);
      });
      rest.on(RATE_LIMITED, ({ method, route }) => {
        heldUp = { route: `${method} ${route}`, at: now() };
      });
    },
    read: () => ({
      global: { used: count(calls, SECOND, INVALID_LIMIT), limit: GLOBAL_LIMIT },
      tightest: tightest(),
      invalid: { used: count(invalid, TEN_MINUTES, INVALID_LIMIT), limit: INVALID_LIMIT },
      heldUp,
    }),
  };
}
