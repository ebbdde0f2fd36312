import { createHash } from 'node:crypto';
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
  webhook: { bucket: 'webhook', count: 5, window: 2000 },
} as const satisfies Record<string, Limit>;

/** Requests a second over all routes of one bot (docs: topics/rate-limits, "Global Rate Limit"). */
const GLOBAL = 50;

export interface Verdict {
  headers: Record<string, string>;
  /** Set when the request must be answered 429. */
  refused?: { retryAfter: number; global: boolean };
}

interface Window {
  used: number;
  resets: number;
}

/** Counts requests in buckets and says when there are too many. Windows are `speed` times shorter than Discord's. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #on: boolean;
  readonly #windows = new Map<string, Window>();
  #global: Window = { used: 0, resets: 0 };

  constructor(clock: Clock, speed: number, on: boolean) {
    this.#clock = clock;
    this.#speed = speed;
    this.#on = on;
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
): { message: string; retry_after: number; global: boolean } {
  return { message: 'You are being rate limited.', retry_after: retryAfter, global };
}
