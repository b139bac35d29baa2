import { expect, test } from 'bun:test';
import type { ProviderCall, ProviderSettings } from './provider.ts';
import { createProvider } from './registry.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

const make = (over: Partial<ProviderSettings> = {}, environment = {}) =>
  createProvider({ id: 'az', kind: 'azure-openai', apiKey: 'azkey', ...over }, environment);
const resource = 'https://r.openai.azure.com';

const cases: [apiVersion: string | undefined, over: Partial<ProviderCall>, path: string][] = [
  [undefined, {}, '/openai/v1/chat/completions'],
  [undefined, { wire: 'openai-responses' }, '/openai/v1/responses'],
  [undefined, { operation: 'embeddings', wire: 'openai-embeddings' }, '/openai/v1/embeddings'],
  ['2024-10-21', {}, '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
  ['2025-04-01-preview', { wire: 'openai-responses' }, '/openai/responses?api-version=2025-04-01-preview'],
  [
    '2024-10-21',
    { operation: 'embeddings', wire: 'openai-embeddings' },
    '/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21',
  ],
];
for (const [apiVersion, over, path] of cases) {
  test(`version ${apiVersion ?? 'v1'}: ${over.operation ?? 'chat'} over ${over.wire ?? 'openai-chat'} goes to ${path}`, async () => {
    const provider = make({ baseUrl: resource, options: apiVersion ? { apiVersion } : {} });
    const sent = await provider.request(callOf(provider, { upstream: 'my gpt', ...over }));
    expect(sent.url).toBe(resource + path);
    expect(sent.headers['api-key']).toBe('azkey');
    expect(sent.headers.authorization).toBeUndefined();
  });
}

test('the resource may be given in many ways', async () => {
  const url = async (over: Partial<ProviderSettings>, environment = {}) => {
    const provider = make(over, environment);
    return (await provider.request(callOf(provider))).url;
  };
  const chat = `${resource}/openai/v1/chat/completions`;
  expect(await url({ baseUrl: `${resource}/` })).toBe(chat);
  expect(await url({ baseUrl: `${resource}/openai` })).toBe(chat);
  expect(await url({ baseUrl: `${resource}/openai/v1/` })).toBe(chat);
  expect(await url({ options: { resource: 'r' } })).toBe(chat);
  expect(await url({}, { AZURE_OPENAI_ENDPOINT: resource })).toBe(chat);
  expect(await url({}, { AZURE_OPENAI_RESOURCE_NAME: 'r' })).toBe(chat);
  expect(await url({}, { AZURE_OPENAI_ENDPOINT: resource, AZURE_OPENAI_API_VERSION: '2024-10-21' })).toBe(
    `${resource}/openai/deployments/some-model/chat/completions?api-version=2024-10-21`,
  );
  expect(await thrownBy(() => make())).toMatchObject({ facts: { param: 'providers.az.baseUrl' } });
  expect(await thrownBy(() => make({ baseUrl: resource, options: { apiVersion: 'latest' } }))).toMatchObject({
    facts: { param: 'providers.az.options.apiVersion' },
  });
});

test('the list of models is asked with the key in its own header', async () => {
  const { egress, sent } = fakeEgress({ [`${resource}/openai/v1/models`]: { data: [{ id: 'gpt-5' }] } });
  expect(await make({ baseUrl: resource }).listModels(egress, noSignal())).toEqual([
    { provider: 'azure', id: 'gpt-5', source: 'az model list' },
  ]);
  expect(sent[0]?.headers).toEqual({ accept: 'application/json', 'api-key': 'azkey' });
});
