import { createHash } from 'node:crypto';

/** How many of the hash's characters name an answer: 132 bits. */
const NAME_LENGTH = 22;

/** A strong ETag of these bytes, with its quotes (RFC 9110, section 8.8.3). */
export function etagOf(body: Uint8Array | string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, NAME_LENGTH)}"`;
}

/**
 * Whether a reader has what an ETag names already, so that 304 is the answer. Compares weakly, as GET and HEAD do
 * (RFC 9110, section 13.1.2).
 * @param ifNoneMatch the request's header: `*`, or one ETag or several
 */
export function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  const name = etag.replace(/^W\//, '');
  return ifNoneMatch.match(/"[^"]*"/g)?.some((known) => known === name) ?? false;
}
