import { expect, test } from 'bun:test';
import { complexityTier, scoreComplexity } from './complexity.ts';

test.each([
  ['Hello there', 0.1, { length: 0.1 }],
  ['What is the capital of France?', 0, { length: 0.1, simpleWords: -0.1, question: -0.1 }],
  ['Analyze and implement it, then refactor; design comes later', 0.4, { complexWords: 0.3 }],
  ['Write a poem', 0.3, { length: 0.1, creative: 0.2 }],
  ['Why?\n```js\nx()\n```', 0.4, { code: 0.3 }],
  ['Rename `x` to y', 0.25, { code: 0.15 }],
] as const)('%p scores %p', (prompt, score, factors) => {
  const found = scoreComplexity(prompt);
  expect(found.score).toBe(score);
  expect(found.factors).toMatchObject(factors);
});

test('length counts in three steps', () => {
  const lengthOf = (count: number) => scoreComplexity('a'.repeat(count)).factors.length;
  expect([0, 99, 100, 500, 501].map(lengthOf)).toEqual([0.1, 0.1, 0.3, 0.3, 0.5]);
});

test('a score stays between 0 and 1, and a word said ten times counts once', () => {
  const most = `${'filler '.repeat(100)} analyze, design, implement and refactor a poem \`\`\``;
  expect(scoreComplexity(most).score).toBe(1);
  expect(scoreComplexity('design '.repeat(10).trim()).factors.complexWords).toBe(0.1);
});

test('tiers begin at their thresholds', () => {
  expect([0, 0.299, 0.3, 0.599, 0.6, 1].map((score) => complexityTier(score))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(complexityTier(0.5, [0.5])).toBe(1);
});

test('only the first 8,000 characters are read, however hostile the rest', () => {
  for (const piece of ['select ', 'f(', '`', ';\n ', '</'])
    expect(scoreComplexity(piece.repeat(200_000))).toEqual(scoreComplexity(piece.repeat(200_000).slice(0, 8000)));
});
