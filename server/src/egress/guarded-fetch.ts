import type { IncomingMessage } from 'node:http';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import { createAllowList } from './allow-list.ts';
import { getFrom } from './get-from.ts';
import { type ResolveHost, resolveDestination, resolveHost } from './resolve-destination.ts';

export interface Fetched {
  bytes: Buffer;
  /** The header as it came; `application/octet-stream` when there was none (RFC 9110, 8.3). */
  contentType: string;
  /** Where the redirects ended. */
  finalUrl: string;
}

export interface GuardedFetchOptions {
  signal: AbortSignal;
  /** Tested against the content type in lower case without its parameters. */
  accept?: RegExp;
  /** Hears the length of every piece as it arrives; what it throws ends the fetch. */
  onBytes?(count: number): void;
}

export type GuardedFetch = (url: string, options: GuardedFetchOptions) => Promise<Fetched>;

export interface GuardedFetchDeps {
  /** The operator's exceptions; see `createAllowList` for their forms. Asked for at every fetch. */
  allow(): readonly string[];
  /** Of one answer's body. */
  maxBytes: number;
  /** For all of it: names, redirects and body. */
  timeoutMs: number;
  lookup?: ResolveHost;
  /** Trusted certificate authorities in PEM, instead of the runtime's own. */
  certificateAuthorities?: string[];
}

const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * The way out to addresses that callers name. GET over http(s) only, straight to the host without a proxy, to an address
 * that was looked up once and found public, or allowed by the operator; every redirect is checked like the first address.
 * Sends no cookies and no credentials, and takes no compressed answer, so that what is counted is what is kept. Throws
 * `invalid_request` for what the caller can mend, `upstream_unreachable` for a host that fails, and `client_closed` (or
 * the signal's own SluiceError) when the signal aborts. Messages name the caller's own host and nothing else.
 */
export function createGuardedFetch(deps: GuardedFetchDeps): GuardedFetch {
  const { allow, maxBytes, timeoutMs, lookup = resolveHost, certificateAuthorities } = deps;

  return async function guardedFetch(address, { signal, accept, onBytes }) {
    let url = parseAddress(address);
    const label = url.host.slice(0, 100);
    const allows = createAllowList(allow());
    const abort = new AbortController();
    const giveUp = () => abort.abort(callerGone(signal));
    const timer = setTimeout(() => abort.abort(unreachable(label, `took longer than ${timeoutMs} ms`)), timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    const reading = { label, signal: abort.signal, accept, maxBytes, onBytes };
    try {
      for (let hops = 0; ; hops++) {
        const addresses = await orAborted(resolveDestination(url, { lookup, allows, label }), abort.signal);
        const response = await getFrom(addresses, url, { signal: abort.signal, certificateAuthorities });
        try {
          const next = redirectOf(response, url, label);
          if (!next) return { ...(await readAnswer(response, reading)), finalUrl: url.href };
          if (hops === maxRedirects)
            throw invalidRequest(`The address on ${label} redirects more than ${maxRedirects} times.`);
          url = next;
        } finally {
          response.destroy();
        }
      }
    } catch (thrown) {
      if (abort.signal.aborted) throw abort.signal.reason;
      throw thrown instanceof SluiceError ? thrown : unreachable(label, 'could not be reached', thrown);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  };
}

/** `text/html; charset=utf-8` without its parameters, in lower case. */
export const baseTypeOf = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

interface Reading extends GuardedFetchOptions {
  label: string;
  maxBytes: number;
}

async function readAnswer(
  response: IncomingMessage,
  { label, signal, accept, maxBytes, onBytes }: Reading,
): Promise<Omit<Fetched, 'finalUrl'>> {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 500 || statusCode === 429) throw unreachable(label, `answered with status ${statusCode}`);
  if (statusCode !== 200) throw invalidRequest(`The address on ${label} answered with status ${statusCode}.`);
  const contentType = headers['content-type'] ?? 'application/octet-stream';
  if (accept && !accept.test(baseTypeOf(contentType))) {
    const held = JSON.stringify(contentType.slice(0, 80));
    throw invalidRequest(`The address on ${label} holds ${held}, which is not what was expected.`);
  }
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw invalidRequest(`The address on ${label} answers compressed, though it was asked not to.`);
  }
  const tooLong = () => invalidRequest(`The address on ${label} holds more than ${maxBytes} bytes.`);
  if (Number(headers['content-length']) > maxBytes) throw tooLong();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > maxBytes) throw tooLong();
    onBytes?.(piece.length);
    pieces.push(piece);
  }
  // A body that lasts until the connection ends has no other sign of having been cut off by us.
  signal.throwIfAborted();
  return { bytes: Buffer.concat(pieces), contentType };
}

function parseAddress(address: string, base?: URL): URL {
  if (!URL.canParse(address, base)) throw invalidRequest('The address is not a valid URL.');
  const url = new URL(address, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalidRequest('Only http and https addresses are fetched.');
  if (url.username !== '' || url.password !== '')
    throw invalidRequest('The address must not hold a user name or password.');
  return url;
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL, label: string): URL | undefined {
  if (!redirects.has(statusCode) || headers.location === undefined) return undefined;
  const next = parseAddress(headers.location, url);
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw invalidRequest(`The address on ${label} redirects from https to http.`);
  }
  return next;
}

const unreachable = (label: string, what: string, cause?: unknown): SluiceError =>
  new SluiceError('upstream_unreachable', `The host ${label} ${what}.`, { cause });

const callerGone = ({ reason }: AbortSignal): SluiceError =>
  reason instanceof SluiceError ? reason : new SluiceError('client_closed', 'The caller hung up.');

/** A resolver cannot be stopped, only left alone. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
