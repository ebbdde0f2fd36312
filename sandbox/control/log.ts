export interface LogEntry {
  method: string;
  route: string;
  status: number;
  ms: number;
  body: unknown;
  verdict: string;
}

const ENTRIES = 5000;
const BYTES = 32 * 1024 * 1024;

/** The newest REST requests, bounded in number and size. */
export class RequestLog {
  readonly #entries: { entry: LogEntry; bytes: number }[] = [];
  #bytes = 0;

  add(entry: LogEntry, bytes: number): void {
    this.#entries.push({ entry, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > ENTRIES || this.#bytes > BYTES) this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }

  entries(): LogEntry[] {
    return this.#entries.map(({ entry }) => entry);
  }
}
