import { acceptInvite, liveInvite } from '../invites.ts';
import { type JsonObject, textLength } from '../json.ts';
import { addMember, changeMember, removeMember } from '../members.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Invite, User } from '../state/model.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';
import { guildNamed, memberNamed, rolesNamed } from './find.ts';

/** What usernames may not hold or be (docs: resources/user, "Usernames and Nicknames"). */
const UNFIT = /[@#:\n]|```|discord|^\s|\s$|^(everyone|here)$/;

/** Someone joins a guild, by an invite when one is named; a new username makes a new user. */
export function join(world: World, body: JsonObject): JsonObject {
  const invite = inviteNamed(world, body.invite);
  const guild = guildNamed(world, invite?.guild_id ?? body.guild);
  const name = body.username;
  if (typeof name !== 'string' || textLength(name) < 2 || textLength(name) > 32 || UNFIT.test(name)) {
    throw new ControlError(400, '"username" must have 2 to 32 characters, none of "@", "#" and ":"');
  }
  const known = world.store.all('users').find((user) => user.username === name);
  const targets = invite?.target_users ?? null;
  if (targets !== null && (known === undefined || !targets.includes(known.id))) {
    throw new ControlError(404, `the invite "${invite?.code}" is not for ${name}`);
  }
  const key = memberKey(guild.id, known?.id ?? '');
  if (world.store.get('bans', key) !== undefined) throw new ControlError(403, `${name} is banned from ${guild.name}`);
  const already = world.store.get('members', key) !== undefined;
  if (already && !invite?.role_ids.length) throw new ControlError(409, `${name} is a member already`);
  const user = known ?? newUser(world, name, body.name);
  const member = invite === undefined ? addMember(world, guild.id, user.id) : acceptInvite(world, invite, user.id);
  return { member: { id: user.id, username: user.username, roles: roleNames(world, member.roles) } };
}

/** The invite of a code or an address; undefined where none is named. */
function inviteNamed(world: World, name: unknown): Invite | undefined {
  if (name === undefined || name === null) return undefined;
  const code = String(name).replace(/^.*\//, '');
  const invite = liveInvite(world, code);
  if (invite === undefined) throw new ControlError(404, `the invite "${code}" is unknown or has ended`);
  return invite;
}

function roleNames(world: World, ids: string[]): string[] {
  return ids.map((id) => world.store.get('roles', id)?.name ?? id);
}

function newUser(world: World, username: string, name: unknown): User {
  const id = world.newId();
  const user = { id, username, global_name: typeof name === 'string' ? name : null, bot: false, locale: 'en-US' };
  world.store.put('users', id, user);
  return user;
}

/** A member leaves. */
export function leave(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  if (member.user_id === world.bot.id) throw new ControlError(409, 'the bot itself stays');
  removeMember(world, member);
  return { member: { id: member.user_id } };
}

/** A human moderator changes a member's roles. */
export function changeRoles(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  const add = rolesNamed(world, guild, body.add, 'add');
  const remove = rolesNamed(world, guild, body.remove, 'remove');
  const fixed = [...add, ...remove].find((role) => role.managed || role.id === guild.id);
  if (fixed !== undefined) throw new ControlError(409, `nobody can give or take the role "${fixed.name}"`);
  const gone = new Set(remove.map(({ id }) => id));
  const roles = [...new Set([...member.roles, ...add.map(({ id }) => id)])].filter((id) => !gone.has(id));
  changeMember(world, member, { roles });
  return { member: { id: member.user_id, roles: roleNames(world, roles) } };
}
