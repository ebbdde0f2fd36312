import { BlockDirectory } from './block-directory.ts';
import { Counts } from './counts.ts';

/**
 * The keys of a board's slots, shared by all its lists; the arrays may be replaced by longer ones.
 * Order is by score, then by `reached`, then by slot, the lower first: where the highest score is best, it stands here
 * with its sign turned. No score is -0.
 */
export interface Keys {
  scores: Float64Array;
  reached: Float64Array;
}

/** Slots a block. */
export const BLOCK_SIZE = 256;

const EMPTY = new Int32Array(0);
const SMALLEST_BLOCK = 4;
const STRIDE = 16;

/**
 * Ordered lists of slots that know positions, one list a group, all laid end to end: blocks of slots, split when they
 * are full and merged when they are few, and a directory of the blocks. So a small group takes no more than its slots.
 *
 * Keys are not stored: every slot in here must keep its key in `keys` while it is here, and change it through `move`.
 * A block holds pairs, a slot and its hint, a rounded score. Nearly always the hints decide, and they lie side by side,
 * while each look at a key is one at a far place in memory, which takes longer than all the rest. For the same reason
 * all blocks lie in one array: as objects of their own, each would be another far place.
 */
export class OrderedSlots {
  readonly #keys: Keys;
  readonly #blockSize: number;
  readonly #groups = new Counts();
  /** The blocks, each at its place; as long as it needs while there is one block. */
  #pool: Int32Array = EMPTY;
  /** Places of the pool that were taken once, and those of them that are free again. */
  #places = 1;
  #freePlaces: number[] = [];
  /** None while there is one block. With one, every block holds at least one slot. */
  #directory: BlockDirectory | null = null;
  #size = 0;

  /** @param blockSize slots a block, 2 or more */
  constructor(keys: Keys, blockSize = BLOCK_SIZE) {
    this.#keys = keys;
    this.#blockSize = blockSize;
    this.#groups.replace(new Uint32Array(1));
  }

  /** Takes these slots in place of all that it held: each group's in order, the groups one after the other. */
  fill(sorted: Uint32Array, groups: Uint32Array): void {
    this.#size = sorted.length;
    this.#groups.replace(groups);
    this.#directory = null;
    this.#freePlaces = [];
    if (sorted.length <= this.#blockSize) {
      this.#places = 1;
      this.#pool = new Int32Array(Math.min(this.#blockSize, sorted.length + (sorted.length >>> 2)) * 2);
      this.#write(0, sorted);
      return;
    }
    // Room is left in each block, or the first moves would split them all.
    const length = Math.max(1, this.#blockSize - (this.#blockSize >>> 2));
    this.#places = Math.ceil(sorted.length / length);
    const lengths = new Uint32Array(this.#places).fill(length);
    lengths[this.#places - 1] = sorted.length - (this.#places - 1) * length;
    this.#directory = new BlockDirectory(lengths);
    this.#pool = new Int32Array(this.#places * this.#blockSize * 2);
    for (let at = 0, start = 0; at < this.#places; at += 1, start += length) {
      this.#begin(this.#directory, at, this.#groups.indexAt(start), sorted[start] as number);
      this.#write(at * this.#blockSize, sorted.subarray(start, start + length));
    }
  }

  /** How many are in a group. */
  total(group: number): number {
    return group < this.#groups.length ? this.#groups.of(group) : 0;
  }

  /** Adds a slot that is not here, by its key. */
  put(slot: number, group: number): void {
    const score = this.#keys.scores[slot] as number;
    const reached = this.#keys.reached[slot] as number;
    this.#groups.extend(group + 1);
    const at = this.#blockOf(group, score, reached, slot);
    this.#insert(at, this.#indexIn(at, group, score, reached, slot), slot, group, score, reached);
    this.#groups.add(group, 1);
  }

  /** Removes a slot that is here, by its key. */
  take(slot: number, group: number): void {
    const score = this.#keys.scores[slot] as number;
    const reached = this.#keys.reached[slot] as number;
    const at = this.#blockOf(group, score, reached, slot);
    this.#remove(at, this.#indexIn(at, group, score, reached, slot));
    this.#groups.add(group, -1);
  }

  /** Moves a slot that is here to where a new key belongs. The key is written by the caller, after all lists moved. */
  move(slot: number, group: number, score: number, reached: number): void {
    const oldScore = this.#keys.scores[slot] as number;
    const oldReached = this.#keys.reached[slot] as number;
    const from = this.#blockOf(group, oldScore, oldReached, slot);
    const to = this.#blockOf(group, score, reached, slot);
    const index = this.#indexIn(from, group, oldScore, oldReached, slot);
    const target = this.#indexIn(to, group, score, reached, slot);
    if (from === to) {
      this.#moveWithin(this.#startOf(from), index, target, slot, score);
      return;
    }
    const blocks = this.#directory?.lengths.length ?? 1;
    this.#insert(to, target, slot, group, score, reached);
    const more = (this.#directory?.lengths.length ?? 1) - blocks;
    this.#remove(to < from ? from + more : from, index);
  }

  /** How many of a group have a strictly better score. */
  countBetter(group: number, score: number): number {
    return this.#countBefore(group, score, Number.NEGATIVE_INFINITY, 0);
  }

  /** The position in its group of a slot that is here. */
  positionOf(slot: number, group: number): number {
    const { scores, reached } = this.#keys;
    return this.#countBefore(group, scores[slot] as number, reached[slot] as number, slot);
  }

  /** A copy of the slots of a group from one position to before another; fewer where the group ends. */
  slice(group: number, start: number, end: number): Uint32Array {
    const stop = Math.min(end, this.total(group));
    if (start >= stop) return new Uint32Array(0);
    const slots = new Uint32Array(stop - start);
    const first = this.#groups.before(group) + start;
    let at = this.#directory?.lengths.indexAt(first) ?? 0;
    let index = first - this.#before(at);
    for (let filled = 0; filled < slots.length; at += 1) {
      const from = this.#startOf(at) + index;
      const count = Math.min(this.#lengthOf(at) - index, slots.length - filled);
      copySlots(this.#pool, from, count, slots, filled);
      filled += count;
      index = 0;
    }
    return slots;
  }

  /** Memory held in typed arrays, without the keys. */
  bytes(): number {
    return this.#pool.byteLength + this.#groups.bytes() + (this.#directory?.bytes() ?? 0);
  }

  #lengthOf(at: number): number {
    return this.#directory === null ? this.#size : this.#directory.lengths.of(at);
  }

  /** Where in the pool a block starts, in pairs. */
  #startOf(at: number): number {
    return this.#directory === null ? 0 : this.#directory.placeOf(at) * this.#blockSize;
  }

  #before(at: number): number {
    return this.#directory === null ? 0 : this.#directory.lengths.before(at);
  }

  #blockOf(group: number, score: number, reached: number, slot: number): number {
    return this.#directory === null ? 0 : this.#directory.blockOf(group, score, reached, slot);
  }

  /** How many of a group come before a key. */
  #countBefore(group: number, score: number, reached: number, slot: number): number {
    const at = this.#blockOf(group, score, reached, slot);
    return this.#before(at) + this.#indexIn(at, group, score, reached, slot) - this.#groups.before(group);
  }

  /** The first index of a block where no key of the group stands that comes before this one. */
  #indexIn(at: number, group: number, score: number, reached: number, slot: number): number {
    const pool = this.#pool;
    const offset = this.#startOf(at);
    const hint = hintOf(score);
    // Where in the block the group's own slots lie is told by counts: keys of several groups are never compared.
    const start = this.#groups.before(group) - this.#before(at);
    const end = this.#clamp(at, start + this.total(group));
    const isBefore = (index: number): boolean => {
      const pair = (offset + index) * 2;
      const other = pool[pair + 1] as number;
      if (other !== hint) return other < hint;
      return cameBefore(this.#keys, pool[pair] as number, score, reached, slot);
    };
    let index = this.#clamp(at, start);
    // Strides and then steps: the processor foresees that it goes on, and so fetches many pairs at once, where each
    // halving would have to wait for the one before.
    while (index + STRIDE < end && isBefore(index + STRIDE)) index += STRIDE;
    while (index < end && isBefore(index)) index += 1;
    return index;
  }

  /** The index of a block for a position counted from its beginning, which may lie before it or beyond it. */
  #clamp(at: number, position: number): number {
    return Math.max(0, Math.min(position, this.#lengthOf(at)));
  }

  #insert(at: number, index: number, slot: number, group: number, score: number, reached: number): void {
    const length = this.#lengthOf(at);
    if (length === this.#blockSize) {
      this.#splitAndInsert(at, index, slot, group, score, reached);
      return;
    }
    // With more than one block there is room for all of each.
    if (length * 2 === this.#pool.length) {
      this.#resizePool(Math.min(this.#blockSize, Math.max(SMALLEST_BLOCK, length * 2)));
    }
    const pool = this.#pool;
    const start = this.#startOf(at);
    const pair = (start + index) * 2;
    pool.copyWithin(pair + 2, pair, (start + length) * 2);
    pool[pair] = slot;
    pool[pair + 1] = hintOf(score);
    this.#size += 1;
    this.#directory?.lengths.add(at, 1);
  }

  #splitAndInsert(at: number, index: number, slot: number, group: number, score: number, reached: number): void {
    this.#directory ??= new BlockDirectory(Uint32Array.of(this.#size));
    const place = this.#newPlace();
    // Newcomers come in at the end, one after the other: those blocks stay full.
    if (index === this.#blockSize && at === this.#directory.lengths.length - 1) {
      this.#directory.split(at, index, place);
      this.#directory.begin(at + 1, group, score, reached, slot);
      this.#insert(at + 1, 0, slot, group, score, reached);
      return;
    }
    const half = this.#blockSize >>> 1;
    const middle = this.#startOf(at) + half;
    const firstGroup = this.#groups.indexAt(this.#before(at) + half);
    this.#copyPairs(middle, this.#blockSize - half, place * this.#blockSize);
    this.#directory.split(at, half, place);
    this.#begin(this.#directory, at + 1, firstGroup, this.#pool[middle * 2] as number);
    if (index <= half) this.#insert(at, index, slot, group, score, reached);
    else this.#insert(at + 1, index - half, slot, group, score, reached);
  }

  #remove(at: number, index: number): void {
    const start = this.#startOf(at);
    const pair = (start + index) * 2;
    this.#pool.copyWithin(pair, pair + 2, (start + this.#lengthOf(at)) * 2);
    this.#size -= 1;
    this.#directory?.lengths.add(at, -1);
    if (this.#directory) this.#mergeIfShort(at, this.#directory);
    else if (this.#size === 0) this.#pool = EMPTY;
    else if (this.#size >= SMALLEST_BLOCK && this.#size * 8 <= this.#pool.length) this.#resizePool(this.#size * 2);
  }

  #mergeIfShort(at: number, directory: BlockDirectory): void {
    const { lengths } = directory;
    const length = lengths.of(at);
    if (length * 4 > this.#blockSize) return;
    const before = at > 0 ? lengths.of(at - 1) : Number.POSITIVE_INFINITY;
    const after = at < lengths.length - 1 ? lengths.of(at + 1) : Number.POSITIVE_INFINITY;
    // Not to the brim, or the next slot would split them again; an empty block goes in any case.
    if (length > 0 && (length + Math.min(before, after)) * 4 > this.#blockSize * 3) return;
    const left = before <= after ? at - 1 : at;
    this.#copyPairs(this.#startOf(left + 1), lengths.of(left + 1), this.#startOf(left) + lengths.of(left));
    this.#freePlaces.push(directory.placeOf(left + 1));
    directory.merge(left);
    if (lengths.length > 1) return;
    this.#copyPairs(this.#startOf(0), this.#size, 0);
    this.#resizePool(this.#blockSize);
    this.#directory = null;
    this.#places = 1;
    this.#freePlaces = [];
  }

  #newPlace(): number {
    const free = this.#freePlaces.pop();
    if (free !== undefined) return free;
    this.#places += 1;
    const needed = this.#places * this.#blockSize;
    if (needed * 2 > this.#pool.length) this.#resizePool(needed + (this.#places >>> 2) * this.#blockSize);
    return this.#places - 1;
  }

  /** @param room for how many pairs */
  #resizePool(room: number): void {
    const pool = new Int32Array(room * 2);
    pool.set(this.#pool.length > pool.length ? this.#pool.subarray(0, pool.length) : this.#pool);
    this.#pool = pool;
  }

  #copyPairs(from: number, count: number, to: number): void {
    this.#pool.copyWithin(to * 2, from * 2, (from + count) * 2);
  }

  /** Moves a pair of a block to where it belongs with its new score: before the one that is now at the target. */
  #moveWithin(start: number, index: number, target: number, slot: number, score: number): void {
    let place = start + target;
    if (target > index) {
      place -= 1;
      this.#copyPairs(start + index + 1, target - index - 1, start + index);
    } else {
      this.#copyPairs(place, index - target, place + 1);
    }
    this.#pool[place * 2] = slot;
    this.#pool[place * 2 + 1] = hintOf(score);
  }

  #begin(directory: BlockDirectory, at: number, group: number, slot: number): void {
    const { scores, reached } = this.#keys;
    directory.begin(at, group, scores[slot] as number, reached[slot] as number, slot);
  }

  #write(start: number, slots: Uint32Array): void {
    const pool = this.#pool;
    const { scores } = this.#keys;
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots[index] as number;
      pool[(start + index) * 2] = slot;
      pool[(start + index) * 2 + 1] = hintOf(scores[slot] as number);
    }
  }
}

const rounded = new Float32Array(1);
const bits = new Int32Array(rounded.buffer);

/** A whole number that is never higher than that of a higher score: the bits of the score in single precision. */
function hintOf(score: number): number {
  rounded[0] = score;
  const word = bits[0] as number;
  // Of negative numbers all bits but the sign are turned: those with higher bits are lower.
  return word ^ ((word >> 31) & 0x7fff_ffff);
}

/** Whether the key of one slot comes before another key. */
function cameBefore(keys: Keys, one: number, score: number, reached: number, slot: number): boolean {
  const oneScore = keys.scores[one] as number;
  if (oneScore !== score) return oneScore < score;
  const oneReached = keys.reached[one] as number;
  return oneReached < reached || (oneReached === reached && one < slot);
}

/** Copies the slots of so many pairs. */
function copySlots(pool: Int32Array, from: number, count: number, into: Uint32Array, at: number): void {
  for (let index = 0; index < count; index += 1) into[at + index] = pool[(from + index) * 2] as number;
}
