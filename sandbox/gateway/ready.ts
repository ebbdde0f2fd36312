import { type JsonObject, list } from '../json.ts';
import { memberObject, membersOf, userObject } from '../payloads/people.ts';
import { applicationFlags } from '../rules/intents.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Guild } from '../state/model.ts';
import type { World } from '../world.ts';
import { INTENT } from './events.ts';
import type { Session } from './session.ts';

/** Where clients connect and resume. */
export function gatewayUrl(world: Pick<World, 'host'>): string {
  return `ws://${world.host}/gateway`;
}

/** The payload of READY; guilds follow one by one. */
export function readyPayload(world: World, session: Session, guilds: Guild[]): JsonObject {
  const { application, bot } = world;
  return {
    v: 10,
    user: { ...userObject(bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
    application: { id: application.id, flags: applicationFlags(application) },
    guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
    session_id: session.id,
    session_type: 'normal',
    resume_gateway_url: gatewayUrl(world),
    shard: session.shard,
    private_channels: [],
    relationships: [],
    user_settings: {},
    presences: [],
    guild_join_requests: [],
    geo_ordered_rtc_regions: [],
    auth: {},
    _trace: ['sandbox'],
  };
}

/**
 * The answers to op 8 (docs: events/gateway-events, "Request Guild Members"); the whole list needs the GUILD_MEMBERS
 * intent, and of a guild without the bot there is none.
 */
export function memberChunks(world: World, intents: number, body: JsonObject): JsonObject[] {
  const { store, bot } = world;
  const guildId = String(Array.isArray(body.guild_id) ? body.guild_id[0] : body.guild_id);
  const ids = body.user_ids === undefined ? undefined : list([body.user_ids].flat()).map(String);
  const query = String(body.query ?? '').toLowerCase();
  const limit = Number(body.limit ?? 0);
  if (store.get('members', memberKey(guildId, bot.id)) === undefined) return [];
  if (ids === undefined && query === '' && (intents & INTENT.GUILD_MEMBERS) === 0) return [];
  const all = membersOf(store, guildId);
  const names = (id: string) => store.get('users', id)?.username.toLowerCase() ?? '';
  const found =
    ids === undefined
      ? all.filter((member) => names(member.user_id).startsWith(query)).slice(0, limit > 0 ? limit : undefined)
      : all.filter((member) => ids.includes(member.user_id));
  const missing = (ids ?? []).filter((id) => !found.some((member) => member.user_id === id));
  const nonce = typeof body.nonce === 'string' && body.nonce.length <= 32 ? { nonce: body.nonce } : {};
  const count = Math.max(1, Math.ceil(found.length / 1000));
  return Array.from({ length: count }, (_, index) => ({
    guild_id: guildId,
    members: found.slice(index * 1000, index * 1000 + 1000).map((member) => memberObject(store, member)),
    chunk_index: index,
    chunk_count: count,
    ...(missing.length > 0 ? { not_found: missing } : {}),
    ...nonce,
  }));
}
