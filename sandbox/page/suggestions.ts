import { el, icon } from './dom.ts';

/** One thing to choose. */
export interface Suggestion {
  value: string;
  label: string;
  detail?: string | undefined;
  /** Stands before the label, such as a person's picture. */
  mark?: Node | undefined;
  /** Suggestions of the same group stand under its name. */
  group?: string | undefined;
  disabled?: boolean | undefined;
}

let count = 0;

/**
 * A list to choose from, which a text field or a menu controls with the keyboard while the focus stays there
 * (WAI-ARIA: combobox and listbox).
 */
export class Suggestions {
  readonly element = el('div', { class: 'suggestions', role: 'listbox', id: `suggestions-${++count}`, hidden: true });
  readonly #pick: (suggestion: Suggestion) => void;
  #shown: Suggestion[] = [];
  #active = -1;
  #owner: HTMLElement | null = null;
  #chosen: ReadonlySet<string> | null = null;

  constructor(label: string, pick: (suggestion: Suggestion) => void) {
    this.#pick = pick;
    this.element.setAttribute('aria-label', label);
    // The focus stays in the field that controls the list.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
    this.element.addEventListener('click', (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>('[role=option]') : null;
      const suggestion = this.#shown[Number(option?.dataset.index ?? -1)];
      if (suggestion !== undefined && suggestion.disabled !== true) this.#pick(suggestion);
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  get active(): Suggestion | undefined {
    return this.open ? this.#shown[this.#active] : undefined;
  }

  /**
   * Shows what there is to choose, for the field that has the focus. `note` stands there when nothing is;
   * `chosen` are the values that are chosen already, where several can be.
   */
  show(
    owner: HTMLElement,
    suggestions: Suggestion[],
    {
      note = '',
      chosen = null,
      active = 0,
    }: { note?: string; chosen?: ReadonlySet<string> | null; active?: number } = {},
  ): void {
    if (this.#owner !== owner) this.hide();
    this.#owner = owner;
    this.#shown = suggestions;
    this.#chosen = chosen;
    const rows: Node[] = [];
    let group: string | undefined;
    for (const [index, suggestion] of suggestions.entries()) {
      if (suggestion.group !== group && suggestion.group !== undefined) {
        rows.push(el('div', { class: 'suggestion-group', role: 'presentation' }, suggestion.group));
      }
      group = suggestion.group;
      rows.push(this.#row(suggestion, index));
    }
    if (suggestions.length === 0 && note !== '')
      rows.push(el('div', { class: 'suggestion-note', role: 'presentation' }, note));
    this.element.replaceChildren(...rows);
    this.element.hidden = rows.length === 0;
    if (chosen !== null) this.element.setAttribute('aria-multiselectable', 'true');
    owner.setAttribute('aria-expanded', String(this.open));
    owner.setAttribute('aria-controls', this.element.id);
    this.#activate(Math.min(active, suggestions.length - 1));
  }

  /** Closes the list; false when it was closed already. */
  hide(): boolean {
    const { open } = this;
    this.element.hidden = true;
    this.#shown = [];
    this.#owner?.setAttribute('aria-expanded', 'false');
    this.#owner?.removeAttribute('aria-activedescendant');
    this.#owner = null;
    return open;
  }

  /** Goes to the next or the previous suggestion; false when the list is closed. */
  move(step: number): boolean {
    const { length } = this.#shown;
    if (length > 0) this.#activate((this.#active + step + length) % length);
    return this.open;
  }

  /** Chooses the active suggestion; false when there is none. */
  pick(): boolean {
    const { active } = this;
    if (active === undefined || active.disabled === true) return false;
    this.#pick(active);
    return true;
  }

  /** Where the active suggestion stands. */
  get index(): number {
    return this.#active;
  }

  #row(suggestion: Suggestion, index: number): HTMLElement {
    const { value, label, detail, mark, disabled } = suggestion;
    const chosen = this.#chosen?.has(value);
    return el(
      'div',
      {
        class: 'suggestion',
        role: 'option',
        id: `${this.element.id}-${index}`,
        'data-index': index,
        'aria-selected': String(chosen ?? false),
        'aria-disabled': disabled === true ? 'true' : null,
      },
      chosen !== undefined && el('span', { class: 'suggestion-check' }, chosen ? icon('check') : null),
      mark,
      el('span', { class: 'suggestion-label' }, label),
      detail !== undefined && detail !== '' && el('span', { class: 'suggestion-detail' }, detail),
    );
  }

  #activate(index: number): void {
    this.#active = index;
    for (const row of this.element.querySelectorAll<HTMLElement>('[role=option]')) {
      const active = Number(row.dataset.index) === index;
      row.classList.toggle('active', active);
      if (active) row.scrollIntoView({ block: 'nearest' });
      if (active && this.#chosen === null) row.setAttribute('aria-selected', 'true');
      else if (this.#chosen === null) row.setAttribute('aria-selected', 'false');
    }
    if (index >= 0) this.#owner?.setAttribute('aria-activedescendant', `${this.element.id}-${index}`);
    else this.#owner?.removeAttribute('aria-activedescendant');
  }
}
