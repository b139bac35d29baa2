import { BlockList, isIP } from 'node:net';

/**
 * Whether an IP address, in the spelling of an address bar or of a resolver, is one that anybody on the internet can
 * reach: neither this machine, nor a private network, nor a group of hosts, nor reserved. Total: what is not an address
 * of IPv4 or IPv6 is not public. After the special-purpose registries of IANA (RFC 6890); an IPv4 address inside IPv6
 * (mapped, NAT64) is judged by the IPv4 address. 6to4 and Teredo carry a hidden IPv4 address too and are dead: refused.
 */
export function isPublicAddress(ip: string): boolean {
  // A zone (`fe80::1%eth0`) only has a meaning on the local link.
  if (ip.includes('%')) return false;
  switch (isIP(ip)) {
    case 4:
      return !special.check(ip, 'ipv4');
    case 6:
      return routed.check(ip, 'ipv6') && !special.check(ip, 'ipv6');
    default:
      return false;
  }
}

type Block = readonly [network: string, bits: number];

const ipv4Blocks: readonly Block[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's host, seen from inside its machines only
  ['169.254.0.0', 16], // link-local, where clouds keep their metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

/** Only within what is routed at all; unique-local, link-local, multicast and the rest lie outside. */
const ipv6Blocks: readonly Block[] = [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3ffe::', 16], // 6bone, given back
  ['3fff::', 20], // documentation
];

const mapped = '::ffff:';
const nat64 = '64:ff9b::';
const special = new BlockList();
const routed = new BlockList();

for (const [network, bits] of ipv6Blocks) special.addSubnet(network, bits, 'ipv6');
for (const [network, bits] of ipv4Blocks) {
  special.addSubnet(network, bits, 'ipv4');
  for (const prefix of [mapped, nat64]) special.addSubnet(prefix + network, 96 + bits, 'ipv6');
}
routed.addSubnet('2000::', 3, 'ipv6');
for (const prefix of [mapped, nat64]) routed.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6');
