import { el, iconButton } from './dom.ts';
import { text } from './texts.ts';

const SHOWN_MS = 10_000;

/** Short notices in a corner; errors are read out at once. */
export class Toasts {
  readonly element = el('div', { class: 'toasts' });

  constructor() {
    // Within an open modal dialog only the top layer can be seen and used.
    this.element.popover = 'manual';
  }

  say(message: string, { bad = false } = {}): void {
    const toast = el(
      'div',
      { class: bad ? 'toast bad' : 'toast', role: bad ? 'alert' : 'status' },
      el('p', {}, message),
    );
    const remove = () => {
      toast.remove();
      if (this.element.childElementCount === 0 && this.element.matches(':popover-open')) this.element.hidePopover();
    };
    toast.append(iconButton('close', text('close'), { onclick: remove }));
    this.element.append(toast);
    if (this.element.matches(':popover-open')) this.element.hidePopover();
    this.element.showPopover();
    setTimeout(remove, SHOWN_MS);
  }

  /** Says why something could not be done. */
  failed = (error: unknown): void => {
    this.say(error instanceof Error ? error.message : String(error), { bad: true });
  };

  /** Does something, and says so when it fails. */
  attempt = async (what: () => Promise<unknown>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      this.failed(error);
    }
  };
}
