import { expect, test } from 'bun:test';
import type { ProviderSettings } from './provider.ts';
import { createProvider } from './registry.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

const key = 'sk-test-1234567890';
const make = (kind: string, over: Partial<ProviderSettings> = {}, environment = {}) =>
  createProvider({ id: kind, kind, apiKey: key, ...over }, environment);

const addresses: [kind: string, url: string, over?: Partial<ProviderSettings>][] = [
  ['openai', 'https://api.openai.com/v1/chat/completions'],
  ['groq', 'https://api.groq.com/openai/v1/chat/completions'],
  ['mistral', 'https://api.mistral.ai/v1/chat/completions'],
  ['openrouter', 'https://openrouter.ai/api/v1/chat/completions'],
  ['huggingface', 'https://router.huggingface.co/v1/chat/completions'],
  ['vllm', 'http://127.0.0.1:8000/v1/chat/completions'],
  ['ollama', 'http://127.0.0.1:11434/v1/chat/completions'],
  ['runpod', 'https://api.runpod.ai/v2/ep-1/openai/v1/chat/completions', { options: { endpointId: 'ep-1' } }],
  ['openai-compatible', 'http://127.0.0.1:9001/v1/chat/completions', { baseUrl: 'http://127.0.0.1:9001/v1' }],
];

for (const [kind, url, over] of addresses) {
  test(`${kind}: a chat call goes to ${url} with a bearer key`, async () => {
    const provider = make(kind, over);
    expect(await provider.request(callOf(provider))).toEqual({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` },
      body: '{"model":"some-model"}',
    });
    const streamed = await provider.request(callOf(provider, { stream: true }));
    expect(streamed.headers.accept).toBe('text/event-stream');
    expect(provider.framing).toBe('sse');
  });
}

test('OpenAI speaks both wires, embeds and counts tokens of Responses', async () => {
  const provider = make('openai');
  expect(provider.wires).toEqual(['openai-chat', 'openai-responses']);
  expect(provider.quirks.maxTokensField).toBe('max_completion_tokens');
  const url = async (over: Parameters<typeof callOf>[1]) => (await provider.request(callOf(provider, over))).url;
  expect(await url({ wire: 'openai-responses' })).toBe('https://api.openai.com/v1/responses');
  expect(await url({ operation: 'embeddings', wire: 'openai-embeddings' })).toBe(
    'https://api.openai.com/v1/embeddings',
  );
  expect(await url({ operation: 'count-tokens', wire: 'openai-responses' })).toBe(
    'https://api.openai.com/v1/responses/input_tokens',
  );
  expect(await thrownBy(() => url({ operation: 'count-tokens', wire: 'openai-chat' }))).toMatchObject({
    code: 'not_implemented',
  });
  expect(await thrownBy(() => url({ wire: 'gemini' }))).toMatchObject({ code: 'not_implemented' });
});

test('of the caller only headers of the wire pass, and never over the key or the operator', async () => {
  const provider = make('openai', { headers: { 'OpenAI-Organization': 'ours' } });
  const passHeaders = {
    'openai-beta': 'x=v1',
    'openai-organization': 'theirs',
    'openai-project': 'theirs',
    authorization: 'Bearer theirs',
    cookie: 'c',
  };
  const { headers } = await provider.request(callOf(provider, { passHeaders }));
  expect(headers).toEqual({
    'content-type': 'application/json',
    accept: 'application/json',
    'openai-beta': 'x=v1',
    authorization: `Bearer ${key}`,
    'openai-organization': 'ours',
  });
});

test('a server without a key gets no authorization header', async () => {
  const provider = createProvider({ id: 'v', kind: 'vllm' }, {});
  expect((await provider.request(callOf(provider))).headers.authorization).toBeUndefined();
  expect(provider.local).toBe(true);
});

test('local is told from the address unless the operator says otherwise', () => {
  expect(make('openai-compatible', { baseUrl: 'http://gpu.lan/v1' }).local).toBe(true);
  expect(make('openai-compatible', { baseUrl: 'https://api.example.com/v1' }).local).toBe(false);
  expect(make('openai-compatible', { baseUrl: 'https://api.example.com/v1', options: { local: true } }).local).toBe(
    true,
  );
});

test('wires, quirks and embeddings of a server can be set, others are refused by name', async () => {
  const provider = make('openai-compatible', {
    baseUrl: 'http://127.0.0.1:1/v1',
    wires: ['anthropic-messages', 'openai-chat'],
    options: { embeddings: false, quirks: { noDeveloperRole: false, jsonSchema: 'json_object' } },
  });
  expect(provider.wires).toEqual(['anthropic-messages', 'openai-chat']);
  expect(provider.quirks).toMatchObject({
    noDeveloperRole: false,
    jsonSchema: 'json_object',
    maxTokensField: 'max_tokens',
  });
  expect(provider.embeddings).toBeUndefined();
  const sent = await provider.request(callOf(provider, { passHeaders: { 'anthropic-beta': 'b' } }));
  expect(sent.url).toBe('http://127.0.0.1:1/v1/messages');
  expect(sent.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'b' });
  expect(await thrownBy(() => make('groq', { wires: ['gemini'] }))).toMatchObject({
    facts: { param: 'providers.groq.wires' },
  });
  expect(await thrownBy(() => make('groq', { options: { quirks: { colour: 1 } } }))).toMatchObject({
    facts: { param: 'providers.groq.options.quirks.colour' },
  });
});

test('a list of models gives what it knows and passes over what is broken', async () => {
  const { egress, sent } = fakeEgress({
    'https://api.groq.com/openai/v1/models': {
      data: [
        { id: 'llama', context_window: 131072, max_completion_tokens: 8192, created: 5 },
        { id: 'vllm-like', max_model_len: 4096 },
        null,
        { name: 'no id' },
      ],
    },
  });
  expect(await make('groq').listModels(egress, noSignal())).toEqual([
    { provider: 'groq', id: 'llama', context: 131072, maxOutput: 8192, source: 'groq model list' },
    { provider: 'groq', id: 'vllm-like', context: 4096, source: 'groq model list' },
  ]);
  expect(sent).toEqual([
    {
      url: 'https://api.groq.com/openai/v1/models',
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${key}` },
    },
  ]);
});

test('OpenAI tells when a model came out', async () => {
  const { egress } = fakeEgress({
    'https://api.openai.com/v1/models': { data: [{ id: 'gpt-x', created: 1_754_000_000 }] },
  });
  expect(await make('openai').listModels(egress, noSignal())).toEqual([
    { provider: 'openai', id: 'gpt-x', released: '2025-07-31', source: 'openai model list' },
  ]);
});

test('OpenRouter tells prices and capabilities, and is told who asks', async () => {
  const provider = make('openrouter', { options: { referer: 'https://a.example', title: 'A' } });
  const { egress, sent } = fakeEgress({
    'https://openrouter.ai/api/v1/models': {
      data: [
        {
          id: 'x/y',
          name: 'Y',
          created: 1_754_000_000,
          context_length: 200000,
          top_provider: { max_completion_tokens: 64000 },
          pricing: { prompt: '0.000003', completion: '0.000015', input_cache_read: '0.0000003' },
          architecture: { input_modalities: ['text', 'image', 'file'], output_modalities: ['text'] },
          supported_parameters: ['tools', 'reasoning', 'temperature', 'constructor'],
        },
        { id: 'x/auto', pricing: { prompt: '-1', completion: '-1' } },
      ],
    },
  });
  const [model, auto] = await provider.listModels(egress, noSignal());
  expect(model).toEqual({
    provider: 'openrouter',
    id: 'x/y',
    name: 'Y',
    released: '2025-07-31',
    context: 200000,
    maxOutput: 64000,
    price: { input: 3, output: 15, cacheRead: 0.3 },
    capabilities: ['tools', 'reasoning', 'temperature', 'vision', 'documents'],
    source: 'openrouter model list',
  });
  expect(auto).toEqual({ provider: 'openrouter', id: 'x/auto', source: 'openrouter model list' });
  expect(sent[0]?.headers).toMatchObject({ 'http-referer': 'https://a.example', 'x-title': 'A' });
});

test('Hugging Face tells the least window among its providers', async () => {
  const { egress } = fakeEgress({
    'https://router.huggingface.co/v1/models': {
      data: [{ id: 'o/m', providers: [{ context_length: 32768 }, { context_length: 8192 }, {}] }],
    },
  });
  expect((await make('huggingface').listModels(egress, noSignal()))[0]).toMatchObject({
    context: 8192,
    openWeights: true,
  });
});

const faults: [what: string, response: () => Response | never, code: string][] = [
  [
    'a refused key',
    () => Response.json({ error: { message: `Incorrect API key: ${key}` } }, { status: 401 }),
    'upstream_credential',
  ],
  [
    'a key quoted in another fault',
    () => Response.json({ error: { message: `bad ${key}!` } }, { status: 400 }),
    'upstream_rejected',
  ],
  ['a page', () => new Response('<html>'), 'upstream_invalid_answer'],
  ['an outage', () => new Response('down', { status: 503 }), 'upstream_overloaded'],
  [
    'a refused connection',
    () => {
      throw Object.assign(new Error(`connect with ${key}`), { code: 'ECONNREFUSED' });
    },
    'upstream_unreachable',
  ],
];
for (const [what, response, code] of faults) {
  test(`${what} while listing is ${code}, without the key in it`, async () => {
    const error = (await thrownBy(() => make('openai').listModels(async () => response(), noSignal()))) as Error & {
      code: string;
    };
    expect(error.code).toBe(code as never);
    expect(error).toMatchObject({ facts: { upstream: { provider: 'openai' } } });
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(key);
  });
}
