import { isId, LiveLists } from './live.ts';
import type { PickType } from './table.ts';

const MARKS: Record<PickType, string> = { guild: '', role: '@', channel: '#', member: '' };

/** The names of what nodes hold as ids, for the labels in the flow: asked once, and drawn when they are there. */
export class Names {
  readonly #changed: () => void;
  readonly #lists = new LiveLists();
  readonly #names = new Map<string, string>();
  readonly #asked = new Set<PickType>();

  /** @param changed called when names have come */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** How a setting's value is called: a name as it is, an id by its name, or nothing while that is not known. */
  of(kind: PickType, value: string): string {
    const given = value.trim();
    if (given === '' || given.includes('${')) return '';
    if (!isId(given)) return `${MARKS[kind]}${given.replace(/^[#@]/, '')}`;
    if (!this.#asked.has(kind)) {
      this.#asked.add(kind);
      this.#ask(kind).catch(() => {});
    }
    return this.#names.get(given) ?? '';
  }

  async #ask(kind: PickType): Promise<void> {
    const guilds = await this.#lists.guilds();
    const lists = await Promise.all(guilds.map(({ id }) => this.#lists.list(kind, id)));
    for (const { id, shown } of lists.flat()) this.#names.set(id, shown);
    if (this.#names.size > 0) this.#changed();
  }
}
