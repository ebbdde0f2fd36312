import { createHash } from 'node:crypto';
import { type Answer, type Call, ok, type Route } from '../api/route.ts';
import type { AuthorizationCode } from '../state/model.ts';
import type { World } from '../world.ts';
import { OAuthError } from './errors.ts';
import { findToken, issueTokens, openCode, revokeToken, useRefreshToken } from './grants.ts';
import { OWN_SCOPES, scopesOf } from './scopes.ts';

const open = { auth: 'none', form: true, secret: true } as const;

/** The token endpoint (RFC 6749, docs: topics/oauth2) and revocation (RFC 7009). They take forms alone. */
export const TOKEN_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/oauth2/token', ...open, run: token },
  { method: 'POST', path: '/oauth2/token/revoke', ...open, run: revoke },
];

/** Answers with tokens are never to be kept by a cache (RFC 6749, section 5.1). */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

const GRANTS: Record<string, (world: World, form: URLSearchParams) => unknown> = {
  authorization_code(world, form) {
    const code = openCode(world, needed(form, 'code'));
    if (code === undefined) throw new OAuthError('invalid_grant', 'Invalid "code" in request.');
    const { grant, use } = code;
    if (needed(form, 'redirect_uri') !== grant.redirect_uri) {
      throw new OAuthError('invalid_grant', 'Invalid "redirect_uri" in request.');
    }
    if (!proves(grant, form.get('code_verifier'))) {
      throw new OAuthError('invalid_grant', 'Invalid "code_verifier" in request.');
    }
    use();
    return issueTokens(world, grant.user_id, grant.scopes, true);
  },
  refresh_token(world, form) {
    const secret = needed(form, 'refresh_token');
    const known = findToken(world, 'refresh', secret);
    if (known === undefined) throw new OAuthError('invalid_grant', 'Invalid "refresh_token" in request.');
    const scopes = form.has('scope') ? scopesOf(form.get('scope') ?? '') : known.scopes;
    if (scopes === undefined || scopes.some((scope) => !known.scopes.includes(scope))) {
      throw new OAuthError('invalid_scope', 'The requested scope exceeds the scope that was granted.');
    }
    useRefreshToken(world, secret);
    return issueTokens(world, known.user_id, scopes, true);
  },
  /** Tokens of the application's owner, without a refresh token (docs: topics/oauth2, "Client Credentials Grant"). */
  client_credentials(world, form) {
    const scopes = scopesOf(form.get('scope') ?? '');
    if (scopes === undefined || scopes.some((scope) => !OWN_SCOPES.includes(scope))) {
      throw new OAuthError('invalid_scope', 'The requested scope is invalid, unknown, or malformed.');
    }
    return issueTokens(world, world.store.all('guilds')[0]?.owner_id ?? world.bot.id, scopes, false);
  },
};

function token(call: Call): Answer {
  const form = clientForm(call);
  const type = needed(form, 'grant_type');
  const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
  if (grant === undefined) throw new OAuthError('unsupported_grant_type', `Unsupported "grant_type": ${type}.`);
  return { ...ok(grant(call.world, form)), headers: NO_STORE };
}

function revoke(call: Call): Answer {
  const form = clientForm(call);
  revokeToken(call.world, needed(form, 'token'));
  return ok({});
}

/** The form of a request by the application itself. */
function clientForm({ world, form, authorization }: Call): URLSearchParams {
  if (form === undefined) {
    throw new OAuthError('invalid_request', 'Only application/x-www-form-urlencoded is accepted here.');
  }
  const names = [...form.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new OAuthError('invalid_request', `"${twice}" stands in the request more than once.`);
  const { id, clientSecret } = world.application;
  const [givenId, givenSecret] = basic(authorization) ?? [form.get('client_id'), form.get('client_secret')];
  if (givenId !== id || givenSecret !== clientSecret)
    throw new OAuthError('invalid_client', 'Invalid client credentials.');
  return form;
}

/** Id and secret of HTTP Basic authentication, which are form-encoded first (RFC 6749, section 2.3.1). */
function basic(authorization: string | undefined): [string, string] | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  const plain = (part: string) => new URLSearchParams(`x=${part}`).get('x') ?? '';
  return at === -1 ? [plain(text), ''] : [plain(text.slice(0, at)), plain(text.slice(at + 1))];
}

function needed(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new OAuthError('invalid_request', `Missing "${name}" in request.`);
  return value;
}

/** Whether a verifier fits the challenge that the code was asked for with (RFC 7636, section 4.6). */
function proves({ challenge, challenge_method: method }: AuthorizationCode, verifier: string | null): boolean {
  if (challenge === null) return true;
  if (verifier === null) return false;
  return challenge === (method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url'));
}
