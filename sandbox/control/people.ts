import { changeMember, removeMember } from '../api/guilds.ts';
import { type JsonObject, textLength } from '../json.ts';
import { createMessage } from '../messages.ts';
import { memberObject } from '../payloads.ts';
import { checkMessage } from '../rules/message.ts';
import { allows, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { User } from '../state/model.ts';
import { timestamp, type World } from '../world.ts';
import { ControlError } from './errors.ts';
import { channelNamed, guildNamed, memberNamed, permissionsIn, rolesNamed } from './find.ts';
import { messageView } from './view.ts';

/** A member writes a message. */
export function say(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  const channel = channelNamed(world, guild, member, body.channel);
  if (typeof body.content !== 'string') throw new ControlError(400, '"content" must be a text');
  const own = channel.guild_id === null || allows(permissionsIn(world, member, channel), PERMISSION.SEND_MESSAGES);
  if (!own) throw new ControlError(403, 'this member may not write there');
  checkMessage({ content: body.content });
  const message = createMessage(world, { channel, authorId: member.user_id, body: { content: body.content } });
  return { message: messageView(world, message) };
}

/** What usernames may not hold or be (docs: resources/user, "Usernames and Nicknames"). */
const UNFIT = /[@#:\n]|```|discord|^\s|\s$|^(everyone|here)$/;

/** Someone joins a guild; a new username makes a new user. */
export function join(world: World, body: JsonObject): JsonObject {
  const guild = guildNamed(world, body.guild);
  const name = body.username;
  if (typeof name !== 'string' || textLength(name) < 2 || textLength(name) > 32 || UNFIT.test(name)) {
    throw new ControlError(400, '"username" must have 2 to 32 characters, none of "@", "#" and ":"');
  }
  const known = world.store.all('users').find((user) => user.username === name);
  const user = known ?? newUser(world, name, body.name);
  const key = memberKey(guild.id, user.id);
  if (world.store.get('members', key) !== undefined) throw new ControlError(409, `${name} is a member already`);
  const member = {
    guild_id: guild.id,
    user_id: user.id,
    nick: null,
    roles: [],
    joined_at: timestamp(world),
    pending: false,
    deaf: false,
    mute: false,
    communication_disabled_until: null,
  };
  world.store.put('members', key, member);
  const object = { ...memberObject(world.store, member), guild_id: guild.id };
  world.gateway.dispatch('GUILD_MEMBER_ADD', object, { guildId: guild.id });
  return { member: { id: user.id, username: user.username } };
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
  const names = roles.map((id) => world.store.get('roles', id)?.name ?? id);
  return { member: { id: member.user_id, roles: names } };
}
