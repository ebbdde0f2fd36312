import { Counts } from './counts.ts';

/**
 * The blocks of a long ordered list: where in the list each begins, how many slots it holds, and its place in memory.
 *
 * A block is found by its separator: a key that nothing in it comes before and everything in earlier blocks does. It is
 * a copy, as in a B-tree's inner node, so it stays true when the slot that it was copied from moves away.
 */
export class BlockDirectory {
  readonly lengths = new Counts();
  #places = new Uint32Array(0);
  #groups = new Uint32Array(0);
  #scores = new Float64Array(0);
  #reached = new Float64Array(0);
  #slots = new Uint32Array(0);

  /** @param lengths of all blocks, at places 0, 1, 2 and so on; where they begin is to be set */
  constructor(lengths: Uint32Array) {
    this.lengths.replace(lengths);
    this.#makeRoom();
    for (let block = 0; block < lengths.length; block += 1) this.#places[block] = block;
  }

  placeOf(block: number): number {
    return this.#places[block] as number;
  }

  /** Sets where a block begins. The first block needs no separator: it begins before all. */
  begin(block: number, group: number, score: number, reached: number, slot: number): void {
    this.#groups[block] = group;
    this.#scores[block] = score;
    this.#reached[block] = reached;
    this.#slots[block] = slot;
  }

  /** The block in whose range a key lies. */
  blockOf(group: number, score: number, reached: number, slot: number): number {
    const groups = this.#groups;
    const scores = this.#scores;
    let low = 0;
    let high = this.lengths.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const otherGroup = groups[middle] as number;
      const other = scores[middle] as number;
      const before =
        otherGroup === group
          ? other < score || (other === score && !this.#beginsAfter(middle, reached, slot))
          : otherGroup < group;
      if (before) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The second half of a block became a block of its own at this place. Where it begins is to be set. */
  split(block: number, firstHalf: number, place: number): void {
    const blocks = this.lengths.length;
    this.lengths.split(block, firstHalf);
    this.#makeRoom();
    for (const column of this.#columns()) column.copyWithin(block + 2, block + 1, blocks);
    this.#places[block + 1] = place;
  }

  /** A block took in the one after it. */
  merge(block: number): void {
    for (const column of this.#columns()) column.copyWithin(block + 1, block + 2, this.lengths.length);
    this.lengths.join(block);
  }

  /** Memory held in typed arrays. */
  bytes(): number {
    return this.#columns().reduce((sum, column) => sum + column.byteLength, this.lengths.bytes());
  }

  #beginsAfter(block: number, reached: number, slot: number): boolean {
    const other = this.#reached[block] as number;
    return other > reached || (other === reached && (this.#slots[block] as number) > slot);
  }

  #columns(): (Float64Array | Uint32Array)[] {
    return [this.#places, this.#groups, this.#scores, this.#reached, this.#slots];
  }

  #makeRoom(): void {
    const room = this.#slots.length;
    if (this.lengths.length <= room) return;
    const longer = <Column extends Float64Array | Uint32Array>(column: Column, next: Column): Column => {
      next.set(column);
      return next;
    };
    const length = Math.max(this.lengths.length, room * 2);
    this.#places = longer(this.#places, new Uint32Array(length));
    this.#groups = longer(this.#groups, new Uint32Array(length));
    this.#scores = longer(this.#scores, new Float64Array(length));
    this.#reached = longer(this.#reached, new Float64Array(length));
    this.#slots = longer(this.#slots, new Uint32Array(length));
  }
}
