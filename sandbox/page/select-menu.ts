import { isObject, type JsonObject, list } from '../json.ts';
import { COMPONENT } from '../rules/components.ts';
import { channelChoices, memberChoices, narrowed, roleChoices } from './choices.ts';
import { el, icon, set } from './dom.ts';
import { textIn } from './embed.ts';
import type { Session } from './session.ts';
import { type Suggestion, Suggestions } from './suggestions.ts';
import { text } from './texts.ts';

/** A menu of so many choices can be searched. */
const SEARCHED = 10;

/** What each kind of select menu offers. */
const CHOICES: Record<number, (session: Session, select: JsonObject) => Suggestion[]> = {
  [COMPONENT.STRING_SELECT]: (_session, select) =>
    list(select.options)
      .filter(isObject)
      .map((option) => ({
        value: String(option.value),
        label: textIn(option, 'label'),
        detail: textIn(option, 'description'),
        mark: emoji(option),
      })),
  [COMPONENT.USER_SELECT]: (session) => memberChoices(session),
  [COMPONENT.ROLE_SELECT]: (session) => roleChoices(session),
  [COMPONENT.MENTIONABLE_SELECT]: (session) => [...memberChoices(session), ...roleChoices(session)],
  [COMPONENT.CHANNEL_SELECT]: (session, select) => channelChoices(session, list(select.channel_types).map(Number)),
};

/** The emoji of a button or an option, by its name where it is a guild's own. */
export function emoji({ emoji: given }: JsonObject): HTMLElement | undefined {
  const name = textIn(given, 'name');
  if (name === '') return undefined;
  return el('span', { class: 'emoji' }, isObject(given) && given.id ? `:${name}:` : name);
}

interface Menu {
  select: JsonObject;
  /** How the menu is called. */
  label: string;
  /** What was chosen before; without it, what the menu itself names. */
  values?: string[] | undefined;
  /** Called when the choice is made. */
  chosen(values: string[]): void;
}

/** A select menu: a button that opens a list, which can be searched where it is long. */
export function selectMenu(session: Session, { select, label, values: earlier, chosen }: Menu): HTMLElement {
  const least = Number(select.min_values ?? 1);
  const most = Number(select.max_values ?? 1);
  const several = most > 1;
  const all = CHOICES[Number(select.type)]?.(session, select) ?? [];
  const preset = [
    ...list(select.options).filter((option) => isObject(option) && option.default === true),
    ...list(select.default_values),
  ];
  const values = new Set(earlier ?? preset.map((item) => (isObject(item) ? String(item.value ?? item.id) : '')));
  const placeholder = textIn(select, 'placeholder') || text('select.placeholder');

  const shown = el('span', { class: 'select-value' });
  const trigger = el(
    'button',
    {
      type: 'button',
      class: 'select',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      disabled: select.disabled === true,
    },
    shown,
    icon('down'),
  );
  trigger.dataset.key = `select ${textIn(select, 'custom_id')}`;
  const search = el('input', {
    class: 'select-search',
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    autofocus: true,
    'aria-autocomplete': 'list',
    'aria-label': text('select.search', { label }),
    placeholder: text('select.search-placeholder'),
  });
  const problem = el('p', { class: 'problem', role: 'status' });
  const popup = el('div', { class: 'popup', popover: 'auto' });
  let before = '';

  const draw = () => {
    const names = all.filter(({ value }) => values.has(value)).map((choice) => choice.label);
    shown.textContent = names.length === 0 ? placeholder : names.join(', ');
    shown.classList.toggle('soft', names.length === 0);
    trigger.setAttribute('aria-label', `${label}: ${shown.textContent}`);
  };
  const suggestions = new Suggestions(label, ({ value }) => {
    problem.textContent = '';
    if (!several) {
      const same = values.has(value);
      values.clear();
      // Choosing again what is chosen takes it back where nothing need be.
      if (!same || least > 0) values.add(value);
      popup.hidePopover();
      return;
    }
    if (values.has(value)) values.delete(value);
    else if (values.size < most) values.add(value);
    else problem.textContent = text('select.most', { most });
    relist();
  });
  const relist = () => {
    const found = narrowed(all, search.value);
    const active = suggestions.open ? Math.max(suggestions.index, 0) : 0;
    suggestions.show(search, found, { note: text('select.none'), chosen: several ? values : null, active });
    draw();
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => suggestions.move(1),
    ArrowUp: () => suggestions.move(-1),
    Enter: () => void suggestions.pick(),
    Tab: () => popup.hidePopover(),
  };
  search.addEventListener('keydown', (event) => {
    const run = keys[event.key];
    if (run === undefined) return;
    if (event.key !== 'Tab') event.preventDefault();
    run();
  });
  search.addEventListener('input', relist);
  // A short list needs no search field to be seen: it still takes the keys.
  search.classList.toggle('quiet', all.length <= SEARCHED);
  popup.append(search, suggestions.element, problem);
  // The list is ready before it is seen: who types at once loses nothing.
  popup.addEventListener('beforetoggle', (event) => {
    if ((event as ToggleEvent).newState !== 'open') return;
    before = [...values].join(' ');
    search.value = '';
    relist();
  });
  popup.addEventListener('toggle', (event) => {
    const open = (event as ToggleEvent).newState === 'open';
    set(trigger, { 'aria-expanded': String(open) });
    if (open) {
      place(popup, trigger);
      return;
    }
    suggestions.hide();
    draw();
    if (!trigger.isConnected) return;
    if (document.activeElement === document.body || popup.contains(document.activeElement)) trigger.focus();
    if ([...values].join(' ') === before) return;
    if (values.size < least) {
      popup.showPopover();
      problem.textContent = text('select.least', { least });
      return;
    }
    chosen([...values]);
  });
  trigger.popoverTargetElement = popup;
  trigger.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    popup.showPopover();
  });
  draw();
  return el('div', { class: 'select-menu' }, trigger, popup);
}

/** Puts a popup under what opened it, or above where there is more room. */
export function place(popup: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - 12;
  const above = box.top - 12;
  const up = below < Math.min(popup.scrollHeight, 280) && above > below;
  popup.style.setProperty('--room', `${Math.max(120, Math.min(up ? above : below, 380))}px`);
  popup.style.width = `${Math.max(Math.min(box.width, window.innerWidth - 16), 200)}px`;
  popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - popup.offsetWidth - 8))}px`;
  popup.style.top = up ? 'auto' : `${box.bottom + 4}px`;
  popup.style.bottom = up ? `${window.innerHeight - box.top + 4}px` : 'auto';
}
