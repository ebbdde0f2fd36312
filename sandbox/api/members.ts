import { INTENT } from '../gateway/events.ts';
import { list } from '../json.ts';
import { changeMember, removeMember } from '../members.ts';
import { memberObject, membersOf } from '../payloads/people.ts';
import { isVoice } from '../rules/channel.ts';
import { allows, guildPermissions, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Member } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import { announceVoice, connect, disconnect, voiceStateOf } from '../voice.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import {
  botGuildPermissions,
  botMember,
  botPermissions,
  checkBelowBot,
  checkGivable,
  checkIntent,
  findChannel,
  findMember,
  findRole,
} from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryId, queryNumber, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const SEEN = { guild: 0n };
const MEMBERS = '/guilds/:guild/members';
const MEMBER = `${MEMBERS}/:user`;
const GIVE = { needs: { guild: PERMISSION.MANAGE_ROLES }, limit: LIMIT.memberRoles };
const TIMEOUT_MS = 28 * 86_400_000;

/** Members of a guild (docs: resources/guild). */
export const MEMBER_ROUTES: readonly Route[] = [
  { method: 'GET', path: MEMBERS, needs: SEEN, run: listMembers },
  { method: 'GET', path: `${MEMBERS}/search`, needs: SEEN, run: searchMembers },
  {
    method: 'PATCH',
    path: `${MEMBERS}/@me`,
    needs: SEEN,
    schema: BODY.selfEdit,
    limit: LIMIT.memberEdit,
    run: editSelf,
  },
  {
    method: 'GET',
    path: MEMBER,
    needs: SEEN,
    run: (call) => ok(memberObject(call.world.store, memberOf(call))),
  },
  {
    method: 'PATCH',
    path: MEMBER,
    needs: SEEN,
    schema: BODY.memberEdit,
    limit: LIMIT.memberEdit,
    run: editMember,
  },
  { method: 'DELETE', path: MEMBER, needs: { guild: PERMISSION.KICK_MEMBERS }, run: kick },
  { method: 'PUT', path: `${MEMBER}/roles/:role`, ...GIVE, run: (call) => setRole(call, true) },
  { method: 'DELETE', path: `${MEMBER}/roles/:role`, ...GIVE, run: (call) => setRole(call, false) },
];

function memberOf(call: Call): Member {
  return findMember(call.world, param(call, 'guild'), param(call, 'user'));
}

function objects(world: World, members: Member[]): Answer {
  return ok(members.map((member) => memberObject(world.store, member)));
}

/** The member list, by id. */
function listMembers(call: Call): Answer {
  const { world } = call;
  checkIntent(world, INTENT.GUILD_MEMBERS);
  const limit = queryNumber(call, 'limit', 1, 1000);
  const after = queryId(call, 'after') ?? '0';
  const members = membersOf(world.store, param(call, 'guild'))
    .filter((member) => compareIds(member.user_id, after) > 0)
    .sort((a, b) => compareIds(a.user_id, b.user_id));
  return objects(world, members.slice(0, limit));
}

function searchMembers(call: Call): Answer {
  const { world, query } = call;
  const wanted = query.get('query')?.toLowerCase() ?? '';
  const form = new FormCheck();
  if (wanted === '') form.at('query').required();
  form.done();
  const limit = queryNumber(call, 'limit', 1, 1000);
  const matches = (member: Member) => {
    const user = world.store.get('users', member.user_id);
    return [user?.username, member.nick, user?.global_name].some((name) => name?.toLowerCase().startsWith(wanted));
  };
  return objects(world, membersOf(world.store, param(call, 'guild')).filter(matches).slice(0, limit));
}

function setRole(call: Call, give: boolean): Answer {
  const { world } = call;
  const member = memberOf(call);
  const role = findRole(world, member.guild_id, param(call, 'role'));
  checkGivable(world, role);
  if (give !== member.roles.includes(role.id)) {
    const others = member.roles.filter((id) => id !== role.id);
    changeMember(world, member, { roles: give ? [...others, role.id] : others });
  }
  return noContent;
}

function editSelf({ world, params, body }: Call): Answer {
  const member = botMember(world, params.guild ?? '');
  if (body.nick === undefined) return ok(memberObject(world.store, member));
  if (!allows(guildPermissions(world.store, member), PERMISSION.CHANGE_NICKNAME)) throw refusal(50013);
  return ok(changeMember(world, member, { nick: nickname(body.nick) }));
}

/** Changes what the body names: everything is checked before anything changes. */
function editMember(call: Call): Answer {
  const { world, body } = call;
  const member = memberOf(call);
  const change: Partial<Member> = {};
  for (const [key, edit] of Object.entries(EDITS)) {
    if (body[key] !== undefined) Object.assign(change, edit(world, member, body[key]));
  }
  const target = body.channel_id === undefined ? undefined : voiceTarget(world, member, body.channel_id);
  const object = changeMember(world, member, change);
  const changed = { ...member, ...change };
  if (target === null) disconnect(world, changed);
  else if (target !== undefined) connect(world, changed, target);
  else if (changed.mute !== member.mute || changed.deaf !== member.deaf) announceVoice(world, changed);
  return ok(object);
}

/** What each field of the body changes on the member, once it is allowed. */
const EDITS: Record<string, (world: World, member: Member, value: unknown) => Partial<Member>> = {
  nick(world, member, value) {
    const own = member.user_id === world.bot.id;
    need(world, member, own ? PERMISSION.CHANGE_NICKNAME : PERMISSION.MANAGE_NICKNAMES);
    if (!own) checkBelowBot(world, member.guild_id, member);
    return { nick: nickname(value) };
  },
  roles(world, member, value) {
    need(world, member, PERMISSION.MANAGE_ROLES);
    return { roles: newRoles(world, member, list(value).map(String)) };
  },
  mute: (world, member, value) => silence(world, member, 'mute', PERMISSION.MUTE_MEMBERS, value),
  deaf: (world, member, value) => silence(world, member, 'deaf', PERMISSION.DEAFEN_MEMBERS, value),
  communication_disabled_until(world, member, value) {
    need(world, member, PERMISSION.MODERATE_MEMBERS);
    checkBelowBot(world, member.guild_id, member);
    if (allows(guildPermissions(world.store, member), PERMISSION.ADMINISTRATOR)) throw refusal(50013);
    if (value === null) return { communication_disabled_until: null };
    const until = new Date(String(value));
    const form = new FormCheck().at('communication_disabled_until');
    if (until.getTime() > world.clock.now() + TIMEOUT_MS) {
      form.add('BASE_TYPE_MAX_TIMEOUT', 'Timeouts cannot be more than 28 days in the future.');
    }
    form.done();
    return { communication_disabled_until: until.toISOString() };
  },
};

function need(world: World, member: Member, bit: bigint): void {
  if (!allows(botGuildPermissions(world, member.guild_id), bit)) throw refusal(50013);
}

/** Mutes or deafens, which only members can be who are connected to voice. */
function silence(world: World, member: Member, key: 'mute' | 'deaf', bit: bigint, value: unknown): Partial<Member> {
  need(world, member, bit);
  if (voiceStateOf(world, member) === undefined) throw refusal(40032);
  return { [key]: value === true };
}

/** The voice channel to move a member to, or null to disconnect it (docs: "Modify Guild Member"). */
function voiceTarget(world: World, member: Member, id: unknown): Channel | null {
  need(world, member, PERMISSION.MOVE_MEMBERS);
  if (voiceStateOf(world, member) === undefined) throw refusal(40032);
  if (id === null) return null;
  const channel = findChannel(world, String(id));
  if (channel.guild_id !== member.guild_id) throw refusal(10003);
  if (!isVoice(channel)) throw refusal(50024);
  if (!allows(botPermissions(world, channel), PERMISSION.CONNECT | PERMISSION.MOVE_MEMBERS)) throw refusal(50013);
  return channel;
}

/** The whole new set of roles; only what differs is checked. */
function newRoles(world: World, member: Member, ids: string[]): string[] {
  const wanted = [...new Set(ids)];
  for (const id of wanted) findRole(world, member.guild_id, id);
  const differing = [
    ...wanted.filter((id) => !member.roles.includes(id)),
    ...member.roles.filter((id) => !wanted.includes(id)),
  ];
  for (const id of differing) checkGivable(world, findRole(world, member.guild_id, id));
  return wanted;
}

function nickname(nick: unknown): string | null {
  return typeof nick === 'string' && nick.trim() !== '' ? nick.trim() : null;
}

/** Kicks; only members below the bot. */
function kick(call: Call): Answer {
  const { world } = call;
  const member = memberOf(call);
  checkBelowBot(world, member.guild_id, member);
  removeMember(world, member);
  return noContent;
}
