import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import { parseSseEvents } from '../sse.ts';
import { parseAnswer } from './parse-answer.ts';
import { createStreamParser } from './parse-stream.ts';
import { recordings, streamEvents } from './testing.ts';

const chunk = (delta: unknown, finish: string | null = null, more = {}) =>
  JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish, ...more }] });
const streamed = (...chunks: string[]) => collectAnswer(streamEvents(chunks)).choices[0]!;
const calls = (...chunks: string[]) => streamed(...chunks).parts.filter((part) => part.type === 'tool-call');
const errorOf = (events: ChatEvent[]) => events.find((event) => event.type === 'error')?.error;

test('a stream that is cut is an error and never a clean end', () => {
  for (const { chunks, name } of recordings) {
    if (!chunks || name.startsWith('mid-stream')) continue;
    const end = chunks.findIndex((line) => /"finish_reason":"/.test(line));
    for (let kept = 0; kept < end; kept++) {
      const events = streamEvents(chunks.slice(0, kept));
      expect(errorOf(events)?.code).toBe('upstream_invalid_answer');
      expect(events.some(({ type }) => type === 'finish')).toBe(false);
    }
  }
});

test('a finish reason for every choice is an end, even without [DONE]', () => {
  expect(streamed(chunk({ content: 'x' }), chunk({}, 'stop')).finish).toEqual({ reason: 'stop', native: 'stop' });
  const one = JSON.stringify({
    choices: [
      { index: 0, delta: {}, finish_reason: 'stop' },
      { index: 1, delta: {} },
    ],
  });
  expect(errorOf(streamEvents([one]))).toBeDefined();
});

test('[DONE] without a finish reason ends with what the choice held', () => {
  expect(streamed(chunk({ content: 'x' }), '[DONE]').finish).toEqual({ reason: 'stop' });
  const call = { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] };
  expect(streamed(chunk(call), '[DONE]').finish).toEqual({ reason: 'tool-calls' });
});

test('a stream without an answer, and a chunk that is not JSON, are errors', () => {
  expect(errorOf(streamEvents(['[DONE]']))?.message).toContain('without an answer');
  expect(errorOf(streamEvents([chunk({ content: 'x' }), '{"id":']))?.message).toContain('not JSON');
});

test('what follows the end or an error is not read', () => {
  const parser = createStreamParser();
  parser.parse({ data: chunk({ content: 'x' }, 'stop') });
  parser.parse({ data: '[DONE]' });
  expect(parser.parse({ data: chunk({ content: 'y' }) })).toEqual([]);
  expect(parser.finish()).toEqual([]);
  const failed = createStreamParser();
  expect(errorOf(failed.parse({ data: '{"error":"boom"}' }))?.message).toBe('boom');
  expect(failed.parse({ data: chunk({ content: 'y' }) })).toEqual([]);
  expect(failed.finish()).toEqual([]);
});

test('comments, CRLF and a missing last blank line do not matter', () => {
  const sse = `: OPENROUTER PROCESSING\r\n\r\ndata: ${chunk({ content: 'a' })}\r\n\r\n: OPENROUTER PROCESSING\r\n\r\ndata: ${chunk({}, 'stop')}\r\n\r\ndata: [DONE]`;
  expect(streamed(...parseSseEvents(sse).map(({ data }) => data)).parts).toEqual([{ type: 'text', text: 'a' }]);
});

test('an error event by its name is an error', () => {
  const parser = createStreamParser();
  const events = parser.parse({ event: 'error', data: '{"message":"slow down","code":429}' });
  expect(errorOf(events)).toMatchObject({ code: 'upstream_rate_limited', message: 'slow down' });
});

test('the last finish chunk is not said twice when usage repeats it', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const events = streamEvents([
    chunk({ content: 'x' }, 'stop'),
    JSON.stringify({ usage, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] }),
    '[DONE]',
  ]);
  expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  expect(collectAnswer(events).usage).toMatchObject({ input: 1, output: 2 });
});

test('usage is set and never added', () => {
  const usage = (output: number) => ({ prompt_tokens: 5, completion_tokens: output, total_tokens: 5 + output });
  const at = (content: string, output: number) =>
    JSON.stringify({ choices: [{ index: 0, delta: { content } }], usage: usage(output) });
  const answer = collectAnswer(streamEvents([at('a', 1), at('b', 2), chunk({}, 'stop'), '[DONE]']));
  expect(answer.usage).toMatchObject({ input: 5, output: 2 });
});

test('calls without index or id get stable ids of their own', () => {
  const call = (name: string, args: unknown) => ({ tool_calls: [{ function: { name, arguments: args } }] });
  const read = () => calls(chunk(call('f', { a: 1 })), chunk(call('f', '{"a":2}')), chunk({}, 'stop'));
  const [first, second] = read();
  expect([first!.arguments, second!.arguments]).toEqual(['{"a":1}', '{"a":2}']);
  expect(first!.id).toMatch(/^call_/);
  expect(first!.id).not.toBe(second!.id);
  expect(read().map(({ id }) => id)).toEqual([first!.id, second!.id]);
});

test('one index with two ids is two calls; repeated ids and names are one', () => {
  const at = (id: string | undefined, name: string | undefined, args: string) =>
    chunk({ tool_calls: [{ index: 0, id, function: { name, arguments: args } }] });
  expect(calls(at('a', 'f', '{}'), at('b', 'f', '{}'), chunk({}, 'stop')).map(({ id }) => id)).toEqual(['a', 'b']);
  const repeated = calls(at('a', 'f', '{"x"'), at('a', 'f', ':1}'), chunk({}, 'stop'));
  expect(repeated).toEqual([{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}' }]);
  const named = calls(at('a', undefined, ''), at(undefined, 'f', '{}'), chunk({}, 'stop'));
  expect(named).toEqual([{ type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }]);
});

test('empty arguments become an empty object, with a delta of their own', () => {
  const events = streamEvents([
    chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] }),
    chunk({}, 'tool_calls'),
  ]);
  expect(events.filter(({ type }) => type === 'tool-call-delta')).toEqual([
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{}' },
  ]);
});

test('arguments come together the same wherever they are split', () => {
  const whole = '{"käse":"🧀 \\"x\\"","n":[1,2]}';
  const expected = [{ type: 'tool-call' as const, id: 'a', name: 'f', arguments: whole }];
  for (let at = 0; at <= whole.length; at++) {
    const start = chunk({
      tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: whole.slice(0, at) } }],
    });
    const rest = chunk({ tool_calls: [{ index: 0, function: { arguments: whole.slice(at) } }] });
    expect(calls(start, rest, chunk({}, 'tool_calls'))).toEqual(expected);
  }
});

test('think tags in the content stay content', () => {
  expect(streamed(chunk({ content: '<think>a</think>b' }), chunk({}, 'stop')).parts).toEqual([
    { type: 'text', text: '<think>a</think>b' },
  ]);
});

test('thinking under two names is read once', () => {
  const { parts } = streamed(chunk({ reasoning: 'a', reasoning_content: 'a' }), chunk({ content: 'b' }, 'stop'));
  expect(parts).toEqual([
    { type: 'reasoning', text: 'a' },
    { type: 'text', text: 'b' },
  ]);
});

test('finish reasons of imitators are understood, and their words kept', () => {
  const table: [string, string][] = [
    ['eos', 'stop'],
    ['end_turn', 'stop'],
    ['model_length', 'length'],
    ['max_tokens', 'length'],
    ['SAFETY', 'content-filter'],
    ['content_filter', 'content-filter'],
    ['tool_use', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['model_context_window_exceeded', 'context-exceeded'],
    ['abort', 'other'],
  ];
  for (const [native, reason] of table)
    expect(streamed(chunk({ content: 'x' }, native)).finish as unknown).toEqual({ reason, native });
});

test('finish reasons that stand for a fault are errors, not stops', () => {
  for (const native of ['error', 'insufficient_system_resource'])
    expect(errorOf(streamEvents([chunk({ content: 'x' }, native), '[DONE]']))?.code).toBe('upstream_overloaded');
});

test('a matched stop sequence is kept', () => {
  expect(streamed(chunk({}, 'stop', { stop_reason: 'END' })).finish).toEqual({
    reason: 'stop-sequence',
    native: 'stop',
    stopSequence: 'END',
  });
});

test('log probabilities of text and of refusals are kept', () => {
  const token = { token: 'no', logprob: -1, bytes: null, top_logprobs: [] };
  const body = {
    choices: [
      {
        index: 0,
        message: { content: null, refusal: 'no' },
        logprobs: { content: null, refusal: [token] },
        finish_reason: 'stop',
      },
    ],
  };
  const whole = collectAnswer(parseAnswer(body)).choices[0]!;
  expect(whole.parts).toContainEqual({ type: 'opaque', wire: 'openai-chat', what: 'logprobs.refusal', value: [token] });
  expect(whole.finish!.reason).toBe('refusal');
});

test('an answer that is none is refused', () => {
  for (const body of [null, 'text', {}, { choices: [] }, { object: 'list' }])
    expect(() => parseAnswer(body)).toThrow('no chat completion');
});

test('an error inside a 200 is thrown with its meaning', () => {
  expect(() => parseAnswer({ error: { message: 'busy', code: 429 } })).toThrow('busy');
  expect(() => parseAnswer({ object: 'error', message: 'bad', code: 400 })).toThrow('bad');
});
