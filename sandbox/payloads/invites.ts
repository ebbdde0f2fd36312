import type { JsonObject } from '../json.ts';
import type { Invite } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { guildObject, memberCounts, roleObject } from './guilds.ts';
import { userOf } from './people.ts';

/** When an invite ends; null where it never does. */
export function inviteExpiry({ created_at, max_age }: Invite): string | null {
  return max_age === 0 ? null : new Date(Date.parse(created_at) + max_age * 1000).toISOString();
}

/** What an invite's maker set and how often it was used (docs: resources/invite, "Invite Metadata Object"). */
export function inviteMetadata({ uses, max_uses, max_age, temporary, created_at }: Invite): JsonObject {
  return { uses, max_uses, max_age, temporary, created_at };
}

/** An invite as anyone sees it (docs: resources/invite, "Invite Object"). */
export function inviteObject(store: Store, invite: Invite, { counts = false } = {}): JsonObject {
  const guild = store.get('guilds', invite.guild_id);
  const channel = store.get('channels', invite.channel_id);
  if (guild === undefined || channel === undefined) return { type: 0, code: invite.code };
  const { id, name, splash, banner, description, icon, features, ...whole } = guildObject(store, guild);
  const { verification_level, vanity_url_code, nsfw_level, nsfw, premium_subscription_count } = whole;
  const shown = { id, name, splash, banner, description, icon, features, verification_level, vanity_url_code };
  const roles = invite.role_ids.flatMap((roleId) => store.get('roles', roleId) ?? []).map(roleObject);
  return {
    type: 0,
    code: invite.code,
    inviter: userOf(store, invite.inviter_id),
    expires_at: inviteExpiry(invite),
    flags: 0,
    guild: { ...shown, nsfw_level, nsfw, premium_subscription_count: premium_subscription_count ?? 0 },
    guild_id: invite.guild_id,
    channel: { id: channel.id, type: channel.type, name: channel.name },
    ...(roles.length === 0 ? {} : { roles: roles.map(partialRole) }),
    ...(counts ? memberCounts(store, guild) : {}),
  };
}

function partialRole({ id, name, position, color, colors, icon, unicode_emoji }: JsonObject): JsonObject {
  return { id, name, position, color, colors, icon, unicode_emoji };
}
