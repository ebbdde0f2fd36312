import { inWords } from './sheet.ts';

const REDRAW_MILLISECONDS = 200;
/** Where nothing can be drawn over, a line now and then is enough. */
const LINE_MILLISECONDS = 5000;
const SETTLED_MILLISECONDS = 1000;

/** How far a step has come: rows done, and which part of the whole that is (0 to 1). */
interface Reached {
  rows: number;
  part: number;
}

/** Says how far an import is: on a terminal in one line, elsewhere a line now and then and one for each step. */
export class Progress {
  readonly #out: { isTTY?: boolean; columns?: number; write(text: string): unknown };
  #step = '';
  #began = 0;
  #said = 0;
  #reached: Reached = { rows: 0, part: 0 };

  constructor(out: { isTTY?: boolean; columns?: number; write(text: string): unknown }) {
    this.#out = out;
  }

  /** Ends the step before, and begins one. */
  begin(step: string): void {
    this.end();
    this.#step = step;
    this.#began = performance.now();
    this.#said = this.#began;
    this.#reached = { rows: 0, part: 0 };
    if (this.#out.isTTY) this.#draw(`${step} …`);
  }

  reached(rows: number, part: number): void {
    this.#reached = { rows, part };
    const now = performance.now();
    if (now - this.#said < (this.#out.isTTY ? REDRAW_MILLISECONDS : LINE_MILLISECONDS)) return;
    this.#said = now;
    const { text } = this;
    if (this.#out.isTTY) this.#draw(text);
    else this.#out.write(`${text}\n`);
  }

  /** Leaves a line for the step that went on. */
  end(): void {
    if (this.#step === '') return;
    const seconds = (performance.now() - this.#began) / 1000;
    const { rows } = this.#reached;
    const line = `${this.#step}: ${inWords(rows)} rows in ${seconds.toFixed(1)} s`;
    this.clear();
    if (rows > 0) this.#out.write(`${line}\n`);
  }

  /** Takes the line away that is under way. */
  clear(): void {
    this.#step = '';
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }

  get text(): string {
    const { rows, part } = this.#reached;
    const elapsed = performance.now() - this.#began;
    const rate = rows / Math.max(elapsed / 1000, 0.001);
    const left = elapsed > SETTLED_MILLISECONDS && part > 0 ? `, ${leftOf((elapsed / part) * (1 - part))} left` : '';
    return `${this.#step}: ${inWords(rows)} rows, ${Math.floor(part * 100)} %, ${inWords(Math.round(rate))} a second${left}`;
  }

  #draw(text: string): void {
    this.#out.write(`\r\u001b[K${text.slice(0, (this.#out.columns ?? 80) - 1)}`);
  }
}

const leftOf = (milliseconds: number): string => {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
