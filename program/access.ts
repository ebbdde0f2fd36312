import type { IncomingMessage } from 'node:http';
import { type Configuration, isLoopback } from '../platform/configuration.ts';

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Tells whether a request may come in at all: it must name this server (a page that rebinds its DNS name to
 * 127.0.0.1 does not), and one that a page sent must come from a page of ours.
 * @returns the sentence of the refusal, or null
 */
export function refuseForeign(configuration: Configuration): (request: IncomingMessage) => string | null {
  const hosts = new Set<string>();
  const { host, port, publicUrl } = configuration;
  const publicHost = publicUrl ? new URL(publicUrl).host : null;
  if (publicHost) hosts.add(publicHost);
  for (const name of isLoopback(host) ? [...LOCAL_NAMES, host] : LOCAL_NAMES) hosts.add(`${name}:${port}`);
  // Bound to another address, people reach it under names that only the operator knows: those need the public URL.
  if (!isLoopback(host) && host !== '0.0.0.0' && host !== '::') hosts.add(`${host}:${port}`);
  // Browsers leave the port of http and https out.
  if (port === 80 || port === 443) for (const name of [...hosts]) hosts.add(name.replace(/:\d+$/, ''));
  const origins = new Set([...hosts].flatMap((name) => [`http://${name}`, `https://${name}`]));

  return ({ headers, method }) => {
    const named = headers.host?.toLowerCase() ?? '';
    if (!hosts.has(named) && !hosts.has(named.replace(/:80$|:443$/, ''))) {
      return 'This server does not go by that name. Set GUILDHALL_PUBLIC_URL to the address that people use.';
    }
    const { origin } = headers;
    if (origin !== undefined && !origins.has(origin.toLowerCase()))
      return 'Pages of other sites may not use this server.';
    const reads = method === 'GET' || method === 'HEAD';
    if (!reads && headers['sec-fetch-site'] === 'cross-site') return 'Pages of other sites may not use this server.';
    return null;
  };
}
