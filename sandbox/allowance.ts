import type { Clock } from './clock.ts';

/** So many of something in so many milliseconds; the window opens with the first. */
export class Allowance {
  readonly total: number;
  readonly #clock: Clock;
  readonly #window: number;
  #used = 0;
  #resets = 0;

  constructor(clock: Clock, total: number, window: number) {
    this.total = total;
    this.#clock = clock;
    this.#window = window;
  }

  /** Takes one; false when none is left. */
  take(): boolean {
    const now = this.#clock.now();
    if (now >= this.#resets) {
      this.#used = 0;
      this.#resets = now + this.#window;
    }
    if (this.#used >= this.total) return false;
    this.#used++;
    return true;
  }

  get used(): number {
    return this.#clock.now() >= this.#resets ? 0 : this.#used;
  }

  get remaining(): number {
    return this.total - this.used;
  }

  /** Milliseconds until all are there again. */
  get resetsIn(): number {
    return Math.ceil(this.used === 0 ? this.#window : this.#resets - this.#clock.now());
  }

  /** Begins anew, as after the window. */
  clear(): void {
    this.#resets = 0;
  }
}
