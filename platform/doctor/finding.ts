/** One thing that was examined, in words for an admin. */
export interface Finding {
  /** Stays the same from one examination to the next: the check's name, with what it is about. */
  id: string;
  /** What it belongs to: `bot`, `server`, `machine`. */
  area: string;
  state: 'ok' | 'warning' | 'problem';
  title: string;
  /** What was found, and why it matters. */
  detail: string;
  /** The one thing to do, with the exact place; empty when all is well. */
  fix: string;
}
