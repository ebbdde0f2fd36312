import { isObject, type JsonObject, list } from '../json.ts';
import { COMPONENT, isSelect } from '../rules/components.ts';
import type { Message } from '../state/model.ts';
import type { Actions } from './actions.ts';
import { attachmentBox } from './attachments.ts';
import { el, icon } from './dom.ts';
import { picture, textIn } from './embed.ts';
import { markdown } from './markdown.ts';
import { tint } from './people.ts';
import { emoji, selectMenu } from './select-menu.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';

const STYLES: Record<number, string> = {
  1: 'primary',
  2: 'secondary',
  3: 'success',
  4: 'danger',
  5: 'link',
  6: 'premium',
};
const LINK = 5;

interface Shown {
  session: Session;
  actions: Actions;
  message: Message;
}

/** What members chose in the menus of a message, as long as the message stays as it is. */
const chosen = new WeakMap<Message, Map<string, string[]>>();

/** The components of a message, with what went wrong when one was used. */
export function componentsOf(session: Session, actions: Actions, message: Message): HTMLElement | null {
  if (message.components.length === 0) return null;
  const shown = { session, actions, message };
  const error = actions.used.get(message.id)?.error;
  return el(
    'div',
    { class: 'components' },
    ...message.components.map((component) => componentBox(shown, component)),
    error && el('p', { class: 'problem', role: 'alert' }, text('component.failed', { reason: error })),
  );
}

type Make = (shown: Shown, component: JsonObject) => HTMLElement | null;

const inner = (shown: Shown, component: JsonObject) =>
  list(component.components)
    .filter(isObject)
    .map((child) => componentBox(shown, child));

const MAKES: Record<number, Make> = {
  [COMPONENT.ROW]: (shown, component) => el('div', { class: 'component-row' }, ...inner(shown, component)),
  [COMPONENT.BUTTON]: buttonBox,
  [COMPONENT.SECTION]: (shown, component) =>
    el(
      'div',
      { class: 'section' },
      el('div', {}, ...inner(shown, component)),
      isObject(component.accessory) && componentBox(shown, component.accessory),
    ),
  [COMPONENT.TEXT_DISPLAY]: ({ session }, component) => markdown(session, textIn(component, 'content')),
  [COMPONENT.THUMBNAIL]: (_shown, component) => mediaBox(component, 'thumbnail'),
  [COMPONENT.GALLERY]: (_shown, component) =>
    el(
      'div',
      { class: 'gallery' },
      ...list(component.items)
        .filter(isObject)
        .map((item) => mediaBox(item, 'picture')),
    ),
  [COMPONENT.FILE]: ({ message }, component) => {
    const name = textIn(component.file, 'url').replace(/^attachment:\/\//, '');
    const attachment = message.attachments.find(({ filename, url }) => filename === name || url === name);
    return attachmentBox(attachment ?? { filename: name, url: name });
  },
  [COMPONENT.SEPARATOR]: (_shown, component) =>
    el('hr', { class: component.divider === false ? 'separator plain' : 'separator' }),
  [COMPONENT.CONTAINER]: (shown, component) => {
    const box = el('div', { class: 'container' }, ...inner(shown, component));
    return tint(box, Number(component.accent_color ?? 0));
  },
};

function componentBox(shown: Shown, component: JsonObject): HTMLElement | null {
  if (isSelect(component)) return selectBox(shown, component);
  const make = MAKES[Number(component.type)];
  if (make !== undefined) return make(shown, component);
  return el('p', { class: 'soft' }, text('component.unknown', { type: String(component.type) }));
}

function mediaBox(component: JsonObject, className: string): HTMLElement | null {
  const description = textIn(component, 'description');
  return picture(textIn(component.media, 'url'), description, className);
}

function buttonBox({ actions, message }: Shown, component: JsonObject): HTMLElement {
  const label = textIn(component, 'label');
  const style = Number(component.style);
  const name = `button ${STYLES[style] ?? 'secondary'}`;
  if (style === LINK) {
    const address = URL.parse(textIn(component, 'url'));
    const leads = address !== null && /^https?:$/.test(address.protocol) && component.disabled !== true;
    const href = leads ? address.href : null;
    const away = { href, target: '_blank', rel: 'noopener noreferrer', 'aria-disabled': href === null ? 'true' : null };
    return el('a', { class: name, ...away }, emoji(component), label, el('span', { 'aria-hidden': 'true' }, '↗'));
  }
  const customId = textIn(component, 'custom_id');
  const used = actions.used.get(message.id);
  const waiting = used?.customId === customId && used.error === null;
  const button = el(
    'button',
    { type: 'button', class: name, disabled: component.disabled === true, 'aria-busy': waiting ? 'true' : null },
    emoji(component),
    label,
    waiting && el('span', { class: 'dots', 'aria-hidden': 'true' }, '…'),
  );
  if (label === '') button.setAttribute('aria-label', textIn(component.emoji, 'name'));
  button.dataset.key = `button ${customId}`;
  button.addEventListener('click', () => {
    if (!actions.used.has(message.id) || actions.used.get(message.id)?.error) void actions.use(message, customId);
  });
  return button;
}

function selectBox({ session, actions, message }: Shown, select: JsonObject): HTMLElement {
  const customId = textIn(select, 'custom_id');
  const known = chosen.get(message) ?? new Map<string, string[]>();
  chosen.set(message, known);
  const used = actions.used.get(message.id);
  const menu = selectMenu(session, {
    select,
    label: textIn(select, 'placeholder') || text('select.label'),
    values: known.get(customId),
    chosen(values) {
      known.set(customId, values);
      void actions.use(message, customId, values);
    },
  });
  if (used?.customId === customId && used.error === null)
    menu.append(el('span', { class: 'dots', 'aria-hidden': 'true' }, '…'));
  return menu;
}

/** What stands above the message of a command: who used which. */
export function usedLine(who: HTMLElement, command: string): HTMLElement {
  return el(
    'div',
    { class: 'context-line' },
    icon('reply'),
    who,
    text('message.used'),
    el('span', { class: 'command-name' }, command),
  );
}
