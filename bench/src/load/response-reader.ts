/** What one HTTP response came to. `body` is whole only when it was kept; `tail` is its last bytes always. */
export interface Received {
  status: number;
  bytes: number;
  reads: number;
  tail: string;
  body?: string;
}

type State = 'head' | 'sized' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

const tailBytes = 64;

/**
 * Reads HTTP/1.1 responses off one keep-alive connection (RFC 9112): feed `push` what the socket gives, and it returns
 * the response once its last byte has arrived. `onFirstByte` fires at the first byte of each body.
 * Knows Content-Length and chunked bodies, which is all that a server may send on a connection that stays open.
 */
export function createResponseReader({ onFirstByte }: { onFirstByte?: () => void } = {}) {
  let state = 'head' as State;
  let head = '';
  let line = '';
  let remaining = 0;
  let keepBody = false;
  let status = 0;
  let bytes = 0;
  let reads = 0;
  let tail = Buffer.alloc(0);
  let kept: Buffer[] = [];

  function start(keep: boolean) {
    state = 'head';
    head = '';
    line = '';
    keepBody = keep;
    bytes = 0;
    reads = 0;
    tail = Buffer.alloc(0);
    kept = [];
  }

  function finish(): Received {
    const body = keepBody ? Buffer.concat(kept).toString('utf8') : undefined;
    return { status, bytes, reads, tail: tail.toString('latin1'), body };
  }

  function isEmpty(): boolean {
    return state === 'sized' && remaining === 0;
  }

  function take(part: Buffer) {
    if (bytes === 0) onFirstByte?.();
    bytes += part.length;
    if (keepBody) kept.push(Buffer.from(part));
    // The socket may reuse its buffer, so what outlives this call is copied; an event is longer than the tail, mostly.
    tail = Buffer.from(
      part.length >= tailBytes ? part.subarray(-tailBytes) : Buffer.concat([tail, part]).subarray(-tailBytes),
    );
  }

  function readHead(data: Buffer): number {
    const before = head.length;
    head += data.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return data.length;
    const fields = head.slice(0, end).toLowerCase();
    status = Number(fields.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/.exec(fields);
    if (/\r\ntransfer-encoding: *chunked/.test(fields)) state = 'chunk-size';
    else if (length) state = 'sized';
    else throw new Error(`neither a length nor chunks in: ${fields}`);
    remaining = length ? Number(length[1]) : 0;
    return end + 4 - before;
  }

  /** Appends up to and with the next line feed to `line`; returns where it stopped. */
  function readLine(data: Buffer, from: number): number {
    const end = data.indexOf(10, from);
    line += data.toString('latin1', from, end < 0 ? data.length : end + 1);
    return end < 0 ? data.length : end + 1;
  }

  return {
    start,
    push(data: Buffer): Received | undefined {
      reads += 1;
      let at = 0;
      if (state === 'head') {
        at = readHead(data);
        if (isEmpty()) return finish();
      }
      while (at < data.length) {
        switch (state) {
          case 'sized':
          case 'chunk': {
            const end = Math.min(data.length, at + remaining);
            take(data.subarray(at, end));
            remaining -= end - at;
            at = end;
            if (remaining > 0) break;
            if (state === 'sized') return finish();
            state = 'chunk-end';
            break;
          }
          case 'chunk-size': {
            at = readLine(data, at);
            if (!line.endsWith('\n')) break;
            remaining = Number.parseInt(line, 16);
            if (Number.isNaN(remaining)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
            line = '';
            state = remaining === 0 ? 'trailer' : 'chunk';
            break;
          }
          case 'chunk-end':
          case 'trailer': {
            at = readLine(data, at);
            if (!line.endsWith('\n')) break;
            const blank = line === '\r\n' || line === '\n';
            line = '';
            if (state === 'trailer' && blank) return finish();
            if (state === 'chunk-end') state = 'chunk-size';
            break;
          }
          case 'head':
            return undefined;
        }
      }
      return undefined;
    },
  };
}
