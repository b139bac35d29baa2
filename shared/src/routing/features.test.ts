import { expect, test } from 'bun:test';
import { featuresOf, gramBuckets, handFeatureNames, pairBits } from './features.ts';

const handOf = (prompt: string) => {
  const { hand } = featuresOf(prompt);
  return Object.fromEntries(handFeatureNames.map((name, at) => [name, hand[at]!]));
};

test('features are those of the text alone, whatever was read before', () => {
  const first = featuresOf('What is a prime number?');
  featuresOf('Something else entirely, with many other words in it.');
  expect(featuresOf('What is a prime number?')).toEqual(first);
});

test('every n-gram stands once and in its range, every pair of neighbours as often as it occurs', () => {
  const { grams, pairs } = featuresOf('the cat, the cat, the cat');
  expect(new Set(grams).size).toBe(grams.length);
  expect(Math.max(...grams)).toBeLessThan(gramBuckets);
  expect(pairs).toHaveLength(7);
  expect(new Set(pairs).size).toBe(3);
  expect(Math.max(...pairs)).toBeLessThan(pairBits);
});

test('numbers differ by their length alone, letters by themselves, and case makes no difference', () => {
  expect(featuresOf('add 12 and 47').grams).toEqual(featuresOf('Add 35 AND 99').grams);
  expect(featuresOf('add 12').grams).not.toEqual(featuresOf('add 123').grams);
});

test('hand-made features count what they say', () => {
  expect(handOf('How many clues?')).toMatchObject({ question: 1, counting: 0.5, logic: 0.5, code: 0 });
  expect(handOf('Pick one:\nA. red\nB. blue\nC. green')).toMatchObject({ options: expect.closeTo(0.6, 5) });
  expect(handOf('Прощай').nonAscii).toBeGreaterThan(0.5);
});

test('texts of any kind and length have finite features, and a longer tail changes little', () => {
  for (const prompt of ['', ' ', '\ud800', '\u0000'.repeat(9), 'x'.repeat(1e6), '🙂'.repeat(5000), ';'.repeat(1e5)]) {
    const { grams, pairs, hand } = featuresOf(prompt);
    expect(hand.every((value) => Number.isFinite(value) && Math.abs(value) < 300)).toBe(true);
    expect(pairs.length).toBeLessThan(400);
    expect(grams.length).toBeLessThan(gramBuckets);
  }
});
