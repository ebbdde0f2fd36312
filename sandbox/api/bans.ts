import { list } from '../json.ts';
import { removeMember } from '../members.ts';
import { deleteMessages } from '../messages.ts';
import { userOf } from '../payloads/people.ts';
import { memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Ban } from '../state/model.ts';
import { compareIds, snowflakeAt } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import { DiscordError, refusal } from './errors.ts';
import { checkBelowBot } from './find.ts';
import { type Answer, type Call, noContent, ok, param, queryId, queryNumber, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const NEEDS = { guild: PERMISSION.BAN_MEMBERS };
const BAN = '/guilds/:guild/bans/:user';

/** Bans (docs: resources/guild, "Get Guild Bans" and after). */
export const BAN_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/guilds/:guild/bans', needs: NEEDS, run: listBans },
  { method: 'GET', path: BAN, needs: NEEDS, run: (call) => ok(banObject(call.world, banOf(call))) },
  { method: 'PUT', path: BAN, needs: NEEDS, schema: BODY.banCreate, run: ban },
  { method: 'DELETE', path: BAN, needs: NEEDS, run: unban },
  {
    method: 'POST',
    path: '/guilds/:guild/bulk-ban',
    needs: { guild: PERMISSION.BAN_MEMBERS | PERMISSION.MANAGE_GUILD },
    schema: BODY.bulkBan,
    run: bulkBan,
  },
];

function banOf(call: Call): Ban {
  const found = call.world.store.get('bans', memberKey(param(call, 'guild'), param(call, 'user')));
  if (found === undefined) throw refusal(10026);
  return found;
}

function banObject({ store }: World, { user_id, reason }: Ban) {
  return { user: userOf(store, user_id), reason };
}

function listBans(call: Call): Answer {
  const { world } = call;
  const limit = queryNumber(call, 'limit', 1000, 1000);
  const before = queryId(call, 'before');
  const after = before === undefined ? (queryId(call, 'after') ?? '0') : '0';
  const bans = world.store
    .all('bans')
    .filter(({ guild_id, user_id }) => {
      const early = before === undefined || compareIds(user_id, before) < 0;
      return guild_id === param(call, 'guild') && early && compareIds(user_id, after) > 0;
    })
    .sort((a, b) => compareIds(a.user_id, b.user_id));
  const page = before === undefined ? bans.slice(0, limit) : bans.slice(-limit);
  return ok(page.map((found) => banObject(world, found)));
}

/** Bans a user, member or not; messages of the last seconds that the body names go with it. */
function ban(call: Call): Answer {
  const { body } = call;
  const days = Number(body.delete_message_days ?? 0);
  banUser(call, param(call, 'user'), Number(body.delete_message_seconds ?? days * 86_400));
  return noContent;
}

function banUser({ world, params, reason }: Call, userId: string, seconds: number): void {
  const guildId = params.guild ?? '';
  if (world.store.get('users', userId) === undefined) throw refusal(10013);
  const member = world.store.get('members', memberKey(guildId, userId));
  if (member !== undefined) checkBelowBot(world, guildId, member);
  if (world.store.get('bans', memberKey(guildId, userId)) !== undefined) return;
  world.store.put('bans', memberKey(guildId, userId), { guild_id: guildId, user_id: userId, reason });
  if (member !== undefined) removeMember(world, member);
  announce(world, 'GUILD_BAN_ADD', guildId, userId);
  if (seconds > 0) {
    const since = snowflakeAt(world.clock.now() - seconds * 1000);
    const written = world.store
      .all('messages')
      .filter(
        ({ id, author_id, guild_id }) => author_id === userId && guild_id === guildId && compareIds(id, since) > 0,
      );
    deleteMessages(world, written);
  }
}

function unban(call: Call): Answer {
  const { world } = call;
  const { guild_id: guildId, user_id: userId } = banOf(call);
  world.store.remove('bans', memberKey(guildId, userId));
  announce(world, 'GUILD_BAN_REMOVE', guildId, userId);
  return noContent;
}

function announce(world: World, event: 'GUILD_BAN_ADD' | 'GUILD_BAN_REMOVE', guildId: string, userId: string): void {
  world.gateway.dispatch(event, { guild_id: guildId, user: userOf(world.store, userId) }, { guildId });
}

function bulkBan(call: Call): Answer {
  const { world, body } = call;
  const banned: string[] = [];
  const failed: string[] = [];
  for (const id of new Set(list(body.user_ids).map(String))) {
    const known = world.store.get('bans', memberKey(param(call, 'guild'), id)) !== undefined;
    try {
      if (!known) banUser(call, id, Number(body.delete_message_seconds ?? 0));
      (known ? failed : banned).push(id);
    } catch (error) {
      if (!(error instanceof DiscordError)) throw error;
      failed.push(id);
    }
  }
  if (banned.length === 0) throw refusal(500000);
  return ok({ banned_users: banned, failed_users: failed });
}
