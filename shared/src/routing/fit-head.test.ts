import { expect, test } from 'bun:test';
import { fitHead } from './fit-head.ts';
import { qualityAt } from './quality-model.ts';

const start = { bias: 0.5, weights: [0.2, -0.1] };
const graded = (state: number[], outcome: number, count: number, weight?: number) =>
  Array.from({ length: count }, () => ({ state, outcome, ...(weight !== undefined && { weight }) }));

test('without labels a head stays as it was', () => {
  expect(fitHead([], start)).toEqual(start);
});

test('many labels move it to what they say, few only part of the way', () => {
  const answers = (count: number) => [...graded([1, 0], 1, count), ...graded([-1, 0], 0, count)];
  const many = fitHead(answers(500), start);
  expect(qualityAt(many, [1, 0])).toBeGreaterThan(0.95);
  expect(qualityAt(many, [-1, 0])).toBeLessThan(0.05);
  const few = qualityAt(fitHead(answers(2), start), [1, 0]);
  expect(few).toBeGreaterThan(qualityAt(start, [1, 0]));
  expect(few).toBeLessThan(qualityAt(many, [1, 0]));
});

test('a label of weight three counts as three', () => {
  const heavy = fitHead(graded([0.5, 0.5], 0, 4, 3), start);
  const often = fitHead(graded([0.5, 0.5], 0, 12), start);
  expect(heavy.bias).toBeCloseTo(often.bias, 9);
});

test('labels that all agree do not run away', () => {
  const { bias, weights } = fitHead(graded([1, -1], 1, 10_000), start);
  expect([bias, ...weights].every((value) => Math.abs(value) < 50)).toBe(true);
});
