import { expect, test } from 'bun:test';
import { retryAfterMs } from './retry-after.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), nowMs);

test('seconds, fractions of them and milliseconds are read', () => {
  expect(wait({ 'retry-after': '7' })).toBe(7000);
  expect(wait({ 'retry-after': '0.5' })).toBe(500);
  expect(wait({ 'retry-after': '0' })).toBe(0);
  expect(wait({ 'retry-after-ms': '1234.5' })).toBe(1234.5);
});

test('milliseconds win over seconds, and both over the reset of a limit', () => {
  const all = {
    'retry-after-ms': '10',
    'retry-after': '20',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '30s',
  };
  expect(wait(all)).toBe(10);
  expect(wait({ ...all, 'retry-after-ms': '' })).toBe(20_000);
  expect(wait({ ...all, 'retry-after-ms': 'soon', 'retry-after': 'later' })).toBe(30_000);
});

test('an HTTP date counts from now, and one that has passed is no wait', () => {
  expect(wait({ 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' })).toBe(60_000);
  expect(wait({ 'retry-after': 'Thu, 01 Jan 2026 00:00:00 GMT' })).toBe(0);
});

test('a negative, empty or unreadable wait is none', () => {
  expect(wait({ 'retry-after': '-5' })).toBe(0);
  expect(wait({ 'retry-after-ms': '-5' })).toBeUndefined();
  for (const value of ['', 'soon', 'NaN', 'Infinity']) expect(wait({ 'retry-after': value })).toBeUndefined();
  expect(wait({})).toBeUndefined();
});

test.each([
  ['6m0s', 360_000],
  ['1.5s', 1500],
  ['250ms', 250],
  ['1h2m3s', 3_723_000],
  ['1d', 86_400_000],
  ['12', 12_000],
  [String(nowMs / 1000 + 9), 9000],
  [String(nowMs + 9000), 9000],
  ['2026-01-02T03:04:15Z', 10_000],
])('the reset %s of a limit with nothing left is read', (reset, ms) => {
  expect(wait({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': reset })).toBe(ms);
});

test('limits with something left do not count, and of several without the longest does', () => {
  expect(wait({ 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '60s' })).toBeUndefined();
  expect(
    wait({
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '3s',
      'x-ratelimit-remaining-images': '9',
      'x-ratelimit-reset-images': '9s',
    }),
  ).toBe(3000);
});

test("Anthropic's form of the names and the bare form are read", () => {
  expect(
    wait({
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-02T03:04:06Z',
    }),
  ).toBe(1000);
  expect(wait({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' })).toBe(2000);
});

test('a limit without a reset, or with one that cannot be read, says nothing', () => {
  expect(wait({ 'x-ratelimit-remaining-requests': '0' })).toBeUndefined();
  expect(wait({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'tomorrow' })).toBeUndefined();
});
