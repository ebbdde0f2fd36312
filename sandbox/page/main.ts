import type { Changes, Snapshot } from '../control/live.ts';
import { isVoice } from '../rules/channel.ts';
import { memberKey } from '../rules/permissions.ts';
import { Actions } from './actions.ts';
import { channelIcon, channelList } from './channels.ts';
import { Composer } from './composer.ts';
import { el, fill, icon, iconButton } from './dom.ts';
import { Drawer } from './drawer.ts';
import { describeFault } from './fault-panel.ts';
import { memberList, personPanel } from './members.ts';
import { MessageList, typingLine } from './message-list.ts';
import { Mirror } from './mirror.ts';
import { modalDialog } from './modal.ts';
import { channelName, initials } from './people.ts';
import { DM, Session } from './session.ts';
import { text } from './texts.ts';
import { themeButton } from './theme.ts';
import { tick } from './time.ts';
import { Toasts } from './toasts.ts';

/** The page: a chat client of the sandbox, in which one person can be any member. */

const TICK_MS = 15_000;

const mirror = new Mirror();
const session = new Session(mirror);
const toasts = new Toasts();
const actions = new Actions(session);
actions.failed = toasts.failed;
const drawer = new Drawer(session, actions, toasts.attempt);
const messages = new MessageList(session, actions, toasts.failed);
actions.sending = () => messages.toEnd();
const composer = new Composer(session, actions, toasts.failed);

/** A column that lies over the messages on a narrow screen. */
function column(
  side: 'start' | 'end',
  ...children: HTMLElement[]
): { element: HTMLElement; toggle(open?: boolean): void } {
  const element = el('div', { class: `column ${side}` }, ...children);
  const toggle = (open = !element.classList.contains('open')) => {
    element.classList.toggle('open', open);
    if (open) element.querySelector<HTMLElement>('button, input')?.focus();
  };
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || !element.classList.contains('open')) return;
    // A dialog that was opened from here is what Escape closes.
    if (document.querySelector('dialog[open]') !== null) return;
    toggle(false);
    buttons[side].focus();
  });
  return { element, toggle };
}

const narrow = window.matchMedia('(max-width: 900px)');
const buttons = {
  start: iconButton('menu', text('header.channels'), { class: 'icon-button narrow-only' }),
  end: iconButton('people', text('header.members')),
};
const closeStart = () => {
  if (!narrow.matches) return;
  start.toggle(false);
  composer.focus();
};
const start = column(
  'start',
  guildRail(),
  el('div', { class: 'side' }, guildHead(), channelList(session, closeStart), personPanel(session, themeButton())),
);
const end = column('end', memberList(session, actions, toasts.attempt));
buttons.start.addEventListener('click', () => start.toggle());
buttons.end.addEventListener('click', () => {
  if (narrow.matches) end.toggle();
  else document.body.classList.toggle('without-members');
});
const backdrop = el('div', { class: 'backdrop' });
backdrop.addEventListener('click', () => {
  start.toggle(false);
  end.toggle(false);
});

/** The guilds, as round buttons. */
function guildRail(): HTMLElement {
  const rail = el('nav', { class: 'rail', 'aria-label': text('rail.label') });
  mirror.watch(['people', 'channels', 'messages', 'chosen'], () => {
    const buttons = mirror.all('guilds').map((guild) => {
      const current = guild.id === session.guild.id;
      const here = {
        class: 'guild',
        title: guild.name,
        'aria-label': guild.name,
        'aria-current': current ? 'true' : null,
      };
      const button = el(
        'button',
        { type: 'button', ...here, onclick: () => session.enterGuild(guild.id) },
        initials(guild.name, 3),
      );
      button.dataset.key = guild.id;
      return button;
    });
    fill(rail, ...buttons);
  });
  return rail;
}

function guildHead(): HTMLElement {
  const name = el('h1');
  const state = el('p', { class: 'connection', role: 'status' });
  mirror.watch(['people', 'chosen', 'status'], () => {
    name.textContent = session.guild.name;
    const on = mirror.status.connected > 0;
    state.classList.toggle('on', on);
    const says = text(on ? 'header.connected' : 'header.not-connected', { application: mirror.application.name });
    if (state.textContent !== says) state.textContent = says;
  });
  return el('div', { class: 'guild-head' }, name, state);
}

/** The open channel's name and topic, with what opens the other columns. */
function header(): HTMLElement {
  const title = el('h2', { class: 'channel-title' });
  const topic = el('p', { class: 'topic soft' });
  const talk = el('button', { type: 'button', class: 'button secondary small' });
  talk.addEventListener('click', () => actions.attempt('voice', { channel: talks() ? null : session.place }));
  const talks = () =>
    mirror.get('voiceStates', memberKey(session.guild.id, session.userId))?.channel_id === session.place;
  mirror.watch(['chosen', 'channels', 'people'], () => {
    const { channel, place } = session;
    talk.hidden = channel === undefined || !isVoice(channel);
    talk.textContent = text(talks() ? 'header.leave-voice' : 'header.join-voice');
    const name = channelName(session, channel);
    fill(title, place === DM || channel === undefined ? icon('mail') : channelIcon(channel), name);
    topic.textContent = channel?.topic ?? '';
    document.title = text('page.title', { channel: place === DM ? name : `#${name}`, guild: session.guild.name });
  });
  return el(
    'header',
    { class: 'header' },
    buttons.start,
    title,
    topic,
    talk,
    el('div', { class: 'header-tools' }, drawer.toggleButton, buttons.end),
  );
}

/** Says what goes wrong on purpose, so that nobody looks for a mistake there. */
function faultBanner(): HTMLElement {
  const says = el('span');
  const more = el(
    'button',
    { type: 'button', class: 'link-button', onclick: () => drawer.showFaults() },
    text('fault.show'),
  );
  const banner = el('div', { class: 'banner', role: 'status', hidden: true }, icon('away'), says, more);
  mirror.watch(['status', 'people'], () => {
    const { faults } = mirror.status;
    banner.hidden = faults.length === 0;
    says.textContent =
      faults.length === 0
        ? ''
        : text('fault.banner', { faults: faults.map((fault) => describeFault(session, fault)).join('; ') });
  });
  return banner;
}

/** Follows the sandbox; after it was away everything is read anew. */
function follow(): void {
  const away = el('div', { class: 'banner away', role: 'alert', hidden: true });
  document.body.prepend(away);
  const source = new EventSource('/sandbox/events');
  source.addEventListener('open', () => mirror.forgetLines());
  source.addEventListener('snapshot', (event) => {
    if (!away.hidden) toasts.say(text('connection.back'));
    away.hidden = true;
    mirror.restart(JSON.parse(event.data) as Snapshot);
  });
  source.addEventListener('changes', (event) => mirror.apply(JSON.parse(event.data) as Changes));
  source.addEventListener('error', () => {
    away.hidden = false;
    away.replaceChildren(icon('away'), text('connection.lost'));
    // A browser gives up on an answer that is no stream, as a starting sandbox may send.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  });
}

document.body.append(
  el('a', { class: 'skip', href: '#write', onclick: skip }, text('page.skip')),
  start.element,
  el(
    'main',
    { class: 'main' },
    header(),
    faultBanner(),
    messages.element,
    typingLine(session),
    composer.element,
    drawer.element,
  ),
  end.element,
  backdrop,
  modalDialog(session, actions),
  toasts.element,
);

function skip(event: Event): void {
  event.preventDefault();
  composer.focus();
}

// Whoever begins to type means to write, unless something else has the focus.
document.addEventListener('keydown', (event) => {
  const plain = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  const free = document.activeElement === document.body || document.activeElement?.classList.contains('messages');
  if (plain && free && event.key !== ' ' && document.querySelector('dialog[open]') === null) composer.focus();
});

setInterval(tick, TICK_MS);
follow();
