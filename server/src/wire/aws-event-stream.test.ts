import { expect, test } from 'bun:test';
import { crc32 } from 'node:zlib';
import { createAwsEventStreamDecoder, encodeAwsEvent } from './aws-event-stream.ts';
import type { WireEvent } from './wire.ts';

const events: WireEvent[] = [
  { event: 'messageStart', data: '{"role":"assistant"}' },
  { event: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"text":"blåbær 🫐"}}' },
  { event: 'throttlingException', data: '{"message":"slow down"}' },
  { event: 'messageStop', data: '{"stopReason":"end_turn"}' },
];
const bytes = new Uint8Array(Buffer.concat(events.map(encodeAwsEvent)));

test('every way to cut a stream in two gives the same events', () => {
  for (let at = 0; at <= bytes.length; at++) {
    const decoder = createAwsEventStreamDecoder();
    expect([...decoder.push(bytes.subarray(0, at)), ...decoder.push(bytes.subarray(at))]).toEqual(events);
  }
});

test('chunks of every size give the same events, over several rounds', () => {
  for (let size = 1; size < 80; size++) {
    const decoder = createAwsEventStreamDecoder();
    const found: WireEvent[] = [];
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < bytes.length; at += size) found.push(...decoder.push(bytes.slice(at, at + size)));
    }
    expect(found).toEqual([...events, ...events, ...events]);
  }
});

test('a message is framed as the specification says', () => {
  const frame = encodeAwsEvent({ event: 'a', data: '{}' });
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  expect(view.getUint32(0)).toBe(frame.length);
  expect(view.getUint32(8)).toBe(crc32(frame.subarray(0, 8)));
  expect(view.getUint32(frame.length - 4)).toBe(crc32(frame.subarray(0, frame.length - 4)));
  const headers = Buffer.from(frame.subarray(12, 12 + view.getUint32(4))).toString('latin1');
  expect(headers).toContain(':event-type\x07\x00\x01a');
  expect(headers).toContain(':message-type\x07\x00\x05event');
});

test('an exception is framed as one, and data in SDK form is taken apart', () => {
  expect(Buffer.from(encodeAwsEvent(events[2]!)).toString('latin1')).toContain(':exception-type');
  expect(encodeAwsEvent({ data: '{"messageStop":{"stopReason":"end_turn"}}' })).toEqual(encodeAwsEvent(events[3]!));
});

test('a damaged byte anywhere is noticed', () => {
  const frame = encodeAwsEvent(events[1]!);
  for (let at = 0; at < frame.length; at++) {
    const damaged = frame.slice();
    damaged[at] = damaged[at]! ^ 0x40;
    expect(() => createAwsEventStreamDecoder().push(damaged)).toThrow(/AWS event/);
  }
});

test('something that is no event stream is refused at its first bytes', () => {
  expect(() => createAwsEventStreamDecoder().push(Buffer.from('<html><body>Bad gateway'))).toThrow(
    'no AWS event stream',
  );
});

test('a message over 4 MiB is refused as soon as its length is known', () => {
  const prelude = new Uint8Array(12);
  const view = new DataView(prelude.buffer);
  view.setUint32(0, 4 * 1024 * 1024 + 1);
  view.setUint32(8, crc32(prelude.subarray(0, 8)));
  expect(() => createAwsEventStreamDecoder().push(prelude)).toThrow(/more than 4194304 bytes/);
});

test('a large message in many small chunks is put together', () => {
  const event = { event: 'contentBlockDelta', data: JSON.stringify({ text: 'x'.repeat(1_000_000) }) };
  const frame = encodeAwsEvent(event);
  const decoder = createAwsEventStreamDecoder();
  const found: WireEvent[] = [];
  for (let at = 0; at < frame.length; at += 1000) found.push(...decoder.push(frame.subarray(at, at + 1000)));
  expect(found).toEqual([event]);
});

test('what is left of a cut message is no event', () => {
  const decoder = createAwsEventStreamDecoder();
  expect(decoder.push(bytes.subarray(0, bytes.length - 1))).toHaveLength(3);
  expect(decoder.rest()).toEqual([]);
  expect(decoder.push(bytes)).toHaveLength(4);
});
