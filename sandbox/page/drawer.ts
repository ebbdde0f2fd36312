import type { Actions } from './actions.ts';
import { el, iconButton } from './dom.ts';
import { faultPanel } from './fault-panel.ts';
import { EVENTS, lineList, REQUESTS } from './lines.ts';
import type { Session } from './session.ts';
import { type TextKey, text } from './texts.ts';

/** What lies under the hood: requests, gateway events, and the switches for faults. */
export class Drawer {
  readonly element: HTMLElement;
  readonly toggleButton: HTMLButtonElement;
  readonly #tabs: { tab: HTMLButtonElement; panel: HTMLElement }[];

  constructor(session: Session, actions: Actions, attempt: (what: () => Promise<unknown>) => Promise<void>) {
    const panels: [TextKey, HTMLElement][] = [
      ['drawer.requests', lineList(session, REQUESTS)],
      ['drawer.events', lineList(session, EVENTS)],
      ['drawer.faults', faultPanel(session, actions, attempt)],
    ];
    this.#tabs = panels.map(([key, content], index) => {
      const tab = el(
        'button',
        { type: 'button', class: 'tab', role: 'tab', id: `tab-${index}`, 'aria-controls': `panel-${index}` },
        text(key),
      );
      const panel = el(
        'div',
        { class: 'panel', role: 'tabpanel', id: `panel-${index}`, 'aria-labelledby': `tab-${index}` },
        content,
      );
      tab.addEventListener('click', () => this.#select(index));
      return { tab, panel };
    });
    const bar = el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': text('drawer.label') },
      ...this.#tabs.map(({ tab }) => tab),
    );
    bar.addEventListener('keydown', (event) => this.#key(event));
    const close = iconButton('close', text('drawer.close'), { onclick: () => this.toggle(false) });
    this.element = el(
      'section',
      { class: 'drawer', id: 'drawer', 'aria-label': text('drawer.label'), hidden: true },
      el('div', { class: 'drawer-head' }, bar, close),
      ...this.#tabs.map(({ panel }) => panel),
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.toggle(false);
    });
    this.toggleButton = iconButton('hood', text('drawer.label'), {
      'aria-expanded': 'false',
      'aria-controls': 'drawer',
    });
    this.toggleButton.addEventListener('click', () => this.toggle());
    const badge = el('span', { class: 'badge', hidden: true });
    this.toggleButton.append(badge);
    session.mirror.watch(['status'], () => {
      const count = session.mirror.status.faults.length;
      badge.hidden = count === 0;
      badge.textContent = String(count);
      this.toggleButton.setAttribute(
        'aria-label',
        count === 0 ? text('drawer.label') : text('drawer.label-faults', { count }),
      );
    });
    this.#select(0);
  }

  toggle(open = this.element.hidden): void {
    this.element.hidden = !open;
    this.toggleButton.setAttribute('aria-expanded', String(open));
    if (open) this.#tabs.find(({ tab }) => tab.tabIndex === 0)?.tab.focus();
    else this.toggleButton.focus();
  }

  /** Opens the switches for faults. */
  showFaults(): void {
    this.#select(this.#tabs.length - 1);
    this.toggle(true);
  }

  #select(index: number): void {
    for (const [number, { tab, panel }] of this.#tabs.entries()) {
      tab.setAttribute('aria-selected', String(number === index));
      tab.tabIndex = number === index ? 0 : -1;
      panel.hidden = number !== index;
    }
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = this.#tabs.findIndex(({ tab }) => tab.tabIndex === 0);
    const next = (at + step + this.#tabs.length) % this.#tabs.length;
    this.#select(next);
    this.#tabs[next]?.tab.focus();
  }
}
