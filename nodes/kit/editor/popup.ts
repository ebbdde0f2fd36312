interface PopupOptions<Item> {
  draw(option: HTMLElement, item: Item): void;
  choose(item: Item): void;
}

let count = 0;

/** The list that opens below a field while one types: WAI-ARIA's combobox with a list box. */
export class Popup<Item> {
  readonly #input: HTMLInputElement;
  readonly #anchor: HTMLElement;
  readonly #options: PopupOptions<Item>;
  readonly #list = document.createElement('div');
  #items: Item[] = [];
  #active = -1;

  /** @param anchor the element below which it opens */
  constructor(input: HTMLInputElement, anchor: HTMLElement, options: PopupOptions<Item>) {
    this.#input = input;
    this.#anchor = anchor;
    this.#options = options;
    count += 1;
    this.#list.id = `guildhall-popup-${count}`;
    this.#list.className = 'guildhall-popup';
    this.#list.setAttribute('role', 'listbox');
    // The field keeps the focus.
    this.#list.addEventListener('mousedown', (event) => event.preventDefault());
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', this.#list.id);
    input.setAttribute('aria-autocomplete', 'list');
  }

  get #isOpen(): boolean {
    return this.#list.isConnected;
  }

  /**
   * Opens it, or changes what it shows.
   * @param nothing what it says while there are no items
   */
  show(items: Item[], nothing: string): void {
    if (document.activeElement !== this.#input) return;
    this.#items = items;
    const options = items.map((item, index) => {
      const option = document.createElement('div');
      option.id = `${this.#list.id}-${index}`;
      option.setAttribute('role', 'option');
      option.addEventListener('click', () => this.#options.choose(item));
      this.#options.draw(option, item);
      return option;
    });
    if (options.length === 0) {
      const empty = document.createElement('div');
      empty.className = 'guildhall-empty';
      empty.textContent = nothing;
      options.push(empty);
    }
    this.#list.replaceChildren(...options);
    const { left, bottom, top, width } = this.#anchor.getBoundingClientRect();
    this.#list.style.left = `${left}px`;
    this.#list.style.width = `${width}px`;
    const below = window.innerHeight - bottom;
    const opensUp = below < 180 && top > below;
    this.#list.style.top = opensUp ? '' : `${bottom + 2}px`;
    this.#list.style.bottom = opensUp ? `${window.innerHeight - top + 2}px` : '';
    this.#list.style.maxHeight = `${Math.min(260, (opensUp ? top : below) - 12)}px`;
    if (!this.#isOpen) document.body.append(this.#list);
    this.#input.setAttribute('aria-expanded', 'true');
    this.#activate(items.length > 0 && this.#input.value !== '' ? 0 : -1);
  }

  close(): void {
    this.#list.remove();
    this.#items = [];
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }

  /** Takes the keys that move in the list. @returns whether this was one */
  keydown(event: KeyboardEvent): boolean {
    if (!this.#isOpen) return false;
    const last = this.#items.length - 1;
    const chosen = this.#items[this.#active];
    switch (event.key) {
      case 'ArrowDown':
        this.#activate(this.#active >= last ? 0 : this.#active + 1);
        break;
      case 'ArrowUp':
        this.#activate(this.#active <= 0 ? last : this.#active - 1);
        break;
      case 'Enter':
        if (chosen === undefined) return false;
        this.#options.choose(chosen);
        break;
      case 'Escape':
        this.close();
        break;
      default:
        return false;
    }
    // Node-RED would close the dialog by it.
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #activate(index: number): void {
    this.#active = index;
    for (const [at, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(at === index));
      if (at !== index) continue;
      option.scrollIntoView({ block: 'nearest' });
      this.#input.setAttribute('aria-activedescendant', option.id);
    }
    if (index < 0) this.#input.removeAttribute('aria-activedescendant');
  }
}
