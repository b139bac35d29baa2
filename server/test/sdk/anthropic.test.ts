import { afterAll, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { drain, errorOf } from './error-of.ts';
import { sandboxes, startGateway } from './gateway-process.ts';
import { redPng, tinyPdf } from './samples.ts';

const faults = ['error-400', 'error-429', 'error-500', 'error-timeout', 'stream-error'];
const gateway = await startGateway({ config: sandboxes(...faults) });
afterAll(gateway.stop);

const client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.adminKey, authToken: null, maxRetries: 0 });
const small = 'sandbox/sandbox-small';
const large = 'sandbox/sandbox-large';

const ask = (
  content: Anthropic.MessageParam['content'],
  more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
) => ({
  model: small,
  max_tokens: 500,
  messages: [{ role: 'user' as const, content }],
  ...more,
});
const define = (name: string, description: string): Anthropic.Tool => ({
  name,
  description,
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const tools = [define('get_weather', 'The weather of a city'), define('get_time', 'The local time of a city')];
const callsOf = ({ content }: Anthropic.Message) => content.filter((block) => block.type === 'tool_use');
const textOf = ({ content }: Anthropic.Message) =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');

test('a message carries its text, its usage and the request id', async () => {
  const { data, request_id, response } = await client.messages.create(ask('Reply with exactly: pong')).withResponse();
  expect(data).toMatchObject({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'pong' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
  });
  expect(data.id).toStartWith('msg_');
  expect(data.usage.input_tokens).toBeGreaterThan(0);
  expect(data.usage.output_tokens).toBe(1);
  expect(request_id).toStartWith('req_');
  expect(response.headers.get('x-sluice-model')).toBe(small);
});

test('a stream ends in the same message', async () => {
  const whole = await client.messages.create(ask('Write two sentences about rivers.'));
  const stream = client.messages.stream(ask('Write two sentences about rivers.'));
  let text = '';
  stream.on('text', (delta) => {
    text += delta;
  });
  const final = await stream.finalMessage();
  expect(text).toBe(textOf(whole));
  expect<unknown>({ content: final.content, usage: final.usage.output_tokens, stop: final.stop_reason }).toEqual({
    content: whole.content,
    usage: whole.usage.output_tokens,
    stop: whole.stop_reason,
  });
  expect(final.usage.input_tokens).toBe(whole.usage.input_tokens);
});

test.each([
  [{ type: 'none' }, 'Weather in Rome?', []],
  [{ type: 'auto' }, 'Weather in Rome?', ['get_weather']],
  [{ type: 'auto' }, 'Tell me a joke.', []],
  [{ type: 'any' }, 'Tell me a joke.', ['get_weather']],
  [{ type: 'tool', name: 'get_time' }, 'Weather in Rome?', ['get_time']],
  [{ type: 'auto' }, 'Weather and time in Rome?', ['get_weather', 'get_time']],
  [{ type: 'auto', disable_parallel_tool_use: true }, 'Weather and time in Rome?', ['get_weather']],
] as const)('tool_choice %p to %p calls %p, streamed or not', async (tool_choice, content, expected) => {
  const whole = await client.messages.create(ask(content, { tools, tool_choice }));
  const streamed = await client.messages.stream(ask(content, { tools, tool_choice })).finalMessage();
  for (const message of [whole, streamed]) {
    expect(callsOf(message).map(({ name }) => name)).toEqual([...expected]);
    expect(message.stop_reason).toBe(expected.length > 0 ? 'tool_use' : 'end_turn');
    for (const { input } of callsOf(message)) expect(input).toHaveProperty('city');
  }
});

test('two results of two calls go back in one turn, and are both answered', async () => {
  const first = await client.messages.create(ask('Weather in Paris and in Rome?', { tools }));
  expect(callsOf(first).map(({ input }) => input)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
  const results = callsOf(first).map(({ id }, index) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: [{ type: 'text' as const, text: `result ${index}` }],
  }));
  const second = await client.messages.create({
    ...ask(''),
    tools,
    messages: [
      { role: 'user', content: 'Weather in Paris and in Rome?' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: [...results, { type: 'text', text: 'Go on.' }] },
    ],
  });
  expect(second.stop_reason).toBe('end_turn');
});

test("the SDK's tool runner goes through its turns to an answer, streamed or not", async () => {
  const weather = betaTool({
    name: 'get_weather',
    description: 'The weather of a city',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    run: ({ city }) => `${city}: 21 degrees`,
  });
  for (const stream of [false, true]) {
    const runner = client.beta.messages.toolRunner({
      ...ask('What is the weather in Oslo?'),
      tools: [weather],
      stream,
    });
    const final = await runner.runUntilDone();
    expect(JSON.stringify(final.content)).toContain('Oslo: 21 degrees');
  }
});

test('a thinking model thinks when asked, and its signed thoughts can be sent back', async () => {
  const thoughtful = ask('What is the weather in Oslo?', {
    model: large,
    max_tokens: 4000,
    thinking: { type: 'enabled', budget_tokens: 2000 },
    tools,
  });
  for (const first of [
    await client.messages.create(thoughtful),
    await client.messages.stream(thoughtful).finalMessage(),
  ]) {
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
    const [thinking] = first.content;
    if (thinking?.type !== 'thinking') throw new Error('no thinking');
    expect(thinking.thinking).not.toBe('');
    expect(thinking.signature).toBeString();
    const second = await client.messages.create({
      ...thoughtful,
      messages: [
        ...thoughtful.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: callsOf(first)[0]!.id, content: '21 degrees' }] },
      ],
    });
    expect(textOf(second)).toContain('21 degrees');
  }
});

test('system blocks with cache_control are taken and heeded', async () => {
  const message = await client.messages.create(
    ask('Hello there', {
      system: [
        { type: 'text', text: 'You are terse.' },
        {
          type: 'text',
          text: 'Whatever is asked, reply with exactly: standing order',
          cache_control: { type: 'ephemeral', ttl: '1h' },
        },
      ],
    }),
  );
  expect(textOf(message)).toBe('standing order');
});

test('images and documents are seen, in a message and in a tool result', async () => {
  const image: Anthropic.ImageBlockParam = {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: redPng },
  };
  const document: Anthropic.DocumentBlockParam = {
    type: 'document',
    title: 'report.pdf',
    source: { type: 'base64', media_type: 'application/pdf', data: tinyPdf },
  };
  const seen = await client.messages.create(
    ask([{ type: 'text', text: 'What do you see?' }, image, document], { model: large }),
  );
  expect(textOf(seen)).toContain('1x1 pixels');
  expect(textOf(seen)).toContain('application/pdf');
  const text = await client.messages.create(
    ask(
      [
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The code is 4711.' } },
        { type: 'text', text: 'Summarise it.' },
      ],
      { model: large },
    ),
  );
  expect(textOf(text)).not.toBe('');
  const refused = await errorOf(client.messages.create(ask([image])));
  expect(refused).toBeInstanceOf(Anthropic.BadRequestError);
});

test('a stop sequence ends the answer and is named, streamed or not; max_tokens says so too', async () => {
  const stopping = ask('Reply with exactly: alpha beta gamma', { stop_sequences: [' gamma', 'delta'] });
  for (const message of [
    await client.messages.create(stopping),
    await client.messages.stream(stopping).finalMessage(),
  ]) {
    expect(textOf(message)).toBe('alpha beta');
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' gamma' });
  }
  const cut = await client.messages.create(ask('Reply with exactly: one two three four', { max_tokens: 2 }));
  expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 2 } });
});

test('an assistant message at the end is continued', async () => {
  const message = await client.messages.create({
    ...ask(''),
    messages: [
      { role: 'user', content: 'Reply with exactly: alpha beta gamma' },
      { role: 'assistant', content: 'alpha beta' },
    ],
  });
  expect(textOf(message)).not.toContain('alpha');
});

test('tokens are counted as they are charged', async () => {
  const content = 'Tell me a long story about a river, a mill and a stubborn miller. '.repeat(20);
  const { input_tokens } = await client.messages.countTokens({
    model: small,
    messages: [{ role: 'user', content }],
    tools,
  });
  const { usage } = await client.messages.create(ask(content, { tools, max_tokens: 1 }));
  expect(input_tokens).toBe(usage.input_tokens);
});

test('models are listed and retrieved, with names that hold slashes', async () => {
  const ids: string[] = [];
  for await (const { id, type, display_name, created_at } of client.models.list()) {
    expect(type).toBe('model');
    expect(display_name).not.toBe('');
    expect(Date.parse(created_at)).not.toBeNaN();
    ids.push(id);
  }
  expect(ids).toEqual(expect.arrayContaining([small, large]));
  for (const id of ids) expect((await client.models.retrieve(id)).id).toBe(id);
  expect(await errorOf(client.models.retrieve('nobody/nothing'))).toBeInstanceOf(Anthropic.NotFoundError);
});

test('the beta client with a beta header works like the plain one', async () => {
  const message = await client.beta.messages.create({
    ...ask('Reply with exactly: pong'),
    betas: ['context-1m-2025-08-07', 'interleaved-thinking-2025-05-14'],
  });
  expect(message.content).toMatchObject([{ type: 'text', text: 'pong' }]);
});

test('structured output follows its schema', async () => {
  const message = await client.messages.create(
    ask('Ada Lovelace is 36 years old.', {
      output_config: {
        format: {
          type: 'json_schema',
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer' } },
            required: ['name', 'age'],
            additionalProperties: false,
          },
        },
      },
    }),
  );
  expect(JSON.parse(textOf(message))).toEqual({ name: expect.any(String), age: expect.any(Number) });
});

test.each([
  ['error-400', Anthropic.BadRequestError, 400, 'invalid_request_error'],
  ['error-429', Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['error-500', Anthropic.InternalServerError, 529, 'overloaded_error'],
  ['error-timeout', Anthropic.InternalServerError, 504, 'timeout_error'],
] as const)(
  '%s becomes the SDK error class of its status, with its type and the request id',
  async (fault, kind, status, type) => {
    const asking = ask(`sandbox:${fault.replace('-', '=')}`, { model: `${fault}/sandbox-small` });
    const error = await errorOf(client.messages.create(asking));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, type });
    expect(error.requestID).toStartWith('req_');
    expect(error.error).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: error.requestID,
    });
  },
);

test('a stream that fails in the middle throws in the SDK', async () => {
  const stream = client.messages.stream(ask('sandbox:stream-error', { model: 'stream-error/sandbox-small' }));
  expect(await errorOf(drain(stream))).toBeInstanceOf(Anthropic.APIError);
});

test('the key is taken from either of the headers that the SDK uses', async () => {
  const bearer = new Anthropic({ baseURL: gateway.url, apiKey: null, authToken: gateway.adminKey, maxRetries: 0 });
  expect(textOf(await bearer.messages.create(ask('Reply with exactly: pong')))).toBe('pong');
  const wrong = new Anthropic({ baseURL: gateway.url, apiKey: 'sk-ant-nothing', authToken: null, maxRetries: 0 });
  expect(await errorOf(wrong.messages.create(ask('Hello')))).toBeInstanceOf(Anthropic.AuthenticationError);
});
