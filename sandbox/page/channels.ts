import { CHANNEL, isThread, isVoice } from '../rules/channel.ts';
import type { Channel } from '../state/model.ts';
import { el, fill, type IconName, icon } from './dom.ts';
import { avatar, nameOf } from './people.ts';
import { DM, type Session } from './session.ts';
import { text } from './texts.ts';

/** The pictures of Discord's channel types; others are text. */
const ICONS: Record<number, IconName> = {
  2: 'voice',
  5: 'news',
  10: 'thread',
  11: 'thread',
  12: 'lock',
  13: 'voice',
  15: 'forum',
  16: 'forum',
};

export function channelIcon({ type }: Pick<Channel, 'type'>): SVGSVGElement {
  return icon(ICONS[type] ?? 'text');
}

/** The list of channels and direct messages. `opened` is called when one was chosen. */
export function channelList(session: Session, opened: () => void): HTMLElement {
  const list = el('nav', { class: 'channels', 'aria-label': text('channels.label') });
  const draw = () => fill(list, ...sections(session, opened));
  session.mirror.watch(['channels', 'people', 'messages', 'chosen'], draw);
  list.addEventListener('keydown', (event) => walk(list, event));
  return list;
}

/** Arrow keys go from one entry to the next. */
function walk(list: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const entries = [...list.querySelectorAll('button')];
  const at = entries.indexOf(document.activeElement as HTMLButtonElement);
  event.preventDefault();
  entries[(at + step + entries.length) % entries.length]?.focus();
}

function sections(session: Session, opened: () => void): HTMLElement[] {
  const all = session.channels();
  const threads = all.filter((channel) => isThread(channel) && channel.thread?.archived !== true);
  const open = all.filter((channel) => !isThread(channel));
  const entry = (channel: Channel): HTMLElement[] => [
    channelEntry(session, channel, opened),
    ...talkers(session, channel),
    ...threads
      .filter(({ parent_id: parent }) => parent === channel.id)
      .map((thread) => channelEntry(session, thread, opened)),
  ];
  const under = (parent: string | null) =>
    open
      .filter((channel) => channel.parent_id === parent)
      .sort((a, b) => Number(isVoice(a)) - Number(isVoice(b)))
      .flatMap(entry);
  const known = new Set(open.map(({ parent_id: parent }) => parent));
  const categories = session.mirror
    .all('channels')
    .filter(({ id, type, guild_id: guild }) => type === CHANNEL.CATEGORY && guild === session.guild.id && known.has(id))
    .sort((a, b) => a.position - b.position);
  const orphans = open.filter(
    ({ parent_id: parent }) => parent !== null && !categories.some(({ id }) => id === parent),
  );
  return [
    section(text('channels.text'), [...under(null), ...orphans.flatMap(entry)]),
    ...categories.map(({ id, name }) => section(name, under(id))),
    section(text('channels.dms'), [dmEntry(session, opened)]),
  ];
}

/** Who is connected to a voice channel. */
function talkers(session: Session, { id: channelId }: Channel): HTMLElement[] {
  return session.mirror
    .all('voiceStates')
    .filter(({ channel_id: connected }) => connected === channelId)
    .map(({ user_id: id }) => el('div', { class: 'talker' }, avatar(session, id), nameOf(session, id)));
}

function section(name: string, entries: HTMLElement[]): HTMLElement {
  return el('section', { 'aria-label': name }, el('h2', {}, name), ...entries);
}

function channelEntry(session: Session, channel: Channel, opened: () => void): HTMLElement {
  const name = channel.name;
  const mark = channelIcon(channel);
  const button = entryButton(session, channel, channel.id, [mark, el('span', { class: 'entry-name' }, name)], opened);
  if (isThread(channel)) button.classList.add('thread');
  return button;
}

function dmEntry(session: Session, opened: () => void): HTMLElement {
  const botId = session.bot?.id ?? '';
  const content = [avatar(session, botId), el('span', { class: 'entry-name' }, nameOf(session, botId))];
  return entryButton(session, session.dm(), DM, content, opened);
}

function entryButton(
  session: Session,
  channel: Channel | undefined,
  place: string,
  content: Node[],
  opened: () => void,
): HTMLButtonElement {
  const current = session.place === place;
  const { unread, pings } = channel === undefined || current ? { unread: false, pings: 0 } : session.unread(channel);
  const button = el('button', { type: 'button', class: 'entry', 'aria-current': current ? 'page' : null }, ...content);
  button.dataset.key = place;
  button.classList.toggle('unread', unread);
  if (unread) button.append(el('span', { class: 'hidden' }, text('channels.unread')));
  if (pings > 0)
    button.append(
      el('span', { class: 'pings' }, String(pings), el('span', { class: 'hidden' }, text('channels.pings'))),
    );
  button.addEventListener('click', () => {
    session.open(place);
    opened();
  });
  return button;
}
