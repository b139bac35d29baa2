/** One HTTP request as it came over the socket. */
export interface RawRequest {
  method: string;
  /** With its query. */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The body's bytes, chunked coding taken off. */
  body: Uint8Array;
}

/** Takes HTTP/1.1 requests out of a connection's bytes, one after the other. Knows only what a provider's clients send. */
export function createRequestReader(onRequest: (request: RawRequest) => void) {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(bytes: Uint8Array): void {
      held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
      for (let read = readRequest(held); read; read = readRequest(held)) {
        held = held.subarray(read.end);
        onRequest(read.request);
      }
    },
  };
}

function readRequest(bytes: Buffer): { request: RawRequest; end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [line = '', ...fields] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    headers[field.slice(0, colon).trim().toLowerCase()] = field.slice(colon + 1).trim();
  }
  const from = headEnd + 4;
  const body = /chunked/i.test(headers['transfer-encoding'] ?? '')
    ? readChunked(bytes, from)
    : readSized(bytes, from, Number(headers['content-length'] ?? 0));
  return body && { request: { method, path, headers, body: Uint8Array.from(body.bytes) }, end: body.end };
}

function readSized(bytes: Buffer, from: number, length: number): { bytes: Buffer; end: number } | undefined {
  return bytes.length - from < length ? undefined : { bytes: bytes.subarray(from, from + length), end: from + length };
}

function readChunked(bytes: Buffer, from: number): { bytes: Buffer; end: number } | undefined {
  const parts: Buffer[] = [];
  let at = from;
  while (true) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + length + 2) return undefined;
    at = start + length + 2;
    if (length === 0) return { bytes: Buffer.concat(parts), end: at };
    parts.push(bytes.subarray(start, start + length));
  }
}
