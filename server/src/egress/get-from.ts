import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostnameOf, portOf } from './allow-list.ts';
import type { ResolvedAddress } from './resolve-destination.ts';

export interface GetOptions {
  signal: AbortSignal;
  /** In PEM, instead of the runtime's own. */
  certificateAuthorities?: string[];
}

/**
 * Asks for a URL at these addresses and nowhere else, and gives the answer with its body unread; redirects are not followed.
 * Over TLS the certificate must be the host name's. Rejects with the runtime's own error.
 */
export function getFrom(
  addresses: ResolvedAddress[],
  url: URL,
  { signal, certificateAuthorities }: GetOptions,
): Promise<IncomingMessage> {
  const hostname = hostnameOf(url);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(
      {
        host: hostname,
        port: portOf(url),
        path: url.pathname + url.search,
        headers: { host: url.host, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice' },
        lookup: lookupOf(addresses),
        // A connection of its own: a pooled one may have been made for another name, and checked for that.
        agent: false,
        signal,
        // Certificates are checked whatever the environment says of that.
        rejectUnauthorized: true,
        ...(isIP(hostname) === 0 && { servername: hostname }),
        ...(certificateAuthorities && { ca: certificateAuthorities }),
      },
      // Whoever is reading hears of a fault; one that comes while nobody reads must not end the process.
      (response) => resolve(response.on('error', () => {})),
    )
      .on('error', reject)
      // An answer that switches protocols is closed without a word.
      .on('close', () => reject(new Error('The connection was closed without an answer.')))
      .end();
  });
}

/** Asks no resolver: a connection can only go to the addresses that were checked. */
const lookupOf =
  (addresses: ResolvedAddress[]): LookupFunction =>
  (_hostname, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, addresses[0]!.address, addresses[0]!.family);
  };
