import { expect, test } from 'bun:test';
import { isCheap, parsePattern, samplePattern } from './pattern.ts';

const patterns = [
  '^\\d{5}$',
  '^[A-Z]{2,3}-\\d+$',
  '^(?:red|green|blue)$',
  '^\\+?[0-9]{3}-[0-9]{4}$',
  '^[^\\s@]+@[^\\s@]+\\.[a-z]{2,}$',
  '^#[0-9a-fA-F]{6}$',
  '^v\\d+\\.\\d+\\.\\d+(?:-[a-z]+)?$',
  '^(?<year>\\d{4})\\/(0[1-9]|1[0-2])$',
  '^[\\w.-]+$',
  '^$',
  '^[\\p{L}]{3}$',
];

test('a sample of a pattern matches it, in every variation', () => {
  for (const source of patterns)
    for (const variation of [0, 1, 2, 7, 100]) {
      const sample = samplePattern(parsePattern(source)!, variation, 0);
      expect(sample).toMatch(new RegExp(source, 'u'));
    }
});

test('repetitions grow until the sample is as long as it must be', () => {
  const sample = samplePattern(parsePattern('^[a-z]+[0-9]*$')!, 0, 20);
  expect(sample.length).toBeGreaterThanOrEqual(20);
  expect(sample).toMatch(/^[a-z]+[0-9]*$/);
});

test('what cannot be sampled is left alone: look-around, back-references, broken and endless patterns', () => {
  for (const source of ['^(?=a)a$', '(a)\\1', '(a', 'a)', '[a', 'a'.repeat(2000)])
    expect(parsePattern(source)).toBeUndefined();
});

test('a pattern that could run for very long is never called cheap', () => {
  for (const source of ['^(a+)+$', '(a|a)*b', 'a?a?a?a?a?a?', '(?:x*)*y'])
    expect(isCheap(parsePattern(source)!)).toBe(false);
  for (const source of ['^\\d{5}$', '^[a-z]+@[a-z]+\\.[a-z]{2,}$', '^(a|b)c$'])
    expect(isCheap(parsePattern(source)!)).toBe(true);
});

test('nested repetitions without content end at once', () => {
  const started = performance.now();
  expect(samplePattern(parsePattern('(((){9999}){9999}){9999}')!, 0, 4096)).toBe('');
  expect(performance.now() - started).toBeLessThan(1000);
});
