import type { Channel } from '../state/model.ts';
import { channelIcon } from './channels.ts';
import { el } from './dom.ts';
import { avatar, nameOf, tint } from './people.ts';
import type { Session } from './session.ts';
import type { Suggestion } from './suggestions.ts';
import { text } from './texts.ts';

/** How many are listed at once: a longer list is narrowed by typing. */
const MOST = 50;

/** The guild's members, roles and channels to choose from. */

export function memberChoices(session: Session): Suggestion[] {
  const people = session.members().map(({ user_id: id }) => id);
  return people.map((id) => ({
    value: id,
    label: nameOf(session, id),
    detail: session.mirror.get('users', id)?.username,
    mark: avatar(session, id),
    group: text('choices.members'),
  }));
}

export function roleChoices(session: Session): Suggestion[] {
  const everyone = session.mirror.get('roles', session.guild.id);
  const roles = [...session.roles(), ...(everyone === undefined ? [] : [everyone])];
  return roles.map(({ id, name, color }) => ({
    value: id,
    label: name.startsWith('@') ? name : `@${name}`,
    mark: tint(el('span', { class: 'role-dot', 'aria-hidden': 'true' }), color),
    group: text('choices.roles'),
  }));
}

export function channelChoices(session: Session, types: readonly number[] = []): Suggestion[] {
  const fits = ({ type }: Channel) => types.length === 0 || types.includes(type);
  const categories = session.mirror
    .all('channels')
    .filter(({ type, guild_id }) => type === 4 && guild_id === session.guild.id);
  return [...session.channels(), ...categories].filter(fits).map((channel) => ({
    value: channel.id,
    label: channel.name,
    mark: channelIcon(channel),
    group: text('choices.channels'),
  }));
}

/** Those that fit what was typed: first those that begin with it. */
export function narrowed(choices: Suggestion[], typed: string): Suggestion[] {
  const wanted = typed.trim().replace(/^[@#]/, '').toLocaleLowerCase();
  const rank = ({ label, detail = '' }: Suggestion) => {
    const names = [label.replace(/^[@#]/, ''), detail].map((name) => name.toLocaleLowerCase());
    if (names.some((name) => name.startsWith(wanted))) return 0;
    return names.some((name) => name.includes(wanted)) ? 1 : 2;
  };
  const ranked = choices.map((choice) => ({ choice, rank: wanted === '' ? 0 : rank(choice) }));
  const groups = [...new Set(choices.map(({ group }) => group))];
  return ranked
    .filter((entry) => entry.rank < 2)
    .sort((a, b) => groups.indexOf(a.choice.group) - groups.indexOf(b.choice.group) || a.rank - b.rank)
    .slice(0, MOST)
    .map(({ choice }) => choice);
}
