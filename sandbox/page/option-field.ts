import { quote, readQuoted } from '../control/input.ts';
import { textLength } from '../json.ts';
import { OPTION } from '../rules/command.ts';
import type { CommandOption } from '../state/model.ts';
import { channelChoices, memberChoices, narrowed, roleChoices } from './choices.ts';
import { el, icon } from './dom.ts';
import type { Session } from './session.ts';
import { localized } from './slash.ts';
import type { Suggestion } from './suggestions.ts';
import { type TextKey, text } from './texts.ts';

/** What a type of option is: how it is named, what it offers, and what is wrong with a typed text. */
interface Kind {
  label: TextKey;
  /** All there is to choose; only one of these will do. */
  choices?: (session: Session, option: CommandOption) => Suggestion[];
  problem?: (option: CommandOption, typed: string) => string | null;
  inputMode?: string;
}

const KINDS: Record<number, Kind> = {
  [OPTION.STRING]: { label: 'option.string', problem: textProblem },
  [OPTION.INTEGER]: { label: 'option.integer', problem: numberProblem, inputMode: 'numeric' },
  [OPTION.NUMBER]: { label: 'option.number', problem: numberProblem, inputMode: 'decimal' },
  [OPTION.BOOLEAN]: {
    label: 'option.boolean',
    choices: () => [
      { value: 'true', label: text('option.true') },
      { value: 'false', label: text('option.false') },
    ],
  },
  [OPTION.USER]: { label: 'option.user', choices: (session) => memberChoices(session) },
  [OPTION.ROLE]: { label: 'option.role', choices: (session) => roleChoices(session) },
  [OPTION.CHANNEL]: {
    label: 'option.channel',
    choices: (session, { channel_types: types }) => channelChoices(session, types),
  },
  [OPTION.MENTIONABLE]: {
    label: 'option.mentionable',
    choices: (session) => [...memberChoices(session), ...roleChoices(session)],
  },
  [OPTION.ATTACHMENT]: { label: 'option.attachment' },
};

function textProblem({ min_length: min = 0, max_length: max = 6000 }: CommandOption, typed: string): string | null {
  const length = textLength(typed);
  if (length < min) return text('option.too-short', { min });
  return length > max ? text('option.too-long', { max }) : null;
}

function numberProblem({ type, min_value: min, max_value: max }: CommandOption, typed: string): string | null {
  const value = Number(typed);
  const whole = type === OPTION.INTEGER;
  if (typed.trim() === '' || !Number.isFinite(value) || (whole && !/^[-+]?\d+$/.test(typed.trim()))) {
    return text(whole ? 'option.not-integer' : 'option.not-number');
  }
  if (min !== undefined && value < min) return text('option.too-low', { min });
  return max !== undefined && value > max ? text('option.too-high', { max }) : null;
}

/** One option of a command that is being filled in. */
export class OptionField {
  readonly option: CommandOption;
  readonly name: string;
  readonly description: string;
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** What was chosen from a list, in place of the typed text. */
  choice: Suggestion | null = null;
  file: File | null = null;
  /** True once its name was typed: what is typed after that is its value, also where that looks like the name. */
  named = false;
  readonly #session: Session;
  readonly #kind: Kind;

  constructor(session: Session, option: CommandOption) {
    const { name, description } = localized(option, session.user?.locale ?? '');
    const kind = KINDS[option.type] ?? { label: 'option.string' };
    Object.assign(this, { option, name, description });
    this.option = option;
    this.name = name;
    this.description = description;
    this.#session = session;
    this.#kind = kind;
    this.input = this.isFile ? this.#fileInput() : this.#textInput();
    const label = el('span', { class: 'option-name' }, name);
    const chooser = this.isFile
      ? [icon('file'), el('span', { class: 'file-name soft' }, text('option.choose-file'))]
      : [];
    this.element = el('label', { class: this.isFile ? 'option file-option' : 'option' }, label, ...chooser, this.input);
    this.element.classList.toggle('required', option.required === true);
  }

  get isFile(): boolean {
    return this.option.type === OPTION.ATTACHMENT;
  }

  get asks(): boolean {
    return this.option.autocomplete === true;
  }

  get empty(): boolean {
    return this.isFile ? this.file === null : this.input.value === '';
  }

  /** What was typed, without quotes around all of it, as a command that is pasted is read. */
  get typed(): string {
    const { value } = this.input;
    const [within, rest] = readQuoted(value.trim()) ?? [value, ''];
    return rest === '' ? within : value;
  }

  /** True where a `"` was typed that waits for the second one. */
  get quoting(): boolean {
    return this.input.value.trimStart().startsWith('"') && readQuoted(this.input.value.trim()) === null;
  }

  /** Fills in a value that was read. */
  fill(value: string): void {
    this.input.value = value;
    // Quotes that are part of it are not taken away a second time.
    if (this.typed !== value) this.input.value = quote(value);
    this.named = true;
    this.settle();
    this.resize();
  }

  /** What kind of value is wanted, in words. */
  get kind(): string {
    return text(this.#kind.label);
  }

  /** What kind of value is wanted, within which bounds, and whether it must be given. */
  get about(): string {
    const { min_value: min, max_value: max, required } = this.option;
    const bounds =
      min === undefined && max === undefined ? [] : [text('option.bounds', { min: min ?? '…', max: max ?? '…' })];
    return [this.kind, ...bounds, text(required === true ? 'option.is-required' : 'option.is-optional')].join(', ');
  }

  /** Everything to choose from; undefined where any text will do. */
  get choices(): Suggestion[] | undefined {
    const { choices = [] } = this.option;
    if (choices.length > 0) return choices.map(({ name, value }) => ({ value: String(value), label: name }));
    return this.#kind.choices?.(this.#session, this.option);
  }

  /** The choices that fit what was typed. */
  suggestions(): Suggestion[] {
    const { choices } = this;
    if (choices === undefined) return [];
    return narrowed(choices, this.choice === null ? this.typed : '');
  }

  choose(choice: Suggestion): void {
    this.choice = choice;
    this.input.value = choice.label;
    this.resize();
  }

  /** What was typed counts as chosen when it names one of the choices. */
  settle(): void {
    const typed = this.typed.trim().toLocaleLowerCase();
    if (this.choice !== null || typed === '') return;
    const exact = this.choices?.find(({ label, detail, value }) =>
      [label, label.replace(/^[@#]/, ''), detail, value].some((name) => name?.toLocaleLowerCase() === typed),
    );
    if (exact !== undefined) this.choose(exact);
  }

  /** What is wrong with the value; null when nothing is. */
  problem(): string | null {
    this.settle();
    if (this.value === '') return this.option.required === true ? text('option.required') : null;
    if (this.isFile || this.choice !== null) return null;
    if (this.choices !== undefined) return text('option.no-choice', { kind: this.kind });
    return this.#kind.problem?.(this.option, this.typed) ?? null;
  }

  /** The value as a command carries it. */
  get value(): string {
    if (this.isFile) return this.file?.name ?? '';
    if (this.choice !== null) return this.choice.value;
    return this.#kind.inputMode === undefined ? this.typed : this.typed.trim();
  }

  /** The field is as wide as what it holds. */
  resize(): void {
    if (!this.isFile) this.input.size = Math.max(6, Math.min(this.input.value.length + 1, 60));
  }

  #textInput(): HTMLInputElement {
    return el('input', {
      type: 'text',
      role: 'combobox',
      'aria-expanded': 'false',
      'aria-autocomplete': 'list',
      'aria-label': `${this.name}, ${this.about}: ${this.description}`,
      'aria-required': String(this.option.required === true),
      autocomplete: 'off',
      size: 6,
      inputmode: this.#kind.inputMode,
    });
  }

  #fileInput(): HTMLInputElement {
    const input = el('input', { type: 'file', 'aria-label': `${this.name}, ${this.kind}: ${this.description}` });
    input.addEventListener('change', () => {
      this.file = input.files?.[0] ?? null;
      const shown = this.element.querySelector('.file-name');
      if (shown !== null) shown.textContent = this.file?.name ?? text('option.choose-file');
    });
    return input;
  }
}
