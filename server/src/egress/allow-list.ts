import { BlockList, isIP } from 'node:net';

/** Where a connection would go: the host as the address names it, and the IP address that it stands for. */
export interface Destination {
  /** In lower case, without brackets or a last dot. */
  hostname: string;
  port: number;
  address: string;
}

export type AllowList = (destination: Destination) => boolean;

/**
 * The operator's exceptions: `host` or `host:port` with a name or an IP address (IPv6 in brackets before a port), or a
 * network like `10.1.0.0/16`. Without a port every port is meant. Entries of any other form allow nothing.
 */
export function createAllowList(entries: readonly string[]): AllowList {
  const rules = entries.map(parseEntry).filter((rule) => rule !== undefined);
  return (destination) => rules.some((rule) => rule(destination));
}

/** Whether an entry has one of the forms above. */
export const isAllowEntry = (entry: string): boolean => parseEntry(entry) !== undefined;

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');

function parseEntry(entry: string): AllowList | undefined {
  const network = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(entry);
  if (network) return inNetwork(network[1]!, Number(network[2]));
  if (isIP(entry) === 6) return inNetwork(entry, 128);
  const match = /^(\[[\da-f.:]+\]|[^\s:/?#@\\[\]%*,;]+)(?::(\d{1,5}))?$/i.exec(entry);
  const hostname = match && canonicalHost(match[1]!);
  if (!match || !hostname) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined;
  const isHost: AllowList =
    isIP(hostname) === 0
      ? (destination) => destination.hostname === hostname
      : inNetwork(hostname, isIP(hostname) === 6 ? 128 : 32)!;
  return (destination) => (port === undefined || destination.port === port) && isHost(destination);
}

function inNetwork(base: string, bits: number): AllowList | undefined {
  if (isIP(base) === 0 || bits > (isIP(base) === 6 ? 128 : 32)) return undefined;
  const networks = new BlockList();
  networks.addSubnet(base, bits, familyOf(base));
  return ({ address }) => isIP(address) !== 0 && networks.check(address, familyOf(address));
}

/** A host in the spelling that `URL` gives every other form of it, without brackets or a last dot. */
function canonicalHost(host: string): string | undefined {
  return URL.canParse(`http://${host}/`) ? hostnameOf(new URL(`http://${host}/`)) : undefined;
}

export const hostnameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$|\.$/g, '');

export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
