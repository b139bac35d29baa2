import { expect, test } from 'bun:test';
import { totalTokens } from '../../core/usage.ts';
import { readUsage, writeUsage } from './usage.ts';

test('cached and heard tokens are taken out of the input, and the sum stays', () => {
  const usage = readUsage({
    prompt_tokens: 15,
    completion_tokens: 20,
    total_tokens: 35,
    prompt_tokens_details: { cached_tokens: 7, cache_write_tokens: 3, audio_tokens: 1 },
    completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 6 },
  })!;
  expect(usage).toEqual({
    input: 4,
    cacheRead: 7,
    cacheWrite: 3,
    cacheWrite1h: 0,
    audioInput: 1,
    output: 14,
    reasoning: 4,
    audioOutput: 6,
  });
  expect(totalTokens(usage)).toBe(35);
});

test('every dialect of cached tokens is understood', () => {
  const cached = (fields: object) => readUsage({ prompt_tokens: 10, completion_tokens: 1, ...fields })!.cacheRead;
  expect(cached({ prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 })).toBe(6);
  expect(cached({ cached_tokens: 5 })).toBe(5);
  expect(cached({ prompt_tokens_details: { cached_tokens: 99 } })).toBe(10);
  expect(cached({ prompt_tokens_details: null })).toBe(0);
});

test('thinking that stands only in the total is output', () => {
  expect(readUsage({ prompt_tokens: 60, completion_tokens: 18, total_tokens: 318 })).toMatchObject({
    input: 60,
    output: 258,
    reasoning: 240,
  });
});

test('what the provider says it cost is kept', () => {
  const cost = (fields: object) => readUsage({ prompt_tokens: 1, completion_tokens: 1, ...fields })!.reportedCostUsd;
  expect(cost({ cost: 0.002 })).toBe(0.002);
  expect(cost({ cost: 0 })).toBe(0);
  expect(cost({ cost: 0.001, is_byok: true, cost_details: { upstream_inference_cost: 0.02 } })).toBeCloseTo(0.021, 9);
  expect(cost({ cost: { total_cost: 0.5 } })).toBe(0.5);
  expect(cost({ cost: -1 })).toBeUndefined();
  expect(cost({})).toBeUndefined();
});

test('no figures are no usage', () => {
  for (const value of [null, undefined, {}, 'x', { queue_time: 1 }]) expect(readUsage(value)).toBeUndefined();
});

test('what is written is read again as the same', () => {
  const usage = readUsage({
    prompt_tokens: 15,
    completion_tokens: 20,
    prompt_tokens_details: { cached_tokens: 7, cache_write_tokens: 3, audio_tokens: 1 },
    completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 6 },
  })!;
  expect(readUsage(writeUsage(usage))).toEqual(usage);
});
