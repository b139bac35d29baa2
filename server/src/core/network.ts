import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network: its first address and how many bits of it are fixed. */
export interface Network {
  address: Address;
  bits: number;
}

/**
 * A network of an address or CIDR notation (`10.1.0.0/16`, `2001:db8::/32`, `192.0.2.7`); undefined when it is none. IPv4
 * mapped into IPv6 (`::ffff:10.1.0.0/112`) is the IPv4 network. Forms that parsers read differently (`010.1`, `127.1`,
 * `0x7f.1`) are none.
 */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', mask] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const raw = parseStrict(address);
  if (!raw) return undefined;
  const all = raw.kind() === 'ipv4' ? 32 : 128;
  const bits = mask === undefined ? all : Number(mask);
  if (bits > all) return undefined;
  const plain = unmapped(raw);
  if (plain.kind() === raw.kind()) return { address: raw, bits };
  // Less of a mapped address than its IPv4 part is no network of either family.
  return bits < 96 ? undefined : { address: plain, bits: bits - 96 };
}

export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** An address in the form to compare it by; undefined for what is none. A zone (`fe80::1%eth0`) is left out. */
export function parseAddress(text: string): Address | undefined {
  const raw = parseStrict(text.trim().replace(/%[\w.-]+$/, ''));
  return raw && unmapped(raw);
}

/** Whether an address lies in one of the networks. Entries that are no network hold nothing. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && networks.some((text) => holds(parseNetwork(text), { address: parsed, bits: 128 }));
}

/** Whether all of one network lies in another one. */
export function contains(outer: string, inner: string): boolean {
  const network = parseNetwork(inner);
  return network !== undefined && holds(parseNetwork(outer), network);
}

function holds(outer: Network | undefined, inner: Network): boolean {
  if (!outer || outer.bits > inner.bits || outer.address.kind() !== inner.address.kind()) return false;
  return inner.address.kind() === 'ipv4'
    ? (inner.address as ipaddr.IPv4).match(outer.address as ipaddr.IPv4, outer.bits)
    : (inner.address as ipaddr.IPv6).match(outer.address as ipaddr.IPv6, outer.bits);
}

function parseStrict(text: string): Address | undefined {
  if (text.includes(':')) {
    return ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.IPv6.parse(text) : undefined;
  }
  return ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text) ? ipaddr.IPv4.parse(text) : undefined;
}

const unmapped = (address: Address): Address =>
  address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress()
    ? (address as ipaddr.IPv6).toIPv4Address()
    : address;
