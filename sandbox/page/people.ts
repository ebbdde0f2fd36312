import type { Channel, Member, Role } from '../state/model.ts';
import { el } from './dom.ts';
import { DM, type Session } from './session.ts';
import { text } from './texts.ts';

/** Names, colours and pictures of people. */

/** What a person is called in the open guild. */
export function nameOf(session: Session, userId: string): string {
  const user = session.mirror.get('users', userId);
  return session.memberOf(userId)?.nick ?? user?.global_name ?? user?.username ?? text('person.gone');
}

/** A member's roles, highest first. */
export function rolesOfMember(session: Session, member: Member | undefined): Role[] {
  return session.roles().filter(({ id }) => member?.roles.includes(id));
}

/** What a channel is called, with its sign. */
export function channelName(session: Session, channel: Channel | undefined, place = session.place): string {
  if (place === DM) return nameOf(session, session.bot?.id ?? '');
  return channel?.name ?? '';
}

/** Backgrounds that names must be legible on, in the light and in the dark. */
const GROUNDS = { light: 0xf2f3f5, dark: 0x383a40 };
const CONTRAST = 4.5;

/** Gives an element the colour of its role, made legible on light and dark grounds; 0 is no colour. */
export function tint<T extends HTMLElement>(element: T, colour: number): T {
  if (colour === 0) return element;
  element.classList.add('tinted');
  element.style.setProperty('--tint', hex(colour));
  element.style.setProperty('--tint-light', hex(legible(colour, GROUNDS.light)));
  element.style.setProperty('--tint-dark', hex(legible(colour, GROUNDS.dark)));
  return element;
}

function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

function channels(colour: number): [number, number, number] {
  return [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
}

/** Relative luminance, by WCAG 2. */
function luminance(colour: number): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colour, drawn towards black or white until it stands out from the ground. */
function legible(colour: number, ground: number): number {
  const towards = luminance(ground) > 0.4 ? 0 : 255;
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = channels(colour).map((value) => Math.round(value + (towards - value) * share));
    const [red = 0, green = 0, blue = 0] = mixed;
    const candidate = (red << 16) | (green << 8) | blue;
    const [low = 0, high = 0] = [luminance(candidate), luminance(ground)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) >= CONTRAST) return candidate;
  }
  return towards === 0 ? 0 : 0xffffff;
}

const HUES = 12;

/** A round picture with a person's initials, in a colour of its own. */
export function avatar(session: Session, userId: string, name = nameOf(session, userId)): HTMLElement {
  const user = session.mirror.get('users', userId);
  const hue =
    [...(user?.username ?? name)].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % HUES;
  const picture = el('span', { class: 'avatar', 'aria-hidden': 'true' }, user?.bot ? '⚙' : initials(name));
  picture.dataset.hue = String(hue);
  return picture;
}

/** The first letters of a name's first words, whole characters each. */
export function initials(name: string, most = 2): string {
  const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words
    .slice(0, most)
    .map((word) => [...letters.segment(word)][0]?.segment ?? '')
    .join('')
    .toUpperCase();
}

/** The mark beside an application's name. */
export function appTag(): HTMLElement {
  return el('span', { class: 'app-tag' }, text('person.app'));
}
