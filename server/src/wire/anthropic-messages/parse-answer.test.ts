import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { parseAnswer } from './parse-answer.ts';
import { recordedJson } from './test-support.ts';

const answerOf = (name: string) => collectAnswer(parseAnswer(recordedJson(name)));

test('every stop reason survives, with Anthropic`s own word beside it', () => {
  const finishes = ['text', 'tool-call', 'max-tokens', 'pause-turn', 'refusal', 'context-exceeded'].map(
    (name) => answerOf(name).choices[0]!.finish,
  );
  expect(finishes).toEqual([
    { reason: 'stop', native: 'end_turn' },
    { reason: 'tool-calls', native: 'tool_use' },
    { reason: 'length', native: 'max_tokens' },
    { reason: 'pause', native: 'pause_turn' },
    { reason: 'refusal', native: 'refusal' },
    { reason: 'context-exceeded', native: 'model_context_window_exceeded' },
  ]);
  expect(answerOf('stop-sequence').choices[0]!.finish).toEqual({
    reason: 'stop-sequence',
    native: 'stop_sequence',
    stopSequence: 'four',
  });
});

test('a refusal is a refusal, with the words the provider gave', () => {
  expect(answerOf('refusal').choices[0]!.parts).toEqual([
    { type: 'refusal', text: 'The request asks for malware and was stopped.' },
  ]);
});

test('cached tokens are buckets of their own and the buckets sum to the total', () => {
  const { usage } = answerOf('cached-usage');
  expect(usage).toMatchObject({ input: 5, cacheRead: 7000, cacheWrite: 300, cacheWrite1h: 1200, output: 9 });
});

test('a cache write without its split counts as the short life', () => {
  const body = { content: [], stop_reason: 'end_turn', usage: { input_tokens: 5, cache_creation_input_tokens: 3 } };
  expect(collectAnswer(parseAnswer(body)).usage).toMatchObject({ input: 5, cacheWrite: 3, cacheWrite1h: 0 });
});

test('thinking keeps its signature and its token count; redacted thinking keeps its data', () => {
  const thinking = answerOf('thinking-tool-call');
  expect(thinking.choices[0]!.parts[0]).toMatchObject({
    type: 'reasoning',
    signature: { origin: 'anthropic', on: 'thought', value: expect.stringContaining('signature+of+sluice') },
  });
  expect(thinking.usage.reasoning).toBe(38);
  expect(answerOf('redacted-thinking').choices[0]!.parts[0]).toMatchObject({
    redacted: 'EmwKAhgBEgyRedactedThinkingDataOfSluice0000==',
  });
  expect(answerOf('thinking-omitted').choices[0]!.parts[0]).toMatchObject({ type: 'reasoning', text: '' });
});

test('blocks of server tools stay whole, in their place', () => {
  const parts = answerOf('server-tool').choices[0]!.parts;
  expect(parts.map((part) => (part.type === 'opaque' ? part.what : part.type))).toEqual([
    'text',
    'server_tool_use',
    'web_search_tool_result',
    'text',
  ]);
});

test('what is no message is an invalid answer, and an error body its own error', () => {
  const thrown = (body: unknown) => {
    try {
      return parseAnswer(body);
    } catch (error) {
      return error instanceof SluiceError ? error.code : error;
    }
  };
  expect(thrown(null)).toBe('upstream_invalid_answer');
  expect(thrown({ choices: [] })).toBe('upstream_invalid_answer');
  expect(thrown({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })).toBe(
    'upstream_overloaded',
  );
});
