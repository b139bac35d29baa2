import { expect, test } from 'bun:test';
import { parseSseEvents, sseComment, sseEvent } from './sse.ts';

test('what is written reads back the same', () => {
  const data = JSON.stringify({ text: 'a\nb\r\n: c\u2028 😀' });
  expect(parseSseEvents(sseEvent(data) + sseComment('waiting') + sseEvent(data, 'delta'))).toEqual([
    { data },
    { event: 'delta', data },
  ]);
});

test.each(['\n', '\r\n', '\r'])('lines may end in %j', (lineEnd) => {
  const text = ['event: a', 'data: 1', 'data: 2', '', 'data: 3', '', ''].join(lineEnd);
  expect(parseSseEvents(text)).toEqual([{ event: 'a', data: '1\n2' }, { data: '3' }]);
});

test('line ends may change from line to line', () => {
  expect(parseSseEvents('data: 1\r\ndata: 2\rdata: 3\n\r\ndata: 4\r\r')).toEqual([{ data: '1\n2\n3' }, { data: '4' }]);
});

test('comments, ids, retries and unknown fields are skipped', () => {
  expect(parseSseEvents(': hello\nid: 7\nretry: 100\ndatas: no\ndata: yes\n\n:\n\n')).toEqual([{ data: 'yes' }]);
});

test('one space after the colon is taken off, no more and nothing else', () => {
  expect(parseSseEvents('data:a\n\ndata:  b \n\ndata:\tc\n\nevent:e\ndata: d\n\n')).toEqual([
    { data: 'a' },
    { data: ' b ' },
    { data: '\tc' },
    { event: 'e', data: 'd' },
  ]);
});

test('an event without data is none, and its name does not stick to the next', () => {
  expect(parseSseEvents('event: ping\n\ndata: x\n\n')).toEqual([{ data: 'x' }]);
});

test('empty data is data', () => {
  expect(parseSseEvents('data:\n\ndata: \ndata: b\n\n')).toEqual([{ data: '' }, { data: '\nb' }]);
});

test('a last event without its blank line still counts', () => {
  expect(parseSseEvents('data: a\n\ndata: b')).toEqual([{ data: 'a' }, { data: 'b' }]);
  expect(parseSseEvents('data: b\r\n')).toEqual([{ data: 'b' }]);
  expect(parseSseEvents('')).toEqual([]);
});

test('a text of many lines is read in time that grows with its length', () => {
  for (const lineEnd of ['\n', '\r']) {
    const text = `data: x${lineEnd}${lineEnd}`.repeat(200_000);
    const startedMs = performance.now();
    expect(parseSseEvents(text)).toHaveLength(200_000);
    expect(performance.now() - startedMs).toBeLessThan(1500);
  }
});
