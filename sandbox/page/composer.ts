import type { Actions } from './actions.ts';
import { channelChoices, memberChoices, narrowed, roleChoices } from './choices.ts';
import { CommandForm } from './command-form.ts';
import { el, fill, iconButton, set } from './dom.ts';
import { sentFile } from './files.ts';
import { channelName, nameOf } from './people.ts';
import { DM, type Session } from './session.ts';
import { fitting, type Leaf, leavesOf, localized, typedLeaf } from './slash.ts';
import { type Suggestion, Suggestions } from './suggestions.ts';
import { text } from './texts.ts';

/** A mention that is being typed, at the end of what stands before the cursor. */
const MENTION = /(^|\s)([@#])([^\s@#]{0,32})$/;
const TALLEST = 200;

/** Where a member writes: messages, and after a slash commands. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly #session: Session;
  readonly #actions: Actions;
  readonly #failed: (error: unknown) => void;
  readonly #input: HTMLTextAreaElement;
  readonly #field: HTMLElement;
  readonly #popup = el('div', { class: 'composer-popup' });
  readonly #hints = el('div', { class: 'composer-hints' });
  readonly #chips = el('ul', { class: 'chips', 'aria-label': text('composer.files') });
  readonly #attach: HTMLButtonElement;
  readonly #suggestions: Suggestions;
  #pick: (suggestion: Suggestion) => void = () => {};
  #form: CommandForm | null = null;
  #files: File[] = [];
  /** What stands for a mention in the text, and what is sent for it. */
  readonly #mentions = new Map<string, string>();
  #where = '';

  constructor(session: Session, actions: Actions, failed: (error: unknown) => void) {
    this.#session = session;
    this.#actions = actions;
    this.#failed = failed;
    this.#suggestions = new Suggestions(text('composer.suggestions'), (suggestion) => this.#pick(suggestion));
    this.#input = el('textarea', {
      rows: 1,
      role: 'combobox',
      'aria-expanded': 'false',
      'aria-autocomplete': 'list',
      'aria-haspopup': 'listbox',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    const chooser = el('input', {
      type: 'file',
      multiple: true,
      hidden: true,
      onchange: () => this.#addFiles(chooser.files),
    });
    this.#attach = iconButton('plus', text('composer.attach'), { onclick: () => chooser.click() });
    this.#field = el('div', { class: 'composer-field' }, this.#attach, this.#input, this.#sendButton());
    this.element = el('form', { class: 'composer' }, this.#popup, this.#chips, this.#field, chooser, this.#hints);
    this.#popup.append(this.#suggestions.element);
    this.#listen();
    session.mirror.watch(['chosen', 'people', 'channels', 'commands'], (changed) => {
      this.#draw();
      if (changed.has('commands') && this.#suggestions.open) this.#suggest();
    });
  }

  focus(): void {
    if (this.#form === null) this.#input.focus();
    else this.#form.focus();
  }

  #sendButton(): HTMLElement {
    return iconButton('send', text('composer.send'), { type: 'submit', class: 'icon-button send' });
  }

  #listen(): void {
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#form === null) void this.#say();
      else void this.#run(this.#form);
    });
    this.#input.addEventListener('input', () => {
      this.#resize();
      this.#suggest();
    });
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#input.addEventListener('blur', () => this.#suggestions.hide());
    this.#input.addEventListener('paste', (event) => this.#addFiles(event.clipboardData?.files ?? null));
    this.element.addEventListener('dragover', (event) => event.preventDefault());
    this.element.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#addFiles(event.dataTransfer?.files ?? null);
    });
  }

  /** Shows where the member writes; a draft does not follow into another channel. */
  #draw(): void {
    const session = this.#session;
    const { channel, place, writes, userId } = session;
    const where = `${session.guild.id} ${place} ${userId}`;
    if (where !== this.#where) {
      this.#where = where;
      this.#leave('');
      this.#files = [];
      this.#drawFiles();
    }
    const name = channelName(session, channel);
    const key = place === DM ? 'composer.label-dm' : 'composer.label';
    const says = writes ? text(key, { channel: name }) : text('composer.may-not');
    // The channel's name is above and may be long: what invites to write fits a telephone.
    const invites = writes ? text('composer.placeholder') : says;
    set(this.#input, { placeholder: invites, 'aria-label': says, disabled: !writes });
    this.#attach.disabled = !writes;
  }

  #resize(): void {
    this.#input.style.height = 'auto';
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, TALLEST)}px`;
  }

  #leaves(): Leaf[] {
    return leavesOf(this.#session.commands(), this.#session.user?.locale ?? '');
  }

  #suggest(): void {
    const { value } = this.#input;
    if (value.startsWith('/')) {
      this.#suggestCommands(value.slice(1));
      return;
    }
    const before = value.slice(0, this.#input.selectionStart);
    const match = MENTION.exec(before);
    if (match === null) {
      this.#suggestions.hide();
      return;
    }
    const [whole, space = '', sign, typed = ''] = match;
    const session = this.#session;
    const all = sign === '#' ? channelChoices(session) : [...memberChoices(session), ...roleChoices(session)];
    this.#pick = ({ value: id, label, mark }) => {
      const named = sign === '#' ? `#${label}` : label.startsWith('@') ? label : `@${label}`;
      const role = mark instanceof Element && mark.classList.contains('role-dot');
      if (!/^@(everyone|here)$/.test(named))
        this.#mentions.set(named, sign === '#' ? `<#${id}>` : role ? `<@&${id}>` : `<@${id}>`);
      const start = before.slice(0, before.length - whole.length) + space;
      this.#input.setRangeText(`${named} `, start.length, before.length, 'end');
      this.#suggestions.hide();
      this.#resize();
    };
    this.#suggestions.show(this.#input, narrowed(all, typed).slice(0, 10));
  }

  #suggestCommands(typed: string): void {
    const leaves = this.#leaves();
    const complete = typedLeaf(leaves, typed);
    if (complete !== undefined && typed.startsWith(`${complete.leaf.path} `)) {
      this.#enter(complete.leaf, complete.rest);
      return;
    }
    const locale = this.#session.user?.locale ?? '';
    const bot = nameOf(this.#session, this.#session.bot?.id ?? '');
    const found = fitting(leaves, typed).map((leaf) => ({
      value: leaf.path,
      label: `/${leaf.path}`,
      detail: [leaf.description, leaf.options.map((option) => localized(option, locale).name).join(' ')]
        .filter(Boolean)
        .join(' · '),
      group: bot,
    }));
    this.#pick = ({ value }) => {
      const leaf = leaves.find(({ path }) => path === value);
      if (leaf !== undefined) this.#enter(leaf, '');
    };
    const connected = this.#session.mirror.status.connected > 0;
    const note =
      leaves.length > 0 ? 'composer.no-command' : connected ? 'composer.no-commands' : 'composer.not-connected';
    this.#suggestions.show(this.#input, found, { note: text(note) });
  }

  /** Begins to fill in a command; `rest` are options that were typed already. */
  #enter(leaf: Leaf, rest: string): void {
    const form = new CommandForm(this.#session, this.#actions, leaf, {
      send: (whole) => void this.#run(whole),
      leave: (text) => {
        this.#leave(text);
        this.#input.focus();
        if (text !== '') this.#suggest();
      },
    });
    this.#show(form);
    if (rest.trim() !== '') form.take(rest.trim());
    form.focus();
  }

  #show(form: CommandForm): void {
    this.#suggestions.hide();
    this.#form = form;
    fill(this.#field, form.element, this.#sendButton());
    fill(this.#popup, form.suggestions.element);
    fill(this.#hints, form.hint);
  }

  /** Goes back to writing text. */
  #leave(rest: string): void {
    this.#form = null;
    this.#suggestions.hide();
    fill(this.#popup, this.#suggestions.element);
    fill(this.#field, this.#attach, this.#input, this.#sendButton());
    fill(this.#hints);
    this.#input.value = rest;
    this.#resize();
  }

  async #run(form: CommandForm): Promise<void> {
    if (!form.check()) return;
    const where = this.#where;
    try {
      const files = await form.files();
      this.#leave('');
      this.#input.focus();
      await this.#actions.runCommand(form.name, form.input, files);
    } catch (error) {
      this.#failed(error);
      // What was filled in is not lost, unless something else was begun.
      if (this.#where === where && this.#form === null && this.#input.value === '') {
        this.#show(form);
        form.focus();
      }
    }
  }

  async #say(): Promise<void> {
    const typed = this.#input.value.trim();
    const files = this.#files;
    if (typed === '' && files.length === 0) return;
    if (typed.startsWith('/') && this.#leaves().length > 0) {
      const complete = typedLeaf(this.#leaves(), typed.slice(1));
      if (complete !== undefined) return this.#enter(complete.leaf, complete.rest);
    }
    try {
      const content = this.#withMentions(typed);
      const sent = await Promise.all(files.map(sentFile));
      this.#files = [];
      this.#drawFiles();
      this.#leave('');
      this.#input.focus();
      await this.#actions.say(content, sent);
    } catch (error) {
      this.#failed(error);
      if (this.#input.value === '') this.#input.value = typed;
      this.#files = files;
      this.#drawFiles();
    }
  }

  #withMentions(typed: string): string {
    const names = [...this.#mentions.keys()].sort((a, b) => b.length - a.length);
    return names.reduce((content, name) => content.replaceAll(name, this.#mentions.get(name) ?? name), typed);
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const open = this.#suggestions.open;
    const keys: Record<string, () => boolean> = {
      ArrowDown: () => this.#suggestions.move(1),
      ArrowUp: () => this.#suggestions.move(-1),
      Tab: () => open && this.#suggestions.pick(),
      Escape: () => this.#suggestions.hide(),
      Enter: () => {
        if (event.shiftKey) return false;
        if (!(open && this.#suggestions.pick())) void this.#say();
        return true;
      },
    };
    if (keys[event.key]?.() !== true) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #addFiles(files: FileList | null): void {
    if (files === null || files.length === 0) return;
    this.#files = [...this.#files, ...files].slice(0, 10);
    this.#drawFiles();
  }

  #drawFiles(): void {
    const chips = this.#files.map((file) => {
      const remove = () => {
        this.#files = this.#files.filter((other) => other !== file);
        this.#drawFiles();
        this.#input.focus();
      };
      return el(
        'li',
        { class: 'chip' },
        file.name,
        iconButton('close', text('composer.remove-file', { name: file.name }), { onclick: remove }),
      );
    });
    fill(this.#chips, ...chips);
    this.#chips.hidden = chips.length === 0;
  }
}
