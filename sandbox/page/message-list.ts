import type { Message } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import { type Actions, ask } from './actions.ts';
import { el, icon, keyed } from './dom.ts';
import { follows, messageBox, pendingBox } from './message.ts';
import type { Loaded } from './mirror.ts';
import { channelName, nameOf } from './people.ts';
import { DM, type Session } from './session.ts';
import { text } from './texts.ts';
import { format } from './time.ts';

/** So near to its end the list follows what comes. */
const NEAR = 80;

/** What every message is drawn with: who its names are, where its mentions lead, which commands it takes. */
const SURROUNDINGS = ['people', 'channels', 'commands'] as const;

interface Row {
  key: string;
  /** What it shows: the row is made anew when any part of this is another thing. */
  parts: readonly unknown[];
  make(): HTMLElement;
}

/** The messages of the open channel. */
export class MessageList {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #actions: Actions;
  readonly #failed: (error: unknown) => void;
  readonly #rows = el('div', { class: 'rows' });
  readonly #log: HTMLElement;
  readonly #jump: HTMLButtonElement;
  readonly #drawn = new Map<string, { parts: readonly unknown[]; element: HTMLElement }>();
  #open = '';
  #surroundings = 0;
  #loading = false;
  /** True while the newest message is in sight. */
  #atEnd = true;
  /** How far it was scrolled when that was last looked at. */
  #top = 0;
  /** The last message that had been read when the channel was opened, and the newest one then. */
  #readUpTo = '0';
  #newestThen = '0';

  constructor(session: Session, actions: Actions, failed: (error: unknown) => void) {
    this.#session = session;
    this.#actions = actions;
    this.#failed = failed;
    this.#log = el('div', { class: 'messages', role: 'log', tabindex: 0 }, this.#rows);
    this.#jump = el('button', { type: 'button', class: 'jump', hidden: true }, text('messages.jump'), icon('down'));
    this.element = el('div', { class: 'message-area' }, this.#log, this.#jump);
    this.#jump.addEventListener('click', () => this.toEnd());
    this.#log.addEventListener('scroll', () => this.#scrolled());
    // Pictures that arrive late push what is below them: the end stays in sight.
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.#rows);
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.#log);
    session.mirror.watch(['messages', ...SURROUNDINGS, 'chosen'], (changed) => {
      if (SURROUNDINGS.some((topic) => changed.has(topic))) this.#surroundings++;
      this.#draw();
    });
    document.addEventListener('visibilitychange', () => this.#draw());
  }

  /** Shows the newest message. */
  toEnd(): void {
    this.#atEnd = true;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#read();
  }

  #draw(): void {
    const session = this.#session;
    const { channel, place, userId } = session;
    const open = `${session.guild.id} ${place} ${userId}`;
    const opened = open !== this.#open;
    if (opened) {
      this.#open = open;
      this.#readUpTo = channel === undefined ? '0' : session.lastRead(channel.id);
      this.#newestThen = channel === undefined ? '0' : session.mirror.newest(channel.id);
      this.#atEnd = true;
      this.#log.setAttribute('aria-label', text('messages.label', { channel: channelName(session, channel) }));
    }
    const loaded: Loaded | undefined =
      channel === undefined ? { messages: [], more: false } : session.mirror.loaded(channel.id);
    if (loaded === undefined && channel !== undefined) void this.#load(channel.id);
    this.#log.setAttribute('aria-busy', String(loaded === undefined));
    this.#show(loaded === undefined ? [] : this.#rowsOf(loaded));
    if (this.#atEnd) this.toEnd();
    else this.#jump.hidden = false;
  }

  #rowsOf({ messages, more }: Loaded): Row[] {
    const session = this.#session;
    const { dismissed } = this.#actions;
    const seen = messages.filter((message) => session.reads(message) && !dismissed.has(message.id));
    const rows: Row[] = [];
    const common = [this.#surroundings, session.userId];
    if (more) rows.push({ key: 'older', parts: [], make: () => this.#olderRow() });
    else rows.push({ key: 'begin', parts: [this.#open, ...common], make: () => this.#beginRow() });
    let before: Message | undefined;
    let marked = false;
    for (const message of seen) {
      const day = new Date(message.timestamp).toDateString();
      if (before === undefined || new Date(before.timestamp).toDateString() !== day) {
        rows.push({ key: `day ${day}`, parts: [], make: () => dayRow(new Date(message.timestamp)) });
        before = undefined;
      }
      const fresh = compareIds(message.id, this.#readUpTo) > 0;
      const missed = fresh && !marked && compareIds(message.id, this.#newestThen) <= 0;
      if (missed && message.author_id !== session.userId) {
        rows.push({ key: 'new', parts: [], make: newRow });
        before = undefined;
      }
      marked ||= fresh;
      const together = follows(message, before);
      rows.push({
        key: message.id,
        parts: [message, together, this.#actions.used.get(message.id), ...common],
        make: () => messageBox(session, this.#actions, message, together),
      });
      before = message;
    }
    for (const pending of this.#actions.pendingHere()) {
      rows.push({
        key: pending.key,
        parts: [pending, ...common],
        make: () => pendingBox(session, this.#actions, pending),
      });
    }
    return rows;
  }

  /** Brings the elements to what the rows say, and leaves alone what is as it was. */
  #show(rows: Row[]): void {
    const wanted = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of this.#drawn) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#drawn.delete(key);
    }
    let at: Element | null = this.#rows.firstElementChild;
    for (const { key, parts, make } of rows) {
      const known = this.#drawn.get(key);
      const same = known !== undefined && (sameParts(known.parts, parts) || inUse(known.element));
      const element = same ? known.element : make();
      if (element === at) {
        at = at.nextElementSibling;
      } else if (known !== undefined && !same) {
        const focused = focusedKey(known.element);
        if (known.element === at) at = at.nextElementSibling;
        known.element.replaceWith(element);
        if (element.nextElementSibling !== at) this.#rows.insertBefore(element, at);
        if (focused !== undefined) keyed(element, focused)?.focus({ preventScroll: true });
      } else {
        this.#rows.insertBefore(element, at);
      }
      if (!same) this.#drawn.set(key, { parts, element });
    }
  }

  #olderRow(): HTMLElement {
    const run = () => {
      const { channel } = this.#session;
      if (channel !== undefined) void this.#load(channel.id);
    };
    return el('button', { type: 'button', class: 'older', onclick: run }, text('messages.older'));
  }

  #beginRow(): HTMLElement {
    const { channel, place } = this.#session;
    const name = channelName(this.#session, channel);
    const key = place === DM ? 'messages.begin-dm' : 'messages.begin';
    const topic = channel?.topic ?? '';
    return el(
      'div',
      { class: 'begin' },
      el('h2', {}, text(key, { channel: name })),
      topic !== '' && el('p', { class: 'soft' }, topic),
    );
  }

  async #load(channelId: string): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const { mirror } = this.#session;
    const oldest = mirror.loaded(channelId)?.messages[0];
    try {
      mirror.beginLoading(channelId);
      const query = new URLSearchParams({ channel: channelId, ...(oldest === undefined ? {} : { before: oldest.id }) });
      const page = (await ask(`messages?${query}`)) as unknown as Loaded;
      const [height, top] = [this.#log.scrollHeight, this.#log.scrollTop];
      mirror.keep(channelId, page);
      // What was in sight stays in sight when older messages come above it.
      if (oldest !== undefined) this.#log.scrollTop = top + this.#log.scrollHeight - height;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#loading = false;
    }
    const { channel } = this.#session;
    if (channel !== undefined && mirror.loaded(channel.id) === undefined && channel.id !== channelId) this.#draw();
  }

  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    // Who did not scroll up is at the end still: what came meanwhile has only made the list longer.
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR || (this.#atEnd && scrollTop >= this.#top);
    this.#top = scrollTop;
    this.#jump.hidden = this.#atEnd;
    if (this.#atEnd) this.#read();
    const { channel } = this.#session;
    if (scrollTop < NEAR && channel !== undefined && this.#session.mirror.loaded(channel.id)?.more)
      void this.#load(channel.id);
  }

  /** What is in sight counts as read. */
  #read(): void {
    this.#jump.hidden = true;
    const { channel } = this.#session;
    if (channel !== undefined && !document.hidden) this.#session.markRead(channel.id);
  }
}

/** Says who is typing. */
export function typingLine(session: Session): HTMLElement {
  const line = el('div', { class: 'typing', 'aria-live': 'polite' });
  session.mirror.watch(['typing', 'messages', 'chosen'], () => {
    const people = session.mirror.typing.get(session.channel?.id ?? '') ?? new Map<string, number>();
    const names = [...people].filter(([, until]) => until > Date.now()).map(([id]) => nameOf(session, id));
    const says = names.length === 0 ? '' : text('messages.typing', { names: names.join(', ') });
    if (line.textContent !== says) line.textContent = says;
  });
  return line;
}

function sameParts(known: readonly unknown[], parts: readonly unknown[]): boolean {
  return known.length === parts.length && known.every((part, index) => part === parts[index]);
}

/** A row in which a menu stands open waits until that is closed. */
function inUse(element: HTMLElement): boolean {
  return element.querySelector(':popover-open, .editing') !== null;
}

function focusedKey(element: HTMLElement): string | undefined {
  const active = document.activeElement;
  return active instanceof HTMLElement && element.contains(active) ? active.dataset.key : undefined;
}

function dayRow(date: Date): HTMLElement {
  const name = format(date, { dateStyle: 'long' });
  return el('div', { class: 'divider', role: 'separator', 'aria-label': name }, el('span', {}, name));
}

function newRow(): HTMLElement {
  return el(
    'div',
    { class: 'divider new', role: 'separator', 'aria-label': text('messages.new') },
    el('span', {}, text('messages.new')),
  );
}
