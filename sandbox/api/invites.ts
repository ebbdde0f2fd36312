import { createInvite, deleteInvite, liveInvite, liveInvites } from '../invites.ts';
import { type JsonObject, list } from '../json.ts';
import { inviteMetadata, inviteObject } from '../payloads/invites.ts';
import { CHANNEL, isThread } from '../rules/channel.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Invite } from '../state/model.ts';
import { isSnowflake } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botGuildPermissions, botPermissions, checkGivable, findChannel, findRole } from './find.ts';
import { LIMIT } from './limits.ts';
import { type Answer, type Call, noContent, ok, param, queryFlag, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** How many invites a guild may have. */
const CAP = 1000;
/** A week; the published schema has more, the documentation has this. */
const LONGEST = 604_800;
const INVITE = '/invites/:code';

/** Invites (docs: resources/invite; resources/channel, "Create Channel Invite"). */
export const INVITE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:channel/invites',
    needs: { channel: PERMISSION.CREATE_INSTANT_INVITE },
    schema: BODY.inviteCreate,
    limit: LIMIT.invite,
    run: create,
  },
  {
    method: 'GET',
    path: '/channels/:channel/invites',
    needs: { channel: PERMISSION.MANAGE_CHANNELS },
    run: (call) => {
      const { id, guild_id } = findChannel(call.world, param(call, 'channel'));
      return listed(
        call.world,
        liveInvites(call.world, guild_id ?? '').filter(({ channel_id }) => channel_id === id),
      );
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/invites',
    needs: { guild: 0n },
    run: (call) => {
      const bits = botGuildPermissions(call.world, param(call, 'guild'));
      if ((bits & (PERMISSION.MANAGE_GUILD | PERMISSION.VIEW_AUDIT_LOG)) === 0n) throw refusal(50013);
      return listed(call.world, liveInvites(call.world, param(call, 'guild')));
    },
  },
  {
    method: 'GET',
    path: INVITE,
    run: (call) => ok(inviteObject(call.world.store, inviteOf(call), { counts: queryFlag(call, 'with_counts') })),
  },
  {
    method: 'DELETE',
    path: INVITE,
    run: (call) => {
      const { world } = call;
      const invite = inviteOf(call);
      const inChannel = allows(
        botPermissions(world, findChannel(world, invite.channel_id)),
        PERMISSION.MANAGE_CHANNELS,
      );
      if (!inChannel && !allows(botGuildPermissions(world, invite.guild_id), PERMISSION.MANAGE_GUILD)) {
        throw refusal(50013);
      }
      const object = inviteObject(world.store, invite);
      deleteInvite(world, invite);
      return ok(object);
    },
  },
  { method: 'GET', path: `${INVITE}/target-users`, run: targetUsers },
  { method: 'PUT', path: `${INVITE}/target-users`, run: setTargetUsers },
  { method: 'GET', path: `${INVITE}/target-users/job-status`, run: jobStatus },
];

function inviteOf(call: Call): Invite {
  const invite = liveInvite(call.world, param(call, 'code'));
  if (invite === undefined) throw refusal(10006);
  return invite;
}

function listed({ store }: World, invites: Invite[]): Answer {
  return ok(invites.map((invite) => ({ ...inviteObject(store, invite), ...inviteMetadata(invite) })));
}

/** Makes an invite, or gives back a like one; the body must be there, even if empty. */
function create(call: Call): Answer {
  const { world, body, raw, files } = call;
  const channel = findChannel(world, param(call, 'channel'));
  const { guild_id: guildId } = channel;
  if (raw === undefined && files.length === 0) throw refusal(50109);
  if (guildId === null) throw refusal(50003);
  if (isThread(channel) || channel.type === CHANNEL.CATEGORY) throw refusal(50024);
  const targets = targetsIn(call);
  const given = {
    guild_id: guildId,
    channel_id: channel.id,
    inviter_id: world.bot.id,
    max_age: Number(body.max_age ?? 86_400),
    max_uses: Number(body.max_uses ?? 0),
    temporary: body.temporary === true,
    role_ids: rolesIn(world, guildId, body),
    target_users: targets,
  };
  const form = new FormCheck();
  form.at('max_age').range(given.max_age, 0, LONGEST);
  form.done();
  if (targets !== null && !allows(botGuildPermissions(world, guildId), PERMISSION.MANAGE_GUILD)) throw refusal(50013);
  const all = liveInvites(world, guildId);
  const like = all.find((invite) =>
    Object.entries(given).every(
      ([key, value]) => JSON.stringify(invite[key as keyof Invite]) === JSON.stringify(value),
    ),
  );
  if (like === undefined && all.length >= CAP) throw refusal(30016);
  const invite = like === undefined || body.unique === true || targets !== null ? createInvite(world, given) : like;
  return ok({ ...inviteObject(world.store, invite), ...inviteMetadata(invite) });
}

/** The roles that an invite grants: those that the bot could give. */
function rolesIn(world: World, guildId: string, body: JsonObject): string[] {
  const ids = typeof body.role_ids === 'string' ? body.role_ids.split(',') : list(body.role_ids).map(String);
  if (ids.length === 0) return [];
  if (!allows(botGuildPermissions(world, guildId), PERMISSION.MANAGE_ROLES)) throw refusal(50013);
  for (const id of ids) checkGivable(world, findRole(world, guildId, id));
  return [...new Set(ids)];
}

/** The users of `target_users_file`: a column of ids, with or without a head; null where no file came. */
function targetsIn({ files }: Call): string[] | null {
  const file = files.find(({ field }) => field === 'target_users_file');
  if (file === undefined) return null;
  const form = new FormCheck();
  const lines = file.content.toString('utf8').split(/\r?\n/);
  const ids = lines.flatMap((line, index) => {
    const text = line.trim().replace(/^"(.*)"$/, '$1');
    if (text === '' || (index === 0 && text.toLowerCase() === 'user_id')) return [];
    const known = isSnowflake(text);
    if (!known) form.at('target_users_file').add('INVALID_CSV', `Line ${index + 1}: invalid user ID format`);
    return known ? [text] : [];
  });
  form.done();
  return [...new Set(ids)];
}

/** The invite that a path names, for the one who made it or who may manage the guild or see its audit log. */
function targeted(call: Call, needed: bigint): Invite {
  const invite = inviteOf(call);
  const own = invite.inviter_id === call.world.bot.id;
  if (!own && (botGuildPermissions(call.world, invite.guild_id) & needed) === 0n) throw refusal(50013);
  return invite;
}

const SEES_TARGETS = PERMISSION.MANAGE_GUILD | PERMISSION.VIEW_AUDIT_LOG;

/** The users who may accept an invite, as CSV. */
function targetUsers(call: Call): Answer {
  const { target_users: targets } = targeted(call, SEES_TARGETS);
  const text = ['user_id', ...(targets ?? [])].map((line) => `${line}\n`).join('');
  return { status: 200, body: text, headers: { 'content-type': 'text/csv; charset=utf-8' } };
}

function setTargetUsers(call: Call): Answer {
  const invite = targeted(call, PERMISSION.MANAGE_GUILD);
  const targets = targetsIn(call);
  const form = new FormCheck();
  if (targets === null) form.at('target_users_file').required();
  form.done();
  call.world.store.put('invites', invite.code, { ...invite, target_users: targets });
  return noContent;
}

/** The sandbox reads a list at once: its job is done when anyone can ask. */
function jobStatus(call: Call): Answer {
  const { target_users: targets, created_at } = targeted(call, SEES_TARGETS);
  const count = targets?.length ?? 0;
  const times = { created_at, completed_at: created_at };
  return ok({ status: 2, total_users: count, processed_users: count, ...times, error_message: null });
}
