import type { Channel, Member, Role } from '../state/model.ts';
import type { Store } from '../state/store.ts';

/** Permission bits (docs: topics/permissions). */
export const PERMISSION = {
  CREATE_INSTANT_INVITE: 1n << 0n,
  KICK_MEMBERS: 1n << 1n,
  BAN_MEMBERS: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  STREAM: 1n << 9n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
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
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
  MODERATE_MEMBERS: 1n << 40n,
} as const;

/** Every bit that a permission field may carry today. */
export const ALL_PERMISSIONS = (1n << 53n) - 1n;

/** What a DM's participants may do there. */
export const DM_PERMISSIONS =
  PERMISSION.VIEW_CHANNEL |
  PERMISSION.SEND_MESSAGES |
  PERMISSION.EMBED_LINKS |
  PERMISSION.ATTACH_FILES |
  PERMISSION.READ_MESSAGE_HISTORY |
  PERMISSION.ADD_REACTIONS |
  PERMISSION.USE_EXTERNAL_EMOJIS |
  PERMISSION.USE_APPLICATION_COMMANDS;

/** What `@everyone` may do in a new guild. */
export const EVERYONE_PERMISSIONS =
  DM_PERMISSIONS |
  PERMISSION.CREATE_INSTANT_INVITE |
  PERMISSION.CHANGE_NICKNAME |
  PERMISSION.CONNECT |
  PERMISSION.SPEAK |
  PERMISSION.STREAM |
  PERMISSION.USE_VAD |
  PERMISSION.CREATE_PUBLIC_THREADS |
  PERMISSION.CREATE_PRIVATE_THREADS |
  PERMISSION.SEND_MESSAGES_IN_THREADS;

export function memberKey(guildId: string, userId: string): string {
  return `${guildId}:${userId}`;
}

/** A guild's roles, lowest first. */
export function rolesOf(store: Store, guildId: string): Role[] {
  return store
    .all('roles')
    .filter((role) => role.guild_id === guildId)
    .sort((a, b) => a.position - b.position || (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
}

/** A member's permissions in the whole guild. */
export function guildPermissions(store: Store, member: Member): bigint {
  if (store.get('guilds', member.guild_id)?.owner_id === member.user_id) return ALL_PERMISSIONS;
  let bits = BigInt(store.get('roles', member.guild_id)?.permissions ?? 0);
  for (const id of member.roles) bits |= BigInt(store.get('roles', id)?.permissions ?? 0);
  return (bits & PERMISSION.ADMINISTRATOR) === 0n ? bits : ALL_PERMISSIONS;
}

/** A member's permissions in a channel: the guild's, then overwrites of @everyone, roles and member in that order. */
export function channelPermissions(store: Store, member: Member, channel: Channel): bigint {
  let bits = guildPermissions(store, member);
  if ((bits & PERMISSION.ADMINISTRATOR) !== 0n) return ALL_PERMISSIONS;
  const of = (test: (id: string) => boolean) => {
    let allow = 0n;
    let deny = 0n;
    for (const overwrite of channel.permission_overwrites) {
      if (!test(overwrite.id)) continue;
      allow |= BigInt(overwrite.allow);
      deny |= BigInt(overwrite.deny);
    }
    bits = (bits & ~deny) | allow;
  };
  of((id) => id === member.guild_id);
  of((id) => member.roles.includes(id));
  of((id) => id === member.user_id);
  if ((bits & PERMISSION.VIEW_CHANNEL) === 0n) return 0n;
  return bits;
}

/** The position of a member's highest role; the owner stands above all. */
export function topPosition(store: Store, member: Member): number {
  if (store.get('guilds', member.guild_id)?.owner_id === member.user_id) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...member.roles.map((id) => store.get('roles', id)?.position ?? 0));
}

/** True when `bits` hold every bit of `needed`. */
export function allows(bits: bigint, needed: bigint): boolean {
  return (bits & needed) === needed;
}
