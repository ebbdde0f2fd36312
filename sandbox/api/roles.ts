import { isObject, type JsonObject, list } from '../json.ts';
import { roleObject } from '../payloads/guilds.ts';
import { changeRole, createRole, deleteRole, orderRoles } from '../roles.ts';
import { ALL_PERMISSIONS, allows, PERMISSION, rolesOf, standsAbove } from '../rules/permissions.ts';
import type { Role } from '../state/model.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botGuildPermissions, botMember, checkBelowBot, findRole } from './find.ts';
import { type Answer, type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const SEEN = { guild: 0n };
const MANAGE = { guild: PERMISSION.MANAGE_ROLES };
const ROLES = '/guilds/:guild/roles';
const ROLE = `${ROLES}/:role`;
/** How many roles a guild may have, @everyone among them. */
const CAP = 250;

/** Roles of a guild (docs: resources/guild, topics/permissions). */
export const ROLE_ROUTES: readonly Route[] = [
  { method: 'GET', path: ROLES, needs: SEEN, run: (call) => ok(allRoles(call)) },
  { method: 'POST', path: ROLES, needs: MANAGE, schema: BODY.roleCreate, run: create },
  { method: 'PATCH', path: ROLES, needs: MANAGE, schema: BODY.rolePositions, run: reorder },
  { method: 'GET', path: `${ROLES}/member-counts`, needs: SEEN, run: memberCounts },
  { method: 'GET', path: ROLE, needs: SEEN, run: (call) => ok(roleObject(roleOf(call))) },
  { method: 'PATCH', path: ROLE, needs: MANAGE, schema: BODY.roleEdit, run: edit },
  {
    method: 'DELETE',
    path: ROLE,
    needs: MANAGE,
    run: (call) => {
      const role = roleOf(call);
      if (role.id === role.guild_id || role.managed) throw refusal(50028);
      checkBelowBot(call.world, role.guild_id, role);
      deleteRole(call.world, role);
      return noContent;
    },
  },
];

function roleOf(call: Call): Role {
  return findRole(call.world, param(call, 'guild'), param(call, 'role'));
}

function allRoles(call: Call): JsonObject[] {
  return rolesOf(call.world.store, param(call, 'guild')).map(roleObject);
}

function create(call: Call): Answer {
  const { world, body } = call;
  const guildId = param(call, 'guild');
  if (rolesOf(world.store, guildId).length >= CAP) throw refusal(30005);
  const everyone = findRole(world, guildId, guildId);
  const fresh = { name: 'new role', color: 0, hoist: false, mentionable: false, permissions: everyone.permissions };
  const role = { guild_id: guildId, managed: false, ...fresh };
  return ok(roleObject(createRole(world, { ...role, ...changes(world, role, body) })));
}

function edit(call: Call): Answer {
  const { world, body } = call;
  const role = roleOf(call);
  checkBelowBot(world, role.guild_id, role);
  const change = changes(world, role, body);
  const { permissions } = change;
  // Only the permissions of @everyone can be changed.
  const allowed = role.id === role.guild_id ? (permissions === undefined ? {} : { permissions }) : change;
  return ok(roleObject(changeRole(world, role, allowed)));
}

/** What a body changes on a role; the bot cannot give or take a permission that it lacks. */
function changes(world: World, role: Omit<Role, 'id' | 'position'>, body: JsonObject): Partial<Role> {
  const form = new FormCheck();
  for (const key of ['icon', 'unicode_emoji']) {
    if (typeof body[key] === 'string') form.at(key).add('ROLE_ICONS_MISSING_FEATURE', 'This server has no role icons.');
  }
  form.done();
  const change: Partial<Role> = {};
  if (typeof body.name === 'string') change.name = body.name;
  if (typeof body.hoist === 'boolean') change.hoist = body.hoist;
  if (typeof body.mentionable === 'boolean') change.mentionable = body.mentionable;
  const color = isObject(body.colors) ? body.colors.primary_color : body.color;
  if (color !== undefined && color !== null) change.color = Number(color);
  if (body.permissions !== undefined && body.permissions !== null) {
    const bits = BigInt(String(body.permissions)) & ALL_PERMISSIONS;
    if (!allows(botGuildPermissions(world, role.guild_id), bits ^ BigInt(role.permissions))) throw refusal(50013);
    change.permissions = String(bits);
  }
  return change;
}

/** Moves roles to positions; nothing at or above the bot's highest role may move, nor anything past it. */
function reorder(call: Call): Answer {
  const { world, raw } = call;
  const guildId = param(call, 'guild');
  const before = rolesOf(world.store, guildId);
  const moves = list(raw)
    .filter(isObject)
    .map(({ id, position }) => ({ role: findRole(world, guildId, String(id)), position: Number(position ?? 0) }))
    .filter(({ role }) => role.id !== guildId)
    .sort((a, b) => a.position - b.position);
  const moving = new Set(moves.map(({ role }) => role.id));
  const after = before.map(({ id }) => id).filter((id) => !moving.has(id));
  for (const { role, position } of moves) after.splice(Math.max(1, position), 0, role.id);
  const bot = botMember(world, guildId);
  const lowest = before.findIndex((role) => !standsAbove(world.store, bot, role));
  const fixed = lowest < 0 ? [] : before.slice(lowest).map(({ id }) => id);
  if (fixed.some((id, index) => after[after.length - fixed.length + index] !== id)) throw refusal(50013);
  orderRoles(world, guildId, after);
  return ok(allRoles(call));
}

/** How many members hold each role, @everyone left out. */
function memberCounts(call: Call): Answer {
  const { store } = call.world;
  const guildId = param(call, 'guild');
  const counts = new Map(rolesOf(store, guildId).map(({ id }) => [id, 0]));
  counts.delete(guildId);
  for (const { guild_id, roles } of store.all('members')) {
    if (guild_id !== guildId) continue;
    for (const id of roles) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return ok(Object.fromEntries(counts));
}
