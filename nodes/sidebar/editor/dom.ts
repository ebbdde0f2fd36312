type Child = Node | string | null | false;
type Handler = (event: Event) => void;
type Attributes = Record<string, string | number | boolean | Handler | undefined>;

/**
 * Makes an element. Text always becomes text: nothing from outside is read as HTML.
 * @param attributes a function listens to the event of its name; `true` and `false` set and leave out an attribute
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/** An icon that says nothing to a screen reader: the words beside it do. */
export const icon = (name: string): HTMLElement => element('i', { class: `fa ${name}`, 'aria-hidden': 'true' });

/** Replaces what is in an element, and keeps the focus on what bears the same `data-key`. */
export function replace(parent: HTMLElement, children: Child[]): void {
  const focused = document.activeElement;
  const key = focused && parent.contains(focused) ? focused.getAttribute('data-key') : null;
  parent.replaceChildren(...children.filter((child) => child !== null && child !== false));
  if (key === null) return;
  parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
