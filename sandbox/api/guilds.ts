import { guildObject, guildPreview, memberCounts } from '../payloads/guilds.ts';
import { PERMISSION } from '../rules/permissions.ts';
import { findGuild } from './find.ts';
import { type Answer, type Call, ok, param, queryFlag, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const SEEN = { guild: 0n };

/** What a guild's settings take from a body, as it is (docs: resources/guild, "Modify Guild"). */
const SETTINGS: readonly string[] = [
  'description',
  'verification_level',
  'default_message_notifications',
  'explicit_content_filter',
  'afk_channel_id',
  'afk_timeout',
  'system_channel_id',
  'system_channel_flags',
  'rules_channel_id',
  'public_updates_channel_id',
  'safety_alerts_channel_id',
  'premium_progress_bar_enabled',
];

/** Guilds (docs: resources/guild). */
export const GUILD_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/guilds/:guild',
    needs: SEEN,
    run: (call) => {
      const { store } = call.world;
      const guild = findGuild(call.world, param(call, 'guild'));
      const counts = queryFlag(call, 'with_counts') ? memberCounts(store, guild) : {};
      return ok({ ...guildObject(store, guild), ...counts });
    },
  },
  {
    method: 'PATCH',
    path: '/guilds/:guild',
    needs: { guild: PERMISSION.MANAGE_GUILD },
    schema: BODY.guildEdit,
    run: edit,
  },
  {
    method: 'GET',
    path: '/guilds/:guild/preview',
    needs: SEEN,
    run: (call) => ok(guildPreview(call.world.store, findGuild(call.world, param(call, 'guild')))),
  },
];

function edit(call: Call): Answer {
  const { world, body } = call;
  const guild = findGuild(world, param(call, 'guild'));
  const named = SETTINGS.filter((key) => body[key] !== undefined).map((key): [string, unknown] => [key, body[key]]);
  const changed = {
    ...guild,
    ...(typeof body.name === 'string' ? { name: body.name.trim() } : {}),
    ...(typeof body.preferred_locale === 'string' ? { preferred_locale: body.preferred_locale } : {}),
    settings: { ...guild.settings, ...Object.fromEntries(named) },
  };
  world.store.put('guilds', guild.id, changed);
  const object = guildObject(world.store, changed);
  world.gateway.dispatch('GUILD_UPDATE', object, { guildId: guild.id });
  return ok(object);
}
