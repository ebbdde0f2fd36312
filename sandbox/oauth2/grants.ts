import { createHash, randomBytes } from 'node:crypto';
import type { AuthorizationCode, OAuthToken } from '../state/model.ts';
import { scaled, type World } from '../world.ts';

/** A code is taken for so long (RFC 6749, section 4.1.2: at most ten minutes). */
const CODE_MS = 10 * 60_000;
/** An access token serves for so long (docs: topics/oauth2, "Access Token Response"). */
export const ACCESS_MS = 7 * 24 * 60 * 60_000;

/** Codes and tokens are kept under their hashes alone: the journal holds nothing that opens a door. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function newSecret(): string {
  return randomBytes(24).toString('base64url').replace(/[-_]/g, 'x');
}

/** Writes down that a user consents, and returns the code that the application may exchange once. */
export function issueCode(world: World, grant: Omit<AuthorizationCode, 'expires' | 'used'>): string {
  const { store, clock } = world;
  for (const [hash, { expires }] of store.entries('codes')) if (expires < clock.now()) store.remove('codes', hash);
  const code = newSecret();
  store.put('codes', hashOf(code), { ...grant, expires: clock.now() + scaled(world, CODE_MS), used: false });
  return code;
}

/** The grant behind a code that still serves, and what uses it up. */
export function openCode(world: World, code: string): { grant: AuthorizationCode; use: () => void } | undefined {
  const hash = hashOf(code);
  const grant = world.store.get('codes', hash);
  if (grant === undefined || grant.used || grant.expires < world.clock.now()) return undefined;
  return { grant, use: () => world.store.put('codes', hash, { ...grant, used: true }) };
}

/** New tokens of a user; `refreshable` also gives a refresh token. Returns the body of the token endpoint's answer. */
export function issueTokens(world: World, userId: string, scopes: string[], refreshable: boolean) {
  const lifetime = scaled(world, ACCESS_MS);
  const base = { user_id: userId, scopes };
  const access = newSecret();
  const { store, clock } = world;
  for (const [hash, { expires }] of store.entries('tokens')) {
    if (expires !== null && expires < clock.now()) store.remove('tokens', hash);
  }
  store.put('tokens', hashOf(access), { ...base, kind: 'access', expires: clock.now() + lifetime });
  const refresh = newSecret();
  if (refreshable) {
    store.put('tokens', hashOf(refresh), { ...base, kind: 'refresh', expires: null });
    const known = store.get('authorizations', userId)?.scopes ?? [];
    store.put('authorizations', userId, { user_id: userId, scopes: [...new Set([...known, ...scopes])] });
  }
  return {
    token_type: 'Bearer',
    access_token: access,
    expires_in: Math.round(lifetime / 1000),
    ...(refreshable ? { refresh_token: refresh } : {}),
    scope: scopes.join(' '),
  };
}

/** The token of a kind that still serves. */
export function findToken(world: World, kind: OAuthToken['kind'], secret: string): OAuthToken | undefined {
  const token = world.store.get('tokens', hashOf(secret));
  if (token === undefined || token.kind !== kind) return undefined;
  return token.expires === null || token.expires >= world.clock.now() ? token : undefined;
}

/** Takes a refresh token out of use: each answer brings a new one. */
export function useRefreshToken(world: World, secret: string): void {
  world.store.remove('tokens', hashOf(secret));
}

/**
 * Ends a user's whole authorization, whichever of its tokens was named
 * (docs: topics/oauth2, "Token Revocation"). An unknown token is none the worse for it (RFC 7009).
 */
export function revokeToken(world: World, secret: string): void {
  const token = world.store.get('tokens', hashOf(secret));
  if (token !== undefined) endAuthorization(world, token.user_id);
}

/** The user takes the application's access away: every token of it is void. */
export function endAuthorization(world: World, userId: string): void {
  for (const [hash, token] of world.store.entries('tokens')) {
    if (token.user_id === userId) world.store.remove('tokens', hash);
  }
  world.store.remove('authorizations', userId);
}
