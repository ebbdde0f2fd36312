import { memberObject } from './payloads/people.ts';
import { memberKey } from './rules/permissions.ts';
import type { Member } from './state/model.ts';
import { disconnect } from './voice.ts';
import { timestamp, type World } from './world.ts';

/** What happens to members: the state, then the gateway. */

/** A member who joins now. */
export function newMember(world: World, guildId: string, userId: string, more: Partial<Member> = {}): Member {
  return {
    guild_id: guildId,
    user_id: userId,
    nick: null,
    roles: [],
    joined_at: timestamp(world),
    pending: false,
    deaf: false,
    mute: false,
    communication_disabled_until: null,
    ...more,
  };
}

/** Makes a user a member and tells the gateway. */
export function addMember(world: World, guildId: string, userId: string, more: Partial<Member> = {}): Member {
  const member = newMember(world, guildId, userId, more);
  world.store.put('members', memberKey(guildId, userId), member);
  world.gateway.dispatch('GUILD_MEMBER_ADD', { ...memberObject(world.store, member), guild_id: guildId }, { guildId });
  return member;
}

/** Stores what changed on a member and tells the gateway; returns the member's object. */
export function changeMember(world: World, member: Member, change: Partial<Member>) {
  const changed = { ...member, ...change };
  const object = memberObject(world.store, changed);
  if (JSON.stringify(changed) === JSON.stringify(member)) return object;
  const { guild_id: guildId, user_id: userId } = member;
  world.store.put('members', memberKey(guildId, userId), changed);
  // Of itself a bot hears without the intent for members (docs: events/gateway, "Caveats").
  const own = userId === world.bot.id ? { intents: 0 } : {};
  world.gateway.dispatch('GUILD_MEMBER_UPDATE', { ...object, guild_id: guildId }, { guildId, ...own });
  return object;
}

/** Takes a member out of a guild and tells the gateway. */
export function removeMember(world: World, member: Member): void {
  const { guild_id: guildId, user_id: userId } = member;
  const { user } = memberObject(world.store, member);
  disconnect(world, member);
  for (const joined of world.store.all('threadMembers')) {
    const here = joined.user_id === userId && world.store.get('channels', joined.thread_id)?.guild_id === guildId;
    if (here) world.store.remove('threadMembers', memberKey(joined.thread_id, userId));
  }
  world.store.remove('members', memberKey(guildId, userId));
  world.gateway.dispatch('GUILD_MEMBER_REMOVE', { guild_id: guildId, user }, { guildId });
}
