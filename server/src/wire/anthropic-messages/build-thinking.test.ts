import { expect, test } from 'bun:test';
import type { ReasoningRequest } from '../../core/chat-request.ts';
import { modelTraits } from './model-traits.ts';
import { build } from './test-support.ts';

const ask = (reasoning: ReasoningRequest, upstream: string, given = {}) => {
  const { body, losses } = build({ reasoning, ...given }, { upstream });
  return {
    thinking: body.thinking,
    config: body.output_config,
    max: body.max_tokens,
    losses: losses.map(({ field }) => field),
  };
};

test('models are known by name, wherever the name stands and whatever surrounds it', () => {
  const thinking = (name: string) => modelTraits(name).thinking;
  expect(
    ['claude-3-opus-20240229', 'claude-3-5-sonnet-latest', 'claude-instant-1.2', 'claude-2.1'].map(thinking),
  ).toEqual(Array(4).fill('none'));
  expect(
    [
      'claude-3-7-sonnet-20250219',
      'claude-opus-4-20250514',
      'us.anthropic.claude-haiku-4-5-20251001-v1:0',
      'claude-sonnet-4@20250514',
      'deepseek-chat',
    ].map(thinking),
  ).toEqual(Array(5).fill('budget'));
  expect(['claude-opus-4-6', 'anthropic/claude-sonnet-4.6'].map(thinking)).toEqual(['both', 'both']);
  expect(
    ['claude-opus-4-7', 'claude-opus-4-8', 'claude-sonnet-5', 'claude-opus-5-5', 'claude-next'].map(thinking),
  ).toEqual(Array(5).fill('adaptive'));
  expect(['claude-fable-5', 'claude-mythos-preview'].map(thinking)).toEqual(['always', 'always']);
});

test('an effort is an effort where the model takes one, and a budget below max_tokens where not', () => {
  expect(ask({ effort: 'high' }, 'claude-sonnet-5')).toMatchObject({
    thinking: { type: 'adaptive' },
    config: { effort: 'high' },
    losses: [],
  });
  const budgets = (['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const).map((effort) => {
    const { thinking, max } = ask({ effort }, 'claude-haiku-4-5');
    return [(thinking as { budget_tokens: number }).budget_tokens, max];
  });
  expect(budgets).toEqual([
    [1024, 5120],
    [1024, 5120],
    [4096, 8192],
    [16384, 20480],
    [24576, 28672],
    [27648, 31744],
  ]);
});

test('max_tokens leaves a quarter to the answer, or the thinking is left out with a loss', () => {
  expect(ask({ effort: 'high' }, 'claude-haiku-4-5', { maxOutputTokens: 4000 })).toMatchObject({
    thinking: { type: 'enabled', budget_tokens: 3000 },
    max: 4000,
    losses: [],
  });
  expect(ask({ effort: 'low' }, 'claude-haiku-4-5', { maxOutputTokens: 1000 })).toMatchObject({
    thinking: undefined,
    losses: ['reasoning_effort'],
  });
  expect(ask({ budgetTokens: 9000 }, 'claude-haiku-4-5', { maxOutputTokens: 8000 })).toMatchObject({
    thinking: { budget_tokens: 6000 },
    losses: ['thinking_budget'],
  });
  expect(ask({ budgetTokens: 7999 }, 'claude-haiku-4-5', { maxOutputTokens: 8000 })).toMatchObject({
    thinking: { budget_tokens: 7999 },
    losses: [],
  });
  expect(ask({ budgetTokens: 512 }, 'claude-haiku-4-5')).toMatchObject({
    thinking: undefined,
    losses: ['thinking_budget'],
  });
});

test('a budget goes to models that take one and is a loss for those that decide themselves', () => {
  expect(ask({ budgetTokens: 2048 }, 'claude-sonnet-4-6')).toMatchObject({
    thinking: { type: 'enabled', budget_tokens: 2048 },
    losses: [],
  });
  expect(ask({ budgetTokens: 2048 }, 'claude-opus-4-8')).toMatchObject({
    thinking: { type: 'adaptive' },
    losses: ['thinking_budget'],
  });
});

test('no thinking is said where it is the default to think, and is a loss where it cannot be turned off', () => {
  expect(ask({ effort: 'none' }, 'claude-sonnet-5').thinking).toEqual({ type: 'disabled' });
  expect(ask({ enabled: false }, 'claude-sonnet-4-5').thinking).toBeUndefined();
  expect(ask({ enabled: false }, 'claude-fable-5')).toMatchObject({
    thinking: undefined,
    losses: ['reasoning_effort'],
  });
});

test('models that do not think report the effort as lost', () => {
  expect(ask({ effort: 'low' }, 'claude-3-opus-20240229')).toMatchObject({
    thinking: undefined,
    losses: ['reasoning_effort'],
  });
});

test('a forced tool call excludes thinking', () => {
  const tools = [{ type: 'function', name: 'a' }];
  expect(ask({ effort: 'high' }, 'claude-sonnet-4-6', { tools, toolChoice: { type: 'required' } })).toMatchObject({
    thinking: undefined,
    config: { effort: 'high' },
    losses: ['reasoning_effort'],
  });
});

test('a tool loop that began without signed thinking goes on without a budget, as the API demands', () => {
  const turn = (parts: object[]) => [
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    { role: 'assistant', parts: [...parts, { type: 'tool-call', id: 'a', name: 'go', arguments: '{}' }] },
    { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', parts: [] }] },
  ];
  expect(ask({ effort: 'low' }, 'claude-haiku-4-5', { messages: turn([]) })).toMatchObject({
    thinking: undefined,
    losses: ['reasoning_effort'],
  });
  const signed = { type: 'reasoning', text: 'Hm', signature: { origin: 'anthropic', on: 'thought', value: 's' } };
  expect(ask({ effort: 'low' }, 'claude-haiku-4-5', { messages: turn([signed]) }).thinking).toBeDefined();
  expect(ask({ effort: 'low' }, 'claude-sonnet-5', { messages: turn([]) }).thinking).toEqual({ type: 'adaptive' });
});

test('shown thoughts are asked for, and a caller of this dialect meets a model of another mode without a 400', () => {
  expect(ask({ effort: 'low', include: true }, 'claude-opus-4-8').thinking).toEqual({
    type: 'adaptive',
    display: 'summarized',
  });
  const native = { dialect: 'anthropic-messages' };
  expect(ask({ enabled: true, budgetTokens: 2048 }, 'claude-opus-5', native)).toMatchObject({
    thinking: { type: 'adaptive' },
    losses: ['thinking_budget'],
  });
  expect(ask({ enabled: true, adaptive: true }, 'claude-haiku-4-5', native).thinking).toEqual({
    type: 'enabled',
    budget_tokens: 4096,
  });
  expect(ask({ effort: 'low' }, 'claude-sonnet-4-6', native)).toMatchObject({
    thinking: undefined,
    config: { effort: 'low' },
  });
});
