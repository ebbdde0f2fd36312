import { Groups, type Part } from './groups.ts';
import { BLOCK_SIZE, type Keys, OrderedSlots } from './ordered-slots.ts';
import { sortingSlots } from './sort-slots.ts';

/** Which score is best. */
export type Best = 'highest' | 'lowest';

/** Who is counted: those of a region, of a company, or of both; everybody without. Names are compared exactly. */
export interface Filter {
  region?: string | undefined;
  company?: string | undefined;
}

/** Whether a filter names nothing. */
export const isWhole = ({ region, company }: Filter): boolean => region === undefined && company === undefined;

/** Many places at once: equally long columns. */
export interface Rows {
  slots: Uint32Array;
  scores: Float64Array;
  /** The log's sequence number with which each reached its score. */
  reached: Float64Array;
}

/** A group's name, null for none, with its slots. */
export type GroupSlots = readonly [name: string | null, slots: Uint32Array];

export interface Entry {
  slot: number;
  rank: number;
}

/** A board at one moment: the ranked slots in display order, and by slot the scores, NaN where none is ranked. */
export interface Snapshot {
  order: Uint32Array;
  scores: Float64Array;
}

/** Slots are dense, so a number beyond this is a mistake, which would otherwise take all memory. */
const MOST_SLOTS = 2 ** 26;
const SMALLEST_CAPACITY = 16;
/** So many slots are copied at a time on a walk through a list. */
const PIECE = 1_024;
/** So many slots get their group between two steps, unless one group has more. */
const STEP = 100_000;
/** The one group of the whole board's list. */
const ALL = 0;

/**
 * The live order of one board, in memory: who is ranked, with which rank, on the whole board and within each region and
 * company.
 *
 * A player is a *slot*, a dense number from 0. Display order is by score, the best first, then by `reached`, the lower
 * first, then by slot. Ranks are competition ranks: 1 2 2 4. All take logarithmic time, except with region and company
 * both: that walks one of the two lists as far as needed.
 */
export class Standings {
  readonly #best: Best;
  readonly #keys: Keys = { scores: new Float64Array(0), reached: new Float64Array(0) };
  readonly #regions: Groups;
  readonly #companies: Groups;
  readonly #whole: OrderedSlots;
  /** One more than the highest slot that was ever ranked. */
  #used = 0;

  /**
   * @param capacity for how many slots room is made at first; it doubles when more come
   * @param blockSize slots a block of the lists
   */
  constructor(best: Best, capacity = SMALLEST_CAPACITY, blockSize = BLOCK_SIZE) {
    this.#best = best;
    this.#regions = new Groups(this.#keys, blockSize);
    this.#companies = new Groups(this.#keys, blockSize);
    this.#whole = new OrderedSlots(this.#keys, blockSize);
    this.#makeRoom(Math.max(capacity, SMALLEST_CAPACITY));
  }

  /** How many are ranked. */
  get size(): number {
    return this.#whole.total(ALL);
  }

  /**
   * Ranks these in place of all who were ranked before; groups stay. Of a slot that comes twice the later row counts.
   * @throws RangeError and changes nothing, for what `place` throws
   */
  load(rows: Rows): void {
    Array.from(this.loading(rows));
  }

  /** The same in steps, between which the caller can let others have their turn; until the last one nothing is true. */
  *loading(rows: Rows): Generator<void> {
    const { slots, scores, reached } = rows;
    let highest = -1;
    for (let row = 0; row < slots.length; row += 1) {
      const slot = slots[row] as number;
      checkRow(slot, scores[row] as number, reached[row] as number);
      if (slot > highest) highest = slot;
    }
    this.#reserve(highest);
    const keys = this.#keys;
    keys.scores.fill(Number.NaN);
    this.#used = highest + 1;
    const ranked = new Uint32Array(slots.length);
    let count = 0;
    for (let row = 0; row < slots.length; row += 1) {
      const slot = slots[row] as number;
      if (Number.isNaN(keys.scores[slot])) {
        ranked[count] = slot;
        count += 1;
      }
      keys.scores[slot] = this.#turned(scores[row] as number);
      keys.reached[slot] = (reached[row] as number) + 0;
    }
    yield;
    const sorted = yield* sortingSlots(ranked.subarray(0, count), keys);
    this.#whole.fill(sorted, Uint32Array.of(sorted.length));
    yield;
    yield* this.#regions.fillingLists(sorted);
    yield* this.#companies.fillingLists(sorted);
  }

  /**
   * Ranks a slot, or moves it to where these belong.
   * @param score finite
   * @param reached the log's sequence number with which it reached this score
   * @throws RangeError for a slot that is no whole number from 0 or is beyond all reason, a score that is not finite, or
   *   a sequence number that is no safe integer
   */
  place(slot: number, score: number, reached: number): void {
    checkRow(slot, score, reached);
    this.#reserve(slot);
    const { scores, reached: reachedAt } = this.#keys;
    const turned = this.#turned(score);
    // A sum with 0 is never -0.
    const since = reached + 0;
    if (!this.has(slot)) {
      scores[slot] = turned;
      reachedAt[slot] = since;
      this.#used = Math.max(this.#used, slot + 1);
      this.#whole.put(slot, ALL);
      this.#regions.put(slot);
      this.#companies.put(slot);
    } else if (scores[slot] !== turned || reachedAt[slot] !== since) {
      this.#whole.move(slot, ALL, turned, since);
      this.#regions.move(slot, turned, since);
      this.#companies.move(slot, turned, since);
      scores[slot] = turned;
      reachedAt[slot] = since;
    }
  }

  /** Ranks a slot no longer; its groups stay. One that is not ranked: nothing. */
  remove(slot: number): void {
    if (!this.has(slot)) return;
    this.#whole.take(slot, ALL);
    this.#regions.take(slot);
    this.#companies.take(slot);
    this.#keys.scores[slot] = Number.NaN;
  }

  /**
   * Says to which region and company a slot belongs, be it ranked or not; null for none.
   * @throws RangeError for a slot that is no whole number from 0 or is beyond all reason
   */
  setGroups(slot: number, region: string | null, company: string | null): void {
    checkSlot(slot);
    this.#reserve(slot);
    const ranked = this.has(slot);
    this.#regions.assign(slot, region, ranked);
    this.#companies.assign(slot, company, ranked);
  }

  /**
   * Puts many slots into groups of one kind, before or after `load`; slots that are in none of these stay where they are.
   * @param groups names, null for none, each with its slots
   * @throws RangeError and changes nothing, for what `setGroups` throws
   */
  loadGroups(kind: 'region' | 'company', groups: readonly GroupSlots[]): void {
    Array.from(this.loadingGroups(kind, groups));
  }

  /** The same in steps, as `loading` has them. */
  *loadingGroups(kind: 'region' | 'company', groups: readonly GroupSlots[]): Generator<void> {
    let highest = -1;
    for (const [, slots] of groups) for (const slot of slots) if (slot > highest) highest = slot;
    if (highest >= 0) checkSlot(highest);
    this.#reserve(highest);
    const all = kind === 'region' ? this.#regions : this.#companies;
    let since = 0;
    for (const [name, slots] of groups) {
      all.assignAll(slots, name);
      since += slots.length;
      if (since < STEP) continue;
      since = 0;
      yield;
    }
    yield* all.fillingLists(this.#whole.slice(ALL, 0, this.size));
  }

  /** Whether a slot is ranked. */
  has(slot: number): boolean {
    return slot < this.#used && slot >= 0 && !Number.isNaN(this.#keys.scores[slot] ?? Number.NaN);
  }

  /** NaN where it is not ranked. */
  score(slot: number): number {
    return this.has(slot) ? this.#turned(this.#keys.scores[slot] as number) : Number.NaN;
  }

  /** NaN where it is not ranked. */
  reached(slot: number): number {
    return this.has(slot) ? (this.#keys.reached[slot] as number) : Number.NaN;
  }

  region(slot: number): string | null {
    return this.#regions.nameOf(slot);
  }

  company(slot: number): string | null {
    return this.#companies.nameOf(slot);
  }

  /** The names of all groups of one kind, in no order. */
  groupNames(kind: 'region' | 'company'): string[] {
    return (kind === 'region' ? this.#regions : this.#companies).names();
  }

  /** How many are ranked within a filter. */
  total(filter?: Filter): number {
    const parts = this.#partsOf(filter);
    return parts ? this.#countFirst(parts, (lists, group) => lists.total(group)) : 0;
  }

  /** The competition rank within a filter; 0 for a slot that is not ranked or not in it. */
  rank(slot: number, filter?: Filter): number {
    const parts = this.#partsWith(slot, filter);
    if (!parts) return 0;
    const score = this.#keys.scores[slot] as number;
    return 1 + this.#countFirst(parts, (lists, group) => lists.countBetter(group, score));
  }

  /** The index in display order within a filter, from 0; -1 for a slot that is not ranked or not in it. */
  position(slot: number, filter?: Filter): number {
    const parts = this.#partsWith(slot, filter);
    return parts ? this.#countFirst(parts, (lists, group) => lists.positionOf(slot, group)) : -1;
  }

  /**
   * A part of the display order within a filter, each with its rank there; shorter or empty where the order ends.
   * @param offset from 0
   * @throws RangeError for an offset that is no whole number from 0
   */
  page(offset: number, limit: number, filter?: Filter): Entry[] {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError(`${offset} is no offset`);
    const parts = this.#partsOf(filter);
    if (!parts) return [];
    const [one, other] = parts;
    if (one && other) return this.#sharedPage(offset, offset + limit, one, other);
    const lists = one?.lists ?? this.#whole;
    const group = one?.group ?? ALL;
    const { scores } = this.#keys;
    const entries: Entry[] = [];
    let rank = 0;
    let score = Number.NaN;
    for (const slot of lists.slice(group, offset, offset + limit)) {
      const next = scores[slot] as number;
      // The first of a page may be in the midst of a tie.
      if (next !== score) rank = 1 + (entries.length === 0 ? lists.countBetter(group, next) : offset + entries.length);
      score = next;
      entries.push({ slot, rank });
    }
    return entries;
  }

  /** All slots within a filter in display order, in pieces that are true until the next change. */
  *runs(filter?: Filter): Generator<Uint32Array> {
    const parts = this.#partsOf(filter);
    if (!parts) return;
    const [one, other] = parts;
    if (!one || !other) return yield* firstOf(one ?? { lists: this.#whole, group: ALL });
    const oneIsShorter = one.lists.total(one.group) < other.lists.total(other.group);
    const [shorter, { group, groupOf }] = oneIsShorter ? [one, other] : [other, one];
    for (const slots of firstOf(shorter)) yield slots.filter((slot) => groupOf[slot] === group);
  }

  /** A copy that later changes do not touch: order and scores of one moment. */
  snapshot(): Snapshot {
    const keys = this.#keys.scores;
    const scores = new Float64Array(this.#used);
    for (let slot = 0; slot < scores.length; slot += 1) scores[slot] = this.#turned(keys[slot] as number);
    return { order: this.#whole.slice(ALL, 0, this.size), scores };
  }

  /** Memory held in typed arrays. */
  bytes(): number {
    const { scores, reached } = this.#keys;
    const lists = this.#whole.bytes() + this.#regions.bytes() + this.#companies.bytes();
    return scores.byteLength + reached.byteLength + lists;
  }

  /** Turns a score into its key, and back. */
  #turned(score: number): number {
    // No -0 comes out, neither of 0 nor of -0.
    return this.#best === 'highest' ? 0 - score : score + 0;
  }

  /** What a filter names, nothing for the whole board; null where one of its groups is unknown. */
  #partsOf({ region, company }: Filter = {}): Part[] | null {
    const parts: Part[] = [];
    for (const [name, groups] of [
      [region, this.#regions],
      [company, this.#companies],
    ] as const) {
      if (name === undefined) continue;
      const part = groups.part(name);
      if (!part) return null;
      parts.push(part);
    }
    return parts;
  }

  /** The same; null also for a slot that is not ranked or not in all of them. */
  #partsWith(slot: number, filter?: Filter): Part[] | null {
    const parts = this.has(slot) ? this.#partsOf(filter) : null;
    return parts?.every(({ group, groupOf }) => groupOf[slot] === group) ? parts : null;
  }

  /**
   * How many are among the first of all parts.
   * @param among how many of a list are its first; of each list it means the same slots
   */
  #countFirst([one, other]: Part[], among: (lists: OrderedSlots, group: number) => number): number {
    if (!one) return among(this.#whole, ALL);
    const ofOne = among(one.lists, one.group);
    if (!other) return ofOne;
    const ofOther = among(other.lists, other.group);
    return ofOne < ofOther ? countShared(one, ofOne, other) : countShared(other, ofOther, one);
  }

  #sharedPage(start: number, end: number, one: Part, other: Part): Entry[] {
    const oneIsShorter = one.lists.total(one.group) < other.lists.total(other.group);
    const [shorter, { group, groupOf }] = oneIsShorter ? [one, other] : [other, one];
    const { scores } = this.#keys;
    const entries: Entry[] = [];
    let seen = 0;
    let rank = 0;
    let score = Number.NaN;
    for (const slots of firstOf(shorter)) {
      for (const slot of slots) {
        if (groupOf[slot] !== group) continue;
        if (seen >= end) return entries;
        const next = scores[slot] as number;
        seen += 1;
        if (next !== score) rank = seen;
        score = next;
        if (seen > start) entries.push({ slot, rank });
      }
    }
    return entries;
  }

  #reserve(slot: number): void {
    const capacity = this.#keys.scores.length;
    if (slot >= capacity) this.#makeRoom(Math.max(slot + 1, capacity * 2));
  }

  #makeRoom(capacity: number): void {
    const scores = new Float64Array(capacity).fill(Number.NaN, this.#used);
    scores.set(this.#keys.scores.subarray(0, this.#used));
    const reached = new Float64Array(capacity);
    reached.set(this.#keys.reached);
    this.#regions.grow(capacity);
    this.#companies.grow(capacity);
    this.#keys.scores = scores;
    this.#keys.reached = reached;
  }
}

/**
 * Competition ranks of a snapshot, in slices, between which the caller can let others have their turn.
 * @param into gets the rank of each slot, 0 where it is not ranked; at least as long as the snapshot's scores
 * @param slice how many are ranked before each pause
 * @throws RangeError for an `into` that is too short
 */
export function* ranksOf(snapshot: Snapshot, into: Int32Array, slice = 1 << 14): Generator<void> {
  if (into.length < snapshot.scores.length) {
    throw new RangeError(`Ranks of ${snapshot.scores.length} slots do not fit into ${into.length}`);
  }
  into.fill(0);
  for (let start = 0; start < snapshot.order.length; start += slice) {
    yield;
    rankSlice(snapshot, into, start, Math.min(start + slice, snapshot.order.length));
  }
}

function rankSlice({ order, scores }: Snapshot, into: Int32Array, start: number, end: number): void {
  const previous = order[start - 1] ?? -1;
  let score = scores[previous] ?? Number.NaN;
  let rank = into[previous] ?? 0;
  for (let index = start; index < end; index += 1) {
    const slot = order[index] as number;
    const next = scores[slot] as number;
    if (next !== score) rank = index + 1;
    score = next;
    into[slot] = rank;
  }
}

/** The slots of a part in order, in pieces. */
function* firstOf({ lists, group }: Pick<Part, 'lists' | 'group'>, end = lists.total(group)): Generator<Uint32Array> {
  for (let start = 0; start < end; start += PIECE) yield lists.slice(group, start, Math.min(start + PIECE, end));
}

/** How many of the first slots of one part are also in the other. */
function countShared(one: Part, first: number, { group, groupOf }: Part): number {
  let count = 0;
  for (const slots of firstOf(one, first)) for (const slot of slots) if (groupOf[slot] === group) count += 1;
  return count;
}

function checkRow(slot: number, score: number, reached: number): void {
  checkSlot(slot);
  if (!Number.isFinite(score)) throw new RangeError(`${score} is no score`);
  if (!Number.isSafeInteger(reached)) throw new RangeError(`${reached} is no sequence number`);
}

function checkSlot(slot: number): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= MOST_SLOTS) throw new RangeError(`${slot} is no slot`);
}
