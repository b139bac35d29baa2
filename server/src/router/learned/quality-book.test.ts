import { expect, test } from 'bun:test';
import { shippedPrior } from '../../../../shared/src/routing/shipped-prior.ts';
import type { ModelInfo } from '../../core/model-info.ts';
import { guessAbility } from './ability.ts';
import { modelKey } from './model-key.ts';
import { createQualityBook, expectedQuality } from './quality-book.ts';

const info = (id: string, over: Partial<ModelInfo> = {}): ModelInfo => ({ provider: 'p', id, ...over });

test.each([
  ['Meta-Llama-3.1-8B-Instruct', 'llama-3.1-8b'],
  ['llama3.1:8b', 'llama-3.1-8b'],
  ['llama-3.1-8b-instant', 'llama-3.1-8b'],
  ['Meta-Llama-3_1-70B-Instruct', 'llama-3.1-70b'],
  ['meta-llama/Llama-3.1-70B-Instruct', 'llama-3.1-70b'],
  ['Llama-3.1-405B-Inst@sambanova', 'llama-3.1-405b'],
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['gpt-4o-mini', 'gpt-4o-mini'],
  ['us.anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet'],
  ['gemma2:9b', 'gemma-2-9b'],
  ['mistral-7b-instruct-v0.3', 'mistral-7b'],
  ['o1-mini', 'o1-mini'],
] as const)('%s is the model %s', (name, key) => {
  expect(modelKey(name)).toBe(key);
});

test('a model in the data is known by any of its names; others are guessed by size, then by price', () => {
  const book = createQualityBook(shippedPrior());
  const named = ['Meta-Llama-3.1-70B-Instruct', 'llama3.1:70b', 'llama-3.1-70b-versatile'].map((id) =>
    book.modelOf(info(id)),
  );
  for (const known of named) expect(known).toMatchObject({ basis: 'data', head: named[0]!.head });
  expect(book.modelOf(info('newcomer-30b')).basis).toBe('size');
  expect(book.modelOf(info('newcomer', { price: { input: 3, output: 15 } })).basis).toBe('price');
  expect(book.modelOf(info('newcomer'))).toMatchObject({ basis: 'nothing', ability: 0 });
});

test('guesses grow with size and price, and reasoning adds to them', () => {
  const bySize = ['x-2b', 'x-8b', 'x-14b', 'x-32b', 'x-8x7b', 'x-70b', 'x-405b'].map(
    (id) => guessAbility(info(id)).ability,
  );
  expect(bySize).toEqual([...bySize].sort((a, b) => a - b));
  const priced = (dollars: number) => guessAbility(info('x', { price: { input: dollars, output: dollars } })).ability;
  expect([0.1, 0.3, 1, 2, 10].map(priced)).toEqual([0, 0.3, 0.5, 0.8, 1]);
  expect(guessAbility(info('x-8b', { capabilities: ['reasoning'] })).ability).toBeGreaterThan(bySize[1]!);
});

test('what is predicted of strange text is a model’s usual, however often it is asked', () => {
  const book = createQualityBook(shippedPrior());
  const known = book.modelOf(info('x-70b'));
  const read = book.read('zxqv brrl wumf splork yig');
  expect(read.trust).toBe(0);
  expect(expectedQuality(known, read)).toBeCloseTo(1 / (1 + Math.exp(-known.ability)), 9);
  for (let at = 0; at < 1200; at++) book.read(`text ${at}`);
  expect(book.read('zxqv brrl wumf splork yig')).toEqual(read);
});
