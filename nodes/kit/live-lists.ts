import { expectDone, type GuildMember, type Outcome } from '../../platform/discord/index.ts';
import { Fault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import type { AdminRoute } from './admin.ts';

const SNOWFLAKE = /^\d{17,20}$/;
const MOST_MEMBERS = 25;
/** Opening one dialog asks for the same several times. */
const FRESH_MILLISECONDS = 4000;

/** What Discord has right now, for the fields that name a guild, a role, a channel or a member, and where it is. */
export const LIVE_LISTS: readonly AdminRoute[] = [
  {
    method: 'get',
    path: '/api-base',
    permission: 'guildhall.read',
    handle: async ({ platform }) => ({ apiBase: platform.discordSettings.apiBase }),
  },
  {
    method: 'get',
    path: '/communities',
    permission: 'guildhall.read',
    handle: ({ platform }) =>
      fresh(platform, 'guilds', async () => {
        const guilds = expectDone(await platform.discord.guilds(), 'Reading the servers');
        return guilds.map(({ id, name }) => ({ id, name, home: id === platform.discordSettings.guildId }));
      }),
  },
  {
    method: 'get',
    path: '/guilds/:guild/roles',
    permission: 'guildhall.read',
    handle: ({ platform, params }) => {
      const guild = guildIn(params);
      return fresh(platform, `roles/${guild}`, async () => {
        const roles = expectDone(await platform.discord.roles(guild), 'Reading the roles');
        return roles
          .sort((a, b) => b.position - a.position)
          .map(({ id, name, color, managed }) => ({ id, name, colour: color, managed, everyone: id === guild }));
      });
    },
  },
  {
    method: 'get',
    path: '/guilds/:guild/channels',
    permission: 'guildhall.read',
    handle: ({ platform, params }) => {
      const guild = guildIn(params);
      return fresh(platform, `channels/${guild}`, async () => {
        const channels = expectDone(await platform.discord.channels(guild), 'Reading the channels');
        const names = new Map(channels.map(({ id, name }) => [id, name]));
        return channels
          .sort((a, b) => a.position - b.position)
          .map(({ id, name, type, parent }) => ({ id, name, type, category: names.get(parent ?? '') ?? '' }));
      });
    },
  },
  {
    method: 'get',
    path: '/guilds/:guild/members',
    permission: 'guildhall.read',
    handle: ({ platform, params, query }) => {
      const guild = guildIn(params);
      const wanted = (query.query ?? '').trim().slice(0, 100);
      if (!wanted) return Promise.resolve([]);
      return fresh(platform, `members/${guild}/${wanted}`, () => membersOf(platform, guild, wanted));
    },
  },
];

/** Discord finds members by the beginning of a name; an id names one. */
async function membersOf(platform: Platform, guild: string, wanted: string): Promise<GuildMember[]> {
  const { discord } = platform;
  if (!SNOWFLAKE.test(wanted)) {
    return expectDone(await discord.searchMembers(guild, wanted, MOST_MEMBERS), 'Searching the members');
  }
  const found: Outcome<GuildMember> = await discord.member(guild, wanted);
  return found.kind === 'permanent' ? [] : [expectDone(found, 'Reading the member')];
}

function guildIn({ guild = '' }: Record<string, string>): string {
  if (!SNOWFLAKE.test(guild)) throw new Fault('guild-unknown', 'A server is named by its id of 17 to 20 digits.');
  return guild;
}

const answers = new WeakMap<Platform, Map<string, Promise<unknown>>>();

/** An answer that is a few seconds old is good enough; a failed one is forgotten at once. */
function fresh<T>(platform: Platform, key: string, load: () => Promise<T>): Promise<T> {
  const kept = answers.get(platform) ?? new Map<string, Promise<unknown>>();
  answers.set(platform, kept);
  const known = kept.get(key);
  if (known) return known as Promise<T>;
  const loading = load();
  kept.set(key, loading);
  const forget = () => void kept.delete(key);
  loading.then(() => setTimeout(forget, FRESH_MILLISECONDS).unref(), forget);
  return loading;
}
