import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddresses, isNetwork } from '../../platform/web/client-address.ts';

/** Asks from an address, with what X-Forwarded-For says. */
const asking = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('where a request comes from', () => {
  const cases: [
    what: string,
    proxies: string[],
    from: string | undefined,
    forwarded: string | undefined,
    is: string | null,
  ][] = [
    ['an address', [], '192.0.2.7', undefined, '192.0.2.7'],
    ['an address, whatever it says itself', [], '192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['an IPv4 address on a socket for both', [], '::ffff:192.0.2.7', undefined, '192.0.2.7'],
    ['an IPv6 address, by its network', [], '2001:db8:0:12::7', undefined, '2001:db8:0:12::/64'],
    ['another IPv6 address of that network', [], '2001:0DB8:0:12:a:b:c:d', undefined, '2001:db8:0:12::/64'],
    ['an IPv6 address with a zone', [], 'fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
    ['an IPv6 address that ends as an IPv4 one', [], '64:ff9b::192.0.2.7', undefined, '64:ff9b:0:0::/64'],
    ['this machine', [], '127.0.0.1', undefined, null],
    ['this machine by IPv6', [], '::1', undefined, null],
    ['this machine, not trusted for others', [], '127.0.0.1', '192.0.2.7', null],
    ['a socket that is gone', [], undefined, undefined, null],
    ['behind a proxy', ['10.0.0.2'], '10.0.0.2', '192.0.2.7', '192.0.2.7'],
    ['behind a proxy on this machine', ['127.0.0.0/8'], '127.0.0.1', '192.0.2.7', '192.0.2.7'],
    ['behind two proxies', ['10.0.0.0/24'], '10.0.0.2', '198.51.100.1, 192.0.2.7, 10.0.0.3', '192.0.2.7'],
    ['behind a proxy, which adds to what was claimed', ['10.0.0.2'], '10.0.0.2', '1.1.1.1,192.0.2.7', '192.0.2.7'],
    ['behind a proxy, from IPv6', ['fd00::/8'], 'fd00::2', '2001:db8::7', '2001:db8:0:0::/64'],
    ['a proxy that does not say for whom', ['10.0.0.2'], '10.0.0.2', undefined, null],
    ['a proxy that hides for whom', ['10.0.0.2'], '10.0.0.2', 'unknown', null],
    ['another proxy', ['10.0.0.2'], '10.0.0.3', '192.0.2.7', '10.0.0.3'],
  ];
  for (const [what, proxies, from, forwarded, is] of cases) {
    it(`is known: ${what}`, () => assert.equal(clientAddresses(proxies)(asking(from, forwarded)), is));
  }

  it('is trusted by address or network, rightly written', () => {
    for (const right of ['10.0.0.2', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0']) assert.ok(isNetwork(right), right);
    for (const wrong of ['', 'proxy', '10.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '/8', '10.0.0.2/8/8']) {
      assert.ok(!isNetwork(wrong), wrong);
    }
  });
});
