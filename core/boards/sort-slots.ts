import { endianness } from 'node:os';
import type { Keys } from './ordered-slots.ts';

/** Below so many, comparing is faster than counting digits. */
const FEW = 1_000;
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const SHIFTS = [0, DIGIT_BITS, 2 * DIGIT_BITS];
const SIGN = 0x8000_0000;
const HIGH_WORD = endianness() === 'LE' ? 1 : 0;

/**
 * The slots in the order of their keys, as a new array: a radix sort, which a million slots pass in a tenth of a second.
 * @param slots each once, each with a key that is a number
 */
export function sortSlots(slots: Uint32Array, keys: Keys): Uint32Array {
  const steps = sortingSlots(slots, keys);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** The same in steps, between which the caller can let others have their turn; the keys are to stay as they are. */
export function* sortingSlots(slots: Uint32Array, keys: Keys): Generator<void, Uint32Array> {
  if (slots.length < FEW) return slots.slice().sort((one, other) => compareKeys(keys, one, other));
  const passes = new Passes(slots);
  yield* passes.sortBy((order, words) => words.set(order));
  for (const values of [keys.reached, keys.scores]) {
    const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    yield* passes.sortBy((order, words) => readLowWords(order, halves, words));
    yield* passes.sortBy((order, words) => readHighWords(order, halves, words));
  }
  return passes.order;
}

function compareKeys({ scores, reached }: Keys, one: number, other: number): number {
  return (
    (scores[one] as number) - (scores[other] as number) ||
    (reached[one] as number) - (reached[other] as number) ||
    one - other
  );
}

/** Stable sorts one after the other, the least significant word first. */
class Passes {
  order: Uint32Array;
  #words: Uint32Array;
  #nextOrder: Uint32Array;
  #nextWords: Uint32Array;

  constructor(slots: Uint32Array) {
    this.order = slots.slice();
    this.#words = new Uint32Array(slots.length);
    this.#nextOrder = new Uint32Array(slots.length);
    this.#nextWords = new Uint32Array(slots.length);
  }

  /** @param read writes the word to sort by for each slot of an order */
  *sortBy(read: (order: Uint32Array, words: Uint32Array) => void): Generator<void> {
    read(this.order, this.#words);
    yield;
    for (const [digit, counts] of countDigits(this.#words).entries()) {
      // Where all have the same digit there is nothing to do: most digits of whole numbers are.
      if (counts.includes(this.order.length)) continue;
      this.#pass(SHIFTS[digit] as number, counts);
      yield;
    }
  }

  #pass(shift: number, counts: Uint32Array): void {
    const [order, words, nextOrder, nextWords] = [this.order, this.#words, this.#nextOrder, this.#nextWords];
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const count = counts[digit] as number;
      counts[digit] = start;
      start += count;
    }
    for (let index = 0; index < order.length; index += 1) {
      const word = words[index] as number;
      const digit = (word >>> shift) & (DIGITS - 1);
      const place = counts[digit] as number;
      counts[digit] = place + 1;
      nextOrder[place] = order[index] as number;
      nextWords[place] = word;
    }
    [this.order, this.#words, this.#nextOrder, this.#nextWords] = [nextOrder, nextWords, order, words];
  }
}

function countDigits(words: Uint32Array): Uint32Array[] {
  const all = SHIFTS.map(() => new Uint32Array(DIGITS));
  const [low, middle, high] = all as [Uint32Array, Uint32Array, Uint32Array];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as number;
    const [one, two, three] = [word & (DIGITS - 1), (word >>> DIGIT_BITS) & (DIGITS - 1), word >>> (2 * DIGIT_BITS)];
    low[one] = (low[one] as number) + 1;
    middle[two] = (middle[two] as number) + 1;
    high[three] = (high[three] as number) + 1;
  }
  return all;
}

// The bits of doubles sort as whole numbers once the sign is turned, and of negative ones all bits.

function readLowWords(order: Uint32Array, halves: Uint32Array, words: Uint32Array): void {
  for (let index = 0; index < order.length; index += 1) {
    const at = (order[index] as number) * 2;
    const low = halves[at + 1 - HIGH_WORD] as number;
    words[index] = (halves[at + HIGH_WORD] as number) >= SIGN ? ~low : low;
  }
}

function readHighWords(order: Uint32Array, halves: Uint32Array, words: Uint32Array): void {
  for (let index = 0; index < order.length; index += 1) {
    const high = halves[(order[index] as number) * 2 + HIGH_WORD] as number;
    words[index] = high >= SIGN ? ~high : high | SIGN;
  }
}
