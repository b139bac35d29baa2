import { expect, test } from 'bun:test';
import { windowAt } from './budget-window.ts';

const at = (text: string) => Date.parse(text);
const shown = ({ startMs, endMs }: ReturnType<typeof windowAt>) => [
  new Date(startMs).toISOString().slice(0, 10),
  endMs === undefined ? undefined : new Date(endMs).toISOString().slice(0, 10),
];

test.each([
  ['day', '2026-02-28T23:59:59.999Z', '2026-02-28', '2026-03-01'],
  ['day', '2026-03-01T00:00:00.000Z', '2026-03-01', '2026-03-02'],
  ['week', '2026-11-22T23:59:59.999Z', '2026-11-16', '2026-11-23'],
  ['week', '2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-30'],
  ['week', '1970-01-01T00:00:00.000Z', '1969-12-29', '1970-01-05'],
  ['month', '2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01'],
  ['month', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
] as const)('the %s of %s goes from %s to %s', (window, moment, from, to) => {
  expect(shown(windowAt(window, at(moment), 0))).toEqual([from, to]);
});

test('a total begins when the budget was made, and does not end', () => {
  expect(windowAt('total', at('2026-05-05T05:05:05Z'), 42)).toEqual({ startMs: 42, endMs: undefined });
});
