import { element, icon, replace } from './dom.ts';
import { text } from './texts.ts';

/** How something stands, which gives it its colour and its sign. */
export type Mood = 'good' | 'bad' | 'warn' | 'calm';

const MOOD_ICONS: Record<Mood, string> = {
  good: 'fa-check-circle',
  bad: 'fa-times-circle',
  warn: 'fa-exclamation-triangle',
  calm: 'fa-circle-o',
};

/** The sign of how something stands, with its meaning for who cannot see it. */
export function moodSign(mood: Mood, meaning = ''): HTMLElement {
  const sign = element('span', { class: `guildhall-sign guildhall-${mood}` }, icon(MOOD_ICONS[mood]));
  if (meaning) sign.append(element('span', { class: 'guildhall-unseen' }, meaning));
  return sign;
}

const REMEMBERED = 'guildhall.sidebar.closed';

/** A part of the tab that folds, and that is only drawn again when what it shows has changed. */
export class Section {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  readonly #summary = element('span', { class: 'guildhall-summary' });
  readonly #toggle: HTMLButtonElement;
  readonly #name: string;
  #shown = '';

  constructor(name: string) {
    this.#name = name;
    const id = `guildhall-section-${name}`;
    this.body = element('div', { class: 'guildhall-body', id });
    this.#toggle = element(
      'button',
      { type: 'button', class: 'guildhall-toggle', 'aria-controls': id, click: () => this.#fold() },
      icon('fa-angle-down guildhall-chevron'),
      element('span', { class: 'guildhall-heading' }, text(`${name}.title`)),
      this.#summary,
    );
    const heading = element('h3', {}, this.#toggle);
    this.element = element('section', { class: 'guildhall-section', 'data-section': name }, heading, this.body);
    this.#open(!closed().includes(name));
  }

  /**
   * Draws the section where what it shows is not what it showed.
   * @param shown all that the drawing depends on
   */
  show(shown: unknown, draw: () => { mood?: Mood; summary?: string; children: (Node | null)[] }): void {
    const next = JSON.stringify(shown);
    if (next === this.#shown) return;
    this.#shown = next;
    const { mood, summary = '', children } = draw();
    this.#summary.replaceChildren(...(summary ? [summary] : []), ...(mood ? [moodSign(mood)] : []));
    replace(this.body, children);
  }

  #fold(): void {
    const isOpen = this.#toggle.getAttribute('aria-expanded') === 'true';
    this.#open(!isOpen);
    const others = closed().filter((name) => name !== this.#name);
    localStorage.setItem(REMEMBERED, JSON.stringify(isOpen ? [...others, this.#name] : others));
  }

  #open(isOpen: boolean): void {
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    this.body.hidden = !isOpen;
  }
}

/** The names of the sections that this person folded. */
function closed(): string[] {
  try {
    const remembered: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? '[]');
    return Array.isArray(remembered) ? remembered.map(String) : [];
  } catch {
    return [];
  }
}
