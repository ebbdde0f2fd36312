import { createHash } from 'node:crypto';
import { Allowance } from '../allowance.ts';
import type { Clock } from '../clock.ts';

/** A bucket: so many requests in so many milliseconds. */
export interface Limit {
  bucket: string;
  count: number;
  window: number;
}

export const LIMIT = {
  default: { bucket: 'default', count: 50, window: 1000 },
  messageCreate: { bucket: 'message-create', count: 5, window: 5000 },
  messageEdit: { bucket: 'message-edit', count: 5, window: 5000 },
  messageDelete: { bucket: 'message-delete', count: 5, window: 1000 },
  memberRoles: { bucket: 'member-roles', count: 10, window: 10_000 },
  memberEdit: { bucket: 'member-edit', count: 10, window: 10_000 },
  bulkDelete: { bucket: 'bulk-delete', count: 1, window: 1000 },
  reaction: { bucket: 'reaction', count: 1, window: 250 },
  channelEdit: { bucket: 'channel-edit', count: 5, window: 15_000 },
  channelName: { bucket: 'channel-name', count: 2, window: 600_000 },
  threadCreate: { bucket: 'thread-create', count: 50, window: 300_000 },
  invite: { bucket: 'invite', count: 5, window: 15_000 },
  webhook: { bucket: 'webhook', count: 5, window: 2000 },
} as const satisfies Record<string, Limit>;

/** Requests a second over all routes of one bot (docs: topics/rate-limits, "Global Rate Limit"). */
const GLOBAL = 50;

const MINUTE = 60_000;
/** Answers of 401, 403 and 429 in ten minutes before an address is shut out (docs: "Invalid Request Limit"). */
const INVALID = 10_000;
/** IDENTIFYs in a day, and one in five seconds (docs: events/gateway, "Session Start Limit Object"). */
const SESSION_STARTS = 1000;
const CONCURRENT_MS = 5000;
/** What one connection to the gateway may send in a minute (docs: events/gateway, "Rate Limiting"). */
const SENDS = 120;

export interface Verdict {
  headers: Record<string, string>;
  /** Set when the request must be answered 429. */
  refused?: { retryAfter: number; global: boolean };
}

interface Window {
  used: number;
  resets: number;
}

/** Statuses that count as invalid requests; a 429 that is shared would not, but none is here. */
const INVALID_STATUSES = [401, 403, 429];

/** Counts requests in buckets and says when there are too many. Windows are `speed` times shorter than Discord's. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #on: boolean;
  readonly #windows = new Map<string, Window>();
  #global: Window = { used: 0, resets: 0 };
  readonly #invalid: Allowance;
  readonly #starts: Allowance;
  readonly #concurrent: Allowance;

  constructor(clock: Clock, speed: number, on: boolean) {
    this.#clock = clock;
    this.#speed = speed;
    this.#on = on;
    this.#invalid = new Allowance(clock, INVALID, (10 * MINUTE) / speed);
    this.#starts = new Allowance(clock, SESSION_STARTS, (24 * 60 * MINUTE) / speed);
    this.#concurrent = new Allowance(clock, 1, CONCURRENT_MS / speed);
  }

  /** Counts an answer among the invalid requests, when it is one. */
  answered(status: number): void {
    if (INVALID_STATUSES.includes(status)) this.#invalid.take();
  }

  /** Invalid requests in these ten minutes, and for how many milliseconds the address is shut out. */
  get invalidRequests(): { count: number; limit: number; bannedMs: number } {
    const { used: count, total: limit, remaining, resetsIn } = this.#invalid;
    return { count, limit, bannedMs: this.#on && remaining === 0 ? resetsIn : 0 };
  }

  /** What `GET /gateway/bot` says of sessions that may still be started. */
  get sessionStarts(): { total: number; remaining: number; reset_after: number; max_concurrency: number } {
    const { total, remaining, resetsIn } = this.#starts;
    return { total, remaining: this.#on ? remaining : total, reset_after: resetsIn, max_concurrency: 1 };
  }

  /** Counts an IDENTIFY: whether it may start a session, came too soon, or was one too many for today. */
  startSession(): 'started' | 'too soon' | 'exhausted' {
    if (!this.#on) return 'started';
    if (!this.#starts.take()) {
      this.#starts.clear();
      return 'exhausted';
    }
    return this.#concurrent.take() ? 'started' : 'too soon';
  }

  /** What a new connection to the gateway may send. */
  sends(): Allowance {
    return new Allowance(this.#clock, this.#on ? SENDS : Number.POSITIVE_INFINITY, MINUTE / this.#speed);
  }

  /** Counts one request of a bucket and the channel, guild or webhook that it is about. */
  take(limit: Limit, major: string, globally: boolean): Verdict {
    if (!this.#on) return { headers: {} };
    const now = this.#clock.now();
    if (globally) {
      if (now >= this.#global.resets) this.#global = { used: 0, resets: now + 1000 / this.#speed };
      if (this.#global.used >= GLOBAL) return refuse(this.#global.resets - now, true, {});
      this.#global.used++;
    }
    const key = `${limit.bucket}:${major}`;
    let window = this.#windows.get(key);
    if (window === undefined || now >= window.resets) {
      window = { used: 0, resets: now + limit.window / this.#speed };
      this.#windows.set(key, window);
      if (this.#windows.size > 5000) this.#sweep(now);
    }
    const full = window.used >= limit.count;
    if (!full) window.used++;
    const headers = {
      'x-ratelimit-limit': String(limit.count),
      'x-ratelimit-remaining': String(limit.count - window.used),
      'x-ratelimit-reset': (window.resets / 1000).toFixed(3),
      'x-ratelimit-reset-after': (Math.max(0, window.resets - now) / 1000).toFixed(3),
      'x-ratelimit-bucket': createHash('sha256').update(limit.bucket).digest('hex').slice(0, 32),
    };
    return full ? refuse(window.resets - now, false, headers) : { headers };
  }

  #sweep(now: number): void {
    for (const [key, window] of this.#windows) if (now >= window.resets) this.#windows.delete(key);
  }
}

function refuse(wait: number, global: boolean, headers: Record<string, string>): Verdict {
  const retryAfter = Math.max(1, Math.ceil(wait)) / 1000;
  return { headers: { ...headers, ...limitHeaders(retryAfter, global) }, refused: { retryAfter, global } };
}

/** The headers of a 429. Discord rounds Retry-After up to seconds; here it stays exact, since windows may be short. */
export function limitHeaders(retryAfter: number, global: boolean): Record<string, string> {
  return {
    'retry-after': String(retryAfter),
    'x-ratelimit-scope': global ? 'global' : 'user',
    ...(global ? { 'x-ratelimit-global': 'true' } : {}),
  };
}

/** The body of a 429. */
export function limitBody(
  retryAfter: number,
  global: boolean,
): { message: string; retry_after: number; global: boolean; code: number } {
  return { message: 'You are being rate limited.', retry_after: retryAfter, global, code: 0 };
}
