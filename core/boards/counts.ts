/**
 * Counts in a row that know how many come before each: a Fenwick tree. Reading and adding take logarithmic time, changes
 * of the row itself linear.
 */
export class Counts {
  #length = 0;
  #values = new Uint32Array(0);
  /** From 1: each holds the sum of as many counts up to its own as its lowest set bit says. */
  #sums = new Uint32Array(1);

  get length(): number {
    return this.#length;
  }

  /** The count at an index. */
  of(index: number): number {
    return this.#values[index] as number;
  }

  /** The sum of all counts before an index. */
  before(index: number): number {
    const sums = this.#sums;
    let sum = 0;
    for (let node = index; node > 0; node &= node - 1) sum += sums[node] as number;
    return sum;
  }

  /** The index whose count a position falls into, where the counts are laid end to end. */
  indexAt(position: number): number {
    const sums = this.#sums;
    let index = 0;
    let left = position;
    for (let step = 1 << (31 - Math.clz32(this.#length)); step > 0; step >>>= 1) {
      const next = index + step;
      if (next > this.#length || (sums[next] as number) > left) continue;
      left -= sums[next] as number;
      index = next;
    }
    return index;
  }

  add(index: number, change: number): void {
    const sums = this.#sums;
    this.#values[index] = (this.#values[index] as number) + change;
    for (let node = index + 1; node <= this.#length; node += node & -node) sums[node] = (sums[node] as number) + change;
  }

  /** Takes these in place of all. */
  replace(values: Uint32Array): void {
    this.#length = values.length;
    this.#makeRoom();
    this.#values.set(values);
    this.#sumUp();
  }

  /** Makes two of one: so many stay, the rest comes next to them. */
  split(index: number, first: number): void {
    this.#length += 1;
    this.#makeRoom();
    const values = this.#values;
    values.copyWithin(index + 1, index, this.#length - 1);
    values[index] = first;
    values[index + 1] = (values[index + 1] as number) - first;
    this.#sumUp();
  }

  /** Makes one of two: adds the next to this. */
  join(index: number): void {
    const values = this.#values;
    const together = (values[index] as number) + (values[index + 1] as number);
    values.copyWithin(index, index + 1, this.#length);
    values[index] = together;
    this.#length -= 1;
    this.#sumUp();
  }

  /** Makes the row at least so long, with zeros. */
  extend(length: number): void {
    if (length <= this.#length) return;
    this.#values.fill(0, this.#length);
    this.#length = length;
    this.#makeRoom();
    this.#sumUp();
  }

  /** Memory held in typed arrays. */
  bytes(): number {
    return this.#values.byteLength + this.#sums.byteLength;
  }

  #makeRoom(): void {
    if (this.#length <= this.#values.length) return;
    const values = new Uint32Array(Math.max(this.#length, this.#values.length * 2));
    values.set(this.#values);
    this.#values = values;
    this.#sums = new Uint32Array(values.length + 1);
  }

  #sumUp(): void {
    const sums = this.#sums;
    sums.set(this.#values.subarray(0, this.#length), 1);
    for (let node = 1; node <= this.#length; node += 1) {
      const parent = node + (node & -node);
      if (parent <= this.#length) sums[parent] = (sums[parent] as number) + (sums[node] as number);
    }
  }
}
