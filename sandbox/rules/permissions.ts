import type { Channel, Member, Overwrite, Role } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import type { ReadableStore } from '../state/store.ts';
import { CHANNEL, isThread, isVoice } from './channel.ts';

/** Permission bits (docs: topics/permissions). */
export const PERMISSION = {
  CREATE_INSTANT_INVITE: 1n << 0n,
  KICK_MEMBERS: 1n << 1n,
  BAN_MEMBERS: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_AUDIT_LOG: 1n << 7n,
  STREAM: 1n << 9n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  SEND_TTS_MESSAGES: 1n << 12n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  USE_EXTERNAL_EMOJIS: 1n << 18n,
  CONNECT: 1n << 20n,
  SPEAK: 1n << 21n,
  MUTE_MEMBERS: 1n << 22n,
  DEAFEN_MEMBERS: 1n << 23n,
  MOVE_MEMBERS: 1n << 24n,
  USE_VAD: 1n << 25n,
  CHANGE_NICKNAME: 1n << 26n,
  MANAGE_NICKNAMES: 1n << 27n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  REQUEST_TO_SPEAK: 1n << 32n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
  MODERATE_MEMBERS: 1n << 40n,
  PIN_MESSAGES: 1n << 51n,
} as const;

/** Every bit that a permission field may carry today. */
export const ALL_PERMISSIONS = (1n << 53n) - 1n;

const TALKING =
  PERMISSION.VIEW_CHANNEL |
  PERMISSION.SEND_MESSAGES |
  PERMISSION.EMBED_LINKS |
  PERMISSION.ATTACH_FILES |
  PERMISSION.READ_MESSAGE_HISTORY |
  PERMISSION.ADD_REACTIONS |
  PERMISSION.USE_EXTERNAL_EMOJIS |
  PERMISSION.USE_APPLICATION_COMMANDS;

/** What a DM's participants may do there. */
export const DM_PERMISSIONS = TALKING | PERMISSION.PIN_MESSAGES;

/** What `@everyone` may do in a new guild. */
export const EVERYONE_PERMISSIONS =
  TALKING |
  PERMISSION.CREATE_INSTANT_INVITE |
  PERMISSION.CHANGE_NICKNAME |
  PERMISSION.CONNECT |
  PERMISSION.SPEAK |
  PERMISSION.STREAM |
  PERMISSION.USE_VAD |
  PERMISSION.CREATE_PUBLIC_THREADS |
  PERMISSION.CREATE_PRIVATE_THREADS |
  PERMISSION.SEND_MESSAGES_IN_THREADS;

/** What is left to members in a time-out (docs: topics/permissions, "Permissions For Timed Out Members"). */
export const TIMED_OUT_PERMISSIONS = PERMISSION.VIEW_CHANNEL | PERMISSION.READ_MESSAGE_HISTORY;

/** What nobody can do who may not send (docs: topics/permissions, "Implicit Permissions"). */
const SENDING =
  PERMISSION.MENTION_EVERYONE | PERMISSION.SEND_TTS_MESSAGES | PERMISSION.ATTACH_FILES | PERMISSION.EMBED_LINKS;

export function memberKey(guildId: string, userId: string): string {
  return `${guildId}:${userId}`;
}

/** A guild's roles, lowest first; of two in the same position the older one is higher. */
export function rolesOf(store: ReadableStore, guildId: string): Role[] {
  return store
    .all('roles')
    .filter((role) => role.guild_id === guildId)
    .sort((a, b) => a.position - b.position || compareIds(b.id, a.id));
}

/** A member's permissions in the whole guild. */
export function guildPermissions(store: ReadableStore, member: Member): bigint {
  if (isOwner(store, member)) return ALL_PERMISSIONS;
  let bits = BigInt(store.get('roles', member.guild_id)?.permissions ?? 0);
  for (const id of member.roles) bits |= BigInt(store.get('roles', id)?.permissions ?? 0);
  return (bits & PERMISSION.ADMINISTRATOR) === 0n ? bits : ALL_PERMISSIONS;
}

/**
 * A member's permissions in a channel: the guild's, then overwrites of @everyone, roles and member in that order.
 * A thread has those of its parent, and its own right to send (docs: topics/permissions).
 */
export function channelPermissions(store: ReadableStore, member: Member, channel: Channel): bigint {
  let bits = guildPermissions(store, member);
  if ((bits & PERMISSION.ADMINISTRATOR) !== 0n) return ALL_PERMISSIONS;
  const place = isThread(channel) ? store.get('channels', channel.parent_id ?? '') : channel;
  if (place === undefined) return 0n;
  const apply = (overwrites: Overwrite[]) => {
    const all = (key: 'allow' | 'deny') => overwrites.reduce((sum, overwrite) => sum | BigInt(overwrite[key]), 0n);
    bits = (bits & ~all('deny')) | all('allow');
  };
  const of = (test: (id: string) => boolean) => place.permission_overwrites.filter(({ id }) => test(id));
  apply(of((id) => id === member.guild_id));
  apply(of((id) => id !== member.guild_id && member.roles.includes(id)));
  apply(of((id) => id === member.user_id));
  if (isThread(channel)) {
    const writes = (bits & PERMISSION.SEND_MESSAGES_IN_THREADS) !== 0n;
    bits = writes ? bits | PERMISSION.SEND_MESSAGES : bits & ~PERMISSION.SEND_MESSAGES;
    const inside =
      channel.type !== CHANNEL.PRIVATE_THREAD ||
      (bits & PERMISSION.MANAGE_THREADS) !== 0n ||
      store.get('threadMembers', memberKey(channel.id, member.user_id)) !== undefined;
    if (!inside) return 0n;
  }
  if ((bits & PERMISSION.VIEW_CHANNEL) === 0n) return 0n;
  if (isVoice(channel) && (bits & PERMISSION.CONNECT) === 0n) return bits & TIMED_OUT_PERMISSIONS;
  return (bits & PERMISSION.SEND_MESSAGES) === 0n ? bits & ~SENDING : bits;
}

function isOwner(store: ReadableStore, { guild_id, user_id }: Member): boolean {
  return store.get('guilds', guild_id)?.owner_id === user_id;
}

/** Roles of a guild by rank; @everyone has rank 0. */
function ranks(store: ReadableStore, guildId: string): Map<string, number> {
  return new Map(rolesOf(store, guildId).map(({ id }, rank) => [id, rank]));
}

/** The rank of a member's highest role; the owner stands above all. */
function topRank(store: ReadableStore, member: Member, known = ranks(store, member.guild_id)): number {
  if (isOwner(store, member)) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...member.roles.map((id) => known.get(id) ?? 0));
}

/** True when a member stands above another one, or above a role (docs: topics/permissions, "Permission Hierarchy"). */
export function standsAbove(store: ReadableStore, member: Member, other: Member | Role): boolean {
  const known = ranks(store, member.guild_id);
  const rank = 'user_id' in other ? topRank(store, other, known) : (known.get(other.id) ?? 0);
  return topRank(store, member, known) > rank;
}

/** True when `bits` hold every bit of `needed`. */
export function allows(bits: bigint, needed: bigint): boolean {
  return (bits & needed) === needed;
}
