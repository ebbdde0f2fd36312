import { list } from '../json.ts';
import { channelObject, channelsOf, guildObject, memberObject, membersOf, roleObject } from '../payloads.ts';
import { allows, guildPermissions, memberKey, PERMISSION, rolesOf, topPosition } from '../rules/permissions.ts';
import type { Member, Role } from '../state/model.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botMember, findGuild, findMember, findRole } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryNumber, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const SEEN = { guild: 0n };
const MANAGE_ROLES = { guild: PERMISSION.MANAGE_ROLES };
const ROLE_PATH = '/guilds/:guild/members/:user/roles/:role';

/** Guilds, their channels, roles and members (docs: resources/guild). */
export const GUILD_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/guilds/:guild', needs: SEEN, run: getGuild },
  {
    method: 'GET',
    path: '/guilds/:guild/channels',
    needs: SEEN,
    run: ({ world, params }) =>
      ok(channelsOf(world.store, params.guild ?? '').map((channel) => channelObject(world.store, channel))),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/roles',
    needs: SEEN,
    run: ({ world, params }) => ok(rolesOf(world.store, params.guild ?? '').map(roleObject)),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/roles/:role',
    needs: SEEN,
    run: (call) => ok(roleObject(findRole(call.world, param(call, 'guild'), param(call, 'role')))),
  },
  { method: 'GET', path: '/guilds/:guild/members', needs: SEEN, run: listMembers },
  { method: 'GET', path: '/guilds/:guild/members/search', needs: SEEN, run: searchMembers },
  {
    method: 'PATCH',
    path: '/guilds/:guild/members/@me',
    needs: { guild: PERMISSION.CHANGE_NICKNAME },
    schema: BODY.selfEdit,
    limit: LIMIT.memberEdit,
    run: ({ world, params, body }) =>
      ok(changeMember(world, botMember(world, params.guild ?? ''), { nick: nickname(body.nick) })),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/members/:user',
    needs: SEEN,
    run: (call) => ok(memberObject(call.world.store, memberOf(call))),
  },
  {
    method: 'PATCH',
    path: '/guilds/:guild/members/:user',
    needs: SEEN,
    schema: BODY.memberEdit,
    limit: LIMIT.memberEdit,
    run: editMember,
  },
  {
    method: 'DELETE',
    path: '/guilds/:guild/members/:user',
    needs: { guild: PERMISSION.KICK_MEMBERS },
    run: kick,
  },
  { method: 'PUT', path: ROLE_PATH, needs: MANAGE_ROLES, limit: LIMIT.memberRoles, run: (call) => setRole(call, true) },
  {
    method: 'DELETE',
    path: ROLE_PATH,
    needs: MANAGE_ROLES,
    limit: LIMIT.memberRoles,
    run: (call) => setRole(call, false),
  },
];

function memberOf(call: Call): Member {
  return findMember(call.world, param(call, 'guild'), param(call, 'user'));
}

function getGuild(call: Call): Answer {
  const { world, query } = call;
  const guild = findGuild(world, param(call, 'guild'));
  const count = membersOf(world.store, guild.id).length;
  const counts =
    query.get('with_counts') === 'true' ? { approximate_member_count: count, approximate_presence_count: 1 } : {};
  return ok({ ...guildObject(world.store, guild), ...counts });
}

/** The member list, by id; the application is allowed the GUILD_MEMBERS intent. */
function listMembers(call: Call): Answer {
  const { world, query } = call;
  const limit = Math.max(1, queryNumber(call, 'limit', 1, 1000));
  const after = BigInt(/^\d+$/.exec(query.get('after') ?? '')?.[0] ?? '0');
  const members = membersOf(world.store, param(call, 'guild'))
    .filter((member) => BigInt(member.user_id) > after)
    .sort((a, b) => (BigInt(a.user_id) < BigInt(b.user_id) ? -1 : 1));
  return ok(members.slice(0, limit).map((member) => memberObject(world.store, member)));
}

function searchMembers(call: Call): Answer {
  const { world, query } = call;
  const wanted = query.get('query')?.toLowerCase() ?? '';
  const form = new FormCheck();
  if (wanted === '') form.at('query').required();
  form.done();
  const limit = Math.max(1, queryNumber(call, 'limit', 1, 1000));
  const matches = (member: Member) =>
    [
      world.store.get('users', member.user_id)?.username,
      member.nick,
      world.store.get('users', member.user_id)?.global_name,
    ].some((name) => name?.toLowerCase().startsWith(wanted));
  const members = membersOf(world.store, param(call, 'guild')).filter(matches).slice(0, limit);
  return ok(members.map((member) => memberObject(world.store, member)));
}

/** Stores what changed on a member and tells the gateway; returns the member's object. */
export function changeMember(world: World, member: Member, change: Partial<Member>) {
  const changed = { ...member, ...change };
  const object = memberObject(world.store, changed);
  if (JSON.stringify(changed) === JSON.stringify(member)) return object;
  world.store.put('members', memberKey(member.guild_id, member.user_id), changed);
  world.gateway.dispatch('GUILD_MEMBER_UPDATE', { ...object, guild_id: member.guild_id }, { guildId: member.guild_id });
  return object;
}

/** Takes a member out of a guild and tells the gateway. */
export function removeMember(world: World, member: Member): void {
  const { guild_id: guildId, user_id: userId } = member;
  const { user } = memberObject(world.store, member);
  world.store.remove('members', memberKey(guildId, userId));
  world.gateway.dispatch('GUILD_MEMBER_REMOVE', { guild_id: guildId, user }, { guildId });
}

function setRole(call: Call, give: boolean): Answer {
  const { world } = call;
  const guildId = param(call, 'guild');
  const member = memberOf(call);
  const role = findRole(world, guildId, param(call, 'role'));
  checkRole(world, role, guildId);
  const others = member.roles.filter((id) => id !== role.id);
  changeMember(world, member, {
    roles: give ? (member.roles.includes(role.id) ? member.roles : [...others, role.id]) : others,
  });
  return noContent;
}

/** Refuses roles that the bot may not give or take (docs: topics/permissions, "Permission Hierarchy"). */
function checkRole(world: World, role: Role, guildId: string): void {
  if (role.id === guildId || role.managed) throw refusal(50028);
  if (role.position >= topPosition(world.store, botMember(world, guildId))) throw refusal(50013);
}

function editMember(call: Call): Answer {
  const { world, body } = call;
  const guildId = param(call, 'guild');
  const member = memberOf(call);
  const bot = botMember(world, guildId);
  const bits = guildPermissions(world.store, bot);
  const own = member.user_id === bot.user_id;
  const change: Partial<Member> = {};
  const need = (bit: bigint) => {
    if (!allows(bits, bit)) throw refusal(50013);
  };
  const above = () => {
    if (!own && topPosition(world.store, member) >= topPosition(world.store, bot)) throw refusal(50013);
  };
  if (body.nick !== undefined) {
    need(own ? PERMISSION.CHANGE_NICKNAME : PERMISSION.MANAGE_NICKNAMES);
    above();
    change.nick = nickname(body.nick);
  }
  if (body.roles !== undefined) {
    need(PERMISSION.MANAGE_ROLES);
    change.roles = newRoles(world, member, list(body.roles).map(String));
  }
  for (const [key, bit] of [
    ['mute', PERMISSION.MUTE_MEMBERS],
    ['deaf', PERMISSION.DEAFEN_MEMBERS],
  ] as const) {
    if (typeof body[key] !== 'boolean') continue;
    need(bit);
    change[key] = body[key];
  }
  if (body.communication_disabled_until !== undefined) {
    need(PERMISSION.MODERATE_MEMBERS);
    above();
    const until = body.communication_disabled_until;
    change.communication_disabled_until = until === null ? null : String(until);
  }
  return ok(changeMember(world, member, change));
}

/** The whole new set of roles; only what differs is checked. */
function newRoles(world: World, member: Member, ids: string[]): string[] {
  const wanted = [...new Set(ids)];
  for (const id of wanted) findRole(world, member.guild_id, id);
  const differing = [
    ...wanted.filter((id) => !member.roles.includes(id)),
    ...member.roles.filter((id) => !wanted.includes(id)),
  ];
  for (const id of differing) checkRole(world, findRole(world, member.guild_id, id), member.guild_id);
  return wanted;
}

function nickname(nick: unknown): string | null {
  return typeof nick === 'string' && nick.trim() !== '' ? nick.trim() : null;
}

/** Kicks; only members below the bot. */
function kick(call: Call): Answer {
  const { world } = call;
  const member = memberOf(call);
  const bot = botMember(world, member.guild_id);
  if (topPosition(world.store, member) >= topPosition(world.store, bot)) throw refusal(50013);
  removeMember(world, member);
  return noContent;
}
