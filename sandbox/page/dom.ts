export type Child = Node | string | null | undefined | false;

/** Attributes of an element; a function under `on…` listens to that event, and false leaves an attribute out. */
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** An element with attributes and children. Text is always text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

/** Sets attributes as `el` does; listeners are added. */
export function set(element: Element, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener);
    else if (value === undefined || value === null || value === false) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
}

/** The children that are there. */
export function present(children: Child[]): (Node | string)[] {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces what an element holds; the focus stays on what has the same `data-key`. */
export function fill(element: Element, ...children: Child[]): void {
  const active = document.activeElement;
  const key = active instanceof HTMLElement && element.contains(active) ? active.dataset.key : undefined;
  element.replaceChildren(...present(children));
  if (key !== undefined) keyed(element, key)?.focus();
}

/** The element within another one that carries a `data-key`. */
export function keyed(element: Element, key: string): HTMLElement | null {
  return element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
}

/** The shapes of the icons, on a grid of 24. */
const ICONS = {
  text: 'M5.9 21 6.6 17H2.7l.3-2h3.9l1-6H4l.3-2h3.9l.7-4h2l-.7 4h6l.7-4h2l-.7 4h3.9l-.3 2h-3.9l-1 6h3.9l-.3 2h-3.9l-.7 4h-2l.7-4h-6l-.7 4zM9.9 9l-1 6h6l1-6z',
  voice:
    'M12 3a1 1 0 0 0-1-.9L6 7H3a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h3l5 4.9a1 1 0 0 0 1-.9zm2 1v2a6 6 0 0 1 0 12v2a8 8 0 0 0 0-16m0 4v8a4 4 0 0 0 0-8',
  news: 'M4 9v6h3l8 5V4L7 9zm13-1v8a4 4 0 0 0 0-8',
  apps: 'M4 4h7v7H4zm9 0h7v7h-7zM4 13h7v7H4zm9 0h7v7h-7z',
  thread: 'M4 3h16v2H4zm0 5h12v2H4zm3 5h13v2H7zm0 5h9v2H7z',
  forum: 'M3 4h14v10H8l-4 4v-4H3zm16 4h2v10h-1v4l-4-4H9v-2h10z',
  lock: 'M7 10V7a5 5 0 0 1 10 0v3h2v11H5V10zm2 0h6V7a3 3 0 0 0-6 0z',
  mail: 'M3 5h18v14H3zm2 2.5V17h14V7.5l-7 5z',
  menu: 'M3 5h18v2H3zm0 6h18v2H3zm0 6h18v2H3z',
  people:
    'M9 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8m-8 8a8 8 0 0 1 16 0zm15-8a4 4 0 0 0 0-8v8m3 8h4a7 7 0 0 0-6-6 9 9 0 0 1 2 6',
  hood: 'M8 6 2 12l6 6 1.5-1.5L5 12l4.500-4.500zm8 0-1.500 1.500L19 12l-4.500 4.500L16 18l6-6zm-3.500-2-3 16h2l3-16z',
  plus: 'M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z',
  send: 'M3 3.500 22 12 3 20.500V14l10-2-10-2z',
  close:
    'M5.400 4 12 10.600 18.600 4 20 5.400 13.400 12 20 18.600 18.600 20 12 13.400 5.400 20 4 18.600 10.600 12 4 5.400z',
  down: 'M5 8l7 7 7-7 1.500 1.500L12 18 3.500 9.500z',
  check: 'M9 16.200 4.800 12 3.400 13.400 9 19 21 7l-1.400-1.400z',
  file: 'M6 2h8l5 5v15H6zm7 1.500V8h4.500z',
  theme: 'M12 2a10 10 0 1 0 0 20zm0 2a8 8 0 0 1 0 16z',
  reply: 'M10 8V4L3 11l7 7v-4c5 0 8 1.500 11 6-1-7-5-12-11-12',
  away: 'M12 2 1 21h22zm-1 7h2v6h-2zm0 8h2v2h-2z',
  delete: 'M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7z',
  edit: 'M3 17.200V21h3.800L18 9.800 14.200 6zM20.700 7 17 3.300 15.300 5 19 8.700z',
  smile:
    'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20m0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16M8.500 8a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3m7 0a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3M7 14a5.500 5.500 0 0 0 10 0z',
} as const;

export type IconName = keyof typeof ICONS;

/** A picture beside a text: it says nothing by itself. */
export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  set(picture, { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  const shape = document.createElementNS(space, 'path');
  set(shape, { d: ICONS[name] });
  picture.append(shape);
  return picture;
}

/** A button that shows only an icon; its label is read and shown as a tip. */
export function iconButton(name: IconName, label: string, attributes: Attributes = {}): HTMLButtonElement {
  return el(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, ...attributes },
    icon(name),
  );
}
