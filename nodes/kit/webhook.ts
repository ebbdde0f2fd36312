import { isLive } from '../../platform/live.ts';

/** What of a webhook's URL is used. */
export interface WebhookAddress {
  id: string;
  token: string;
}

/** Why an address is no webhook's: there is none, it is no web address, of another Discord, or without id and token. */
export type WebhookProblem = 'missing' | 'address' | 'elsewhere' | 'path';

const PATH = /^\/api(?:\/v\d+)?\/webhooks\/(\d{17,20})\/([\w-]{1,200})\/?$/;

/**
 * Reads the URL that Discord shows for a webhook; dialog and runtime judge it alike.
 * @param apiBase Discord's, or a sandbox's, which the URL must be of; empty while it is not known
 */
export function parseWebhook(url: string, apiBase: string): WebhookAddress | WebhookProblem {
  const text = url.trim();
  if (text === '') return 'missing';
  const address = URL.canParse(text) ? new URL(text) : null;
  if (!address || !/^https?:$/.test(address.protocol)) return 'address';
  if (apiBase !== '' && !isOf(address, apiBase)) return 'elsewhere';
  const [, id, token] = PATH.exec(address.pathname) ?? [];
  return id && token ? { id, token } : 'path';
}

function isOf({ origin, protocol }: URL, apiBase: string): boolean {
  return isLive(apiBase) ? protocol === 'https:' && isLive(origin) : origin === new URL(apiBase).origin;
}
