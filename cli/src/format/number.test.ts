import { expect, test } from 'bun:test';
import { formatCount, formatDuration, formatMoney, formatPrice } from './number.ts';

test('money has cents from a dollar on, three significant digits below, and never an exponent', () => {
  const shown: [string | null, string][] = [
    ['0', '$0'],
    ['0.000000001', '$0.000000001'],
    ['0.000012345', '$0.0000123'],
    ['0.00018', '$0.00018'],
    ['0.0999', '$0.0999'],
    ['0.5', '$0.50'],
    ['0.99999', '$1.00'],
    ['1.004', '$1.00'],
    ['1234567.891', '$1,234,567.89'],
    ['-0.0123', '-$0.0123'],
    [null, 'unpriced'],
    ['nonsense', 'unpriced'],
  ];
  for (const [usd, text] of shown) expect(formatMoney(usd)).toBe(text);
});

test('a price has no more decimals than it needs', () => {
  expect([0, 15, 0.05, 0.2, 2.5, 0.0375, 0.000001].map(formatPrice)).toEqual([
    '0',
    '15',
    '0.05',
    '0.20',
    '2.50',
    '0.0375',
    '0.000001',
  ]);
  expect(formatPrice(undefined)).toBe('?');
});

test('a count takes five columns at most', () => {
  const counts = [0, 999, 1000, 1234, 9960, 32_768, 200_000, 999_499, 999_500, 1_048_576, 2_000_000_000];
  const shown = counts.map(formatCount);
  expect(shown).toEqual(['0', '999', '1k', '1.2k', '10k', '33k', '200k', '999k', '1M', '1M', '2B']);
  for (const text of shown) expect(text.length).toBeLessThanOrEqual(5);
});

test('a duration has one unit, or minutes and seconds', () => {
  expect([0.4, 8, 999.4, 999.6, 1234, 59_949, 60_000, 125_400].map(formatDuration)).toEqual([
    '0 ms',
    '8 ms',
    '999 ms',
    '1.0 s',
    '1.2 s',
    '59.9 s',
    '1 min 0 s',
    '2 min 5 s',
  ]);
  expect(formatDuration(null)).toBe('-');
});
