/** Whoever wants to hear that something happened. */
export class Listeners<Arguments extends unknown[] = []> {
  readonly #listeners = new Set<(...details: Arguments) => void>();

  /** Calls `listener` from now on; returns what ends that. */
  add(listener: (...details: Arguments) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(...details: Arguments): void {
    for (const listener of [...this.#listeners]) listener(...details);
  }
}
