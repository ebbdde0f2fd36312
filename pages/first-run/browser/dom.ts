type Child = Node | string | null | false;
type Properties = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

/**
 * Makes an element. Text is always text: nothing here reads HTML.
 * @param properties attributes; `on…` takes a listener, false and undefined leave it out
 */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/** A text in which `**words**` are strong and `[words](name)` links to an address of that name, if it has one. */
export function rich(text: string, links: Record<string, string> = {}): Node[] {
  return text.split(/(\*\*[^*]+\*\*|\[[^\]]+\]\(\w+\))/).map((part) => {
    const strong = /^\*\*(.+)\*\*$/.exec(part)?.[1];
    if (strong) return element('strong', {}, strong);
    const [, words = '', name = ''] = /^\[(.+)\]\((\w+)\)$/.exec(part) ?? [];
    const address = links[name];
    if (words) return address ? outside(address, words) : element('strong', {}, words);
    return document.createTextNode(part);
  });
}

/** A text whose addresses can be followed. */
export function withLinks(text: string): Node[] {
  return text
    .split(/(https?:\/\/\S+?)(?=[,.;:]?(?:\s|$))/)
    .map((part) => (/^https?:\/\//.test(part) ? outside(part, part) : document.createTextNode(part)));
}

/** A link that opens beside this page, and tells the other one nothing of it. */
export function outside(href: string, words: string, style?: string): HTMLAnchorElement {
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer', class: style }, words);
}
