import type { Clock } from '../clock.ts';
import { Listeners } from '../listeners.ts';

export interface LogEntry {
  method: string;
  /** The pattern, such as `/channels/:channel/messages`; the path itself where there is no route. */
  route: string;
  /** The path as it came, without `/api` and version. */
  path: string;
  /** The query, with its question mark; empty when there was none. */
  query: string;
  status: number;
  ms: number;
  body: unknown;
  /** What is wrong with the body by its schema alone, or `ok`. */
  verdict: string;
  /** The answer's body; null when it had none. */
  answer: unknown;
  /** True when the answer is no verdict of the API: a fault that was asked for, or a ban. */
  fault?: true;
}

/** An entry as it is kept: the answer as the text that was sent. */
export type Logged = Omit<LogEntry, 'answer'> & { answer: string };

/** An entry as the page lists it: without bodies, but with the error that was answered. */
export interface LogLine extends Omit<LogEntry, 'body' | 'answer'> {
  number: number;
  at: number;
  error: { code: number; message: string } | null;
}

const ENTRIES = 5000;
const BYTES = 32 * 1024 * 1024;

/** The newest REST requests, bounded in number and size. */
export class RequestLog {
  readonly listeners = new Listeners();
  readonly #clock: Clock;
  readonly #entries: { number: number; at: number; entry: Logged; bytes: number }[] = [];
  #bytes = 0;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps an entry of about so many bytes, its answer aside. */
  add(entry: Logged, size: number): void {
    const bytes = size + entry.answer.length;
    this.#last++;
    this.#entries.push({ number: this.#last, at: this.#clock.now(), entry, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > ENTRIES || this.#bytes > BYTES) this.#bytes -= this.#entries.shift()?.bytes ?? 0;
    this.listeners.tell();
  }

  entries(): LogEntry[] {
    return this.#entries.map(({ entry }) => ({
      ...entry,
      answer: entry.answer === '' ? null : JSON.parse(entry.answer),
    }));
  }

  /** The requests after the one of a number, oldest first, at most so many. */
  since(number: number, most: number): LogLine[] {
    const fresh = Math.min(this.#last - number, most);
    return fresh <= 0
      ? []
      : this.#entries.slice(-fresh).map(({ entry: { body: _, answer, ...entry }, ...place }) => ({
          number: place.number,
          at: place.at,
          ...entry,
          error: entry.status >= 400 ? errorIn(answer) : null,
        }));
  }

  /** Bodies of the request of a number. */
  get(number: number): Pick<LogEntry, 'body' | 'answer'> | undefined {
    const found = this.#entries.find((known) => known.number === number)?.entry;
    return found && { body: found.body, answer: found.answer === '' ? null : JSON.parse(found.answer) };
  }
}

function errorIn(answer: string): LogLine['error'] {
  if (answer === '') return null;
  const { code = 0, message = '' } = JSON.parse(answer) as { code?: number; message?: string };
  return { code, message };
}
