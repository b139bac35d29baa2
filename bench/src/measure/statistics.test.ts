import { expect, test } from 'bun:test';
import { median, quantile } from './statistics.ts';

test('the median is the middle figure, whatever their order, and leaves the list as it was', () => {
  const figures = [9, 1, 100];
  expect(median(figures)).toBe(9);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(figures).toEqual([9, 1, 100]);
});

test('a quantile lies between its neighbours in proportion', () => {
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  expect(quantile([7], 0.99)).toBe(7);
});

test('no figures have no median', () => {
  expect(median([])).toBeNaN();
});
