import { readInput } from '../control/input.ts';
import type { Actions, SentFile } from './actions.ts';
import { el } from './dom.ts';
import { sentFile } from './files.ts';
import { OptionField } from './option-field.ts';
import type { Session } from './session.ts';
import { inputOf, type Leaf, localized } from './slash.ts';
import { type Suggestion, Suggestions } from './suggestions.ts';
import { text } from './texts.ts';

/** How long a pause in typing is before the application is asked for suggestions. */
const PAUSE_MS = 300;

interface Ends {
  send(form: CommandForm): void;
  /** Called with the text to go on with. */
  leave(rest: string): void;
}

/** A slash command that is being filled in: a field an option, in a row with the command's name. */
export class CommandForm {
  readonly element: HTMLElement;
  readonly leaf: Leaf;
  readonly suggestions: Suggestions;
  readonly hint = el('p', { class: 'hint', 'aria-live': 'polite' });
  readonly #session: Session;
  readonly #actions: Actions;
  readonly #ends: Ends;
  readonly #fields: OptionField[] = [];
  readonly #row = el('div', { class: 'options' });
  readonly #more = el('div', { class: 'more-options' });
  /** Takes what is typed while no option has a field: the name of one opens it. */
  readonly #unread: HTMLInputElement;
  #focused: OptionField | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(session: Session, actions: Actions, leaf: Leaf, ends: Ends) {
    this.#session = session;
    this.#actions = actions;
    this.#ends = ends;
    this.leaf = leaf;
    this.suggestions = new Suggestions(text('command.choices'), (choice) => this.#chose(choice));
    this.#unread = el('input', {
      type: 'text',
      class: 'unread-option',
      'aria-label': text('command.options', { command: leaf.path }),
      autocomplete: 'off',
      oninput: () => this.#read(),
    });
    this.element = el(
      'div',
      {
        class: 'command-form',
        role: 'group',
        'aria-label': text('command.label', { command: leaf.path }),
        tabindex: -1,
      },
      el('span', { class: 'command-name' }, `/${leaf.path}`),
      this.#row,
      this.#unread,
      this.#more,
    );
    for (const option of leaf.options) if (option.required === true) this.#add(option.name);
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('focusin', (event) => this.#focus(event.target));
    this.element.addEventListener('focusout', () => this.#blur());
    this.#drawMore();
    this.hint.textContent = leaf.description;
  }

  /** Goes to the first field that is empty; without options the row itself takes the keys. */
  focus(): void {
    const empty = this.#fields.find((field) => field.empty) ?? this.#fields.at(-1);
    (empty?.input ?? (this.#unread.hidden ? this.element : this.#unread)).focus();
  }

  /** Takes what was typed after the command's name: what names no option is left to be seen and mended. */
  take(typed: string): void {
    if (this.#fill(typed)) return;
    const field = this.#fields.find(({ isFile }) => !isFile);
    (field?.input ?? this.#unread).value = typed;
    field?.resize();
  }

  /** Fills in options as they were typed; false when not all of it can be read. */
  #fill(typed: string): boolean {
    const names = this.leaf.options.map(({ name }) => name);
    const path = `/${this.leaf.path}`;
    let read: ReturnType<typeof readInput>;
    try {
      read = readInput(`${path} ${typed}`, names);
    } catch {
      return false;
    }
    const { words, values } = read;
    if (`/${words.join(' ')}` !== path || values.some(([name]) => !names.includes(name))) return false;
    for (const [name, value] of values) {
      const field = this.#fields.find(({ option }) => option.name === name) ?? this.#add(name);
      if (field === undefined || field.isFile) continue;
      field.fill(value);
    }
    this.#drawMore();
    return true;
  }

  #read(): void {
    const typed = this.#unread.value;
    this.#problem(null);
    if (!/^\s*[^\s:]+:/.test(typed) || !this.#fill(typed)) return;
    this.#unread.value = '';
    this.#drawMore();
    this.#fields.at(-1)?.input.focus();
  }

  get name(): string {
    return this.leaf.path;
  }

  /** The command as the control API reads it. */
  get input(): string {
    return inputOf(this.leaf, this.#values());
  }

  /** The files that its options name. */
  files(): Promise<SentFile[]> {
    return Promise.all(this.#fields.flatMap(({ file }) => (file === null ? [] : [sentFile(file)])));
  }

  /** True when all can be sent; else says what is wrong, and goes there. */
  check(): boolean {
    const unread = this.#unread.value.trim();
    if (unread !== '') {
      this.#unread.focus();
      this.#problem(text('command.unread', { typed: unread }));
      return false;
    }
    const wrong = this.#fields.map((field) => ({ field, problem: field.problem() }));
    for (const { field, problem } of wrong) this.#mark(field, problem);
    const first = wrong.find(({ problem }) => problem !== null);
    if (first === undefined) return true;
    first.field.input.focus();
    this.#say(first.field, first.problem);
    return false;
  }

  #values(): [string, string][] {
    return this.#fields.filter(({ value }) => value !== '').map(({ option, value }) => [option.name, value]);
  }

  #add(name: string): OptionField | undefined {
    const option = this.leaf.options.find((candidate) => candidate.name === name);
    if (option === undefined) return undefined;
    const field = new OptionField(this.#session, option);
    field.input.addEventListener('input', () => this.#typed(field));
    this.#fields.push(field);
    this.#row.append(field.element);
    return field;
  }

  #remove(field: OptionField): void {
    this.#fields.splice(this.#fields.indexOf(field), 1);
    field.element.remove();
    this.#drawMore();
  }

  /** A button for each option that has no field yet. */
  #drawMore(): void {
    const open = this.leaf.options.filter(({ name }) => !this.#fields.some(({ option }) => option.name === name));
    const buttons = open.map((option) => {
      const { name, description } = localized(option, this.#session.user?.locale ?? '');
      const add = () => {
        const field = this.#add(option.name);
        this.#drawMore();
        field?.input.focus();
      };
      return el('button', { type: 'button', class: 'add-option', title: description, onclick: add }, `+ ${name}`);
    });
    this.#more.replaceChildren(...buttons);
    this.#unread.hidden = (open.length === 0 || this.#fields.length > 0) && this.#unread.value === '';
  }

  #typed(field: OptionField): void {
    field.choice = null;
    if (field.empty) field.named = false;
    this.#mark(field, null);
    field.resize();
    if (!this.#wentOn(field)) this.#suggest(field);
    this.#say(field, null);
  }

  /** Whoever types `name:` of another option means to fill that in next. */
  #wentOn(field: OptionField): boolean {
    if (field.isFile || field.quoting) return false;
    const match = /(?:^|\s)([^\s:]+):$/.exec(field.input.value);
    const option = this.leaf.options.find(({ name }) => name === match?.[1]);
    const known = this.#fields.find((other) => other.option === option);
    if (match === null || option === undefined) return false;
    // Its own name before the value is no part of that; any further one is.
    if (known === field ? field.named || match.index > 0 : known?.empty === false) return false;
    field.input.value = field.input.value.slice(0, match.index);
    field.settle();
    field.resize();
    const next = known ?? this.#add(option.name);
    if (next !== undefined) next.named = true;
    if (known === field) return true;
    this.#drawMore();
    next?.input.focus();
    return true;
  }

  #suggest(field: OptionField): void {
    clearTimeout(this.#timer);
    if (field.asks) {
      this.suggestions.show(field.input, [], { note: text('command.asking') });
      this.#timer = setTimeout(() => void this.#ask(field), PAUSE_MS);
      return;
    }
    const found = field.suggestions();
    const note = field.choices === undefined || field.empty ? '' : text('command.none');
    this.suggestions.show(field.input, found, { note });
  }

  /** Asks the application for suggestions; only the newest question's answer is shown. */
  async #ask(field: OptionField): Promise<void> {
    this.#asked++;
    const number = this.#asked;
    const others = this.#values().filter(([name]) => name !== field.option.name);
    const input = inputOf(this.leaf, [...others, [field.option.name, field.typed]]);
    const current = () => number === this.#asked && this.#focused === field && field.choice === null;
    try {
      const { choices = [], error } = await this.#actions.act('autocomplete', { input });
      if (!current()) return;
      const found = choices.map(({ name, value }) => ({ value: String(value), label: name }));
      const note = error === undefined ? text('command.none') : text('command.asked-in-vain');
      this.suggestions.show(field.input, found, { note });
    } catch (error) {
      if (!current()) return;
      this.suggestions.show(field.input, [], { note: error instanceof Error ? error.message : String(error) });
    }
  }

  #chose(choice: Suggestion): void {
    const field = this.#focused;
    if (field === null) return;
    field.choose(choice);
    this.suggestions.hide();
    this.#mark(field, null);
    const next = this.#fields.find((other) => other.empty);
    next?.input.focus();
  }

  #key(event: KeyboardEvent): void {
    const field = this.#focused;
    const active = this.suggestions.active !== undefined && field?.choice === null;
    const typed = field !== null && !field.empty;
    const keys: Record<string, () => boolean> = {
      ArrowDown: () => this.suggestions.move(1),
      ArrowUp: () => this.suggestions.move(-1),
      Enter: () => {
        if (event.target instanceof HTMLButtonElement) return false;
        if (active) return this.suggestions.pick();
        this.#ends.send(this);
        return true;
      },
      Tab: () => active && typed && !event.shiftKey && this.suggestions.pick(),
      Escape: () => {
        if (!this.suggestions.hide()) this.#ends.leave('');
        return true;
      },
      Backspace: () => this.#backspace(field),
    };
    if (event.isComposing || keys[event.key]?.() !== true) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Going back over an empty field leaves it, over the first one the command. */
  #backspace(field: OptionField | null): boolean {
    if (field === null && this.#unread.value !== '') return false;
    if (field !== null && (!field.empty || field.isFile)) return false;
    const at = field === null ? -1 : this.#fields.indexOf(field);
    if (at <= 0) {
      this.#ends.leave(`/${this.leaf.path}`);
      return true;
    }
    this.#fields[at - 1]?.input.focus();
    if (field !== null && field.option.required !== true) this.#remove(field);
    return true;
  }

  #focus(target: EventTarget | null): void {
    const field = this.#fields.find(({ input }) => input === target) ?? null;
    this.#focused = field;
    // Keys that the row took would be lost.
    if (target === this.element && this.leaf.options.length > 0) this.focus();
    if (field === null) return;
    this.#say(field, field.element.classList.contains('wrong') ? field.problem() : null);
    if (!field.isFile) this.#suggest(field);
  }

  #blur(): void {
    const field = this.#focused;
    field?.settle();
    clearTimeout(this.#timer);
    this.#focused = null;
    this.suggestions.hide();
  }

  #mark(field: OptionField, problem: string | null): void {
    field.element.classList.toggle('wrong', problem !== null);
    field.input.setAttribute('aria-invalid', String(problem !== null));
  }

  #say(field: OptionField, problem: string | null): void {
    this.#problem(
      problem,
      text('command.hint', { name: field.name, kind: field.about, description: field.description }),
    );
  }

  /** Says what is wrong, or else what is to be known. */
  #problem(problem: string | null, hint = this.leaf.description): void {
    this.hint.classList.toggle('problem', problem !== null);
    this.hint.textContent = problem ?? hint;
  }
}
