import { expect, test } from 'bun:test';
import { collectAnswer } from './chat-answer.ts';
import type { ChatEvent } from './chat-event.ts';
import { SluiceError } from './sluice-error.ts';
import { noUsage, usageOf } from './usage.ts';

const text = (words: string, choice = 0): ChatEvent => ({ type: 'text-delta', choice, text: words });

test('the facts of the start and the last usage stand on the answer', () => {
  const answer = collectAnswer([
    { type: 'start', id: 'a1', model: 'm', createdSeconds: 5, serviceTier: 'flex', systemFingerprint: 'fp' },
    { type: 'usage', usage: usageOf({ input: 3, output: 1 }) },
    text('hi'),
    { type: 'usage', usage: usageOf({ input: 3, output: 9 }) },
    { type: 'ping' },
    { type: 'finish', choice: 0, reason: 'stop', native: 'end_turn' },
  ]);
  expect(answer).toMatchObject({
    id: 'a1',
    model: 'm',
    createdSeconds: 5,
    serviceTier: 'flex',
    systemFingerprint: 'fp',
  });
  expect(answer).not.toHaveProperty('type');
  expect(answer.usage).toEqual(usageOf({ input: 3, output: 9 }));
  expect(answer.choices).toEqual([
    { index: 0, parts: [{ type: 'text', text: 'hi' }], finish: { reason: 'stop', native: 'end_turn' } },
  ]);
});

test('deltas of one kind in a row are one part; another kind between them begins a new one', () => {
  const { choices } = collectAnswer([
    text('a'),
    text('b'),
    { type: 'refusal-delta', choice: 0, text: 'no' },
    { type: 'refusal-delta', choice: 0, text: 'pe' },
    text('c'),
  ]);
  expect(choices[0]!.parts).toEqual([
    { type: 'text', text: 'ab' },
    { type: 'refusal', text: 'nope' },
    { type: 'text', text: 'c' },
  ]);
});

test('thinking is one part to its end, with signature, hidden content and id', () => {
  const signature = { origin: 'anthropic', on: 'thought', value: 's' } as const;
  const { choices } = collectAnswer([
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'reasoning-delta', choice: 0, text: 'm', summary: true },
    { type: 'reasoning-end', choice: 0, signature, id: 'rs_1' },
    { type: 'reasoning-end', choice: 0, redacted: 'xyz' },
    { type: 'reasoning-delta', choice: 0, text: 'again' },
    text('done'),
  ]);
  expect(choices[0]!.parts).toEqual([
    { type: 'reasoning', text: 'hmm', summary: true, signature, id: 'rs_1' },
    { type: 'reasoning', text: '', redacted: 'xyz' },
    { type: 'reasoning', text: 'again' },
    { type: 'text', text: 'done' },
  ]);
});

test('tool calls that are written at the same time keep their own arguments', () => {
  const { choices } = collectAnswer([
    { type: 'tool-call-start', choice: 0, index: 0, id: 'c0', name: 'f' },
    { type: 'tool-call-start', choice: 0, index: 1, id: 'c1', name: 'g' },
    { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"b":' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a":1}' },
    { type: 'tool-call-delta', choice: 0, index: 1, arguments: '2}' },
    { type: 'tool-call-end', choice: 0, index: 1 },
    { type: 'tool-call-end', choice: 0, index: 0 },
  ]);
  expect(choices[0]!.parts).toEqual([
    { type: 'tool-call', id: 'c0', name: 'f', arguments: '{"a":1}' },
    { type: 'tool-call', id: 'c1', name: 'g', arguments: '{"b":2}' },
  ]);
});

test('arguments of a call that never began are a broken answer, not a crash', () => {
  const collect = () => collectAnswer([{ type: 'tool-call-delta', choice: 0, index: 3, arguments: '{}' }]);
  expect(collect).toThrow(SluiceError);
});

test('choices that arrive interleaved come out in order, each with its own parts and end', () => {
  const { choices } = collectAnswer([
    text('two', 1),
    text('one', 0),
    text('!', 1),
    { type: 'finish', choice: 1, reason: 'length' },
    text('.', 0),
  ]);
  expect(choices.map(({ index, parts }) => [index, parts])).toEqual([
    [0, [{ type: 'text', text: 'one.' }]],
    [1, [{ type: 'text', text: 'two!' }]],
  ]);
  expect(choices[0]!.finish).toBeUndefined();
  expect(choices[1]!.finish).toEqual({ reason: 'length' });
});

test('citations, signatures and log probabilities join the text they belong to', () => {
  const logprob = (token: string) => ({ token, logprob: -0.5, top: [] });
  const { choices } = collectAnswer([
    { type: 'text-delta', choice: 0, text: 'a', logprobs: [logprob('a')] },
    { type: 'text-delta', choice: 0, text: 'b', logprobs: [logprob('b')] },
    { type: 'citation', choice: 0, citation: { url: 'https://example.com/1' } },
    { type: 'citation', choice: 0, citation: { url: 'https://example.com/2' } },
    { type: 'text-signature', choice: 0, signature: { origin: 'gemini', on: 'text', value: 's' } },
  ]);
  expect(choices[0]).toEqual({
    index: 0,
    parts: [
      {
        type: 'text',
        text: 'ab',
        citations: [{ url: 'https://example.com/1' }, { url: 'https://example.com/2' }],
        signature: { origin: 'gemini', on: 'text', value: 's' },
      },
    ],
    logprobs: [logprob('a'), logprob('b')],
  });
});

test('media and native items are parts of their own, without the number of the choice', () => {
  const { choices } = collectAnswer([
    { type: 'media', choice: 0, mediaType: 'audio/wav', data: 'UklG', transcript: 'hi', id: 'au' },
    { type: 'opaque', choice: 0, wire: 'anthropic-messages', what: 'server_tool_use', value: { x: 1 } },
  ]);
  expect(choices[0]!.parts).toEqual([
    { type: 'media', mediaType: 'audio/wav', data: 'UklG', transcript: 'hi', id: 'au' },
    { type: 'opaque', wire: 'anthropic-messages', what: 'server_tool_use', value: { x: 1 } },
  ]);
});

test('an answer without content still has one choice', () => {
  expect(collectAnswer([])).toEqual({ choices: [{ index: 0, parts: [] }], usage: noUsage });
});

test('an error among the events is thrown, whatever came before it', () => {
  const error = new SluiceError('upstream_overloaded', 'busy');
  expect(() => collectAnswer([text('half'), { type: 'error', error }])).toThrow(error);
});
