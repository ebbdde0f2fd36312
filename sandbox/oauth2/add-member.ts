import { refusal } from '../api/errors.ts';
import { botGuildPermissions, checkGivable, findGuild, findRole } from '../api/find.ts';
import { type Answer, type Call, noContent, param, type Route } from '../api/route.ts';
import { BODY } from '../api/schemas.ts';
import { list } from '../json.ts';
import { addMember } from '../members.ts';
import { memberObject } from '../payloads/people.ts';
import { allows, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Member } from '../state/model.ts';
import { findToken } from './grants.ts';

/** Members who join by the access token that they gave the application (docs: resources/guild, "Add Guild Member"). */
export const JOIN_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: '/guilds/:guild/members/:user',
    needs: { guild: PERMISSION.CREATE_INSTANT_INVITE },
    schema: BODY.memberAdd,
    run: join,
  },
];

/** What a field of the body asks of the bot beyond the invitation. */
const NEEDED: [field: 'nick' | 'roles' | 'mute' | 'deaf', permission: bigint][] = [
  ['nick', PERMISSION.MANAGE_NICKNAMES],
  ['roles', PERMISSION.MANAGE_ROLES],
  ['mute', PERMISSION.MUTE_MEMBERS],
  ['deaf', PERMISSION.DEAFEN_MEMBERS],
];

/** 201 with the new member; 204 where the user is one already, and then nothing of the body is done. */
function join(call: Call): Answer {
  const { world, body } = call;
  const guild = findGuild(world, param(call, 'guild'));
  const userId = param(call, 'user');
  const token = findToken(world, 'access', String(body.access_token));
  if (token === undefined || token.user_id !== userId) throw refusal(50025);
  if (!token.scopes.includes('guilds.join')) throw refusal(50026);
  const key = memberKey(guild.id, userId);
  if (world.store.get('members', key) !== undefined) return noContent;
  if (world.store.get('bans', key) !== undefined) throw refusal(40007);
  const bits = botGuildPermissions(world, guild.id);
  for (const [field, permission] of NEEDED) {
    if (body[field] !== undefined && body[field] !== null && !allows(bits, permission)) throw refusal(50013);
  }
  const roles = [...new Set(list(body.roles).map(String))];
  for (const id of roles) checkGivable(world, findRole(world, guild.id, id));
  const given: Partial<Member> = {
    roles,
    nick: typeof body.nick === 'string' && body.nick.trim() !== '' ? body.nick.trim() : null,
    mute: body.mute === true,
    deaf: body.deaf === true,
  };
  return { status: 201, body: memberObject(world.store, addMember(world, guild.id, userId, given)) };
}
