import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import { type JsonObject, tryParseJson } from '../../core/json.ts';
import { openaiChatOutbound } from '../../wire/openai-chat/index.ts';
import { parseSseEvents } from '../../wire/sse.ts';
import type { Provider, ProviderSettings } from '../provider.ts';
import { callOf, noSignal, thrownBy } from '../testing.ts';
import { aiSdkProviderFactory } from './index.ts';
import type { LoadModule, SdkCallOptions } from './sdk-types.ts';

const usage = {
  inputTokens: { total: 10, noCache: 6, cacheRead: 3, cacheWrite: 1 },
  outputTokens: { total: 5, text: 3, reasoning: 2 },
};
const finish = { type: 'finish', finishReason: { unified: 'stop', raw: 'end_turn' }, usage };

interface Fake {
  load: LoadModule;
  /** The options of every call. */
  calls: SdkCallOptions[];
  /** The arguments that the package's factory was given. */
  created: JsonObject[];
}

function fakePackage({
  content = [],
  parts = [],
  version = 'v3',
  fail,
}: {
  content?: unknown[];
  parts?: unknown[];
  version?: string;
  fail?: unknown;
}): Fake {
  const fake: Fake = { calls: [], created: [], load: async () => module };
  const act = (options: SdkCallOptions) => {
    fake.calls.push(options);
    if (fail) throw fail;
  };
  const model = {
    specificationVersion: version,
    async doGenerate(options: SdkCallOptions) {
      act(options);
      return {
        content,
        finishReason: finish.finishReason,
        usage,
        warnings: [],
        response: { id: 'r-1', modelId: 'real-model' },
      };
    },
    async doStream(options: SdkCallOptions) {
      act(options);
      return {
        stream: new ReadableStream({
          start: (out) => {
            for (const part of parts) out.enqueue(part);
            out.close();
          },
        }),
      };
    },
  };
  const module = {
    helper: () => undefined,
    createFake(options: JsonObject) {
      fake.created.push(options);
      return Object.assign(() => model, { languageModel: () => model });
    },
  };
  return fake;
}

const make = (load: LoadModule, over: Partial<ProviderSettings> = {}): Provider =>
  aiSdkProviderFactory(load)(
    { id: 'bridge', kind: 'ai-sdk', apiKey: 'sk-secret-123', options: { package: '@ai-sdk/fake' }, ...over },
    {},
  );

const answer = async (provider: Provider, body: JsonObject, signal = noSignal()): Promise<Response> =>
  provider.answer!(
    callOf(provider, {
      stream: body.stream === true,
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body }),
    }),
    signal,
  );

function eventsOf(text: string) {
  const parser = openaiChatOutbound.createStreamParser();
  return [...parseSseEvents(text).flatMap((event) => parser.parse(event)), ...parser.finish()];
}

test('the conversation becomes a prompt, with the settings that both know', async () => {
  const { load, calls } = fakePackage({ content: [{ type: 'text', text: 'ok' }] });
  const tool = {
    type: 'function',
    function: { name: 'look', description: 'Looks', parameters: { type: 'object' }, strict: true },
  };
  await answer(make(load), {
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
          { id: 'c2', type: 'function', function: { name: 'look', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'red' },
      { role: 'tool', tool_call_id: 'c2', content: 'blue' },
    ],
    tools: [tool],
    tool_choice: { type: 'function', function: { name: 'look' } },
    max_tokens: 9,
    temperature: 0.5,
    top_p: 0.9,
    stop: ['x'],
    seed: 3,
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
  });
  const { abortSignal, ...options } = calls[0]!;
  expect(abortSignal).toBeInstanceOf(AbortSignal);
  expect(options).toEqual({
    prompt: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'file', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { at: 1 } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'look', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'look', output: { type: 'text', value: 'red' } },
          { type: 'tool-result', toolCallId: 'c2', toolName: 'look', output: { type: 'text', value: 'blue' } },
        ],
      },
    ],
    maxOutputTokens: 9,
    temperature: 0.5,
    topP: 0.9,
    stopSequences: ['x'],
    seed: 3,
    responseFormat: { type: 'json', schema: { type: 'object' }, name: 'n' },
    tools: [{ type: 'function', name: 'look', description: 'Looks', inputSchema: { type: 'object' }, strict: true }],
    toolChoice: { type: 'tool', toolName: 'look' },
  });
});

test('a whole answer is an OpenAI completion, marked as reduced', async () => {
  const { load } = fakePackage({
    content: [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: '{"at":1}' },
    ],
  });
  const response = await answer(make(load), {});
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-sluice-fidelity')).toBe('reduced');
  expect(response.headers.get('x-sluice-loss')).toBeNull();
  const body = (await response.json()) as JsonObject;
  expect(body.object).toBe('chat.completion');
  const read = collectAnswer(openaiChatOutbound.parseAnswer(body));
  expect(read.model).toBe('real-model');
  expect(read.choices[0]!.parts).toMatchObject([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Hello' },
    { type: 'tool-call', id: 'c1', name: 'look', arguments: '{"at":1}' },
  ]);
  expect(read.usage).toMatchObject({ cacheRead: 3, output: 5, reasoning: 2 });
  expect(read.usage.input + read.usage.cacheWrite).toBe(7);
});

test('what the AI SDK cannot say is named in the head of the answer', async () => {
  const { load } = fakePackage({ content: [{ type: 'text', text: 'ok' }] });
  const response = await answer(make(load), { n: 2, logit_bias: { 5: 1 }, user: 'u', frobnicate: 1 });
  const loss = response.headers.get('x-sluice-loss')!;
  for (const field of ['n', 'logit_bias', 'user', 'frobnicate']) expect(loss).toMatch(new RegExp(`(^|, )${field} \\(`));
});

const streamParts = [
  { type: 'stream-start', warnings: [{ type: 'unsupported', feature: 'seed' }] },
  { type: 'response-metadata', id: 'r-2', modelId: 'real-model', timestamp: new Date(1_700_000_000_000) },
  { type: 'reasoning-start', id: '0' },
  { type: 'reasoning-delta', id: '0', delta: 'hm' },
  { type: 'reasoning-end', id: '0' },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: 'Hel' },
  { type: 'text-delta', id: '1', delta: 'lo' },
  { type: 'text-end', id: '1' },
  { type: 'tool-input-start', id: 'c1', toolName: 'look' },
  { type: 'tool-input-delta', id: 'c1', delta: '{"at"' },
  { type: 'tool-input-delta', id: 'c1', delta: ':1}' },
  { type: 'tool-input-end', id: 'c1' },
  { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: '{"at":1}' },
  { type: 'tool-call', toolCallId: 'c2', toolName: 'look', input: '{"at":2}' },
  finish,
];

test('a stream is OpenAI chunks that give the same answer, warnings in its head', async () => {
  const { load } = fakePackage({ parts: streamParts });
  const response = await answer(make(load), { stream: true, stream_options: { include_usage: true } });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('x-sluice-loss')).toContain('seed');
  const text = await response.text();
  expect(text).toEndWith('data: [DONE]\n\n');
  const read = collectAnswer(eventsOf(text));
  expect(read).toMatchObject({ model: 'real-model', createdSeconds: 1_700_000_000 });
  expect(read.choices[0]!.parts).toMatchObject([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Hello' },
    { type: 'tool-call', id: 'c1', arguments: '{"at":1}' },
    { type: 'tool-call', id: 'c2', arguments: '{"at":2}' },
  ]);
  expect(read.usage.output).toBe(5);
});

test('an error in the stream, or its sudden end, is an error and no good end', async () => {
  for (const parts of [
    [
      ...streamParts.slice(0, 8),
      { type: 'error', error: Object.assign(new Error('boom sk-secret-123'), { statusCode: 500 }) },
    ],
    streamParts.slice(0, 8),
  ]) {
    const { load } = fakePackage({ parts });
    const text = await (await answer(make(load), { stream: true })).text();
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('sk-secret-123');
    expect(eventsOf(text).at(-1)!.type).toBe('error');
  }
});

test('an error as the first part fails the call before any answer', async () => {
  const { load } = fakePackage({
    parts: [{ type: 'error', error: Object.assign(new Error('no'), { statusCode: 503 }) }],
  });
  expect(await thrownBy(() => answer(make(load), { stream: true }))).toMatchObject({ code: 'upstream_overloaded' });
});

test('version 2 models get their own form of results and their usage is read', async () => {
  const { load, calls } = fakePackage({
    version: 'v2',
    parts: [
      { type: 'text-delta', id: '1', delta: 'x' },
      { type: 'finish', finishReason: 'length', usage: { inputTokens: 10, outputTokens: 4, cachedInputTokens: 3 } },
    ],
  });
  const response = await answer(make(load), {
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'shot', arguments: '{}' } }] },
      {
        role: 'tool',
        tool_call_id: 'c',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
    ],
  });
  const read = collectAnswer(eventsOf(await response.text()));
  expect(read.choices[0]!.finish?.reason).toBe('length');
  expect(read.usage).toMatchObject({ input: 7, cacheRead: 3, output: 4 });
  const result = (calls[0]!.prompt[2]!.content as { output: { value: unknown[] } }[])[0]!;
  expect(result.output.value).toContainEqual({ type: 'media', data: 'AA==', mediaType: 'image/png' });
});

test('a provider-executed call is not shown as a call of the caller', async () => {
  const { load } = fakePackage({
    parts: [
      { type: 'tool-input-start', id: 's', toolName: 'search', providerExecuted: true },
      { type: 'tool-input-delta', id: 's', delta: '{}' },
      { type: 'tool-call', toolCallId: 's', toolName: 'search', input: '{}', providerExecuted: true },
      { type: 'source', sourceType: 'url', url: 'https://a.example', title: 'A' },
      { type: 'text-delta', id: '1', delta: 'x' },
      finish,
    ],
  });
  const read = collectAnswer(eventsOf(await (await answer(make(load), { stream: true })).text()));
  expect(read.choices[0]!.parts.map(({ type }) => type)).toEqual(['text']);
});

for (const [statusCode, code] of [
  [429, 'upstream_rate_limited'],
  [401, 'upstream_credential'],
  [400, 'upstream_rejected'],
  [undefined, 'upstream_unreachable'],
] as const) {
  test(`a failed call with status ${statusCode} is ${code}, without the key in it`, async () => {
    const fail = Object.assign(new Error('it said sk-secret-123'), {
      statusCode,
      responseBody: '{"message":"quoting sk-secret-123"}',
      responseHeaders: { 'retry-after': '7' },
    });
    const error = (await thrownBy(() => answer(make(fakePackage({ fail }).load), {}))) as Error & {
      code: string;
      facts: { retryAfterMs?: number };
    };
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('sk-secret-123');
    if (statusCode !== undefined) expect(error.facts.retryAfterMs).toBe(7000);
  });
}

test('a package that is not installed is named with the command that installs it, and looked for again', async () => {
  const provider = make((name) => import(name), { options: { package: 'sluice-test-absent-package' } });
  for (let round = 0; round < 2; round++) {
    expect(await thrownBy(() => answer(provider, {}))).toMatchObject({
      code: 'unavailable',
      message:
        'Provider bridge needs the package sluice-test-absent-package, which is not installed. Run: npm install sluice-test-absent-package',
    });
  }
});

test('a package without a factory, or without the one that is asked for, is refused', async () => {
  expect(
    await thrownBy(() =>
      answer(
        make(async () => ({ other: 1 })),
        {},
      ),
    ),
  ).toMatchObject({ code: 'unavailable' });
  const { load } = fakePackage({});
  const named = make(load, { options: { package: 'x', factory: 'createOther' } });
  expect(String(await thrownBy(() => answer(named, {})))).toContain('no function createOther');
});

test('only names of packages are loaded', async () => {
  for (const name of [
    '../evil',
    '/etc/x',
    'node:fs',
    'file:///x',
    'data:text/javascript,1',
    'https://x/y.js',
    '@a/b/c',
  ]) {
    expect(await thrownBy(() => make(async () => ({}), { options: { package: name } }))).toMatchObject({
      facts: { param: 'providers.bridge.options.package' },
    });
  }
});

test('the factory is given the key, the address and the headers, once for each key', async () => {
  const { load, created } = fakePackage({ content: [] });
  const provider = make(load, {
    apiKey: undefined,
    apiKeys: [{ key: 'k1' }, { key: 'k2' }],
    baseUrl: 'https://x.example',
    headers: { 'X-A': '1' },
    options: { package: '@ai-sdk/fake', create: { project: 'p' } },
  });
  for (const credential of [0, 0, 1]) {
    const body = '{"model":"m","messages":[{"role":"user","content":"Hi"}]}';
    await provider.answer!(callOf(provider, { body, credential: provider.credentials[credential]! }), noSignal());
  }
  expect(created).toEqual([
    { project: 'p', baseURL: 'https://x.example', headers: { 'x-a': '1' }, apiKey: 'k1' },
    { project: 'p', baseURL: 'https://x.example', headers: { 'x-a': '1' }, apiKey: 'k2' },
  ]);
});

test('hanging up aborts the call of the package', async () => {
  const abort = new AbortController();
  const { load, calls } = fakePackage({ parts: streamParts });
  await answer(make(load), { stream: true }, abort.signal);
  expect(calls[0]!.abortSignal).toBe(abort.signal);
});

const realPackage = (name: string, factory: string, answerTo: (body: JsonObject) => Response) => {
  const fetch = async (_: unknown, { body }: { body: string }) => answerTo(tryParseJson(body) as JsonObject);
  return make((module) => import(module), { options: { package: name, factory, create: { fetch } } });
};

test('the real OpenAI package of the AI SDK answers over the bridge', async () => {
  const asked: JsonObject[] = [];
  const provider = realPackage('@ai-sdk/openai', 'createOpenAI', (body) => {
    asked.push(body);
    return Response.json({
      id: 'r',
      object: 'response',
      created_at: 1,
      model: 'gpt',
      status: 'completed',
      output: [
        {
          type: 'message',
          id: 'm',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 3,
        output_tokens: 2,
        input_tokens_details: { cached_tokens: 1 },
        output_tokens_details: { reasoning_tokens: 0 },
      },
    });
  });
  const whole = collectAnswer(openaiChatOutbound.parseAnswer(await (await answer(provider, {})).json()));
  expect(whole.choices[0]!.parts).toEqual([{ type: 'text', text: 'Hello' }]);
  expect(whole.usage).toMatchObject({ input: 2, cacheRead: 1, output: 2 });
  expect(asked[0]).toMatchObject({ model: 'some-model', input: [{ role: 'user' }] });
});

test('the real Anthropic package of the AI SDK streams a tool call over the bridge', async () => {
  const events = [
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 9, output_tokens: 1 },
      },
    },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"at"' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: ':1}' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ];
  const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  const provider = realPackage(
    '@ai-sdk/anthropic',
    'createAnthropic',
    () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  );
  const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];
  const response = await answer(provider, { stream: true, stream_options: { include_usage: true }, tools });
  const read = collectAnswer(eventsOf(await response.text()));
  expect(read.choices[0]).toMatchObject({
    parts: [{ type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":1}' }],
    finish: { reason: 'tool-calls' },
  });
  expect(read.usage).toMatchObject({ input: 9, output: 7 });
});
