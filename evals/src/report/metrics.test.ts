import { expect, test } from 'bun:test';
import { seededRandom } from '../seeded-random.ts';
import { row } from '../testing.ts';
import { bootstrap, gapRecovered, pairsOf, type Wish, wishesOf } from './metrics.ts';

const wish = (gain: number, score: number, strong = 1): Wish => ({ gain, score, strong });

test('a router that sends first what gains recovers the gap at once, and one that errs recovers it last', () => {
  // Half of the prompts gain 1. Recovered after each: 1/2, 1, 1, 1; the means of before and after: 1/4, 3/4, 1, 1.
  const gains = [1, 1, 0, 0];
  expect(gapRecovered(gains.map((gain, at) => wish(gain, -at)))).toEqual({
    apgr: 0.75,
    cpt50: 0.25,
    cpt80: 0.4,
    // Quality goes from 2 to 4 of 4: 3.8 is nine tenths of the way.
    calls95: expect.closeTo(0.45, 9),
  });
  expect(gapRecovered(gains.map((gain, at) => wish(gain, at)))).toMatchObject({ apgr: 0.25, cpt50: 0.75, cpt80: 0.9 });
});

test('one score for all is the line of chance, whatever the order of the prompts', () => {
  expect(gapRecovered([1, 0, -1, 1, 1].map((gain) => wish(gain, 7)))).toMatchObject({
    apgr: 0.5,
    cpt50: 0.5,
    cpt80: 0.8,
  });
});

test('random scores come to about a half', () => {
  const random = seededRandom(3);
  const { apgr } = gapRecovered(
    Array.from({ length: 20_000 }, () => wish(random() < 0.4 ? 1 : random() < 0.1 ? -1 : 0, random())),
  );
  expect(apgr).toBeCloseTo(0.5, 1);
});

test('pairs come from ranks, and models that are nearly equal are no pair', () => {
  const rows = [row({ outcomes: { a: 0.1, b: 0.2, c: 0.5, d: 0.85, e: 0.9 } })];
  expect(pairsOf(rows).map(({ weak, strong }) => weak + strong)).toEqual(['be', 'ce', 'bd', 'cd']);
  expect(pairsOf([row({ outcomes: { x: 0.2, y: 0.9 } })])).toEqual([{ weak: 'x', strong: 'y' }]);
});

test('a prompt that one of the two did not answer is left out', () => {
  const rows = [row({ outcomes: { x: 0, y: 1 } }), row({ outcomes: { x: 0 } })];
  expect(wishesOf(rows, { weak: 'x', strong: 'y' }, () => 1)).toEqual([wish(1, 1, 1)]);
});

test('an interval holds the figure, and is the same for the same seed', () => {
  const items = Array.from({ length: 200 }, (_, at) => at % 2);
  const figures = (drawn: readonly number[]) => ({ mean: drawn.reduce((sum, each) => sum + each, 0) / drawn.length });
  const { mean } = bootstrap(items, figures, seededRandom(5));
  const [low, high] = mean;
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(high - low).toBeLessThan(0.2);
  expect(bootstrap(items, figures, seededRandom(5))).toEqual({ mean });
});
