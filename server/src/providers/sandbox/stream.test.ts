import { expect, test } from 'bun:test';
import type OpenAI from 'openai';
import { parseSseEvents } from '../../wire/sse.ts';
import { createSandboxProvider } from './index.ts';
import { streamBody } from './stream-body.ts';
import { client, send, weatherTool } from './test-client.ts';

const user = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: 'user', content }];

const cases: Record<string, Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>> = {
  text: { messages: user('Do ships dream?') },
  choices: { messages: user('Do ships dream?'), n: 3, seed: 4 },
  thoughts: { model: 'sandbox-large', messages: user('what is 2+2'), reasoning_effort: 'medium' },
  logprobs: { messages: user('count to 5'), logprobs: true, top_logprobs: 3 },
  refusal: { messages: user('please refuse'), logprobs: true },
  'cut text': { messages: user('Do ships dream?'), max_tokens: 4 },
  'tool calls': { messages: user('Weather in Paris and Rome?'), tools: [weatherTool] },
  'cut call': { messages: user('Weather in Paris?'), tools: [weatherTool], max_tokens: 6 },
};

for (const [name, fields] of Object.entries(cases))
  test(`the SDK puts a stream together to the same answer as the JSON body: ${name}`, async () => {
    const body = { model: 'sandbox-small', messages: [], ...fields, stream: undefined };
    const whole = await client.chat.completions.create(body);
    const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    let events = 0;
    // The SDK does not join fields that it does not know, so the thoughts are joined here.
    let thoughts = '';
    for await (const chunk of stream) {
      if (chunk.choices.length > 0) events++;
      thoughts += (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? '';
    }
    const streamed = await stream.finalChatCompletion().catch((error: Error) => error);
    // The SDK throws on a call that was cut by the limit; its snapshot still holds what came.
    const snapshot = streamed instanceof Error ? stream.currentChatCompletionSnapshot : streamed;
    const plain = (answer: Pick<OpenAI.ChatCompletion, 'choices'> | undefined) =>
      answer?.choices.map(({ finish_reason, logprobs, message }) => ({
        finish_reason,
        logprobs: logprobs ?? null,
        content: message.content ?? null,
        refusal: message.refusal ?? null,
        calls: message.tool_calls?.map(
          (call) => call.type === 'function' && [call.function.name, call.function.arguments],
        ),
      }));
    if (!(streamed instanceof Error)) {
      expect(plain(streamed)).toEqual(plain(whole));
      expect(thoughts).toBe((whole.choices[0]!.message as { reasoning_content?: string }).reasoning_content ?? '');
      expect(streamed.usage).toEqual(whole.usage);
    } else expect(snapshot?.choices[0]?.message.tool_calls).toBeDefined();
    expect(events).toBeGreaterThan(3);
  });

test('every event has the same id, the usage comes last with no choices, and only when asked for', async () => {
  const stream = async (more: object) => {
    const response = await send({ model: 'sandbox-small', messages: user('count to 3'), stream: true, ...more });
    expect(response.headers.get('content-type')).toStartWith('text/event-stream');
    const events = parseSseEvents(await response.text()).map(({ data }) => data);
    expect(events.pop()).toBe('[DONE]');
    return events.map((data) => JSON.parse(data) as OpenAI.ChatCompletionChunk);
  };
  const withUsage = await stream({ stream_options: { include_usage: true } });
  expect(new Set(withUsage.map((chunk) => chunk.id)).size).toBe(1);
  expect(withUsage.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(withUsage.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
  expect((await stream({})).some((chunk) => 'usage' in chunk)).toBe(false);
});

test('events are made one by one as the reader asks, and not after it went away', async () => {
  let made = 0;
  let ended = false;
  function* chunks() {
    try {
      while (true) yield `{"n":${made++}}`;
    } finally {
      ended = true;
    }
  }
  const pace = { chunkDelayMs: 0, sleep: async () => {} };
  const reader = streamBody(chunks(), pace, new AbortController().signal).getReader();
  expect(made).toBe(0);
  await reader.read();
  const second = await reader.read();
  expect(new TextDecoder().decode(second.value)).toBe('data: {"n":1}\n\n');
  expect(made).toBe(2);
  await reader.cancel();
  expect(ended).toBe(true);
  expect(made).toBe(2);
});

test('an aborted signal ends the stream with its reason', async () => {
  const abort = new AbortController();
  const response = await send({ model: 'sandbox-small', messages: user('hi'), stream: true }, { signal: abort.signal });
  const reader = response.body!.getReader();
  await reader.read();
  abort.abort(new Error('gone'));
  await expect(reader.read()).rejects.toThrow('gone');
  await expect(send({ model: 'sandbox-small', messages: user('hi') }, { signal: abort.signal })).rejects.toThrow(
    'gone',
  );
});

test('a delay between events is waited for before each but the first, and a reader who leaves ends the wait', async () => {
  const waits: number[] = [];
  function* three() {
    yield* ['1', '2', '3'];
  }
  const pace = { chunkDelayMs: 25, sleep: async (milliseconds: number) => void waits.push(milliseconds) };
  await new Response(streamBody(three(), pace, new AbortController().signal)).text();
  // Twice between the three events, and once before the end is known.
  expect(waits).toEqual([25, 25, 25]);

  const slow = createSandboxProvider({ id: 's', kind: 'sandbox', options: { chunkDelayMs: 10_000 } }, {});
  const response = await send({ model: 'sandbox-small', messages: user('hi'), stream: true }, { sandbox: slow });
  const reader = response.body!.getReader();
  await reader.read();
  const next = reader.read();
  await reader.cancel();
  expect((await next).done).toBe(true);
});
