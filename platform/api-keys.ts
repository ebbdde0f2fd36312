import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { chooseCommunity } from './communities.ts';
import { compiledOnce, type Parameter } from './database/compiled.ts';
import type { Database } from './database/index.ts';
import { Fault } from './fault.ts';

/** What a key may be used for, each with a sentence for whoever makes one. */
export const SCOPES = {
  'players:write': 'Creates and changes players.',
  'scores:write': 'Reports scores.',
  'scores:correct': 'Corrects scores, with a reason.',
} as const;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** A key whose owner has shown that they have it. */
export interface ProvenKey {
  id: number;
  community: string;
  name: string;
  scopes: string[];
}

/** Why a key opens nothing. Only who has the whole of it hears that it was revoked or has expired. */
export type KeyProblem = 'unknown' | 'revoked' | 'expired';

/** A key as it is listed: all but the secret. */
export interface ListedKey {
  community: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  state: 'valid' | 'revoked' | 'expired';
}

const SECRET_BYTES = 32;
const PREFIX_BYTES = 4;
/** `gh_`, the prefix, and 256 random bits in base64url. */
const KEY = /^gh_([0-9a-f]{8})_([\w-]{43})$/;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u;
const UNIQUE_VIOLATION = '23505';

const digestOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

/**
 * Makes a key.
 * @param community the id of the one that it is for; left out: the only one there is
 * @param days how long it is good for; left out: until it is revoked
 * @returns the key, which nobody can read again
 * @throws Fault with a sentence that says what is wrong with the wish
 */
export async function createKey(
  database: Database,
  { name, scopes, community, days }: { name: string; scopes: string[]; community?: string; days?: number },
): Promise<string> {
  if (!NAME.test(name)) {
    const sentence = `“${name}” cannot be a name: use 1 to 60 letters, digits, spaces, dots, - and _, a letter or digit first.`;
    throw new Fault('key-name-unfit', sentence);
  }
  const unknown = scopes.filter((scope) => !Object.hasOwn(SCOPES, scope));
  if (unknown.length > 0 || scopes.length === 0) {
    const problem = unknown.length > 0 ? `There is no scope ${unknown.join(', ')}.` : 'A key needs a scope.';
    throw new Fault('scope-unknown', `${problem} There are:\n${scopeLines()}`);
  }
  const community_id = await chooseCommunity(database, community);
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES);
  try {
    await database
      .insertInto('api_keys')
      .values({
        community_id,
        name,
        prefix,
        hash: digestOf(secret),
        scopes: [...new Set(scopes)],
        expires_at: days === undefined ? null : sql<Date>`now() + make_interval(days => ${days})`,
      })
      .execute();
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string };
    if (code !== UNIQUE_VIOLATION || constraint !== 'api_keys_name') throw error;
    throw new Fault(
      'key-name-taken',
      `There is a key “${name}” already. Choose another name, or revoke that one first.`,
    );
  }
  return `gh_${prefix}_${secret.toString('base64url')}`;
}

const scopeLines = (): string =>
  Object.entries(SCOPES)
    .map(([scope, sentence]) => `  ${scope.padEnd(16)}${sentence}`)
    .join('\n');

/** All keys, the newest first. */
export async function listKeys(database: Database): Promise<ListedKey[]> {
  const rows = await database
    .selectFrom('api_keys')
    .select(['community_id', 'name', 'prefix', 'scopes', 'created_at', 'last_used_at', 'expires_at', 'revoked_at'])
    .select(sql<boolean>`coalesce(expires_at <= now(), false)`.as('expired'))
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    community: row.community_id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    state: row.revoked_at ? 'revoked' : row.expired ? 'expired' : 'valid',
  }));
}

/**
 * Revokes the key of this name or prefix: every instance refuses it from this moment on.
 * @returns its name and prefix
 * @throws Fault where there is none, or several of that name
 */
export async function revokeKey(database: Database, named: string): Promise<{ name: string; prefix: string }> {
  const prefix = /^gh_([0-9a-f]{8})/.exec(named)?.[1] ?? named;
  const found = await database
    .selectFrom('api_keys')
    .select(['id', 'name', 'prefix', 'community_id'])
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('prefix', '=', prefix), where('name', '=', named)]))
    .execute();
  const [key, another] = found;
  if (!key) throw new Fault('key-unknown', `No key that could be revoked has this name or prefix. npm run key -- list`);
  if (another) {
    const prefixes = found.map((one) => `  ${one.prefix}   of community ${one.community_id}`).join('\n');
    throw new Fault('key-ambiguous', `Several keys are called “${named}”. Name one by its prefix:\n${prefixes}`);
  }
  await database.updateTable('api_keys').set({ revoked_at: sql<Date>`now()` }).where('id', '=', key.id).execute();
  return { name: key.name, prefix: key.prefix };
}

const findByPrefix = compiledOnce((database, parameter: Parameter<{ prefix: string }>) =>
  database
    .selectFrom('api_keys')
    .select(['id', 'community_id', 'name', 'hash', 'scopes'])
    .select([
      sql<boolean>`revoked_at is not null`.as('revoked'),
      sql<boolean>`coalesce(expires_at <= now(), false)`.as('expired'),
      sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`.as('unnoted'),
    ])
    .where('prefix', '=', parameter('prefix')),
);

const noteUse = compiledOnce((database, parameter: Parameter<{ id: number }>) =>
  database
    .updateTable('api_keys')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', parameter('id'))
    .where(sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`),
);

/**
 * Checks a key, each time anew: a revoked one must stop at once, on every instance. Its use is noted once a minute.
 * @param given what a caller says its key is
 */
export async function proveKey(
  database: Database,
  given: string,
): Promise<{ key: ProvenKey } | { problem: KeyProblem }> {
  const [, prefix, secret] = KEY.exec(given) ?? [];
  if (prefix === undefined || secret === undefined) return { problem: 'unknown' };
  const [row] = await findByPrefix(database, { prefix });
  if (!row || !timingSafeEqual(row.hash, digestOf(Buffer.from(secret, 'base64url')))) return { problem: 'unknown' };
  if (row.revoked) return { problem: 'revoked' };
  if (row.expired) return { problem: 'expired' };
  // Nobody waits for it, and what is missed is noted with the next use.
  if (row.unnoted) noteUse(database, { id: row.id }).catch(() => {});
  const { id, community_id, name, scopes } = row;
  return { key: { id, community: community_id, name, scopes } };
}
