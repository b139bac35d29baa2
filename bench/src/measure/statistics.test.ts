import { expect, test } from 'bun:test';
import { addedQuantile, median, quantile } from './statistics.ts';

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

test('what is added is reckoned inside each round, so that a round that was slow for both does not count', () => {
  const others = [
    [1, 2, 3],
    [101, 102, 103],
    [1, 2, 3],
  ];
  const rounds = [
    [2, 3, 4],
    [102, 103, 104],
    [5, 6, 7],
  ];
  expect(addedQuantile(rounds, others, 0.5)).toBe(1);
  expect(addedQuantile(rounds, others, 1)).toBe(1);
});

test('a round that the other does not have adds nothing that could be told', () => {
  expect(addedQuantile([[1]], [], 0.5)).toBeNaN();
});
