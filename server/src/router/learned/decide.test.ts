import { expect, test } from 'bun:test';
import { shippedPrior } from '../../../../shared/src/routing/shipped-prior.ts';
import { type Candidate, decide, type LearnedWish } from './decide.ts';
import { createQualityBook } from './quality-book.ts';

const book = createQualityBook(shippedPrior());
const wish: LearnedWish = { tau: 0.9, floor: 0 };
const candidate = (id: string, cost: number, over: Partial<Candidate> = {}): Candidate => ({
  id,
  info: { provider: 'p', id },
  cost,
  local: false,
  ...over,
});
const models = [
  candidate('llama-3.1-8b-instruct', 1),
  candidate('gpt-4o-mini-2024-07-18', 3),
  candidate('Qwen2.5-72B-Instruct', 9),
  candidate('o1-preview-2024-09-12', 400),
];
const easy = 'What is the capital of France?';
const hard =
  'Let $f(x) = x^3 - 3x + 1$. Find the sum of all real values of $a$ for which the equation $f(f(x)) = a$ has exactly five distinct real solutions.';
const firstFor = (texts: string[], over: Partial<LearnedWish> = {}) =>
  decide(book, models, texts, { ...wish, ...over }).ordered[0]!.id;

test('an easy question goes to a cheap model, a hard one to a strong one', () => {
  const costOf = (id: string) => models.find((model) => model.id === id)!.cost;
  expect(costOf(firstFor([easy], { tau: 0.8 }))).toBeLessThan(9);
  expect(firstFor([hard])).toBe('o1-preview-2024-09-12');
});

test('the lower tau, the cheaper; at one only the best is good enough', () => {
  const costs = [0.3, 0.6, 0.8, 0.9, 1].map((tau) => models.find(({ id }) => id === firstFor([hard], { tau }))!.cost);
  expect(costs).toEqual([...costs].sort((a, b) => a - b));
  expect(costs[0]).toBe(1);
  expect(costs.at(-1)).toBe(400);
});

test('a floor that nobody reaches leaves the best, and says so', () => {
  const { ordered, because } = decide(book, models, [hard], { ...wish, floor: 0.999 });
  expect(ordered[0]!.id).toBe('o1-preview-2024-09-12');
  expect(because).toStartWith('learned, none is good enough, ');
});

test('every turn of a conversation must be served: it may move up and never comes back down', () => {
  const costOf = (texts: string[]) => models.find(({ id }) => id === firstFor(texts, { tau: 0.8 }))!.cost;
  const turns = [easy, hard, easy, 'Thanks, that helps a lot.', easy];
  const costs = turns.map((_, at) => costOf(turns.slice(0, at + 1)));
  expect(costs).toEqual([...costs].sort((a, b) => a - b));
  expect(costs[1]).toBeGreaterThan(costs[0]!);
});

test('of a kind that nothing is known of, how hard it looks decides, and an operator’s default goes before that', () => {
  const strange = 'zxqv brrl wumf splork yig';
  const { ordered, because } = decide(book, models, [strange], wish);
  expect(ordered[0]!.id).toBe('llama-3.1-8b-instruct');
  expect(because).toBe('learned, unfamiliar kind, complexity 0.10');
  const asked = decide(book, models, [strange], { ...wish, fallback: 'Qwen2.5-72B-Instruct' });
  expect(asked.ordered[0]!.id).toBe('Qwen2.5-72B-Instruct');
  expect(asked.because).toBe('learned, unfamiliar kind, the default');
  expect(decide(book, models, [easy], { ...wish, fallback: 'Qwen2.5-72B-Instruct' }).because).toContain('expected');
});

test('who wants the best gets the ablest for unfamiliar kinds too', () => {
  expect(firstFor(['zxqv brrl wumf splork yig'], { tau: 1 })).toBe('o1-preview-2024-09-12');
});

test('of equal cost a local model goes first, and unpriced ones go last', () => {
  const equal = [candidate('a', 0), candidate('b', 0, { local: true }), candidate('c', Number.POSITIVE_INFINITY)];
  expect(decide(book, equal, [easy], wish).ordered.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
});

test('without candidates, or without a word from a user, there is no fault', () => {
  expect(decide(book, [], [easy], wish)).toMatchObject({ ordered: [], expected: [], because: 'learned' });
  expect(decide(book, models, [], wish).ordered).toHaveLength(4);
});
