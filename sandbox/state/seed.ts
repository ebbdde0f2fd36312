import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { Application } from './model.ts';
import { outlineSchema, recordsOf } from './outline.ts';
import { snowflakeAt } from './snowflake.ts';
import type { Records } from './store.ts';

const PEOPLE = [
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

const READ_ONLY = { role: '@everyone', deny: ['SEND_MESSAGES' as const] };

/** Roles lowest first; the one after the bot's stands above it. */
const GUILDS: z.input<typeof outlineSchema>['guilds'] = [
  {
    name: 'Guildhall Demo',
    roles: [
      { name: 'Top 10', hoist: true, color: 0x3498db },
      { name: 'Elite', hoist: true, color: 0x9b59b6 },
      { name: 'Bronze', hoist: true, color: 0xcd7f32 },
      { name: 'Silver', hoist: true, color: 0xc0c0c0 },
      { name: 'Champion', hoist: true, color: 0xf1c40f },
      { name: 'Approver', hoist: true, color: 0x2ecc71 },
      { name: 'Admin', hoist: true, color: 0xe74c3c, permissions: ['ADMINISTRATOR'] },
      { name: 'Guildhall', permissions: ['ADMINISTRATOR'], bot: true },
      { name: 'Founder', hoist: true, color: 0x1abc9c },
    ],
    channels: [
      { name: 'general', topic: 'Open to all' },
      { name: 'credit-approvals', topic: 'Requests that wait for a decision' },
      { name: 'announcements', topic: 'News, written by admins', overwrites: [READ_ONLY] },
      { name: 'Voice', type: 'category' },
      { name: 'Lounge', type: 'voice', parent: 'Voice' },
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
      { name: 'Approver', hoist: true, color: 0x2ecc71 },
      { name: 'Guildhall', permissions: ['ADMINISTRATOR'], bot: true },
    ],
    channels: [
      { name: 'general', topic: 'Open to all' },
      { name: 'credit-approvals', topic: 'Requests that wait for a decision' },
    ],
    members: [{ username: 'ana' }, { username: 'eleni', roles: ['Approver'] }],
    owner: 'eleni',
  },
];

const FOUNDED = Date.UTC(2024, 0, 8, 9);

/** The demo world. Its ids are the same everywhere; the secrets are new in each data folder. */
export function demoRecords(): Records {
  let minute = 0;
  const newId = () => snowflakeAt(FOUNDED + 60_000 * minute++);
  const application = newApplication(newId(), 'Guildhall');
  const outline = outlineSchema.parse({ format: 1, people: PEOPLE, guilds: GUILDS });
  const joinedAt = (index: number) => new Date(FOUNDED + 86_400_000 * (index + 1)).toISOString();
  return recordsOf(outline, { application, newId, joinedAt });
}

/** An application with secrets of its own. */
export function newApplication(id: string, name: string): Application {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    id,
    name,
    botToken: newBotToken(id),
    clientSecret: randomBytes(24).toString('base64url'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
}

/** A token shaped like Discord's: the application's id, a stamp and a secret. */
export function newBotToken(applicationId: string): string {
  const head = Buffer.from(applicationId).toString('base64url');
  return `${head}.${randomBytes(5).toString('base64url').slice(0, 6)}.${randomBytes(28).toString('base64url')}`;
}
