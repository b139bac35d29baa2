import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { parseSseEvents } from '../sse.ts';
import { buildAnswer } from './build-answer.ts';
import { createStreamBuilder } from './build-stream.ts';
import { parseRequest } from './parse-request.ts';
import { answerContext, streamEvents } from './testing.ts';

const start: ChatEvent = { type: 'start', id: 'msg_1', model: 'claude', createdSeconds: 5 };
const text = (words: string, choice = 0): ChatEvent => ({ type: 'text-delta', choice, text: words });
const finish = (reason: 'stop' | 'tool-calls' | 'refusal' | 'pause' = 'stop', choice = 0): ChatEvent => ({
  type: 'finish',
  choice,
  reason,
});
const usage: ChatEvent = {
  type: 'usage',
  usage: usageOf({ input: 5, cacheRead: 7, cacheWrite: 2, cacheWrite1h: 1, output: 3, reasoning: 1 }),
};

function write(events: ChatEvent[], fields: Parameters<typeof answerContext>[0] = {}) {
  const context = answerContext(fields);
  const builder = createStreamBuilder(context);
  const written = events.map((event) => builder.build(event)).join('') + builder.finish();
  const data = parseSseEvents(written).map((event) => event.data);
  const chunks = data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line));
  return { written, data, chunks, lost: context.losses.map(({ field }) => field) };
}
const deltas = (chunks: { choices: { delta: unknown }[] }[]) =>
  chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));

test('a text stream has exactly the native chunks', () => {
  const { written } = write([start, text('Hi "you"\n'), finish(), usage]);
  const head = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"claude"';
  expect(written.split('\n\n')).toEqual([
    `data: ${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}`,
    `data: ${head},"choices":[{"index":0,"delta":{"content":"Hi \\"you\\"\\n"},"logprobs":null,"finish_reason":null}]}`,
    `data: ${head},"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}`,
    'data: [DONE]',
    '',
  ]);
});

test('the figures come in a chunk without choices, only when they were asked for', () => {
  const { chunks, data } = write([start, text('x'), finish(), usage], { includeUsage: true });
  expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: {
      prompt_tokens: 15,
      completion_tokens: 3,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 7, audio_tokens: 0, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
    },
  });
  expect(data.at(-1)).toBe('[DONE]');
  expect(write([start, text('x'), finish(), usage]).written).not.toContain('usage');
});

test('an answer id of OpenAI is kept, any other replaced; the model is echoed', () => {
  expect(write([{ type: 'start', id: 'chatcmpl-x' }, text('a')]).chunks[0]).toMatchObject({
    id: 'chatcmpl-x',
    model: 'test/model',
  });
});

test('interleaved deltas of parallel calls keep their own index', () => {
  const events: ChatEvent[] = [
    start,
    { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' },
    { type: 'tool-call-start', choice: 0, index: 1, id: 'b', name: 'g' },
    { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"y"' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":1}' },
    { type: 'tool-call-delta', choice: 0, index: 1, arguments: ':2}' },
    { type: 'tool-call-end', choice: 0, index: 0 },
    { type: 'tool-call-end', choice: 0, index: 1 },
    finish('tool-calls'),
  ];
  const { chunks } = write(events);
  expect(deltas(chunks).slice(1, -1)).toEqual([
    { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] },
    { tool_calls: [{ index: 1, function: { arguments: '{"y"' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] },
    { tool_calls: [{ index: 1, function: { arguments: ':2}' } }] },
  ]);
  expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls');
});

test('a call without arguments still gets an empty object, ended or not', () => {
  const call: ChatEvent = { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' };
  const ended: ChatEvent = { type: 'tool-call-end', choice: 0, index: 0 };
  for (const events of [
    [call, ended, finish('tool-calls')],
    [call, finish('tool-calls')],
  ])
    expect(deltas(write(events).chunks).filter((delta) => JSON.stringify(delta).includes('"{}"'))).toEqual([
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    ] as unknown[]);
});

test('thinking streams as reasoning_content and its signature follows with the whole text', () => {
  const { chunks } = write([
    start,
    { type: 'reasoning-delta', choice: 0, text: 'first ' },
    { type: 'reasoning-delta', choice: 0, text: 'thought' },
    { type: 'reasoning-end', choice: 0, signature: { origin: 'anthropic', on: 'thought', value: 'sig==' } },
    { type: 'reasoning-end', choice: 0, redacted: 'blob' },
    text('answer'),
    { type: 'text-signature', choice: 0, signature: { origin: 'gemini', on: 'text', value: 'sigT' } },
    finish(),
  ]);
  expect(deltas(chunks).slice(1, -1)).toEqual([
    { reasoning_content: 'first ' },
    { reasoning_content: 'thought' },
    {
      reasoning_details: [
        { type: 'reasoning.text', text: 'first thought', signature: 'sig==', format: 'anthropic-claude-v1', index: 0 },
      ],
    },
    { reasoning_details: [{ type: 'reasoning.encrypted', data: 'blob', format: 'anthropic-claude-v1', index: 1 }] },
    { content: 'answer' },
    {
      reasoning_details: [
        { type: 'reasoning.encrypted', data: 'sluice.gemini.text.sigT', format: 'google-gemini-v1', index: 2 },
      ],
    },
  ]);
});

test('every signature of an answer is read back from the message that a caller sends again', () => {
  const events: ChatEvent[] = [
    { type: 'reasoning-delta', choice: 0, text: 'plain' },
    { type: 'reasoning-end', choice: 0 },
    { type: 'reasoning-delta', choice: 0, text: 'signed' },
    { type: 'reasoning-end', choice: 0, signature: { origin: 'anthropic', on: 'thought', value: 'a+/=' } },
    { type: 'reasoning-delta', choice: 0, text: 'sum', summary: true },
    { type: 'reasoning-end', choice: 0, signature: { origin: 'openai', on: 'thought', value: 'o+/=' }, id: 'rs_1' },
    { type: 'reasoning-end', choice: 0, redacted: 'r+/=' },
    text('said'),
    { type: 'text-signature', choice: 0, signature: { origin: 'gemini', on: 'text', value: 't+/=' } },
    {
      type: 'tool-call-start',
      choice: 0,
      index: 0,
      id: 'c',
      name: 'f',
      signature: { origin: 'gemini', on: 'call', value: 'g+/=' },
    },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{}' },
    finish('tool-calls'),
  ];
  const answer = collectAnswer(events);
  const { choices } = buildAnswer(answer, answerContext()) as { choices: { message: unknown }[] };
  const replayed = parseRequest({ model: 'm', messages: [choices[0]!.message] });
  expect(replayed.messages[0]!.parts).toEqual(answer.choices[0]!.parts as (typeof replayed.messages)[0]['parts']);

  // A client that adds the deltas up sends the same again.
  const message: Record<string, unknown> = { role: 'assistant' };
  for (const delta of deltas(write(events).chunks) as Record<string, unknown>[])
    for (const [field, value] of Object.entries(delta)) {
      if (field === 'role' || value === null) continue;
      if (typeof value === 'string') message[field] = `${message[field] ?? ''}${value}`;
      else if (field === 'reasoning_details')
        message[field] = [...((message[field] as unknown[]) ?? []), ...(value as unknown[])];
    }
  message.tool_calls = (choices[0]!.message as { tool_calls: unknown }).tool_calls;
  expect(parseRequest({ model: 'm', messages: [message] }).messages[0]!.parts).toEqual(replayed.messages[0]!.parts);
});

test('several signed blocks in a stream of ours are read as they were, by a gateway behind a gateway', () => {
  const signed = (value: string): ChatEvent => ({
    type: 'reasoning-end',
    choice: 0,
    signature: { origin: 'anthropic', on: 'thought', value },
  });
  const events: ChatEvent[] = [
    start,
    { type: 'reasoning-delta', choice: 0, text: 'one' },
    { type: 'reasoning-delta', choice: 0, text: ' two' },
    signed('s1'),
    { type: 'reasoning-end', choice: 0, redacted: 'r' },
    { type: 'reasoning-delta', choice: 0, text: 'one' },
    signed('s2'),
    signed('s3'),
    text('answer'),
    finish(),
  ];
  const read = collectAnswer(streamEvents(write(events).data));
  expect(read.choices[0]!.parts).toEqual(collectAnswer(events).choices[0]!.parts);
});

test('an error ends the stream at once', () => {
  const { written, chunks } = write([
    start,
    text('a'),
    { type: 'error', error: new SluiceError('upstream_timeout', 'silent') },
    text('b'),
    finish(),
  ]);
  expect(written).not.toContain('[DONE]');
  expect(chunks.at(-1)).toEqual({
    error: { message: 'silent', type: 'server_error', param: null, code: 'upstream_timeout', request_id: 'req_1' },
  });
});

test('a ping is a comment that readers skip', () => {
  expect(write([start, { type: 'ping' }, text('a'), finish()]).written).toContain('\n\n: keep-alive\n\n');
});

test('every choice opens with its role', () => {
  const { chunks } = write([start, text('a'), text('b', 1), finish('stop', 0), finish('stop', 1)]);
  expect(chunks.map(({ choices }) => choices[0].index)).toEqual([0, 0, 1, 1, 0, 1]);
  expect(chunks[2].choices[0].delta.role).toBe('assistant');
});

test('a refusal in words ends with stop, one without with content_filter', () => {
  const spoken = write([start, { type: 'refusal-delta', choice: 0, text: 'No.' }, finish('refusal')]).chunks;
  expect(spoken.at(-1).choices[0].finish_reason).toBe('stop');
  expect(write([start, finish('refusal')]).chunks.at(-1).choices[0].finish_reason).toBe('content_filter');
});

test('what has no place is recorded as lost', () => {
  const { lost } = write([
    start,
    { type: 'opaque', choice: 0, wire: 'anthropic-messages', what: 'server_tool_use', value: {} },
    { type: 'citation', choice: 0, citation: { title: 'A book' } },
    { type: 'media', choice: 0, mediaType: 'video/mp4', data: '' },
    finish('pause'),
  ]);
  expect(lost).toEqual(['server_tool_use', 'citations', 'video/mp4', 'finish_reason']);
});

test('a caller of functions is answered with function_call', () => {
  const request = parseRequest({
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    functions: [{ name: 'f' }],
  });
  const events: ChatEvent[] = [
    start,
    { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":1}' },
    { type: 'tool-call-end', choice: 0, index: 0 },
    finish('tool-calls'),
  ];
  const { chunks } = write(events, request);
  expect(deltas(chunks).slice(1, -1)).toEqual([
    { function_call: { name: 'f', arguments: '' } },
    { function_call: { arguments: '{"x":1}' } },
  ]);
  expect(chunks.at(-1).choices[0].finish_reason).toBe('function_call');
  const whole = buildAnswer(collectAnswer(events), answerContext(request)) as { choices: Record<string, unknown>[] };
  expect(whole.choices[0]).toMatchObject({
    message: { content: null, function_call: { name: 'f', arguments: '{"x":1}' } },
    finish_reason: 'function_call',
  });
});

test('a whole answer has exactly the native fields', () => {
  expect(buildAnswer(collectAnswer([start, text('Hi'), finish(), usage]), answerContext())).toEqual({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 5,
    model: 'claude',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hi', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 15,
      completion_tokens: 3,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 7, audio_tokens: 0, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
    },
  });
});

test('a citation of another provider becomes an annotation with its place in code points, as OpenAI counts', () => {
  const citation = { url: 'https://a.example', title: 'A', start: 3, end: 9 };
  const { chunks } = write([start, text('🌊 see here'), { type: 'citation', choice: 0, citation }, finish()]);
  expect(deltas(chunks)[2]).toEqual({
    annotations: [
      { type: 'url_citation', url_citation: { start_index: 2, end_index: 8, title: 'A', url: 'https://a.example' } },
    ],
  });
});
