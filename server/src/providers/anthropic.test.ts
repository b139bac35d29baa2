import { expect, test } from 'bun:test';
import type { ProviderSettings } from './provider.ts';
import { createProvider } from './registry.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

const make = (over: Partial<ProviderSettings> = {}) =>
  createProvider({ id: 'claude', kind: 'anthropic', apiKey: 'sk-ant', ...over }, {});

test('a call carries the key, a version and nothing of the caller that is not of the wire', async () => {
  const provider = make();
  expect(
    await provider.request(callOf(provider, { stream: true, passHeaders: { authorization: 'x', 'x-api-key': 'y' } })),
  ).toEqual({
    url: 'https://api.anthropic.com/v1/messages',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'anthropic-version': '2023-06-01',
      'x-api-key': 'sk-ant',
    },
    body: '{"model":"some-model"}',
  });
});

test("the caller's version and betas go on", async () => {
  const provider = make();
  const passHeaders = { 'anthropic-version': '2024-01-01', 'anthropic-beta': 'a,b' };
  expect((await provider.request(callOf(provider, { passHeaders }))).headers).toMatchObject(passHeaders);
});

test('an address may end in /v1 or not', async () => {
  for (const baseUrl of [
    'http://127.0.0.1:9002',
    'http://127.0.0.1:9002/',
    'http://127.0.0.1:9002/v1',
    'http://127.0.0.1:9002/v1/',
  ]) {
    const provider = make({ baseUrl });
    expect((await provider.request(callOf(provider))).url).toBe('http://127.0.0.1:9002/v1/messages');
  }
});

test('tokens are counted at their own address, embeddings are not to be had', async () => {
  const provider = make();
  expect((await provider.request(callOf(provider, { operation: 'count-tokens' }))).url).toBe(
    'https://api.anthropic.com/v1/messages/count_tokens',
  );
  const embed = callOf(provider, { operation: 'embeddings', wire: 'openai-embeddings' });
  expect(await thrownBy(() => provider.request(embed))).toMatchObject({ code: 'not_implemented' });
});

test('the model list is read page by page', async () => {
  const { egress, sent } = fakeEgress({
    'https://api.anthropic.com/v1/models?limit=1000': {
      data: [
        {
          id: 'claude-a',
          display_name: 'Claude A',
          created_at: '2026-02-03T00:00:00Z',
          max_input_tokens: 200000,
          max_tokens: 64000,
          line: 'opus',
          capabilities: {
            image_input: { supported: true },
            thinking: { supported: false },
            pdf_input: { supported: true },
          },
        },
        { id: 'claude-old', lifecycle: 'retired' },
      ],
      has_more: true,
      last_id: 'claude-old',
    },
    'https://api.anthropic.com/v1/models?limit=1000&after_id=claude-old': {
      data: [{ id: 'claude-b', created_at: '1970-01-01T00:00:00Z', capabilities: null }],
      has_more: false,
    },
  });
  expect(await make().listModels(egress, noSignal())).toEqual([
    {
      provider: 'anthropic',
      id: 'claude-a',
      name: 'Claude A',
      family: 'opus',
      released: '2026-02-03',
      context: 200000,
      maxOutput: 64000,
      capabilities: ['tools', 'temperature', 'vision', 'documents'],
      source: 'claude model list',
    },
    { provider: 'anthropic', id: 'claude-b', source: 'claude model list' },
  ]);
  expect(sent[0]?.headers).toEqual({
    accept: 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': 'sk-ant',
  });
});
