import { randomInt } from 'node:crypto';
import { addMember, changeMember } from './members.ts';
import { inviteExpiry, inviteMetadata } from './payloads/invites.ts';
import { userOf } from './payloads/people.ts';
import { memberKey, PERMISSION } from './rules/permissions.ts';
import type { Invite, Member } from './state/model.ts';
import { scaled, timestamp, type World } from './world.ts';

/** What happens to invites: the state, then the gateway. */

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

export function createInvite(world: World, given: Omit<Invite, 'code' | 'created_at' | 'uses'>): Invite {
  const code = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const invite = { ...given, code, created_at: timestamp(world), uses: 0 };
  world.store.put('invites', code, invite);
  const { channel_id, guild_id, role_ids } = invite;
  announce(world, 'INVITE_CREATE', invite, {
    channel_id,
    code,
    guild_id,
    inviter: userOf(world.store, invite.inviter_id),
    expires_at: inviteExpiry(invite),
    ...inviteMetadata(invite),
    ...(role_ids.length === 0 ? {} : { role_ids }),
  });
  return invite;
}

export function deleteInvite(world: World, invite: Invite): void {
  world.store.remove('invites', invite.code);
  const { channel_id, guild_id, code } = invite;
  announce(world, 'INVITE_DELETE', invite, { channel_id, guild_id, code });
}

/** The invite of a code, while it lasts; one that ran out is forgotten without an event. */
export function liveInvite(world: World, code: string): Invite | undefined {
  const invite = world.store.get('invites', code);
  if (invite === undefined || invite.max_age === 0) return invite;
  const age = world.clock.now() - Date.parse(invite.created_at);
  if (age <= scaled(world, invite.max_age * 1000)) return invite;
  world.store.remove('invites', code);
  return undefined;
}

/** The invites of a guild that still last. */
export function liveInvites(world: World, guildId: string): Invite[] {
  return world.store
    .all('invites')
    .filter(({ guild_id }) => guild_id === guildId)
    .flatMap(({ code }) => liveInvite(world, code) ?? []);
}

/** A user accepts an invite: it joins with the invite's roles, which members get too. The last use ends the invite. */
export function acceptInvite(world: World, invite: Invite, userId: string): Member {
  const uses = invite.uses + 1;
  if (invite.max_uses > 0 && uses >= invite.max_uses) deleteInvite(world, invite);
  else world.store.put('invites', invite.code, { ...invite, uses });
  const known = world.store.get('members', memberKey(invite.guild_id, userId));
  if (known === undefined) return addMember(world, invite.guild_id, userId, { roles: invite.role_ids });
  const roles = [...new Set([...known.roles, ...invite.role_ids])];
  changeMember(world, known, { roles });
  return { ...known, roles };
}

/** Only bots hear of invites who may manage their channel (docs: events/gateway-events, "Invites"). */
function announce(
  world: World,
  event: 'INVITE_CREATE' | 'INVITE_DELETE',
  { guild_id: guildId, channel_id: channelId }: Invite,
  data: Record<string, unknown>,
): void {
  world.gateway.dispatch(event, data, { guildId, channelId, needs: PERMISSION.MANAGE_CHANNELS });
}
