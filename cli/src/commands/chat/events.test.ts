import { expect, test } from 'bun:test';
import { readEvents } from './events.ts';

const stream = ': hello\r\n\r\ndata: {"a":"é🙂"}\n\nevent: x\ndata:one\ndata: two\r\n\r\nid: 7\n\ndata: [DONE]\n\n';

async function read(bytes: Uint8Array, size: number): Promise<string[]> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return Array.fromAsync(readEvents(pieces()));
}

test('events are the same however the bytes are cut', async () => {
  const bytes = new TextEncoder().encode(stream);
  for (let size = 1; size <= bytes.length; size++) {
    expect(await read(bytes, size)).toEqual(['{"a":"é🙂"}', 'one\ntwo', '[DONE]']);
  }
});

test('an event that is cut off is none', async () => {
  expect(await read(new TextEncoder().encode('data: whole\n\ndata: half'), 100)).toEqual(['whole']);
});
