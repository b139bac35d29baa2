import { isWithin, parseAddress } from '../core/network.ts';

export interface CallerAddressDeps {
  /** The address at the other end of the connection. */
  peerOf(request: Request): string | undefined;
  /** Networks whose word about who is behind them is taken. */
  trustedProxies(): readonly string[];
}

/**
 * Where a request comes from: the other end of its connection, or, when that is a trusted proxy, whoever the proxy says is
 * behind it, from the last entry of `x-forwarded-for` back to the first that is no trusted proxy itself. Undefined when it
 * cannot be told.
 */
export function createCallerAddress({ peerOf, trustedProxies }: CallerAddressDeps) {
  return function addressOf(request: Request): string | undefined {
    const peer = peerOf(request);
    const trusted = trustedProxies();
    if (peer === undefined || trusted.length === 0 || !isWithin(trusted, peer)) return peer;
    const said = request.headers.get('x-forwarded-for');
    if (said === null) return peer;
    let nearest: string | undefined;
    for (const entry of said.split(',').reverse()) {
      // Some proxies add the port.
      const address = entry
        .trim()
        .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
        .replace(/^([\d.]+):\d+$/, '$1');
      if (!parseAddress(address)) return undefined;
      nearest = address;
      if (!isWithin(trusted, address)) break;
    }
    return nearest;
  };
}
