import { changeChannel } from '../channels.ts';
import { isObject, type JsonObject } from '../json.ts';
import { isThread } from '../rules/channel.ts';
import { ALL_PERMISSIONS, allows, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Overwrite } from '../state/model.ts';
import type { World } from '../world.ts';
import { refusal } from './errors.ts';
import { botGuildPermissions, botPermissions, findChannel } from './find.ts';
import { type Call, noContent, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const NEEDS = { channel: PERMISSION.MANAGE_ROLES };
const PATH = '/channels/:channel/permissions/:overwrite';
const NOTHING = { allow: '0', deny: '0' };

/** Permission overwrites of a channel (docs: resources/channel, "Edit Channel Permissions"). */
export const OVERWRITE_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: PATH,
    needs: NEEDS,
    schema: BODY.overwrite,
    run: (call) => {
      const { world, body } = call;
      const { channel, guildId, id } = named(call);
      const others = channel.permission_overwrites.filter((overwrite) => overwrite.id !== id);
      const bodies = [...others, { ...body, id }];
      const bits = botPermissions(world, channel) | botGuildPermissions(world, guildId);
      const overwrites = newOverwrites(world, guildId, channel.permission_overwrites, bodies, bits);
      changeChannel(world, channel, { permission_overwrites: overwrites });
      return noContent;
    },
  },
  {
    method: 'DELETE',
    path: PATH,
    needs: NEEDS,
    run: (call) => {
      const { channel, id } = named(call);
      const kept = channel.permission_overwrites.filter((overwrite) => overwrite.id !== id);
      if (kept.length === channel.permission_overwrites.length) throw refusal(10009);
      changeChannel(call.world, channel, { permission_overwrites: kept });
      return noContent;
    },
  },
];

function named(call: Call): { channel: Channel; guildId: string; id: string } {
  const channel = findChannel(call.world, param(call, 'channel'));
  if (channel.guild_id === null) throw refusal(50003);
  if (isThread(channel)) throw refusal(50024);
  return { channel, guildId: channel.guild_id, id: param(call, 'overwrite') };
}

/**
 * The overwrites of a body, in place of `old`. What differs must be within `bits`, which the bot has;
 * MANAGE_ROLES in a channel is the administrators' to give (docs: resources/guild, "Create Guild Channel").
 */
export function newOverwrites(
  world: World,
  guildId: string,
  old: readonly Overwrite[],
  bodies: readonly unknown[],
  bits: bigint,
): Overwrite[] {
  return bodies.filter(isObject).map((body) => {
    const overwrite = overwriteFrom(body);
    const known = overwrite.type === 0 ? world.store.get('roles', overwrite.id)?.guild_id === guildId : true;
    if (!known) throw refusal(10009);
    const before = old.find(({ id }) => id === overwrite.id) ?? NOTHING;
    const differing = (BigInt(overwrite.allow) ^ BigInt(before.allow)) | (BigInt(overwrite.deny) ^ BigInt(before.deny));
    const roles = (differing & PERMISSION.MANAGE_ROLES) !== 0n;
    const admin = allows(botGuildPermissions(world, guildId), PERMISSION.ADMINISTRATOR);
    if (!allows(bits, differing) || (roles && !admin)) throw refusal(50013);
    return overwrite;
  });
}

function overwriteFrom({ id, type, allow, deny }: JsonObject): Overwrite {
  const bitsOf = (value: unknown) => String(BigInt(String(value ?? 0)) & ALL_PERMISSIONS);
  return { id: String(id), type: Number(type ?? 0), allow: bitsOf(allow), deny: bitsOf(deny) };
}
