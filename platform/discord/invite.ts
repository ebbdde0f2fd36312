import { bitsOf, type PermissionName } from './permissions.ts';

/** Where Discord's pages for people are, for its own API and for a sandbox's. */
function webOf(apiBase: string): string {
  return new URL(apiBase).origin;
}

/**
 * The link with which an admin lets the bot into a server
 * (https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow).
 * @param permissions exactly those that the role made for the bot gets there
 */
export function inviteLink(applicationId: string, apiBase: string, permissions: Iterable<PermissionName>): string {
  const link = new URL('/oauth2/authorize', webOf(apiBase));
  link.search = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: String(bitsOf(permissions)),
  }).toString();
  return link.href;
}
