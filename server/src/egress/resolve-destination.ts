import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { invalidRequest } from '../core/sluice-error.ts';
import { isPublicAddress } from './address.ts';
import { type AllowList, hostnameOf, portOf } from './allow-list.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Every address of a host name; rejects with the resolver's own error. */
export type ResolveHost = (hostname: string) => Promise<ResolvedAddress[]>;

export const resolveHost: ResolveHost = (hostname) => lookup(hostname, { all: true });

/** The resolver's words for "there is no such name". */
const noSuchName = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA']);

/**
 * The addresses that a URL's host stands for, asked for once, each of them public or allowed by the operator. Throws
 * `invalid_request` when any is not, in the same words as for a name that does not exist: which names and addresses a
 * network has inside is nobody's business.
 */
export async function resolveDestination(
  url: URL,
  { lookup, allows, label }: { lookup: ResolveHost; allows: AllowList; label: string },
): Promise<ResolvedAddress[]> {
  const hostname = hostnameOf(url);
  const port = portOf(url);
  const family = isIP(hostname);
  const addresses = family === 0 ? await lookup(url.hostname).catch(asNothing) : [{ address: hostname, family }];
  const isOpen = ({ address }: ResolvedAddress) => isPublicAddress(address) || allows({ hostname, port, address });
  if (addresses.length > 0 && addresses.every(isOpen)) return addresses;
  throw invalidRequest(
    `The address on ${label} does not lead to a public host, and the operator of this gateway has not allowed it.`,
  );
}

function asNothing(error: { code?: string }): ResolvedAddress[] {
  if (noSuchName.has(error.code ?? '')) return [];
  throw error;
}
