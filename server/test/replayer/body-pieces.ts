import { type Answer, isRecording } from './answer.ts';
import { frameEvents, streamContentType } from './frame-events.ts';
import type { RawRequest } from './request-reader.ts';

/** An answer ready to be written: its head and the body in the pieces that holds and cuts count. */
export interface Written {
  status: number;
  headers: Record<string, string>;
  /** Events of a stream, else the whole body as one piece. */
  pieces: Uint8Array[];
  streamed: boolean;
}

/** The bytes of an answer to this request: a stream when the request asks for one and the recording has one. */
export function writeAnswer({ what, delivery }: Answer, request: RawRequest): Written {
  const { status, headers = {}, framing } = delivery;
  if (!isRecording(what)) {
    const { body = '' } = what;
    const text = typeof body === 'string' || body instanceof Uint8Array;
    return {
      status: status ?? what.status,
      headers: { 'content-type': text ? 'text/plain' : 'application/json', ...what.headers, ...headers },
      pieces: [text ? Buffer.from(body) : Buffer.from(JSON.stringify(body))],
      streamed: false,
    };
  }
  const { wire, body, events, name } = what;
  if (events && (asksForStream(request) || !body)) {
    return {
      status: status ?? 200,
      headers: { 'content-type': streamContentType(wire), 'cache-control': 'no-cache', ...headers },
      pieces: frameEvents(wire, events, framing),
      streamed: true,
    };
  }
  if (!body) throw new Error(`${name} has neither body nor stream.`);
  return {
    status: status ?? 200,
    headers: { 'content-type': 'application/json', ...headers },
    pieces: [body],
    streamed: false,
  };
}

function asksForStream({ path, body }: RawRequest): boolean {
  if (/:streamGenerateContent|\/converse-stream/.test(path)) return true;
  return /"stream"\s*:\s*true/.test(Buffer.from(body).toString('utf8'));
}
