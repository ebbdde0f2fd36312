import { make } from '../dom.ts';
import type { Translate } from '../table.ts';

/** Where the browser keeps that someone folded previews away. */
const FOLDED = 'guildhall-preview-folded';

/**
 * The panel at the foot of a dialog that stays in sight: what will be seen in Discord. Folded away, it stays so in every
 * dialog until it is unfolded.
 */
export class PreviewPanel {
  readonly #panel: HTMLElement;
  readonly #body = make('div', { 'aria-live': 'off' });

  /** @param form the form at whose end it hangs */
  constructor(form: HTMLElement, t: Translate) {
    const toggle = make(
      'button',
      { type: 'button' },
      make('i', { class: 'fa fa-caret-right', 'aria-hidden': 'true' }),
      t('preview.title'),
    );
    const fold = (isFolded: boolean) => {
      this.#body.style.display = isFolded ? 'none' : '';
      toggle.setAttribute('aria-expanded', String(!isFolded));
    };
    fold(localStorage.getItem(FOLDED) === 'true');
    toggle.addEventListener('click', () => {
      const isFolded = this.#body.style.display !== 'none';
      localStorage.setItem(FOLDED, String(isFolded));
      fold(isFolded);
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
