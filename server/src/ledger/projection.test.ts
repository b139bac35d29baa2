import { expect, test } from 'bun:test';
import { project } from './projection.ts';

const dollar = 1_000_000_000;
const noon = Date.parse('2026-11-18T12:00:00Z'); // A Wednesday.

test('without history, it goes on as it did so far', () => {
  const { soFarNanos, linearNanos, weekdayNanos } = project('day', [{ day: '2026-11-18', nanos: dollar }], noon);
  expect([soFarNanos, linearNanos, weekdayNanos]).toEqual([dollar, 2 * dollar, null]);
});

test('with history, each day that is left costs what its weekday cost', () => {
  // Four weeks of $2 on workdays and nothing at weekends, and $3 this morning.
  const days = Array.from({ length: 28 }, (_, back) => {
    const day = new Date(noon - (back + 1) * 86_400_000);
    const isWeekend = day.getUTCDay() === 0 || day.getUTCDay() === 6;
    return { day: day.toISOString().slice(0, 10), nanos: isWeekend ? 0 : 2 * dollar };
  });
  const { soFarNanos, linearNanos, weekdayNanos } = project(
    'week',
    [...days, { day: '2026-11-18', nanos: 3 * dollar }],
    noon,
  );
  expect(soFarNanos).toBe(7 * dollar);
  // $7 in two and a half of seven days.
  expect(linearNanos).toBe(Math.round(7 * dollar * 2.8));
  // The rest of Wednesday, Thursday and Friday; nothing at the weekend.
  expect(weekdayNanos).toBe(7 * dollar + dollar + 2 * dollar + 2 * dollar);
});

test('days before the first call are no history', () => {
  const { weekdayNanos } = project('month', [{ day: '2026-11-17', nanos: dollar }], noon);
  // One day is known, at a dollar: the twelve and a half that are left cost as much each.
  expect(weekdayNanos).toBe(13.5 * dollar);
});
