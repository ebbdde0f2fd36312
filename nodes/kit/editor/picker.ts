import { isId, type Live } from './live.ts';
import { Popup } from './popup.ts';
import type { PickType, Translate } from './table.ts';

export interface PickerOptions {
  of: PickType;
  /** The setting then holds several, separated by commas. */
  multiple: boolean;
  value: string;
  /** Of a member: only an id names one for sure. */
  placeholder: string;
  label: string;
  t: Translate;
  /** What there is to choose, for what was typed. @throws Error with why there is nothing */
  offer(query: string): Promise<Live[]>;
  changed(value: string): void;
  /** Says below the field what is odd about it, or takes that back. */
  hint(sentence: string): void;
}

/** Node-RED puts the environment's value in its place before the node is made. */
const FROM_ENVIRONMENT = /^\$\{[a-zA-Z_]\w*\}$/;
const SEARCH_MILLISECONDS = 250;

/** A field that names things of Discord: it shows names, stores ids, offers what there is, and takes what is typed. */
export class Picker {
  readonly #options: PickerOptions;
  readonly #host: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #popup: Popup<Live>;
  readonly #known = new Map<string, Live>();
  #values: string[];
  /** Why nothing is offered; empty while all is well, null before the first answer. */
  #trouble: string | null = null;
  #timer = 0;

  /** @param parent what it fills */
  constructor(parent: HTMLElement, options: PickerOptions) {
    this.#options = options;
    const host = document.createElement('div');
    this.#host = host;
    parent.replaceChildren(host);
    const given = options.value.trim();
    this.#values = (options.multiple ? given.split(',') : [given]).map((value) => value.trim()).filter(Boolean);
    host.classList.add('guildhall-picker');
    this.#input = document.createElement('input');
    this.#input.type = 'text';
    this.#input.autocomplete = 'off';
    this.#input.spellcheck = false;
    this.#input.setAttribute('aria-label', options.label);
    this.#popup = new Popup(this.#input, host, {
      draw: (option, item) => this.#drawOption(option, item),
      choose: (item) => this.#take(item.id, item),
    });
    host.addEventListener('click', (event) => {
      if (event.target === host || event.target === this.#input) this.#open();
    });
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#offer(), options.of === 'member' ? SEARCH_MILLISECONDS : 0);
    });
    this.#input.addEventListener('keydown', (event) => this.#keydown(event));
    this.#input.addEventListener('blur', () => {
      this.#popup.close();
      this.#takeTyped();
    });
    this.#draw();
    void this.#resolve();
  }

  /** Looks again, as what it depends on has changed. */
  refresh(): void {
    this.#known.clear();
    void this.#resolve();
  }

  /** Fetches the names of what is chosen. */
  async #resolve(): Promise<void> {
    const { of, offer } = this.#options;
    try {
      const queries = of === 'member' ? this.#values.filter(isId) : [''];
      const lists = await Promise.all(queries.map(offer));
      this.#remember(lists.flat());
      this.#trouble = '';
    } catch (error) {
      this.#trouble = (error as Error).message || this.#options.t('picker.away');
    }
    if (this.#host.isConnected) this.#draw();
  }

  #remember(items: Live[]): void {
    for (const item of items) {
      this.#known.set(item.id, item);
      if (this.#options.of !== 'guild' && !this.#known.has(item.name)) this.#known.set(item.name, item);
    }
  }

  /** What a stored value stands for. Channels may be written with their #. */
  #find(value: string): Live | undefined {
    return this.#known.get(value) ?? this.#known.get(value.replace(/^[#@]/, ''));
  }

  #open(): void {
    this.#input.focus();
    void this.#offer();
  }

  async #offer(): Promise<void> {
    const { of, offer, t } = this.#options;
    const query = this.#input.value.trim();
    const wanted = query.replace(/^[#@]/, '').toLowerCase();
    this.#popup.show([], t('picker.loading'));
    try {
      const items = await offer(wanted);
      this.#remember(items);
      if (query !== this.#input.value.trim()) return;
      const chosen = new Set(this.#values.map((value) => this.#find(value)?.id ?? value));
      const matches = items.filter(
        ({ id, name, shown }) =>
          !(this.#options.multiple && chosen.has(id)) &&
          (of === 'member' ||
            id === wanted ||
            name.toLowerCase().includes(wanted) ||
            shown.toLowerCase().includes(wanted)),
      );
      const nothing = of === 'member' && !wanted ? 'picker.typeName' : 'picker.nothing';
      this.#popup.show(matches, t(nothing));
    } catch (error) {
      this.#popup.show([], `${(error as Error).message || t('picker.away')} ${t('picker.typeInstead')}`);
    }
  }

  #keydown(event: KeyboardEvent): void {
    if (this.#popup.keydown(event)) return;
    if (event.key === 'ArrowDown') this.#open();
    else if (event.key === 'Enter' && this.#input.value.trim()) this.#takeTyped();
    else if (event.key === ',' && this.#options.multiple) this.#takeTyped();
    else if (event.key === 'Backspace' && this.#input.value === '') this.#set(this.#values.slice(0, -1));
    else return;
    event.stopPropagation();
    if (event.key !== 'Backspace') event.preventDefault();
  }

  /** What was typed and not chosen is taken as it is: an id, a name, `${VARIABLE}`. */
  #takeTyped(): void {
    const typed = this.#input.value.trim();
    if (typed) this.#take(this.#find(typed)?.id ?? typed);
  }

  #take(value: string, item?: Live): void {
    if (item) this.#known.set(item.id, item);
    this.#input.value = '';
    this.#popup.close();
    this.#set(this.#options.multiple ? [...this.#values.filter((one) => one !== value), value] : [value]);
    if (this.#options.of === 'member' && !this.#known.has(value)) void this.#resolve();
  }

  #set(values: string[]): void {
    this.#values = values;
    this.#draw();
    this.#options.changed(values.join(','));
  }

  #draw(): void {
    const { placeholder } = this.#options;
    const chips = this.#values.map((value) => this.#chip(value));
    // The field itself stays where it is: taken out for a moment it would lose the focus, and what is being typed.
    if (this.#input.parentElement !== this.#host) this.#host.append(this.#input);
    for (const child of [...this.#host.children]) if (child !== this.#input) child.remove();
    this.#input.before(...chips);
    this.#input.placeholder = chips.length === 0 ? placeholder : '';
    this.#options.hint(this.#odd());
  }

  #chip(value: string): HTMLElement {
    const { t } = this.#options;
    const item = this.#find(value);
    const chip = document.createElement('span');
    chip.className = 'guildhall-chip';
    chip.dataset.value = value;
    chip.title = item ? item.id : value;
    chip.classList.toggle('guildhall-unknown', !item && this.#trouble !== null && !FROM_ENVIRONMENT.test(value));
    if (item) chip.append(iconOf(item));
    const name = document.createElement('span');
    name.textContent = item?.shown ?? (isId(value) && this.#trouble !== null ? t('picker.gone', { id: value }) : value);
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = '×';
    remove.setAttribute('aria-label', t('picker.remove', { name: item?.shown ?? value }));
    remove.addEventListener('click', () => {
      this.#set(this.#values.filter((one) => one !== value));
      this.#input.focus();
    });
    chip.append(name, remove);
    return chip;
  }

  /** What is odd about the choice: nothing by that name, or nobody to ask. */
  #odd(): string {
    const { of, t } = this.#options;
    if (this.#trouble === null || this.#values.length === 0) return '';
    const unknown = this.#values.filter((value) => !this.#find(value) && !FROM_ENVIRONMENT.test(value));
    if (this.#trouble) return `${this.#trouble} ${t('picker.typeInstead')}`;
    return unknown.map((name) => t(`picker.unknown.${of}`, { name: name.replace(/^[#@]/, '') })).join(' ');
  }

  #drawOption(option: HTMLElement, item: Live): void {
    const name = document.createElement('span');
    name.textContent = item.shown;
    const detail = document.createElement('small');
    detail.textContent = item.detail;
    option.append(iconOf(item), name, detail);
  }
}

function iconOf({ icon, colour }: Live): HTMLElement {
  const element = document.createElement('i');
  element.className = `fa fa-${icon}`;
  element.ariaHidden = 'true';
  if (colour) element.style.color = colour;
  return element;
}
