import { afterAll, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import { z } from 'zod';
import { drain, errorOf } from './error-of.ts';
import { eventually } from './eventually.ts';
import { sandboxes, startGateway } from './gateway-process.ts';
import { redPng } from './samples.ts';

const faults = [
  'error-400',
  'error-429',
  'error-quota',
  'error-context',
  'error-500',
  'error-timeout',
  'cut',
  'stream-error',
];
const gateway = await startGateway({ config: sandboxes(...faults) });
afterAll(gateway.stop);

const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.adminKey, maxRetries: 0 });
const small = 'sandbox/sandbox-small';
const large = 'sandbox/sandbox-large';

const chat = (content: string, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
  client.chat.completions.create({ model: small, messages: [{ role: 'user', content }], ...more });

const define = (name: string, description: string): OpenAI.ChatCompletionFunctionTool => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
});
const tools = [define('get_weather', 'The weather of a city'), define('get_time', 'The local time of a city')];
const namesOf = (answer: OpenAI.ChatCompletion) =>
  answer.choices[0]!.message.tool_calls?.map((call) => (call.type === 'function' ? call.function.name : call.type));

test('a plain completion carries everything that the SDK types promise', async () => {
  const { data, response, request_id } = await chat('Reply with exactly: pong').withResponse();
  expect(data).toMatchObject({
    object: 'chat.completion',
    model: expect.stringContaining('sandbox-small'),
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'pong', refusal: null } }],
  });
  expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
  expect(request_id).toStartWith('req_');
  expect(data).toHaveProperty('_request_id', request_id);
  expect(response.headers.get('x-sluice-model')).toBe(small);
  expect(Number(response.headers.get('x-sluice-cost-usd'))).toBeGreaterThan(0);
});

test('a stream says what the whole answer says, and its usage comes when asked for', async () => {
  const content = 'Write two sentences about rivers.';
  const whole = await chat(content);
  const stream = client.chat.completions.stream({
    model: small,
    messages: [{ role: 'user', content }],
    stream_options: { include_usage: true },
  });
  expect(await stream.finalContent()).toBe(whole.choices[0]!.message.content);
  expect(await stream.totalUsage()).toMatchObject({
    prompt_tokens: whole.usage!.prompt_tokens,
    completion_tokens: whole.usage!.completion_tokens,
  });
});

test('a stream that did not ask for usage ends without a chunk of no choices', async () => {
  const stream = await client.chat.completions.create({
    model: small,
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.every(({ choices, usage }) => choices.length === 1 && usage == null)).toBe(true);
  expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop');
});

test('parallel tool calls come as several calls, or one after the other when that is forbidden', async () => {
  const content = "What's the weather and the time in Tokyo?";
  const both = await chat(content, { tools });
  expect(both.choices[0]!.finish_reason).toBe('tool_calls');
  expect(namesOf(both)).toEqual(['get_weather', 'get_time']);
  expect(new Set(both.choices[0]!.message.tool_calls!.map(({ id }) => id)).size).toBe(2);
  expect(namesOf(await chat(content, { tools, parallel_tool_calls: false }))).toEqual(['get_weather']);
  const streamed = client.chat.completions.stream({ model: small, messages: [{ role: 'user', content }], tools });
  expect(namesOf(await streamed.finalChatCompletion())).toEqual(['get_weather', 'get_time']);
});

test.each([
  ['none', 'Weather in Rome?', undefined],
  ['auto', 'Weather in Rome?', ['get_weather']],
  ['auto', 'Tell me a joke.', undefined],
  ['required', 'Tell me a joke.', ['get_weather']],
] as const)('tool_choice %s to %p calls %p, streamed or not', async (tool_choice, content, expected) => {
  expect(namesOf(await chat(content, { tools, tool_choice }))).toEqual(expected as string[] | undefined);
  const stream = client.chat.completions.stream({
    model: small,
    messages: [{ role: 'user', content }],
    tools,
    tool_choice,
  });
  expect(namesOf(await stream.finalChatCompletion())).toEqual(expected as string[] | undefined);
});

test('tool_choice can name one tool or allow some', async () => {
  const named = { type: 'function', function: { name: 'get_time' } } as const;
  expect(namesOf(await chat('Weather in Rome?', { tools, tool_choice: named }))).toEqual(['get_time']);
  const allowed = await chat('Weather in Rome?', {
    tools,
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ ...named }] } },
  });
  expect(namesOf(allowed)).toEqual(['get_time']);
  const unknown = chat('Hi', { tools, tool_choice: { type: 'function', function: { name: 'nothing' } } });
  expect(await errorOf(unknown)).toBeInstanceOf(OpenAI.BadRequestError);
});

test("the SDK's tool runner goes through two turns to an answer, streamed or not", async () => {
  const runnable: RunnableToolFunctionWithParse<{ city: string }> = {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: tools[0]!.function.parameters!,
      parse: (text) => JSON.parse(text),
      function: ({ city }) => `${city}: 21 degrees`,
    },
  };
  const messages = [{ role: 'user' as const, content: 'What is the weather in Oslo?' }];
  const whole = client.chat.completions.runTools({ model: small, messages, tools: [runnable] });
  expect(await whole.finalContent()).toContain('Oslo: 21 degrees');
  const streamed = client.chat.completions.runTools({ model: small, messages, tools: [runnable], stream: true });
  expect(await streamed.finalContent()).toContain('Oslo: 21 degrees');
});

test('a zod schema comes back parsed, streamed or not', async () => {
  const person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });
  const ask = {
    model: small,
    messages: [{ role: 'user' as const, content: 'Ada Lovelace is 36 years old.' }],
    response_format: zodResponseFormat(person, 'person'),
  };
  const { parsed } = (await client.chat.completions.parse(ask)).choices[0]!.message;
  expect(person.safeParse(parsed).success).toBe(true);
  const streamed = await client.chat.completions.stream(ask).finalChatCompletion();
  expect(streamed.choices[0]!.message.parsed).toEqual(parsed);
});

test('json_object answers with an object', async () => {
  const answer = await chat('List three colours as JSON.', { response_format: { type: 'json_object' } });
  expect(JSON.parse(answer.choices[0]!.message.content!)).toBeObject();
});

test('n gives that many choices, streamed or not', async () => {
  const whole = await chat('Tell me about stone.', { n: 3 });
  expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(new Set(whole.choices.map(({ message }) => message.content)).size).toBe(3);
  const stream = client.chat.completions.stream({
    model: small,
    messages: [{ role: 'user', content: 'Tell me about stone.' }],
    n: 3,
  });
  expect((await stream.finalChatCompletion()).choices).toHaveLength(3);
});

test('log probabilities stand beside every token', async () => {
  const answer = await chat('Reply with exactly: one two three', { logprobs: true, top_logprobs: 2 });
  const tokens = answer.choices[0]!.logprobs!.content!;
  expect(tokens.map(({ token }) => token).join('')).toBe('one two three');
  for (const { logprob, top_logprobs } of tokens) {
    expect(logprob).toBeLessThanOrEqual(0);
    expect(top_logprobs).toHaveLength(2);
  }
});

test('stop sequences and token limits cut the answer, and the finish reason says which', async () => {
  const stopped = await chat('Reply with exactly: alpha beta gamma', { stop: [' gamma'] });
  expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'alpha beta' } });
  for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
    const cut = await chat('Reply with exactly: one two three four five six', limit);
    expect(cut.choices[0]!.finish_reason).toBe('length');
    expect(cut.usage!.completion_tokens).toBe(3);
  }
});

test('the same seed gives the same words, another seed may give others', async () => {
  const say = async (seed: number) => (await chat('Tell me about light.', { seed })).choices[0]!.message.content;
  expect(await say(7)).toBe(await say(7));
});

test('reasoning effort makes a thinking model think, and thoughts stay out of the content', async () => {
  const answer = await chat('Reply with exactly: pong', { model: large, reasoning_effort: 'high' });
  expect(answer.choices[0]!.message.content).toBe('pong');
  expect(answer.choices[0]!.message).toHaveProperty('reasoning_content');
  expect(answer.usage!.completion_tokens_details!.reasoning_tokens).toBeGreaterThan(0);
});

test('a picture reaches a model that sees and is refused for one that does not', async () => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is in this picture?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${redPng}`, detail: 'low' } },
      ],
    },
  ];
  const seen = await client.chat.completions.create({ model: large, messages });
  expect(seen.choices[0]!.message.content).toContain('1x1 pixels');
  const refused = await errorOf(client.chat.completions.create({ model: small, messages }));
  expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refused).toMatchObject({ status: 400, code: 'unsupported_capability' });
});

test('a caller who aborts gets the abort, and the ledger one row that says so', async () => {
  const { id, key } = await gateway.createKey({ name: 'aborts' });
  const mine = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  const stream = await mine.chat.completions.create({
    model: small,
    messages: [{ role: 'user', content: 'sandbox:tokens=100000' }],
    stream: true,
  });
  for await (const _ of stream) break;
  const hanging = new AbortController();
  const call = mine.chat.completions.create(
    { model: small, messages: [{ role: 'user', content: 'sandbox:hang' }] },
    { signal: hanging.signal },
  );
  setTimeout(() => hanging.abort(), 50);
  expect(await errorOf(call)).toBeInstanceOf(OpenAI.APIUserAbortError);
  const rows = await eventually(
    () => gateway.calls(id),
    (found) => found.length === 2,
  );
  expect(rows.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
  expect(rows.find(({ stream: streamed }) => streamed)!.output).toBeGreaterThan(0);
});

test.each([
  ['error-400', OpenAI.BadRequestError, 400, 'upstream_rejected'],
  ['error-429', OpenAI.RateLimitError, 429, 'upstream_rate_limited'],
  ['error-quota', OpenAI.RateLimitError, 429, 'quota_exhausted'],
  ['error-context', OpenAI.BadRequestError, 400, 'context_window_exceeded'],
  ['error-500', OpenAI.InternalServerError, 503, 'upstream_overloaded'],
  ['error-timeout', OpenAI.InternalServerError, 504, 'upstream_timeout'],
  ['cut', OpenAI.InternalServerError, 502, 'upstream_invalid_answer'],
] as const)(
  '%s becomes the SDK error class of its status, with a code and the request id',
  async (fault, kind, status, code) => {
    const error = await chat(`sandbox:${fault.replace('-', '=')}`, { model: `${fault}/sandbox-small` }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code });
    expect(error.requestID).toStartWith('req_');
    expect(error.error.request_id).toBe(error.requestID);
  },
);

test.each(['stream-error', 'cut'])('a stream that breaks off by %s throws in the SDK', async (fault) => {
  const stream = await client.chat.completions.create({
    model: `${fault}/sandbox-small`,
    messages: [{ role: 'user', content: `sandbox:${fault}` }],
    stream: true,
  });
  expect(await errorOf(drain(stream))).toBeInstanceOf(OpenAI.APIError);
});
