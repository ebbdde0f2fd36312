import type { IncomingMessage } from 'node:http';
import { type KeyProblem, proveKey } from '../api-keys.ts';
import type { Database } from '../database/index.ts';
import type { Guard } from './entrances.ts';
import type { Problem } from './problem.ts';

/** Whoever sent a request. */
export interface Caller {
  /** By whom calls are counted; null where many may stand behind an address. */
  who: string | null;
  scopes: string[];
  /** null: without a key, where none is needed. */
  key: number | null;
  /** What the key is called. */
  keyName: string | null;
}

const BEARER = /^Bearer +(\S+) *$/i;

const KEY_PROBLEMS: Record<KeyProblem, string> = {
  unknown: 'This key opens nothing here.',
  revoked: 'This key was revoked.',
  expired: 'This key has expired.',
};

/**
 * Says who sent a request, as the guard wants to know it.
 * @param authorization the request's header
 * @param address where it comes from; null where many may stand behind it
 */
export async function callerOf(
  database: Database,
  guard: Guard,
  authorization: string | undefined,
  address: string | null,
): Promise<Caller | { problem: Problem }> {
  if (guard.access === 'public') return { who: address && `address ${address}`, scopes: [], key: null, keyName: null };
  const [, given] = BEARER.exec(authorization ?? '') ?? [];
  if (given === undefined) return refused(401, 'key-missing', 'Send a key: Authorization: Bearer gh_…');
  const proof = await proveKey(database, given);
  if ('problem' in proof) {
    return refused(401, `key-${proof.problem}`, KEY_PROBLEMS[proof.problem], ' error="invalid_token"');
  }
  const { id, community, name, scopes } = proof.key;
  if (community !== guard.community) return refused(403, 'other-community', 'This key is for another community.');
  if (!scopes.includes(guard.scope)) {
    const challenge = ` error="insufficient_scope", scope="${guard.scope}"`;
    return refused(403, 'scope-missing', `This needs a key with the scope ${guard.scope}.`, challenge);
  }
  return { who: `key ${id}`, scopes, key: id, keyName: name };
}

/** @param challenge what RFC 6750 wants said of a key that was given */
const refused = (status: number, code: string, detail: string, challenge = ''): { problem: Problem } => ({
  problem: { status, code, detail, headers: { 'WWW-Authenticate': `Bearer${challenge}` } },
});

/** Takes the key out of a request before flows see it: what they show and keep must not hold it. */
export function takeAuthorization({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  delete headers.authorization;
  rawHeaders.forEach((name, index) => {
    if (index % 2 === 0 && name.toLowerCase() === 'authorization') rawHeaders[index + 1] = '';
  });
  return authorization;
}
