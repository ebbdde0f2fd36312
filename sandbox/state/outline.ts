import * as z from 'zod';
import { CHANNEL } from '../rules/channel.ts';
import { EVERYONE_PERMISSIONS, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Application, Channel, Guild, Member, Overwrite, Role, User } from './model.ts';
import { isSnowflake } from './snowflake.ts';
import { emptyRecords, type Records } from './store.ts';

/** The form in which somebody writes servers down by hand: names in place of ids, and only what differs. */

const TYPES = {
  text: CHANNEL.TEXT,
  voice: CHANNEL.VOICE,
  category: CHANNEL.CATEGORY,
  announcement: CHANNEL.ANNOUNCEMENT,
  stage: CHANNEL.STAGE,
  forum: CHANNEL.FORUM,
} as const;

const name = z.string().min(1).max(100);
const id = z.string().refine(isSnowflake, 'must be an id in digits').optional();
const permissions = z.union([
  z.array(z.enum(Object.keys(PERMISSION) as [keyof typeof PERMISSION, ...(keyof typeof PERMISSION)[]])),
  z.string().regex(/^\d{1,19}$/, 'must be names of permissions, or their bits in digits'),
]);
const username = z.string().min(2).max(32);
const person = z.strictObject({ id, username, name: z.string().max(32).optional(), locale: z.string().optional() });

const guild = z.strictObject({
  id,
  name,
  locale: z.string().optional(),
  /** The username of its owner; the first member otherwise. */
  owner: z.string().optional(),
  /** Lowest first. The bot's own role stands where `bot` is true, else on top. */
  roles: z
    .array(
      z.strictObject({
        id,
        name,
        color: z.int().min(0).max(0xffffff).optional(),
        permissions: permissions.optional(),
        hoist: z.boolean().optional(),
        mentionable: z.boolean().optional(),
        bot: z.boolean().optional(),
      }),
    )
    .default([]),
  channels: z
    .array(
      z.strictObject({
        id,
        name,
        type: z.enum(Object.keys(TYPES) as [keyof typeof TYPES, ...(keyof typeof TYPES)[]]).default('text'),
        topic: z.string().max(1024).optional(),
        /** The name of a category. */
        parent: z.string().optional(),
        overwrites: z
          .array(
            z.strictObject({
              role: z.string().optional(),
              member: z.string().optional(),
              allow: permissions.optional(),
              deny: permissions.optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([{ name: 'general', type: 'text', overwrites: [] }]),
  members: z
    .array(person.extend({ nick: z.string().max(32).optional(), roles: z.array(z.string()).default([]) }))
    .min(1),
});

export const outlineSchema = z.strictObject({
  format: z.literal(1),
  application: z.looseObject({}).optional(),
  /** People, where they are to have ids in another order than that of the servers. */
  people: z.array(person).default([]),
  guilds: z.array(guild).min(1),
});

export type Outline = z.output<typeof outlineSchema>;
type GuildOutline = Outline['guilds'][number];
type RoleOutline = GuildOutline['roles'][number];
type OverwriteOutline = GuildOutline['channels'][number]['overwrites'][number];

/** What somebody wrote down names something that is not there. */
export class OutlineError extends Error {}

export interface Making {
  application: Application;
  newId: () => string;
  /** When the `index`-th member of a guild joined. */
  joinedAt: (index: number) => string;
}

/** The records of what somebody wrote down; ids are made where none is given. @throws OutlineError */
export function recordsOf(outline: Outline, making: Making): Records {
  const { application, newId } = making;
  const records = emptyRecords();
  records.application.set(application.id, application);
  const people = new Map<string, string>();
  for (const { id, username, name = null, locale = 'en-US' } of [
    ...outline.people,
    ...outline.guilds.flatMap(({ members }) => members),
  ]) {
    if (people.has(username)) continue;
    const user: User = { id: id ?? newId(), username, global_name: name, bot: false, locale };
    people.set(username, user.id);
    put(records.users, user, 'people');
  }
  const username = application.name.toLowerCase().replaceAll(/[^a-z0-9_.]/g, '') || 'bot';
  put(records.users, { id: application.id, username, global_name: null, bot: true, locale: 'en-US' }, 'application');
  for (const [index, one] of outline.guilds.entries()) {
    new GuildMaker(one, `guilds.${index}`, records, people, making).make();
  }
  return records;
}

function put<T extends { id: string }>(into: Map<string, T>, record: T, path: string): void {
  if (into.has(record.id)) throw new OutlineError(`${path}: the id ${record.id} stands there twice`);
  into.set(record.id, record);
}

/** Makes the records of one guild; names mean its own roles, channels and members. */
class GuildMaker {
  readonly #outline: GuildOutline;
  readonly #path: string;
  readonly #records: Records;
  readonly #making: Making;
  readonly #id: string;
  readonly #members: Map<string, string>;
  readonly #roles = new Map<string, string>();

  constructor(outline: GuildOutline, path: string, records: Records, people: Map<string, string>, making: Making) {
    this.#outline = outline;
    this.#path = path;
    this.#records = records;
    this.#making = making;
    this.#id = outline.id ?? making.newId();
    this.#members = new Map(outline.members.map(({ username }) => [username, people.get(username) ?? '']));
  }

  make(): void {
    const { name, owner, members, locale = 'en-US' } = this.#outline;
    const guild: Guild = {
      id: this.#id,
      name,
      owner_id: this.#named(this.#members, owner ?? members[0]?.username ?? '', 'member', 'owner'),
      preferred_locale: locale,
    };
    put(this.#records.guilds, guild, this.#path);
    const botRole = this.#addRoles();
    this.#addChannels();
    for (const [index, { username, nick = null, roles }] of members.entries()) {
      const held = roles.map((role) => this.#named(this.#roles, role, 'role', `members.${index}.roles`));
      this.#addMember(index, this.#members.get(username) ?? '', nick, held);
    }
    this.#addMember(members.length, this.#making.application.id, null, [botRole]);
  }

  #named(names: Map<string, string>, wanted: string, what: string, where: string): string {
    const found = names.get(wanted);
    if (found === undefined) throw new OutlineError(`${this.#path}.${where}: there is no ${what} "${wanted}"`);
    return found;
  }

  /** Makes the roles, `@everyone` below all; returns the id of the bot's own. */
  #addRoles(): string {
    const { application, newId } = this.#making;
    const written = this.#outline.roles.filter(({ name }) => name !== '@everyone');
    const own: RoleOutline = { name: application.name, permissions: ['ADMINISTRATOR'], bot: true };
    const all: RoleOutline[] = written.some(({ bot }) => bot) ? written : [...written, own];
    const everyone = this.#outline.roles.find(({ name }) => name === '@everyone');
    const lowest: RoleOutline = { permissions: String(EVERYONE_PERMISSIONS), ...everyone, name: '@everyone' };
    let botRole = '';
    for (const [position, role] of [lowest, ...all].entries()) {
      const record: Role = {
        id: role === lowest ? this.#id : (role.id ?? newId()),
        guild_id: this.#id,
        name: role.name,
        color: role.color ?? 0,
        hoist: role.hoist ?? false,
        position,
        permissions: bitsOf(role.permissions),
        managed: role.bot === true,
        mentionable: role.mentionable ?? false,
        ...(role.bot === true ? { tags: { bot_id: application.id } } : {}),
      };
      if (role.bot) botRole = record.id;
      this.#roles.set(record.name, record.id);
      put(this.#records.roles, record, `${this.#path}.roles`);
    }
    return botRole;
  }

  #addChannels(): void {
    const { channels } = this.#outline;
    const ids = channels.map(({ id }) => id ?? this.#making.newId());
    const categories = channels.flatMap(({ name, type }, index): [string, string][] =>
      type === 'category' ? [[name, ids[index] ?? '']] : [],
    );
    for (const [position, { name, type, topic = null, parent, overwrites }] of channels.entries()) {
      const where = `channels.${position}`;
      const record: Channel = {
        id: ids[position] ?? '',
        guild_id: this.#id,
        type: TYPES[type],
        name,
        position,
        parent_id:
          parent === undefined ? null : this.#named(new Map(categories), parent, 'category', `${where}.parent`),
        topic,
        permission_overwrites: overwrites.map((one) => this.#overwrite(one, `${where}.overwrites`)),
      };
      put(this.#records.channels, record, `${this.#path}.${where}`);
    }
  }

  #overwrite({ role, member = '', allow, deny }: OverwriteOutline, where: string): Overwrite {
    const bits = { allow: bitsOf(allow), deny: bitsOf(deny) };
    if (role !== undefined) return { id: this.#named(this.#roles, role, 'role', where), type: 0, ...bits };
    return { id: this.#named(this.#members, member, 'member', where), type: 1, ...bits };
  }

  #addMember(index: number, userId: string, nick: string | null, roles: string[]): void {
    const record: Member = {
      guild_id: this.#id,
      user_id: userId,
      nick,
      roles: roles.filter((id) => id !== this.#id),
      joined_at: this.#making.joinedAt(index),
      pending: false,
      deaf: false,
      mute: false,
      communication_disabled_until: null,
    };
    this.#records.members.set(memberKey(this.#id, userId), record);
  }
}

function bitsOf(given: z.output<typeof permissions> | undefined): string {
  if (given === undefined) return '0';
  if (typeof given === 'string') return given;
  return String(given.reduce((bits, key) => bits | PERMISSION[key], 0n));
}
