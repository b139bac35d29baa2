import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { Glance } from '../wire.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { recordings } from './testing.ts';

test('the glances of a stream together say what the parsed answer says', () => {
  for (const { name, body, chunks } of recordings) {
    if (!chunks || name.startsWith('mid-stream')) continue;
    const seen: Glance = {};
    for (const data of chunks) Object.assign(seen, glance({ data }));
    const answer = collectAnswer(parseAnswer(body));
    expect(seen.usage).toEqual(answer.usage);
    expect(seen.finish).toBe(answer.choices.at(-1)!.finish!.native!);
    expect(seen.model).toBe(answer.model!);
    expect(seen.end).toBe(chunks.at(-1) === '[DONE]' ? true : undefined);
    const { usage, model } = glanceAnswer(body);
    expect({ usage, model }).toEqual({ usage: answer.usage, model: answer.model! });
  }
});

test('a delta says only the model, whatever its text looks like', () => {
  const content = '{"usage":{"prompt_tokens":9},"error":{"message":"x"},"finish_reason":"stop"}';
  const plain = { model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null };
  expect(glance({ data: JSON.stringify(plain) })).toEqual({ model: 'm' });
  expect(glance({ data: JSON.stringify(plain, null, 1).replaceAll('\n', ' ') })).toEqual({ model: 'm' });
});

test('errors are seen in every form', () => {
  expect(glance({ data: '{"error": {"message":"x","code":429}}' }).error?.code).toBe('upstream_rate_limited');
  expect(glance({ data: '{"error":"x"}' }).error?.message).toBe('x');
  expect(glance({ data: '{"object": "error","message":"x","code":400}' }).error?.code).toBe('upstream_rejected');
  expect(glance({ event: 'error', data: '{"message":"x"}' }).error?.message).toBe('x');
  expect(glance({ data: '{"error":null,"choices":[]}' }).error).toBeUndefined();
});

test('text that is no JSON says nothing', () => {
  expect(glance({ data: '{"usage":{' })).toEqual({});
  expect(glanceAnswer('x')).toEqual({});
});
