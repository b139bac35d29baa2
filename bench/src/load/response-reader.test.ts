import { expect, test } from 'bun:test';
import { createResponseReader, type Received } from './response-reader.ts';

const chunked =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '6\r\ndata: \r\na;note=x\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n';
const sized = 'HTTP/1.1 429 Too Many Requests\r\ncontent-length: 5\r\n\r\nnever';

function read(response: string, step: number): Received | undefined {
  const reader = createResponseReader();
  reader.start(true);
  for (let at = 0; at < response.length; at += step) {
    const received = reader.push(Buffer.from(response.slice(at, at + step)));
    if (received) {
      expect(at + step).toBeGreaterThanOrEqual(response.length);
      return received;
    }
  }
  return undefined;
}

test('a response reads the same however the network cuts it, and ends with its very last byte', () => {
  for (let step = 1; step <= chunked.length; step += 1) {
    expect(read(chunked, step)).toMatchObject({
      status: 200,
      bytes: 16,
      body: 'data: 0123456789',
      tail: 'data: 0123456789',
    });
  }
  for (let step = 1; step <= sized.length; step += 1) {
    expect(read(sized, step)).toMatchObject({ status: 429, bytes: 5, body: 'never' });
  }
});

test('a response cut short is no response', () => {
  expect(read(chunked.slice(0, -2), 7)).toBeUndefined();
  expect(read(sized.slice(0, -1), 7)).toBeUndefined();
});

test('an empty body ends with the head', () => {
  expect(read('HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n', 1000)).toMatchObject({ status: 204, bytes: 0 });
});

test('one reader reads the responses of a connection one after another', () => {
  let firstBytes = 0;
  const reader = createResponseReader({ onFirstByte: () => (firstBytes += 1) });
  for (const response of [chunked, sized, chunked]) {
    reader.start(false);
    expect(reader.push(Buffer.from(response))).toMatchObject({ reads: 1, body: undefined });
  }
  expect(firstBytes).toBe(3);
});

test('the tail is the last 64 bytes, also when they came in small pieces', () => {
  const body = Array.from({ length: 40 }, (_, index) => `<${index}>`).join('');
  const response = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  expect(read(response, 3)?.tail).toBe(body.slice(-64));
});

test('a response that neither gives its length nor comes in chunks is refused', () => {
  expect(() => read('HTTP/1.1 200 OK\r\n\r\nhello', 1000)).toThrow('neither a length nor chunks');
});
