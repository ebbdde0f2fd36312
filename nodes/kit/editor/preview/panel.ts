import { make } from '../dom.ts';
import type { Translate } from '../table.ts';

/** The panel at the foot of a dialog that stays in sight: what will be seen in Discord. It can be folded away. */
export class PreviewPanel {
  readonly #panel: HTMLElement;
  readonly #body = make('div', { 'aria-live': 'off' });

  /** @param form the form at whose end it hangs */
  constructor(form: HTMLElement, t: Translate) {
    const toggle = make(
      'button',
      { type: 'button', 'aria-expanded': 'true' },
      make('i', { class: 'fa fa-eye', 'aria-hidden': 'true' }),
      t('preview.title'),
    );
    toggle.addEventListener('click', () => {
      const isOpen = this.#body.style.display === 'none';
      this.#body.style.display = isOpen ? '' : 'none';
      toggle.setAttribute('aria-expanded', String(isOpen));
    });
    this.#panel = make('div', { class: 'guildhall-preview' }, toggle, this.#body);
    form.append(this.#panel);
  }

  /** Shows a drawing in place of the one before; nothing hides the panel. */
  show(drawing: HTMLElement | null): void {
    this.#panel.style.display = drawing ? '' : 'none';
    if (drawing) this.#body.replaceChildren(drawing);
  }
}
