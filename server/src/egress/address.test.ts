import { expect, test } from 'bun:test';
import { isIP } from 'node:net';
import { isPublicAddress } from './address.ts';

/** The first and last address of what is not public, and the neighbours outside that are. */
const ipv4Edges: [first: string, last: string, before: string | undefined, after: string | undefined][] = [
  ['0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
];

const ipv6Edges: typeof ipv4Edges = [
  ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', undefined, '2000::'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '2001:200::'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff::', '2001:db9::'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff::', '2003::'],
  ['3ffe::', '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffd:ffff::', undefined],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', undefined, '3fff:1000::'],
  ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:ffff::', undefined],
];

test('every special-purpose block is refused from its first to its last address, and its neighbours are public', () => {
  for (const [first, last, before, after] of [...ipv4Edges, ...ipv6Edges]) {
    expect([first, isPublicAddress(first), last, isPublicAddress(last)]).toEqual([first, false, last, false]);
    for (const outside of [before, after]) {
      if (outside !== undefined) expect([outside, isPublicAddress(outside)]).toEqual([outside, true]);
    }
  }
});

test.each([
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback at length'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['::8.8.8.8', 'IPv4-compatible, though public inside'],
  ['::ffff:0:127.0.0.1', 'translated'],
  ['64:ff9b:1::8.8.8.8', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['2002:7f00:1::', '6to4 of the loopback'],
  ['2002:808:808::', '6to4 of a public address'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique-local'],
  ['fd00:ec2::254', 'cloud metadata'],
  ['fe80::1', 'link-local'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['FE80::1', 'capitals'],
  ['fe80::1%eth0', 'a zone'],
  ['2606:4700::1111%eth0', 'a zone on a public address'],
])('%s is not public: %s', (ip) => {
  expect(isIP(ip)).toBe(6);
  expect(isPublicAddress(ip)).toBe(false);
});

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '2606:4700:4700::1111',
  '2A00:1450:4001:82A::200E',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
])('%s is public', (ip) => {
  expect(isPublicAddress(ip)).toBe(true);
});

test('an IPv4 address inside IPv6 is judged by the IPv4 address, in every spelling', () => {
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const edges = ipv4Edges.flat().filter((ip) => ip !== undefined);
  const some = Array.from({ length: 2000 }, () => [0, 0, 0, 0].map(() => random(256)).join('.'));
  let open = 0;
  for (const ip of [...edges, ...some]) {
    const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number);
    const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16));
    const verdict = isPublicAddress(ip);
    if (verdict) open++;
    for (const prefix of ['::ffff:', '::FFFF:', '0:0:0:0:0:ffff:', '64:ff9b::', '64:FF9B:0:0:0:0:']) {
      for (const spelling of [
        prefix + ip,
        prefix + groups.join(':'),
        new URL(`http://[${prefix}${ip}]`).hostname.slice(1, -1),
      ]) {
        expect([spelling, isPublicAddress(spelling)]).toEqual([spelling, verdict]);
      }
    }
  }
  expect(open).toBeGreaterThan(1000);
});

test.each([
  '',
  ' ',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '8.8.8',
  '8.8.8.8.',
  '8.8.8.8:80',
  '[::1]',
  '[2606:4700::1]',
  ' 8.8.8.8',
  '8.8.8.8\n',
  '8.8.8.8\0',
  '256.1.1.1',
  ':::',
  '::ffff:8.8.8.8.8',
  '８.８.８.８',
])('what is not an address is not public: %j', (text) => {
  expect(isPublicAddress(text)).toBe(false);
});
