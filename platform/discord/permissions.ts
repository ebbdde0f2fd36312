import { PermissionFlagsBits } from 'discord.js';

/** A permission by discord.js' name, such as `SendMessages`. */
export type PermissionName = keyof typeof PermissionFlagsBits;

/** Allowed and denied bits for a role or a member in one channel, as Discord's JSON has them. */
export interface Overwrite {
  id: string;
  allow: string;
  deny: string;
}

/** What decides about a member's permissions. Bit fields are decimal strings, as in Discord's JSON. */
export interface PermissionFacts {
  guild: { id: string; owner_id: string };
  roles: readonly { id: string; permissions: string }[];
  member: { id: string; roles: readonly string[] };
}

/** All names that discord.js knows; several are old names of the same bit. */
export const PERMISSION_NAMES = Object.keys(PermissionFlagsBits) as PermissionName[];

const ALL = Object.values(PermissionFlagsBits).reduce((bits, bit) => bits | bit, 0n);

/** The bits of some permissions, as an invite link's `permissions` carries them. */
export function bitsOf(names: Iterable<PermissionName>): bigint {
  return [...names].reduce((bits, name) => bits | PermissionFlagsBits[name], 0n);
}

/** Which of `names` a bit field lacks. */
export function missingFrom(bits: bigint, names: Iterable<PermissionName>): PermissionName[] {
  return [...names].filter((name) => (bits & PermissionFlagsBits[name]) === 0n);
}

/**
 * A member's permissions in the whole guild: the owner and administrators have all, others what their roles add up to
 * (https://discord.com/developers/docs/topics/permissions#permission-overwrites, `compute_base_permissions`).
 */
export function guildPermissions({ guild, roles, member }: PermissionFacts): bigint {
  if (guild.owner_id === member.id) return ALL;
  // The role @everyone has the guild's own id.
  const held = roles.filter(({ id }) => id === guild.id || member.roles.includes(id));
  const bits = held.reduce((sum, { permissions }) => sum | BigInt(permissions), 0n);
  return (bits & PermissionFlagsBits.Administrator) === 0n ? bits : ALL;
}

/**
 * A member's permissions in a channel: the guild's, then the overwrites for everyone, for the member's roles together,
 * and for the member, each taking what it denies before it gives what it allows (`compute_overwrites` there). Nobody
 * does anything in a channel that they do not see.
 */
export function channelPermissions(facts: PermissionFacts, overwrites: readonly Overwrite[]): bigint {
  const base = guildPermissions(facts);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return ALL;
  const { guild, member } = facts;
  const layers: ((id: string) => boolean)[] = [
    (id) => id === guild.id,
    (id) => id !== guild.id && member.roles.includes(id),
    (id) => id === member.id,
  ];
  const bits = layers.reduce((before, applies) => {
    const layer = overwrites.filter(({ id }) => applies(id));
    const sum = (side: 'allow' | 'deny') => layer.reduce((total, overwrite) => total | BigInt(overwrite[side]), 0n);
    return (before & ~sum('deny')) | sum('allow');
  }, base);
  return (bits & PermissionFlagsBits.ViewChannel) === 0n ? 0n : bits;
}
