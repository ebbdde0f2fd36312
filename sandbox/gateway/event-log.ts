import type { Clock } from '../clock.ts';
import { Listeners } from '../listeners.ts';

/** What became of an event on its way to the application. */
export type EventOutcome =
  /** Sent as it is, or with its content blanked for want of MESSAGE_CONTENT. */
  | 'sent'
  | 'blanked'
  /** Nobody asked for the intent that it needs. */
  | 'filtered'
  /** No session is there that it could go to. */
  | 'nobody'
  /** Came from the application. */
  | 'received'
  /** Went to the interactions endpoint over HTTP, which answered, or did not. */
  | 'posted'
  | 'unanswered';

export interface LoggedEvent {
  number: number;
  at: number;
  name: string;
  outcome: EventOutcome;
  /** The intent that it needs, where it needs one. */
  intent: string | null;
  data: unknown;
}

const ENTRIES = 500;

/** The newest events of the gateway, those that nobody was sent too. */
export class EventLog {
  readonly listeners = new Listeners();
  readonly #clock: Clock;
  #entries: LoggedEvent[] = [];
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(event: Omit<LoggedEvent, 'number' | 'at'>): void {
    this.#last++;
    this.#entries.push({ number: this.#last, at: this.#clock.now(), ...event });
    if (this.#entries.length > 2 * ENTRIES) this.#entries = this.#entries.slice(-ENTRIES);
    this.listeners.tell();
  }

  /** The events after the one of a number, oldest first, at most so many. */
  since(number: number, most = ENTRIES): LoggedEvent[] {
    const fresh = Math.min(this.#last - number, most);
    return fresh > 0 ? this.#entries.slice(-fresh) : [];
  }

  get(number: number): LoggedEvent | undefined {
    return this.#entries.find((event) => event.number === number);
  }
}
