import { isObject, list } from '../json.ts';
import type { Channel } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { allows, channelPermissions, DM_PERMISSIONS, memberKey, PERMISSION } from './permissions.ts';

export interface Mentions {
  mentions: string[];
  mention_roles: string[];
  mention_everyone: boolean;
}

export interface MentionContext {
  store: Store;
  channel: Channel;
  authorId: string;
  /** Discord's allowed_mentions; undefined lets everything ping. */
  allowed: unknown;
  /** The author of the message that this one replies to. */
  repliedTo?: string | undefined;
}

/** What a text pings, as Discord works it out (docs: resources/message, "Allowed Mentions Object"). */
export function mentionsIn(text: string, { store, channel, authorId, allowed, repliedTo }: MentionContext): Mentions {
  const plain = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, ' ');
  const rules = isObject(allowed) ? allowed : undefined;
  const kinds = rules === undefined ? ['users', 'roles', 'everyone'] : list(rules.parse);
  const may = (kind: 'users' | 'roles', id: string) => kinds.includes(kind) || list(rules?.[kind]).includes(id);
  const guildId = channel.guild_id;
  const member = guildId === null ? undefined : store.get('members', memberKey(guildId, authorId));
  const bits = member === undefined ? DM_PERMISSIONS : channelPermissions(store, member, channel);
  // A webhook is no user; it may mention everyone.
  const webhook = store.get('users', authorId) === undefined;
  const everyone = guildId !== null && (webhook || allows(bits, PERMISSION.MENTION_EVERYONE));
  const users = [...plain.matchAll(/<@!?(\d{17,20})>/g)].map((match) => match[1] ?? '');
  const roles = [...plain.matchAll(/<@&(\d{17,20})>/g)].map((match) => match[1] ?? '');
  const pinged = users.filter((id) => store.get('users', id) !== undefined && may('users', id));
  if (repliedTo !== undefined && (rules === undefined || rules.replied_user === true)) pinged.push(repliedTo);
  return {
    mentions: [...new Set(pinged)],
    mention_roles: [...new Set(roles)].filter((id) => {
      const role = store.get('roles', id);
      return role?.guild_id === guildId && guildId !== null && may('roles', id) && (everyone || role.mentionable);
    }),
    mention_everyone: everyone && kinds.includes('everyone') && /@(everyone|here)/.test(plain),
  };
}
