import { expect, test } from 'bun:test';
import { createLatencies } from './latency.ts';

test('the mean follows what is recent, streams and whole answers apart', () => {
  const latencies = createLatencies({ nowMs: () => 0 });
  latencies.note('a/b', true, 100);
  expect(latencies.expected('a/b', true)).toBe(100);
  latencies.note('a/b', true, 200);
  expect(latencies.expected('a/b', true)).toBe(120);
  expect(latencies.expected('a/b', false)).toBeUndefined();
});

test('what was not asked for long is forgotten, and starts anew', () => {
  let now = 0;
  const latencies = createLatencies({ nowMs: () => now, forgottenAfterMs: 1000 });
  latencies.note('a/b', true, 900);
  now = 1001;
  expect(latencies.expected('a/b', true)).toBeUndefined();
  latencies.note('a/b', true, 50);
  expect(latencies.expected('a/b', true)).toBe(50);
});
