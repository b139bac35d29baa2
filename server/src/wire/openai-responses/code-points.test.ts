import { expect, test } from 'bun:test';
import { toCodePoints, toUtf16 } from './code-points.ts';

test('offsets of UTF-16 units and code points agree both ways, also past the end', () => {
  const text = 'a🌊b👩‍🚀c';
  for (let points = 0; points <= [...text].length; points++) {
    const units = [...text].slice(0, points).join('').length;
    expect([toUtf16(text, points), toCodePoints(text, units)]).toEqual([units, points]);
  }
  expect([toUtf16('ab', 5), toCodePoints('ab', 5)]).toEqual([5, 5]);
});
