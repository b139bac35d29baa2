import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import { usageOf } from '../../core/usage.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { recordedStreams, recording, recordings } from './test-support.ts';

test('the glances of a stream add up to what was parsed', () => {
  for (const { name, body, chunks } of recordings) {
    const seen = Object.assign({}, ...chunks.map((data) => glance({ data })));
    expect(seen).toMatchObject({ end: true, model: body.model });
    if (name === 'mid-stream-error') {
      expect(seen.error?.code).toBe('upstream_overloaded');
      continue;
    }
    const answer = collectAnswer(parseAnswer(body));
    expect([name, seen.usage, seen.finish]).toEqual([name, answer.usage, answer.choices[0]?.finish?.native]);
    expect(glanceAnswer(body)).toEqual({
      end: true,
      model: String(body.model),
      usage: answer.usage,
      finish: seen.finish,
    });
  }
});

test('the name of the event, or a type that does not come first, serve as well', () => {
  const data = recording('text').chunks.at(-1)!;
  const { type, ...rest } = JSON.parse(data);
  expect(glance({ event: 'response.completed', data })).toEqual(glance({ data }));
  expect(glance({ data: JSON.stringify({ ...rest, type }) })).toEqual(glance({ data }));
});

test('deltas and odd events say nothing, whatever words they hold', () => {
  const delta = JSON.stringify({ type: 'response.output_text.delta', delta: '{"type":"response.completed"}' });
  for (const data of [delta, '[DONE]', '', 'x', '[]', '{}']) expect(glance({ data })).toEqual({});
  expect(glanceAnswer('x')).toEqual({});
});

test('a failed answer is an error, with its usage', () => {
  const seen = glanceAnswer(recording('mid-stream-error').body);
  expect(seen.error?.code).toBe('upstream_overloaded');
  expect(seen.usage).toEqual(usageOf({ input: 18, output: 3 }));
});

test('every recorded stream of the provider is seen to end', () => {
  for (const { name, chunks } of recordedStreams.filter((each) => !each.name.includes('parallel-tool-call-wrapper'))) {
    expect([name, chunks.some((data) => glance({ data }).end)]).toEqual([name, true]);
  }
});
