import { expect, test } from 'bun:test';
import type { ProviderCall, ProviderSettings } from './provider.ts';
import { createProvider } from './registry.ts';
import { callOf, fakeEgress, noSignal } from './testing.ts';

const make = (over: Partial<ProviderSettings> = {}) =>
  createProvider({ id: 'g', kind: 'gemini', apiKey: 'AIza', ...over }, {});
const google = 'https://generativelanguage.googleapis.com/v1beta';

const cases: [what: string, over: Partial<ProviderCall>, url: string][] = [
  ['an answer', {}, `${google}/models/some-model:generateContent`],
  ['a stream', { stream: true }, `${google}/models/some-model:streamGenerateContent?alt=sse`],
  ['a count', { operation: 'count-tokens' }, `${google}/models/some-model:countTokens`],
  ['one embedding', { operation: 'embeddings', wire: 'gemini-embeddings' }, `${google}/models/some-model:embedContent`],
  [
    'several embeddings',
    { operation: 'embeddings', wire: 'gemini-embeddings', batch: true },
    `${google}/models/some-model:batchEmbedContents`,
  ],
  ['a tuned model', { upstream: 'tunedModels/my one' }, `${google}/tunedModels/my%20one:generateContent`],
  ['a full name', { upstream: 'models/gemini-3' }, `${google}/models/gemini-3:generateContent`],
];
for (const [what, over, url] of cases) {
  test(`${what} goes to ${url}`, async () => {
    const provider = make();
    const sent = await provider.request(callOf(provider, over));
    expect(sent.url).toBe(url);
    expect(sent.headers['x-goog-api-key']).toBe('AIza');
    expect(sent.url).not.toContain('AIza');
  });
}

test('an address may name its version', async () => {
  for (const [baseUrl, url] of [
    ['http://127.0.0.1:9003', 'http://127.0.0.1:9003/v1beta/models/m:generateContent'],
    ['http://127.0.0.1:9003/v1', 'http://127.0.0.1:9003/v1/models/m:generateContent'],
    ['http://127.0.0.1:9003/v1beta/', 'http://127.0.0.1:9003/v1beta/models/m:generateContent'],
  ]) {
    const provider = make({ baseUrl });
    expect((await provider.request(callOf(provider, { upstream: 'm' }))).url).toBe(url!);
  }
});

test('a count of more than contents is wrapped with the name of its model', async () => {
  const provider = make();
  const count = async (body: object) =>
    JSON.parse(
      (
        await provider.request(
          callOf(provider, { operation: 'count-tokens', upstream: 'm', body: JSON.stringify(body) }),
        )
      ).body!,
    ) as unknown;
  const contents = [{ parts: [{ text: 'a' }] }];
  expect(await count({ contents })).toEqual({ contents });
  const wrapped = { generateContentRequest: { model: 'models/m', contents } };
  expect(await count(wrapped)).toEqual(wrapped);
  expect(await count({ contents, tools: [] })).toEqual({
    generateContentRequest: { contents, tools: [], model: 'models/m' },
  });
});

test('the model list is read page by page', async () => {
  const { egress } = fakeEgress({
    [`${google}/models?pageSize=1000`]: {
      models: [{ name: 'models/gemini-3', displayName: 'Gemini 3', inputTokenLimit: 1048576, outputTokenLimit: 65536 }],
      nextPageToken: 'n+1',
    },
    [`${google}/models?pageSize=1000&pageToken=n%2B1`]: { models: [{ name: 'models/embed' }, {}] },
  });
  expect(await make().listModels(egress, noSignal())).toEqual([
    {
      provider: 'google',
      id: 'gemini-3',
      name: 'Gemini 3',
      context: 1048576,
      maxOutput: 65536,
      source: 'g model list',
    },
    { provider: 'google', id: 'embed', source: 'g model list' },
  ]);
});
