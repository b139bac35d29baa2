import { expect, test } from 'bun:test';
import { SluiceError } from '../core/sluice-error.ts';
import { parseSseEvents } from './sse.ts';
import { createSseCutter, maxEventBytes } from './sse-cutter.ts';

const utf8 = new TextEncoder();
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const withLineEnds = (lineEnd: string) =>
  [
    ': a comment',
    '',
    'event: first',
    'data: {"text":"blåbær 🫐"}',
    '',
    'data: two',
    'data: lines',
    '',
    'data:no space',
    '',
    'data: [DONE]',
    '',
    '',
  ].join(lineEnd);

const streams: [string, string][] = [
  ['LF', withLineEnds('\n')],
  ['CRLF', withLineEnds('\r\n')],
  ['CR', withLineEnds('\r')],
  ['mixed', 'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n: note\n\r\n\r\ndata: d\n\n\n\ndata: e\r\n\r\n'],
];

const expected = new Map(streams.map(([name, text]) => [name, parseSseEvents(text)]));

/** What comes out, piece by piece, and the rest. */
function cut(chunks: Uint8Array[]): { pieces: Uint8Array[]; rest: Uint8Array | undefined } {
  const cutter = createSseCutter();
  const pieces = chunks.map((chunk) => cutter.push(chunk)).filter((piece) => piece !== undefined);
  return { pieces, rest: cutter.rest() };
}

const eventsOf = (pieces: Uint8Array[]) => pieces.flatMap((piece) => parseSseEvents(decode(piece)));

test.each(streams)('a stream with %s line ends comes out the same wherever it is cut in two', (name, text) => {
  const bytes = utf8.encode(text);
  for (let at = 0; at <= bytes.length; at++) {
    const { pieces, rest } = cut([bytes.subarray(0, at), bytes.subarray(at)]);
    expect(decode(Buffer.concat(pieces))).toBe(text);
    expect(rest).toBeUndefined();
    expect(eventsOf(pieces)).toEqual(expected.get(name)!);
  }
});

test.each(streams)(
  'a stream with %s line ends comes out the same in pieces of every size, even single bytes',
  (name, text) => {
    const bytes = utf8.encode(text);
    for (let size = 1; size <= bytes.length; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      const { pieces, rest } = cut(chunks);
      expect(decode(Buffer.concat(pieces))).toBe(text);
      expect(rest).toBeUndefined();
      expect(eventsOf(pieces)).toEqual(expected.get(name)!);
    }
  },
);

test('an event never comes out before its blank line, nor with a part of the next', () => {
  const cutter = createSseCutter();
  expect(cutter.push(utf8.encode('data: a\n'))).toBeUndefined();
  expect(decode(cutter.push(utf8.encode('\ndata: b\n\ndata: c'))!)).toBe('data: a\n\ndata: b\n\n');
  expect(cutter.push(utf8.encode('c\n'))).toBeUndefined();
  expect(decode(cutter.rest()!)).toBe('data: cc\n');
  expect(cutter.rest()).toBeUndefined();
});

test('a piece that is whole events passes without a copy', () => {
  const chunk = utf8.encode('data: a\n\n');
  expect(createSseCutter().push(chunk)).toBe(chunk);
});

test('bytes that came out are not written again by what comes after', () => {
  const cutter = createSseCutter();
  cutter.push(utf8.encode('data: first'));
  const piece = cutter.push(utf8.encode(' event\n\ndata: second'))!;
  cutter.push(utf8.encode(' and more'));
  cutter.push(utf8.encode('\n\ndata: third'));
  cutter.push(utf8.encode('\n\n'));
  expect(decode(piece)).toBe('data: first event\n\n');
});

test('the pieces that were given are not changed', () => {
  const chunks = ['data: a', 'b', '\n', '\ndata', ': c\n\n'].map((text) => utf8.encode(text));
  const copies = chunks.map((chunk) => chunk.slice());
  cut(chunks);
  expect(chunks).toEqual(copies);
});

test('an event of almost 4 MiB in small pieces comes out whole and in good time', () => {
  const text = `data: ${'x'.repeat(maxEventBytes - 100)}\n\n`;
  const bytes = utf8.encode(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 256) chunks.push(bytes.subarray(at, at + 256));
  const startedMs = performance.now();
  const { pieces } = cut(chunks);
  expect(performance.now() - startedMs).toBeLessThan(1000);
  expect(pieces).toHaveLength(1);
  expect(decode(pieces[0]!) === text).toBe(true);
});

test('an event of more than 4 MiB is refused, in one piece or in many', () => {
  const piece = utf8.encode(`data: ${'x'.repeat(100_000)}`);
  const cutter = createSseCutter();
  const pushAll = () => {
    for (let count = 0; count < 43; count++) cutter.push(piece);
  };
  expect(pushAll).toThrow(SluiceError);
  expect(() => createSseCutter().push(new Uint8Array(maxEventBytes + 1))).toThrow(/more than 4194304 bytes/);
});

test('many small events are more than 4 MiB together and still pass', () => {
  const cutter = createSseCutter();
  const event = utf8.encode(`data: ${'x'.repeat(60_000)}\n\n`);
  for (let count = 0; count < 100; count++) expect(cutter.push(event)).toHaveLength(event.length);
});
