import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** A network as `address/prefix`, or an address alone. */
const NETWORK = /^([^/]+)(?:\/(\d{1,3}))?$/;

/** Whether this names an address or a network, such as `10.0.0.2` or `172.18.0.0/16`. */
export function isNetwork(text: string): boolean {
  const [, address = '', prefix] = NETWORK.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && (prefix === undefined || Number(prefix) <= (family === 4 ? 32 : 128));
}

/**
 * Tells from which address a request comes, so that one caller's requests can be counted.
 * @param proxies addresses and networks (`isNetwork`) of proxies whose X-Forwarded-For is believed
 * @returns an IPv4 address, or the first 64 bits of an IPv6 address, of which one caller has as many as it likes; null
 * where many may stand behind it: this machine itself, or a proxy that does not say for whom it asks
 */
export function clientAddresses(proxies: readonly string[]): (request: IncomingMessage) => string | null {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [, address = '', prefix] = NETWORK.exec(proxy) ?? [];
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    trusted.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  const local = new BlockList();
  local.addSubnet('127.0.0.0', 8, 'ipv4');
  local.addAddress('::1', 'ipv6');
  const isIn = (list: BlockList, address: string) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? '');
    const said = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    // Each proxy adds whom it heard: what stands left of the first that is not trusted is anybody's word.
    while (isIP(address) && isIn(trusted, address)) address = plain(said.pop()?.trim() ?? '');
    if (!isIP(address) || isIn(local, address)) return null;
    return isIP(address) === 4 ? address : firstHalf(address);
  };
}

/** Without a zone, and an IPv4 address as such where a socket for both shows it as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The first four groups of an IPv6 address, which name a network as its provider gave it out. */
function firstHalf(address: string): string {
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const groups = (text: string) =>
    text ? text.split(':').flatMap((group) => (group.includes('.') ? [group, ''] : group)) : [];
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
