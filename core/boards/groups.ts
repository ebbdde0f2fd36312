import { type Keys, OrderedSlots } from './ordered-slots.ts';

interface Group {
  id: number;
  name: string;
  /** How many slots belong to it, ranked or not: a group without any is forgotten. */
  members: number;
}

/** The ranked slots of a group: a list of a set of lists, and by slot the group that it belongs to. */
export interface Part {
  lists: OrderedSlots;
  group: number;
  groupOf: Uint32Array;
}

/** The groups of one kind (regions, companies) that the slots of a board belong to, with an ordered list for each. */
export class Groups {
  readonly #lists: OrderedSlots;
  readonly #byName = new Map<string, Group>();
  /** By id; 0 stands for none. */
  readonly #byId: (Group | null)[] = [null];
  readonly #freeIds: number[] = [];
  /** By slot. */
  #groupOf = new Uint32Array(0);

  constructor(keys: Keys, blockSize: number) {
    this.#lists = new OrderedSlots(keys, blockSize);
  }

  /** The names of all groups that a slot belongs to, in no order. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  nameOf(slot: number): string | null {
    return this.#byId[this.#groupOf[slot] ?? 0]?.name ?? null;
  }

  part(name: string): Part | null {
    const group = this.#byName.get(name);
    return group ? { lists: this.#lists, group: group.id, groupOf: this.#groupOf } : null;
  }

  /** A slot is ranked now. */
  put(slot: number): void {
    const group = this.#groupOf[slot] as number;
    if (group > 0) this.#lists.put(slot, group);
  }

  /** A slot is ranked no longer. */
  take(slot: number): void {
    const group = this.#groupOf[slot] as number;
    if (group > 0) this.#lists.take(slot, group);
  }

  /** A ranked slot gets another key, which is to be written afterwards. */
  move(slot: number, score: number, reached: number): void {
    const group = this.#groupOf[slot] as number;
    if (group > 0) this.#lists.move(slot, group, score, reached);
  }

  /** Says to which group a slot belongs from now on, null for none. */
  assign(slot: number, name: string | null, ranked: boolean): void {
    if (this.nameOf(slot) === name) return;
    if (ranked) this.take(slot);
    this.#enter(slot, name === null ? null : this.#groupNamed(name));
    if (ranked) this.put(slot);
  }

  /** The same for many at once, without the lists: `fillingLists` is to follow. */
  assignAll(slots: Uint32Array, name: string | null): void {
    if (slots.length === 0) return;
    const group = name === null ? null : this.#groupNamed(name);
    for (const slot of slots) this.#enter(slot, group);
  }

  /** Makes all lists anew from all ranked slots in order, in steps. */
  *fillingLists(sorted: Uint32Array): Generator<void> {
    const groupOf = this.#groupOf;
    const counts = new Uint32Array(this.#byId.length);
    for (const slot of sorted) {
      const group = groupOf[slot] as number;
      counts[group] = (counts[group] as number) + 1;
    }
    yield;
    counts[0] = 0;
    const places = new Uint32Array(counts.length);
    for (let group = 1; group < counts.length; group += 1) {
      places[group] = (places[group - 1] as number) + (counts[group - 1] as number);
    }
    const slots = new Uint32Array((places.at(-1) as number) + (counts.at(-1) as number));
    for (const slot of sorted) {
      const group = groupOf[slot] as number;
      if (group === 0) continue;
      const place = places[group] as number;
      slots[place] = slot;
      places[group] = place + 1;
    }
    yield;
    this.#lists.fill(slots, counts);
    yield;
  }

  /** Makes room for so many slots. */
  grow(capacity: number): void {
    const groupOf = new Uint32Array(capacity);
    groupOf.set(this.#groupOf);
    this.#groupOf = groupOf;
  }

  /** Memory held in typed arrays. */
  bytes(): number {
    return this.#groupOf.byteLength + this.#lists.bytes();
  }

  #groupNamed(name: string): Group {
    const known = this.#byName.get(name);
    if (known) return known;
    const id = this.#freeIds.pop() ?? this.#byId.length;
    const group = { id, name, members: 0 };
    this.#byName.set(name, group);
    this.#byId[id] = group;
    return group;
  }

  #enter(slot: number, group: Group | null): void {
    const old = this.#byId[this.#groupOf[slot] as number] ?? null;
    this.#groupOf[slot] = group?.id ?? 0;
    if (group) group.members += 1;
    if (!old) return;
    old.members -= 1;
    if (old.members > 0) return;
    this.#byName.delete(old.name);
    this.#byId[old.id] = null;
    this.#freeIds.push(old.id);
  }
}
