import { expect, test } from 'bun:test';
import { costNanos, formatUsd, nanosToUsd, usdToNanos } from './money.ts';
import { noUsage, totalInput, totalOutput, totalTokens, usageOf } from './usage.ts';

const price = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  cacheWrite1h: 6,
  audioInput: 40,
  audioOutput: 80,
};

test('every bucket of tokens has its own price, and reasoning is paid once, as output', () => {
  const usage = usageOf({
    input: 1,
    cacheRead: 10,
    cacheWrite: 100,
    cacheWrite1h: 1000,
    audioInput: 7,
    output: 50,
    reasoning: 40,
    audioOutput: 3,
  });
  // Nano-dollars a token: 3000, 300, 3750, 6000, 40000, 15000, 80000.
  expect(costNanos(usage, price)).toBe(3000 + 3000 + 375_000 + 6_000_000 + 280_000 + 750_000 + 240_000);
});

test('the buckets are disjoint: their sum is the total, and reasoning is within output', () => {
  const usage = usageOf({
    input: 1,
    cacheRead: 2,
    cacheWrite: 4,
    cacheWrite1h: 8,
    audioInput: 16,
    output: 32,
    reasoning: 30,
    audioOutput: 64,
  });
  expect(totalInput(usage)).toBe(31);
  expect(totalOutput(usage)).toBe(96);
  expect(totalTokens(usage)).toBe(127);
});

test('prices below a thousandth of a dollar and odd counts come out exact', () => {
  // 0.0375 dollars a million tokens is 37.5 nano-dollars a token.
  expect(costNanos(usageOf({ input: 2 }), { input: 0.0375 })).toBe(75);
  expect(costNanos(usageOf({ input: 1_000_003 }), { input: 0.1 })).toBe(100_000_300);
  expect(costNanos(usageOf({ output: 3 }), { output: 0.1 + 0.2 })).toBe(900);
});

test('a million calls of one token add up to a million tokens', () => {
  const one = costNanos(usageOf({ input: 1 }), { input: 0.15 })!;
  expect(one * 1_000_000).toBe(costNanos(usageOf({ input: 1_000_000 }), { input: 0.15 })!);
});

test('an unknown price is null, never 0, but only when its bucket was used', () => {
  expect(costNanos(usageOf({ input: 1 }), undefined)).toBeNull();
  expect(costNanos(usageOf({ input: 1, output: 1 }), { input: 3 })).toBeNull();
  expect(costNanos(usageOf({ cacheRead: 1 }), { output: 3 })).toBeNull();
  expect(costNanos(usageOf({ input: 1 }), { input: 3 })).toBe(3000);
  expect(costNanos(noUsage, {})).toBe(0);
});

test('a price of 0 is free, not unknown', () => {
  expect(costNanos(usageOf({ input: 5, output: 5 }), { input: 0, output: 0 })).toBe(0);
});

test('buckets without a price of their own fall back to one that is never too low', () => {
  const plain = { input: 2, output: 8 };
  expect(costNanos(usageOf({ cacheRead: 1 }), plain)).toBe(2000);
  expect(costNanos(usageOf({ cacheWrite: 1 }), plain)).toBe(2000);
  expect(costNanos(usageOf({ cacheWrite1h: 1 }), plain)).toBe(4000);
  expect(costNanos(usageOf({ audioInput: 1 }), plain)).toBe(2000);
  expect(costNanos(usageOf({ audioOutput: 1 }), plain)).toBe(8000);
});

test('what the provider says it cost wins over the price list, even when there is none', () => {
  expect(costNanos(usageOf({ input: 1000, reportedCostUsd: 0.00123456789 }), price)).toBe(1_234_568);
  expect(costNanos(usageOf({ reportedCostUsd: 0 }), undefined)).toBe(0);
});

test('dollars are written out in full, without exponent and without rounding', () => {
  expect(formatUsd(0)).toBe('0');
  expect(formatUsd(1)).toBe('0.000000001');
  expect(formatUsd(12_345)).toBe('0.000012345');
  expect(formatUsd(1_000_000_000)).toBe('1');
  expect(formatUsd(1_500_000_000)).toBe('1.5');
  expect(formatUsd(-2_000_000_010)).toBe('-2.00000001');
  expect(formatUsd(123_456_789_012_345)).toBe('123456.789012345');
});

test('what is formatted reads back as the same nano-dollars', () => {
  for (let nanos = 1; nanos < 1e15; nanos = nanos * 7 + 3) expect(usdToNanos(Number(formatUsd(nanos)))).toBe(nanos);
  expect(nanosToUsd(usdToNanos(0.1))).toBe(0.1);
});
