import { afterEach, beforeEach, expect, jest, test } from 'bun:test';
import { createWatchdog, type Watchdog } from './watchdog.ts';

const tickMs = 50;
let nowMs: number;
let watchdog: Watchdog;

beforeEach(() => {
  jest.useFakeTimers();
  nowMs = 1000;
  watchdog = createWatchdog({ now: () => nowMs, tickMs });
});

afterEach(() => {
  watchdog.close();
  jest.useRealTimers();
});

function pass(ms: number): void {
  for (let left = ms; left > 0; left -= tickMs) {
    nowMs += tickMs;
    jest.advanceTimersByTime(tickMs);
  }
}

test('a deadline expires once, not before its time and within a tick after it', () => {
  let expired = 0;
  watchdog.watch(200, () => expired++);
  pass(150);
  expect(expired).toBe(0);
  pass(100);
  expect(expired).toBe(1);
  pass(1000);
  expect(expired).toBe(1);
});

test('an extension moves the deadline, and never makes it come early', () => {
  let expired = 0;
  const watch = watchdog.watch(100, () => expired++);
  for (let round = 0; round < 20; round++) {
    pass(50);
    watch.extend(100);
  }
  pass(100);
  expect(expired).toBe(0);
  pass(100);
  expect(expired).toBe(1);
});

test('a watch that is stopped, or extended without end, never expires', () => {
  let expired = 0;
  const stopped = watchdog.watch(100, () => expired++);
  const resting = watchdog.watch(100, () => expired++);
  stopped.stop();
  resting.extend(Number.POSITIVE_INFINITY);
  pass(10_000);
  expect(expired).toBe(0);
  resting.extend(100);
  pass(200);
  expect(expired).toBe(1);
});

test('a stopped watch stays stopped when it is extended afterwards', () => {
  let expired = 0;
  const watch = watchdog.watch(100, () => expired++);
  watch.stop();
  watch.extend(10);
  pass(500);
  expect(expired).toBe(0);
});

test('deadlines are kept apart, and one may stop or start another while it expires', () => {
  const expired: string[] = [];
  const other = watchdog.watch(180, () => expired.push('stopped'));
  watchdog.watch(60, () => {
    expired.push('first');
    other.stop();
    watchdog.watch(100, () => expired.push('second'));
  });
  pass(1000);
  expect(expired).toEqual(['first', 'second']);
});

test('nothing expires after the watchdog is closed', () => {
  let expired = 0;
  watchdog.watch(100, () => expired++);
  watchdog.close();
  pass(1000);
  expect(expired).toBe(0);
});

test('thousands of watches need one timer', () => {
  const before = jest.getTimerCount();
  for (let count = 0; count < 5000; count++) watchdog.watch(1000, () => {});
  expect(jest.getTimerCount()).toBe(before);
});
