import { expect, test } from 'bun:test';
import { parseProcessorList } from './processors.ts';

test('a processor list holds single ones and ranges', () => {
  expect(parseProcessorList('0-1')).toEqual([0, 1]);
  expect(parseProcessorList('3')).toEqual([3]);
  expect(parseProcessorList('0-2,5,8-9')).toEqual([0, 1, 2, 5, 8, 9]);
});
