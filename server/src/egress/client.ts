/** What goes out: built whole by the caller, nothing of an incoming request is copied. */
export interface OutgoingRequest {
  url: string;
  method: 'POST' | 'GET' | 'DELETE';
  headers: Record<string, string>;
  body?: string;
}

/** The same with a body that is no text. */
export type OutgoingBytes = Omit<OutgoingRequest, 'body'> & { body: Uint8Array<ArrayBuffer> };

/** Sends a request to an address that the operator configured. Redirects are not followed. */
export type Egress = (request: OutgoingRequest | OutgoingBytes, options: { signal: AbortSignal }) => Promise<Response>;

/** The way out to providers: the operator's own addresses, so private networks are allowed. */
export function createEgress(): Egress {
  return ({ url, method, headers, body }, { signal }) =>
    fetch(url, {
      method,
      headers,
      body,
      signal,
      redirect: 'manual',
      // Bun gives up after 5 silent minutes by default; deadlines are the caller's, and a cold start takes longer.
      timeout: false,
    } as RequestInit);
}
