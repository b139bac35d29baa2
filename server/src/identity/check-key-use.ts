import { isWithin } from '../core/network.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Dialect } from '../core/wire-name.ts';
import type { KeyRow } from '../store/key-store.ts';
import { matchesPattern } from './key-scopes.ts';

/** What a key is used for, as far as it is known before the body is read. */
export interface KeyUse {
  request: Request;
  dialect?: Dialect;
}

/** The address that a request comes from; undefined when it cannot be known. */
export type AddressOf = (request: Request) => string | undefined;

/**
 * Refuses a key that is used from elsewhere, on another path or in another dialect than it is for. Throws `forbidden`. What
 * cannot be told (no request, no address) is refused by a key that is limited in it.
 */
export function checkKeyUse(
  { name, addresses, scopes }: Pick<KeyRow, 'name' | 'addresses' | 'scopes'>,
  { request, dialect }: Partial<KeyUse>,
  addressOf: AddressOf | undefined,
): void {
  if (addresses) {
    const address = request && addressOf?.(request);
    if (address === undefined || !isWithin(addresses, address)) {
      throw refused(
        name,
        `from ${address ?? 'an address that is not known'}`,
        'its allow-list does not hold that address',
      );
    }
  }
  if (!scopes) return;
  const { routes, dialects } = scopes;
  if (routes) {
    const path = request && pathOf(request.url);
    if (path === undefined || !matchesPattern(routes, path)) {
      throw refused(name, `on ${path ?? 'this route'}`, `its routes are ${routes.join(', ')}`);
    }
  }
  if (dialects && dialect !== undefined && !matchesPattern(dialects, dialect)) {
    throw refused(name, `in the dialect ${dialect}`, `its dialects are ${dialects.join(', ')}`);
  }
}

/** The path as it was sent, not decoded: what begins like a pattern here begins like it however it is decoded later. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

const refused = (name: string, where: string, why: string): SluiceError =>
  new SluiceError(
    'forbidden',
    `The key ${JSON.stringify(name)} may not be used ${where}: ${why}. Ask whoever gave it to you for another one.`,
  );
