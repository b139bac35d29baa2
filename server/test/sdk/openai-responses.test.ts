import { afterAll, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { drain, errorOf } from './error-of.ts';
import { sandboxes, startGateway } from './gateway-process.ts';
import { redPng } from './samples.ts';

const gateway = await startGateway({ config: sandboxes('faulty', 'broken') });
afterAll(gateway.stop);

const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.adminKey, maxRetries: 0 });
const small = 'sandbox/sandbox-small';
const large = 'sandbox/sandbox-large';

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const time: OpenAI.Responses.FunctionTool = { ...weather, name: 'get_time', description: 'The local time of a city' };
const callsOf = ({ output }: OpenAI.Responses.Response) => output.filter((item) => item.type === 'function_call');

test('a response carries its text, its usage and the request id', async () => {
  const { data, request_id } = await client.responses
    .create({ model: small, instructions: 'Be brief.', input: 'Reply with exactly: pong' })
    .withResponse();
  expect(data).toMatchObject({ object: 'response', status: 'completed', output_text: 'pong', error: null });
  expect(data.id).toStartWith('resp_');
  expect(data.usage!.total_tokens).toBe(data.usage!.input_tokens + data.usage!.output_tokens);
  expect(request_id).toStartWith('req_');
});

test('a stream ends in the same response, its events are numbered in order', async () => {
  const input = 'Write two sentences about rivers.';
  const whole = await client.responses.create({ model: small, input });
  const stream = client.responses.stream({ model: small, input });
  const numbers: number[] = [];
  let text = '';
  for await (const event of stream) {
    numbers.push(event.sequence_number);
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  const final = await stream.finalResponse();
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(text).toBe(whole.output_text);
  expect(final.output_text).toBe(whole.output_text);
  expect(final.usage).toEqual(whole.usage!);
});

test('parallel calls and their results make a loop of two turns, with stored and with repeated input', async () => {
  const input = "What's the weather in Paris and in Rome?";
  const first = await client.responses.create({ model: small, input, tools: [weather, time] });
  expect(callsOf(first).map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual([
    ['get_weather', { city: 'Paris' }],
    ['get_weather', { city: 'Rome' }],
  ]);
  const results: OpenAI.Responses.ResponseInputItem[] = callsOf(first).map(({ call_id }, index) => ({
    type: 'function_call_output',
    call_id,
    output: `result ${index}`,
  }));
  const stored = await client.responses.create({
    model: small,
    input: results,
    previous_response_id: first.id,
    tools: [weather],
  });
  const repeated = await client.responses.create({
    model: small,
    input: [{ role: 'user', content: input }, ...(first.output as OpenAI.Responses.ResponseInput), ...results],
    tools: [weather],
    store: false,
  });
  for (const { output_text } of [stored, repeated]) {
    expect(output_text).toContain('result 0');
    expect(output_text).toContain('result 1');
  }
});

test.each([
  ['none', 'Weather in Rome?', []],
  ['auto', 'Weather in Rome?', ['get_weather']],
  ['auto', 'Tell me a joke.', []],
  ['required', 'Tell me a joke.', ['get_weather']],
  [{ type: 'function', name: 'get_time' }, 'Weather in Rome?', ['get_time']],
  [
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] },
    'Weather in Rome?',
    ['get_time'],
  ],
] as const)('tool_choice %p to %p calls %p, streamed or not', async (choice, input, expected) => {
  const tool_choice = choice as OpenAI.Responses.ToolChoiceFunction;
  const ask = { model: small, input, tools: [weather, time], tool_choice };
  const names = (response: OpenAI.Responses.Response) => callsOf(response).map(({ name }) => name);
  expect(names(await client.responses.create(ask))).toEqual([...expected]);
  expect(names(await client.responses.stream(ask).finalResponse())).toEqual([...expected]);
});

test('previous_response_id continues a conversation over three turns, streamed turns included', async () => {
  const first = await client.responses.create({ model: small, input: 'My name is Ada.' });
  const second = await client.responses
    .stream({ model: small, input: 'Say hello.', previous_response_id: first.id })
    .finalResponse();
  const third = await client.responses.create({
    model: small,
    input: 'What is my name?',
    previous_response_id: second.id,
  });
  expect(third.output_text).toContain('Ada');
  expect(third.previous_response_id).toBe(second.id);
});

test('a stored response can be read, its input listed, and be deleted', async () => {
  const made = await client.responses.create({
    model: small,
    input: [{ role: 'user', content: 'Reply with exactly: kept' }],
    metadata: { topic: 'tests' },
  });
  const { output_text: _, ...body } = made;
  expect(await client.responses.retrieve(made.id)).toMatchObject(JSON.parse(JSON.stringify(body)));
  const items: unknown[] = [];
  for await (const item of client.responses.inputItems.list(made.id)) items.push(item);
  expect(items).toEqual([
    {
      id: 'item_0',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_text', text: 'Reply with exactly: kept' }],
    },
  ]);
  await client.responses.delete(made.id);
  for (const gone of [client.responses.retrieve(made.id), client.responses.delete(made.id)])
    expect(await errorOf(gone)).toBeInstanceOf(OpenAI.NotFoundError);
  const next = client.responses.create({ model: small, input: 'Hi', previous_response_id: made.id });
  expect(await errorOf(next)).toMatchObject({ status: 404, param: 'previous_response_id' });
});

test('input items are paged in either order', async () => {
  const input = ['one', 'two', 'three', 'four', 'five'].map((content) => ({ role: 'user' as const, content }));
  const { id } = await client.responses.create({ model: small, input });
  for (const [order, expected] of [
    ['asc', ['item_0', 'item_1', 'item_2', 'item_3', 'item_4']],
    ['desc', ['item_4', 'item_3', 'item_2', 'item_1', 'item_0']],
  ] as const) {
    const seen: (string | null | undefined)[] = [];
    for await (const item of client.responses.inputItems.list(id, { order, limit: 2 })) seen.push(item.id);
    expect(seen).toEqual([...expected]);
  }
  for (const query of [{ limit: 0 }, { order: 'up' as 'asc' }, { after: 'item_9' }])
    expect(await errorOf(client.responses.inputItems.list(id, query))).toBeInstanceOf(OpenAI.BadRequestError);
});

test('an id that no database can hold is an id that is not there', async () => {
  expect(await errorOf(client.responses.retrieve('resp_\0'))).toBeInstanceOf(OpenAI.NotFoundError);
  const continuing = client.responses.create({ model: small, input: 'Hi', previous_response_id: 'resp_\0' });
  expect(await errorOf(continuing)).toBeInstanceOf(OpenAI.NotFoundError);
  const referring = client.responses.create({ model: small, input: [{ type: 'item_reference', id: 'msg_\0' }] });
  expect(await errorOf(referring)).toBeInstanceOf(OpenAI.BadRequestError);
});

test('what was not to be stored is not, and nobody else reads what was', async () => {
  const unstored = await client.responses.create({ model: small, input: 'Hello', store: false });
  expect(await errorOf(client.responses.retrieve(unstored.id))).toBeInstanceOf(OpenAI.NotFoundError);
  const mine = await client.responses.create({ model: small, input: 'Hello' });
  const { key } = await gateway.createKey({ name: 'somebody else' });
  const other = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  for (const call of [
    other.responses.retrieve(mine.id),
    other.responses.delete(mine.id),
    other.responses.create({ model: small, input: 'Hi', previous_response_id: mine.id }),
  ])
    expect(await errorOf(call)).toBeInstanceOf(OpenAI.NotFoundError);
});

test('a zod schema comes back parsed, streamed or not', async () => {
  const person = z.object({ name: z.string(), age: z.number().int() });
  const ask = {
    model: small,
    input: 'Ada Lovelace is 36 years old.',
    text: { format: zodTextFormat(person, 'person') },
  };
  const { output_parsed } = await client.responses.parse(ask);
  expect(person.safeParse(output_parsed).success).toBe(true);
  expect((await client.responses.stream(ask).finalResponse()).output_parsed).toEqual(output_parsed);
});

test('reasoning has a summary and its tokens are counted; a token limit leaves the response incomplete', async () => {
  const thoughtful = await client.responses.create({
    model: large,
    input: 'Reply with exactly: pong',
    reasoning: { effort: 'high', summary: 'auto' },
  });
  const reasoning = thoughtful.output.find((item) => item.type === 'reasoning');
  expect(reasoning!.summary.map(({ text }) => text).join('')).not.toBe('');
  expect(thoughtful.output_text).toBe('pong');
  expect(thoughtful.usage!.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  const cut = await client.responses.create({
    model: small,
    input:
      'Reply with exactly: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen',
    max_output_tokens: 16,
  });
  expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
});

test('pictures and files are seen', async () => {
  const { output_text } = await client.responses.create({
    model: large,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What do you see?' },
          { type: 'input_image', image_url: `data:image/png;base64,${redPng}`, detail: 'low' },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${btoa('%PDF-1.4')}` },
        ],
      },
    ],
  });
  expect(output_text).toContain('1x1 pixels');
  expect(output_text).toContain('a.pdf');
});

test('a fault before and within a stream throws in the SDK', async () => {
  const early = client.responses.create({ model: 'faulty/sandbox-small', input: 'sandbox:error=500', stream: true });
  expect(await errorOf(early)).toBeInstanceOf(OpenAI.InternalServerError);
  const late = await client.responses.create({
    model: 'broken/sandbox-small',
    input: 'sandbox:stream-error',
    stream: true,
  });
  expect(await errorOf(drain(late))).toBeInstanceOf(OpenAI.APIError);
});

test('every stream ends with the literal [DONE], which SDKs skip and other readers wait for', async () => {
  const response = await client.responses.create({ model: small, input: 'Hello', stream: true }).asResponse();
  expect(await response.text()).toEndWith('\n\ndata: [DONE]\n\n');
});
