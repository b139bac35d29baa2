import { crc32 } from 'node:zlib';
import { EventStreamCodec, type Message, type MessageHeaders } from '@smithy/eventstream-codec';
import { SluiceError } from '../core/sluice-error.ts';
import { maxEventBytes } from './sse-cutter.ts';
import type { WireEvent } from './wire.ts';

/** Takes an AWS event stream (https://smithy.io/2.0/aws/amazon-eventstream.html) apart as its bytes arrive. */
export interface AwsEventStreamDecoder {
  /** The messages that are complete now. Throws `upstream_invalid_answer` on a bad checksum or a message over 4 MiB. */
  push(chunk: Uint8Array): WireEvent[];
  /** Called when the bytes end. A cut message is no event: whether the answer was complete is for the wire to say. */
  rest(): WireEvent[];
}

const utf8 = new TextDecoder();
const toUtf8 = (input: Uint8Array | string) => (typeof input === 'string' ? input : utf8.decode(input));
const fromUtf8 = (input: string): Uint8Array => Buffer.from(input, 'utf8');
const codec = new EventStreamCodec(toUtf8, fromUtf8);

// Total length, headers length and the checksum of these two, 4 bytes each.
const preludeBytes = 12;
const leastMessageBytes = 16;

/** The message type `error` of the framing layer becomes the event `error`; an exception's event is its type. */
export function createAwsEventStreamDecoder(): AwsEventStreamDecoder {
  let held = new Uint8Array(0);
  let start = 0;
  let end = 0;

  /** Appends to what is held; what was read already makes room first, and growth doubles, so that bytes are copied few times. */
  const hold = (chunk: Uint8Array) => {
    if (end + chunk.length > held.length) {
      const length = end - start + chunk.length;
      const target = length > held.length / 2 ? new Uint8Array(Math.max(length * 2, 1024)) : held;
      target.set(held.subarray(start, end));
      held = target;
      end -= start;
      start = 0;
    }
    held.set(chunk, end);
    end += chunk.length;
  };

  return {
    push(chunk) {
      // Most chunks begin with a message and end with one: they need no copy.
      const whole = start === end;
      let bytes = chunk;
      if (!whole) {
        hold(chunk);
        bytes = held.subarray(start, end);
      }
      const events: WireEvent[] = [];
      let at = 0;
      while (bytes.length - at >= preludeBytes) {
        const length = messageLength(bytes, at);
        if (bytes.length - at < length) break;
        events.push(decode(bytes.subarray(at, at + length)));
        at += length;
      }
      if (whole) {
        start = end = 0;
        if (at < bytes.length) hold(bytes.subarray(at));
      } else start += at;
      return events;
    },
    rest() {
      start = end = 0;
      return [];
    },
  };
}

/** The length that the prelude gives, once its checksum says that it is a prelude. */
function messageLength(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, preludeBytes);
  if (crc32(bytes.subarray(at, at + 8)) !== view.getUint32(8)) {
    throw new SluiceError('upstream_invalid_answer', 'The provider sent bytes that are no AWS event stream.');
  }
  const length = view.getUint32(0);
  if (length > maxEventBytes) {
    throw new SluiceError(
      'upstream_invalid_answer',
      `The provider sent one event of more than ${maxEventBytes} bytes.`,
    );
  }
  if (length < leastMessageBytes) {
    throw new SluiceError('upstream_invalid_answer', 'The provider sent an AWS event that is too short to be one.');
  }
  return length;
}

function decode(bytes: Uint8Array): WireEvent {
  let message: Message;
  try {
    message = codec.decode(bytes);
  } catch (cause) {
    throw new SluiceError('upstream_invalid_answer', 'The provider sent an AWS event that is damaged.', { cause });
  }
  const { headers, body } = message;
  const type = header(headers, ':message-type');
  if (type === 'error') {
    const code = header(headers, ':error-code');
    return { event: 'error', data: JSON.stringify({ code, message: header(headers, ':error-message') }) };
  }
  const event = header(headers, type === 'exception' ? ':exception-type' : ':event-type');
  const data = utf8.decode(body);
  return event === undefined ? { data } : { event, data };
}

function header(headers: MessageHeaders, name: string): string | undefined {
  const value = headers[name]?.value;
  return typeof value === 'string' ? value : undefined;
}

/**
 * One event as an AWS event-stream message, for replaying recordings. Without `event` the data must be `{"<type>": payload}`.
 * A type that ends in `Exception` is framed as an exception.
 */
export function encodeAwsEvent({ event, data }: WireEvent): Uint8Array {
  let type = event;
  let payload = data;
  if (type === undefined) {
    const [entry] = Object.entries(JSON.parse(data) as Record<string, unknown>);
    if (!entry) throw new Error('An event without a type needs data of the form {"<type>": payload}.');
    type = entry[0];
    payload = JSON.stringify(entry[1]);
  }
  const exception = type.endsWith('Exception');
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers: MessageHeaders = {
    [exception ? ':exception-type' : ':event-type']: text(type),
    ':content-type': text('application/json'),
    ':message-type': text(exception ? 'exception' : 'event'),
  };
  return codec.encode({ headers, body: fromUtf8(payload) });
}
