import { expect, test } from 'bun:test';
import { providerKindNames } from '../core/provider-kind.ts';
import { createProvider, discoverProviders, providerKinds } from './registry.ts';
import { thrownBy } from './testing.ts';

const found = (environment: Record<string, string | undefined>) =>
  discoverProviders(environment).map(({ kind }) => kind);

test('every kind of the configuration has a factory', () => {
  expect(Object.keys(providerKinds).sort()).toEqual([...providerKindNames].sort());
});

test('an empty environment switches nothing on', () => {
  expect(found({})).toEqual([]);
  expect(found({ OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '  ', AWS_ACCESS_KEY_ID: 'only-half' })).toEqual([]);
});

for (const [environment, kind] of [
  [{ OPENAI_API_KEY: 'k' }, 'openai'],
  [{ ANTHROPIC_API_KEY: 'k' }, 'anthropic'],
  [{ GEMINI_API_KEY: 'k' }, 'gemini'],
  [{ GOOGLE_API_KEY: 'k' }, 'gemini'],
  [{ GROQ_API_KEY: 'k' }, 'groq'],
  [{ MISTRAL_API_KEY: 'k' }, 'mistral'],
  [{ OPENROUTER_API_KEY: 'k' }, 'openrouter'],
  [{ HF_TOKEN: 'k' }, 'huggingface'],
  [{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }, 'bedrock'],
  [{ AWS_BEARER_TOKEN_BEDROCK: 'k' }, 'bedrock'],
  [{ RUNPOD_API_KEY: 'k', RUNPOD_ENDPOINT_ID: 'e' }, 'runpod'],
  [{ AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com' }, 'azure-openai'],
  [{ AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_RESOURCE_NAME: 'r' }, 'azure-openai'],
  [{ OLLAMA_HOST: '127.0.0.1' }, 'ollama'],
] as const) {
  test(`${Object.keys(environment).join(' and ')} switch ${kind} on, and the provider can be made`, () => {
    const settings = discoverProviders(environment);
    expect(settings).toEqual([{ id: kind, kind }]);
    const provider = createProvider(settings[0]!, environment);
    expect(provider).toMatchObject({ id: kind, kind });
    expect(provider.credentials.length).toBe(1);
    expect(provider.wires.length).toBeGreaterThan(0);
  });
}

test('all at once come in a steady order, each once', () => {
  const all = found({ GOOGLE_API_KEY: 'a', GEMINI_API_KEY: 'b', OPENAI_API_KEY: 'c', OLLAMA_HOST: 'd' });
  expect(all).toEqual(['openai', 'gemini', 'ollama']);
});

test('RunPod without an endpoint and Azure without an address stay off', () => {
  expect(found({ RUNPOD_API_KEY: 'k', AZURE_OPENAI_API_KEY: 'k' })).toEqual([]);
});

test('an unknown kind is refused with the names of those there are', async () => {
  for (const kind of ['opanai', 'constructor']) {
    const error = (await thrownBy(() => createProvider({ id: 'x', kind }, {}))) as Error;
    expect(error).toMatchObject({ code: 'invalid_request', facts: { param: 'providers.x.kind' } });
    expect(error.message).toContain('openai-compatible');
  }
});

test('no key is anywhere in what a provider shows of itself but in its credentials', () => {
  const provider = createProvider({ id: 'openai', kind: 'openai', apiKey: 'sk-very-secret' }, {});
  const { credentials, ...rest } = provider;
  expect(JSON.stringify(rest)).not.toContain('sk-very-secret');
  expect(credentials.map(({ id }) => id)).toEqual(['openai/key-1']);
});
