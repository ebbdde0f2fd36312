import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { EVERYONE_PERMISSIONS, memberKey, PERMISSION } from '../rules/permissions.ts';
import type { Overwrite } from './model.ts';
import { snowflakeAt } from './snowflake.ts';
import type { Store } from './store.ts';

interface SeedGuild {
  name: string;
  roles: { name: string; color?: number; permissions?: bigint; bot?: boolean }[];
  channels: { name: string; type: number; topic?: string; readOnly?: boolean; parent?: string }[];
  members: { username: string; roles?: string[] }[];
  owner: string;
}

const PEOPLE: { username: string; name: string; locale: string }[] = [
  { username: 'ana', name: 'Ana Souza', locale: 'pt-BR' },
  { username: 'kenji', name: '佐藤 健司', locale: 'ja' },
  { username: 'layla', name: 'ليلى حسن', locale: 'en-US' },
  { username: 'dmitri', name: 'Дмитрий Волков', locale: 'ru' },
  { username: 'eleni', name: 'Ελένη Παππά', locale: 'el' },
  { username: 'firefox', name: '🦊✨', locale: 'en-GB' },
  { username: 'minji', name: '김민지', locale: 'ko' },
  { username: 'priya', name: 'प्रिया शर्मा', locale: 'hi' },
  { username: 'lukas', name: 'Lukas Müßig', locale: 'de' },
  { username: 'amara', name: 'Amara Okafor', locale: 'en-US' },
  { username: 'bo', name: 'Bo Lærke', locale: 'da' },
  { username: 'chen', name: '陈晨', locale: 'zh-CN' },
];

/** Roles lowest first; the one after the bot's stands above it. */
const GUILDS: SeedGuild[] = [
  {
    name: 'Guildhall Demo',
    roles: [
      { name: 'Top 10', color: 0x3498db },
      { name: 'Elite', color: 0x9b59b6 },
      { name: 'Bronze', color: 0xcd7f32 },
      { name: 'Silver', color: 0xc0c0c0 },
      { name: 'Champion', color: 0xf1c40f },
      { name: 'Approver', color: 0x2ecc71 },
      { name: 'Admin', color: 0xe74c3c, permissions: PERMISSION.ADMINISTRATOR },
      { name: 'Guildhall', permissions: PERMISSION.ADMINISTRATOR, bot: true },
      { name: 'Founder', color: 0x1abc9c },
    ],
    channels: [
      { name: 'general', type: 0, topic: 'Open to all' },
      { name: 'credit-approvals', type: 0, topic: 'Requests that wait for a decision' },
      { name: 'announcements', type: 0, topic: 'News, written by admins', readOnly: true },
      { name: 'Voice', type: 4 },
      { name: 'Lounge', type: 2, parent: 'Voice' },
    ],
    members: [
      ...PEOPLE.slice(0, 9).map(({ username }) => ({ username })),
      { username: 'amara', roles: ['Admin'] },
      { username: 'bo', roles: ['Approver'] },
      { username: 'chen', roles: ['Approver'] },
    ],
    owner: 'amara',
  },
  {
    name: 'Guildhall Demo Two',
    roles: [
      { name: 'Approver', color: 0x2ecc71 },
      { name: 'Guildhall', permissions: PERMISSION.ADMINISTRATOR, bot: true },
    ],
    channels: [
      { name: 'general', type: 0, topic: 'Open to all' },
      { name: 'credit-approvals', type: 0, topic: 'Requests that wait for a decision' },
    ],
    members: [{ username: 'ana' }, { username: 'eleni', roles: ['Approver'] }],
    owner: 'eleni',
  },
];

const FOUNDED = Date.UTC(2024, 0, 8, 9);

/** Ids of the demo world are the same everywhere; the secrets are new in each data folder. */
export function seed(store: Store): void {
  let minute = 0;
  const id = () => snowflakeAt(FOUNDED + 60_000 * minute++);
  const applicationId = id();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  store.put('application', applicationId, {
    id: applicationId,
    name: 'Guildhall',
    botToken: botToken(applicationId),
    clientSecret: randomBytes(24).toString('base64url'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  });
  const userIds = new Map<string, string>();
  for (const { username, name, locale } of PEOPLE) {
    const userId = id();
    userIds.set(username, userId);
    store.put('users', userId, { id: userId, username, global_name: name, bot: false, locale });
  }
  const bot = { id: applicationId, username: 'guildhall', global_name: null, bot: true, locale: 'en-US' };
  store.put('users', bot.id, bot);
  for (const guild of GUILDS) seedGuild(store, guild, userIds, bot.id, id);
}

function seedGuild(
  store: Store,
  guild: SeedGuild,
  userIds: Map<string, string>,
  botId: string,
  id: () => string,
): void {
  const guildId = id();
  const userId = (username: string) => userIds.get(username) ?? botId;
  store.put('guilds', guildId, {
    id: guildId,
    name: guild.name,
    owner_id: userId(guild.owner),
    preferred_locale: 'en-US',
  });
  const roleIds = new Map([['@everyone', guildId]]);
  const base = { guild_id: guildId, color: 0, hoist: false, managed: false, mentionable: false };
  const everyone = { ...base, id: guildId, name: '@everyone', position: 0, permissions: String(EVERYONE_PERMISSIONS) };
  store.put('roles', guildId, everyone);
  for (const [index, { name, color = 0, permissions = 0n, bot = false }] of guild.roles.entries()) {
    const roleId = id();
    roleIds.set(name, roleId);
    const tags = bot ? { tags: { bot_id: botId } } : {};
    const role = {
      ...base,
      id: roleId,
      name,
      color,
      position: index + 1,
      permissions: String(permissions),
      hoist: !bot,
    };
    store.put('roles', roleId, { ...role, managed: bot, ...tags });
  }
  const channelIds = new Map<string, string>();
  for (const [position, { name, type, topic = null, readOnly = false, parent }] of guild.channels.entries()) {
    const channelId = id();
    channelIds.set(name, channelId);
    const locked: Overwrite = { id: guildId, type: 0, allow: '0', deny: String(PERMISSION.SEND_MESSAGES) };
    store.put('channels', channelId, {
      id: channelId,
      guild_id: guildId,
      type,
      name,
      position,
      parent_id: (parent === undefined ? undefined : channelIds.get(parent)) ?? null,
      topic,
      permission_overwrites: readOnly ? [locked] : [],
    });
  }
  const botRole = guild.roles.find((role) => role.bot)?.name ?? '';
  for (const [index, { username, roles = [] }] of [...guild.members, { username: '', roles: [botRole] }].entries()) {
    const joined = userId(username);
    store.put('members', memberKey(guildId, joined), {
      guild_id: guildId,
      user_id: joined,
      nick: null,
      roles: roles.map((name) => roleIds.get(name) ?? guildId),
      joined_at: new Date(FOUNDED + 86_400_000 * (index + 1)).toISOString(),
      pending: false,
      deaf: false,
      mute: false,
      communication_disabled_until: null,
    });
  }
}

/** A token shaped like Discord's: the application's id, a stamp and a secret. */
function botToken(applicationId: string): string {
  const head = Buffer.from(applicationId).toString('base64url');
  return `${head}.${randomBytes(5).toString('base64url').slice(0, 6)}.${randomBytes(28).toString('base64url')}`;
}
