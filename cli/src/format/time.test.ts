import { expect, test } from 'bun:test';
import { UsageError } from '../cli-error.ts';
import { formatDistance, formatTime, readTime } from './time.ts';

const nowMs = Date.parse('2026-03-10T12:00:00Z');
const from = (text: string) => readTime(text, { option: '--from', nowMs, direction: 'ago', edge: 'start' });
const until = (text: string) => readTime(text, { option: '--expires', nowMs, direction: 'ahead', edge: 'end' });

test('a date is its whole day in UTC', () => {
  expect(from('2026-03-01')).toBe('2026-03-01T00:00:00.000Z');
  expect(until('2026-12-31')).toBe('2027-01-01T00:00:00.000Z');
});

test('a time is meant to the minute, whatever the edge', () => {
  expect(until('2026-03-11T18:30Z')).toBe('2026-03-11T18:30:00.000Z');
  expect(from('2026-03-01 06:00:00+02:00')).toBe('2026-03-01T04:00:00.000Z');
});

test('a distance is ago or ahead', () => {
  expect(from('7d')).toBe('2026-03-03T12:00:00.000Z');
  expect(until('90m')).toBe('2026-03-10T13:30:00.000Z');
  expect(until('2w')).toBe('2026-03-24T12:00:00.000Z');
});

test('what is no time is refused', () => {
  for (const text of ['', 'tomorrow', '30', 'd', '-3d', '2026-02-31', '2026-13-01', '2026-3-1', '31.12.2026']) {
    expect(() => from(text)).toThrow(UsageError);
  }
});

test('times are shown in UTC, distances in one unit', () => {
  expect(formatTime('2026-03-11T18:30:00.000Z')).toBe('2026-03-11 18:30 UTC');
  const at = (ms: number) => formatDistance(new Date(nowMs + ms).toISOString(), nowMs);
  expect([10_000, 240_000, -7_200_000, 30 * 86_400_000].map(at)).toEqual(['<1 min', '4 min', '2 h', '30 d']);
});
