import { expect, test } from 'bun:test';
import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { buildAnswer } from './build-answer.ts';
import { buildStreamError, createStreamBuilder, keepAlive } from './build-stream.ts';
import { parseAnswer } from './parse-answer.ts';
import { checkStream } from './test-stream-checker.ts';
import { buildStream, contextFor, eventsOf, parseChunks, recording, recordings } from './test-support.ts';

const cut = new SluiceError('upstream_invalid_answer', 'The provider was cut off.');

/** An answer as a provider of another kind gives it: unsigned ids, calls that interleave, deltas of every kind. */
const foreign: ChatEvent[] = [
  { type: 'start', id: 'msg_01abc', model: 'claude-x', createdSeconds: 1_780_000_000 },
  { type: 'reasoning-delta', choice: 0, text: 'Let me ' },
  { type: 'ping' },
  { type: 'reasoning-delta', choice: 0, text: 'think.' },
  { type: 'reasoning-end', choice: 0, signature: { origin: 'anthropic', on: 'thought', value: 'sig==' } },
  { type: 'reasoning-end', choice: 0, redacted: 'hidden==' },
  { type: 'text-delta', choice: 0, text: 'Looking 🌊 ' },
  { type: 'text-delta', choice: 0, text: '' },
  { type: 'text-delta', choice: 0, text: 'it up.' },
  { type: 'citation', choice: 0, citation: { url: 'https://x.test', start: 11, end: 17 } },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'toolu_1', name: 'weather' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'toolu_2', name: 'time' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"zone"' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"city":"Porto"}' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: ':"WET"}' },
  { type: 'tool-call-end', choice: 0, index: 0 },
  { type: 'tool-call-end', choice: 0, index: 1 },
  {
    type: 'tool-call-start',
    choice: 0,
    index: 2,
    id: 'call_3',
    name: 'now',
    signature: { origin: 'gemini', on: 'call', value: 'thought==' },
  },
  { type: 'tool-call-end', choice: 0, index: 2 },
  { type: 'usage', usage: usageOf({ input: 5, cacheRead: 7, cacheWrite: 3, output: 20, reasoning: 6 }) },
  { type: 'finish', choice: 0, reason: 'tool-calls', native: 'tool_use' },
];

/** The official SDK reading `stream`. */
async function readWithSdk(stream: string) {
  const client = new OpenAI({
    apiKey: 'test',
    baseURL: 'http://127.0.0.1:1/v1',
    maxRetries: 0,
    fetch: async () => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }),
  });
  const running = client.responses.stream({ model: 'asked', input: 'hi' });
  const types: string[] = [];
  running.on('event', (event) => types.push(event.type));
  const response = await running.finalResponse();
  return { response, types };
}

test.each(recordings.map((each) => [each.name, each] as const))(
  'the rebuilt stream of %s keeps the order and ends with the whole answer',
  (name, { chunks, body }) => {
    const response = checkStream(eventsOf(buildStream(parseChunks(chunks))));
    expect(response.status).toBe(body.status);
    if (name === 'mid-stream-error') return;
    const whole = buildAnswer(collectAnswer(parseChunks(chunks)), contextFor());
    expect(withoutIds(response)).toEqual(withoutIds(whole));
  },
);

test.each(recordings.filter(({ name }) => name !== 'mid-stream-error').map((each) => [each.name, each] as const))(
  'the official SDK reads the rebuilt stream of %s as the recorded answer',
  async (_, { chunks, body }) => {
    const { response } = await readWithSdk(buildStream(parseChunks(chunks)));
    expect(response.id).toBe(String(body.id));
    expect(collectAnswer(parseAnswer(response)).choices.map(withoutReasoningIds)).toEqual(
      collectAnswer(parseAnswer(body)).choices.map(withoutReasoningIds),
    );
    expect(response.usage).toEqual(body.usage as typeof response.usage);
  },
);

test('an answer of another kind comes out in order, calls apart, and the SDK builds the same from its deltas', async () => {
  const stream = buildStream(foreign);
  const built = checkStream(eventsOf(stream));
  const output = built.output as JsonObject[];
  expect(output.map((item) => [item.type, item.arguments ?? item.encrypted_content])).toEqual([
    ['reasoning', 'sluice.anthropic.thought.sig=='],
    ['reasoning', 'sluice.redacted.hidden=='],
    ['message', undefined],
    ['function_call', '{"city":"Porto"}'],
    ['function_call', '{"zone":"WET"}'],
    ['reasoning', 'sluice.gemini.call.thought=='],
    ['function_call', '{}'],
  ]);
  expect(output[2]?.content).toEqual([
    {
      type: 'output_text',
      text: 'Looking 🌊 it up.',
      logprobs: [],
      annotations: [
        { type: 'url_citation', start_index: 10, end_index: 16, title: 'https://x.test', url: 'https://x.test' },
      ],
    },
  ]);
  expect(built).toMatchObject({
    model: 'claude-x',
    created_at: 1_780_000_000,
    status: 'completed',
    usage: {
      input_tokens: 15,
      input_tokens_details: { cached_tokens: 7, cache_write_tokens: 3 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 6 },
      total_tokens: 35,
    },
  });
  expect(String(built.id)).toStartWith('resp_');
  const { response } = await readWithSdk(stream);
  expect(response.output_text).toBe('Looking 🌊 it up.');
  expect(withoutIds(buildAnswer(collectAnswer(foreign), contextFor()))).toEqual(withoutIds(built));
});

test('the SDK that sees only deltas, not the last event, has built the same items', async () => {
  const events = eventsOf(buildStream(foreign));
  const last = events.at(-1)!.response as JsonObject;
  const emptied = { ...events.at(-1), response: { ...last, output: [] } };
  const frame = (event: JsonObject) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
  const client = new OpenAI({
    apiKey: 'test',
    fetch: async () =>
      new Response([...events.slice(0, -1), emptied].map(frame).join(''), {
        headers: { 'content-type': 'text/event-stream' },
      }),
  });
  const running = client.responses.stream({ model: 'asked', input: 'hi' });
  let calls: string[] = [];
  running.on('response.function_call_arguments.delta', (event) => {
    calls = [...calls.filter((call) => !event.snapshot.startsWith(call)), event.snapshot];
  });
  await running.done();
  expect(calls.sort()).toEqual(['{"city":"Porto"}', '{"zone":"WET"}', '{}']);
});

test('the AI SDK reads text, thinking, calls and sources', async () => {
  const provider = createOpenAI({
    apiKey: 'test',
    fetch: Object.assign(
      async () => new Response(buildStream(foreign), { headers: { 'content-type': 'text/event-stream' } }),
      { preconnect: () => {} },
    ),
  });
  const result = streamText({ model: provider.responses('asked'), prompt: 'hi', onError: () => {} });
  const seen: string[] = [];
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error;
    seen.push(part.type);
  }
  expect(await result.text).toBe('Looking 🌊 it up.');
  expect(await result.reasoningText).toBe('Let me think.');
  expect((await result.toolCalls).map((call) => [call.toolCallId, call.toolName, call.input])).toEqual([
    ['toolu_1', 'weather', { city: 'Porto' }],
    ['toolu_2', 'time', { zone: 'WET' }],
    ['call_3', 'now', {}],
  ]);
  expect(await result.finishReason).toBe('tool-calls');
  expect(await result.usage).toMatchObject({ inputTokens: 15, outputTokens: 20 });
  expect(seen).toContain('source');
});

test('an error ends the stream as OpenAI does, and nothing follows', async () => {
  const builder = createStreamBuilder(contextFor());
  const head = foreign.slice(0, 11).map((event) => builder.build(event));
  const tail = builder.build({ type: 'error', error: cut });
  const stream = head.join('') + tail;
  expect(builder.build({ type: 'text-delta', choice: 0, text: 'more' })).toBe('');
  expect(builder.finish()).toBe('');
  const events = eventsOf(stream.replaceAll(keepAlive, ''));
  const response = checkStream(events);
  expect(events.at(-2)).toMatchObject({
    type: 'error',
    code: 'upstream_invalid_answer',
    message: 'The provider was cut off.',
    param: null,
    error: { type: 'server_error', code: 'upstream_invalid_answer', message: 'The provider was cut off.' },
  });
  expect(response.error).toEqual({ code: 'server_error', message: 'The provider was cut off.' });
  expect(response.completed_at).toBeNull();
  expect(JSON.stringify(events)).not.toContain('response.completed');
  await expect(readWithSdk(stream)).rejects.toThrow('The provider was cut off.');
});

test('an error before anything else still opens the Response it fails', () => {
  const events = eventsOf(buildStream([{ type: 'error', error: cut }]));
  expect(events.map((event) => event.type)).toEqual([
    'response.created',
    'response.in_progress',
    'error',
    'response.failed',
  ]);
  checkStream(events);
});

test('the SDK throws on the error that ends a passed stream', async () => {
  const error = new SluiceError('upstream_timeout', 'The provider sent nothing for 30 s.');
  const begun = buildStream(foreign).split('event: response.output_text.delta')[0]!;
  await expect(readWithSdk(begun + buildStreamError(error, 'req_1'))).rejects.toThrow(
    'The provider sent nothing for 30 s.',
  );
  expect(eventsOf(buildStreamError(error, 'req_1'))).toHaveLength(1);
});

test.each([
  ['length', 'incomplete', { reason: 'max_output_tokens' }],
  ['context-exceeded', 'incomplete', { reason: 'max_output_tokens' }],
  ['content-filter', 'incomplete', { reason: 'content_filter' }],
  ['refusal', 'incomplete', { reason: 'content_filter' }],
  ['stop-sequence', 'completed', null],
  ['pause', 'completed', null],
  ['other', 'completed', null],
  ['malformed-tool-call', 'failed', null],
] as const)('the finish %s ends as %s, and cuts the last message when it is incomplete', (reason, status, details) => {
  const events: ChatEvent[] = [
    { type: 'text-delta', choice: 0, text: 'Once' },
    { type: 'finish', choice: 0, reason },
  ];
  const response = checkStream(eventsOf(buildStream(events)));
  expect(response).toMatchObject({ status, incomplete_details: details });
  expect((response.output as JsonObject[])[0]?.status).toBe(status === 'incomplete' ? 'incomplete' : 'completed');
  expect(response.error === null).toBe(status !== 'failed');
  expect(withoutIds(buildAnswer(collectAnswer(events), contextFor()))).toEqual(withoutIds(response));
});

test('a call that ran out of tokens is incomplete, whole and streamed', () => {
  const events: ChatEvent[] = [
    { type: 'tool-call-start', choice: 0, index: 0, id: 'c1', name: 'f' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a":' },
    { type: 'tool-call-end', choice: 0, index: 0 },
    { type: 'usage', usage: usageOf({ output: 3 }) },
    { type: 'finish', choice: 0, reason: 'length' },
  ];
  const response = checkStream(eventsOf(buildStream(events)));
  expect(response.output).toMatchObject([{ type: 'function_call', arguments: '{"a":', status: 'incomplete' }]);
  expect(withoutIds(buildAnswer(collectAnswer(events), contextFor()))).toEqual(withoutIds(response));
});

test('a refusal after text is a second part of the same message', () => {
  const events: ChatEvent[] = [
    { type: 'text-delta', choice: 0, text: 'Well, ' },
    { type: 'refusal-delta', choice: 0, text: 'no.' },
    { type: 'finish', choice: 0, reason: 'refusal' },
  ];
  const response = checkStream(eventsOf(buildStream(events)));
  expect(response.status).toBe('completed');
  expect(response.output).toMatchObject([
    {
      content: [
        { type: 'output_text', text: 'Well, ' },
        { type: 'refusal', refusal: 'no.' },
      ],
    },
  ]);
});

test('a signed text, an image and a native item of another wire', () => {
  const events: ChatEvent[] = [
    { type: 'text-delta', choice: 0, text: 'Here: ' },
    { type: 'text-signature', choice: 0, signature: { origin: 'gemini', on: 'text', value: 's' } },
    { type: 'media', choice: 0, mediaType: 'image/png', data: 'iVBOR' },
    { type: 'opaque', choice: 0, wire: 'anthropic-messages', what: 'server_tool_use', value: {} },
    { type: 'media', choice: 0, mediaType: 'audio/wav', data: 'UklG' },
    { type: 'finish', choice: 0, reason: 'stop' },
  ];
  const context = contextFor();
  const response = checkStream(eventsOf(buildStream(events, context)));
  expect(response.output).toMatchObject([
    { type: 'message' },
    { type: 'reasoning', summary: [], encrypted_content: 'sluice.gemini.text.s' },
    { type: 'image_generation_call', status: 'completed', result: 'iVBOR', output_format: 'png' },
  ]);
  expect(context.losses.map(({ field }) => field)).toEqual(['server_tool_use', 'audio/wav']);
  expect(withoutIds(buildAnswer(collectAnswer(events), contextFor()))).toEqual(withoutIds(response));
});

test('the text after something that cannot be shown is a part with offsets of its own', () => {
  const events: ChatEvent[] = [
    { type: 'text-delta', choice: 0, text: 'First. ' },
    { type: 'opaque', choice: 0, wire: 'gemini', what: 'executableCode', value: {} },
    { type: 'text-delta', choice: 0, text: 'Second.' },
    { type: 'citation', choice: 0, citation: { url: 'https://x.test', start: 0, end: 6 } },
    { type: 'reasoning-end', choice: 0 },
    { type: 'text-delta', choice: 0, text: 'Third.' },
    { type: 'finish', choice: 0, reason: 'stop' },
  ];
  const response = checkStream(eventsOf(buildStream(events)));
  expect(response.output).toMatchObject([
    {
      content: [
        { text: 'First. ', annotations: [] },
        { text: 'Second.', annotations: [{ start_index: 0, end_index: 6 }] },
        { text: 'Third.', annotations: [] },
      ],
    },
  ]);
  expect(withoutIds(buildAnswer(collectAnswer(events), contextFor()))).toEqual(withoutIds(response));
});

test('only the first choice is told, others are a loss', () => {
  const context = contextFor();
  const events: ChatEvent[] = [
    { type: 'text-delta', choice: 0, text: 'a' },
    { type: 'text-delta', choice: 1, text: 'b' },
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'finish', choice: 1, reason: 'stop' },
  ];
  expect(checkStream(eventsOf(buildStream(events, context))).output).toMatchObject([{ content: [{ text: 'a' }] }]);
  expect(context.losses).toEqual([{ field: 'n', reason: 'a Response holds one choice' }]);
});

test('log probabilities go out with their delta and again with the whole', () => {
  const events = eventsOf(buildStream(parseChunks(recording('logprobs').chunks)));
  const deltas = events.filter((event) => event.type === 'response.output_text.delta');
  expect(deltas.map((event) => (event.logprobs as unknown[]).length)).toEqual([1, 1]);
  expect(events.find((event) => event.type === 'response.output_text.done')?.logprobs).toHaveLength(2);
});

test('OpenAI’s encrypted thinking keeps its true id inside when the stream had to show another', () => {
  const events = parseChunks(recording('reasoning-encrypted').chunks);
  const output = checkStream(eventsOf(buildStream(events))).output as JsonObject[];
  expect(String(output[0]?.encrypted_content)).toStartWith('sluice.item.rs_6841c0de07.gAAAA');
  const hidden = checkStream(eventsOf(buildStream(parseChunks(recording('reasoning-hidden').chunks))))
    .output as JsonObject[];
  expect(hidden[0]).toEqual((recording('reasoning-hidden').body.output as JsonObject[])[0]!);
});

test('a text delta costs less than 3 microseconds, read and written', () => {
  const { chunks } = recording('text');
  const delta = chunks.find((line) => line.includes('output_text.delta'))!;
  const rounds = 20_000;
  const best = Math.min(
    ...Array.from({ length: 5 }, () => {
      const builder = createStreamBuilder(contextFor());
      const began = performance.now();
      const events = parseChunks([chunks[0]!, ...Array<string>(rounds).fill(delta)]);
      for (const event of events.slice(0, -1)) builder.build(event);
      return ((performance.now() - began) * 1000) / rounds;
    }),
  );
  expect(best).toBeLessThan(3);
});

function withoutIds(response: JsonObject): JsonObject {
  const output = (response.output as JsonObject[]).map(({ id: _, encrypted_content: hidden, ...item }) => ({
    ...item,
    hidden: typeof hidden === 'string' && hidden.replace(/^sluice\.item\.[^.]*\./, ''),
  }));
  const { id: _, ...rest } = response;
  return { ...rest, output };
}

function withoutReasoningIds(choice: { parts: { type: string }[] }) {
  return choice.parts.map((part) => (part.type === 'reasoning' ? { ...part, id: undefined } : part));
}
