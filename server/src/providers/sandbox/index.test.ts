import { expect, test } from 'bun:test';
import { costNanos } from '../../core/money.ts';
import { usageOf } from '../../core/usage.ts';
import type { ProviderSettings } from '../provider.ts';
import { createSandboxProvider, sandboxModels } from './index.ts';

const create = (more: Partial<ProviderSettings> = {}) =>
  createSandboxProvider({ id: 'demo', kind: 'sandbox', ...more }, {});

test('the provider lists two chat models and one for embeddings, all priced', async () => {
  const provider = create();
  const egress = () => Promise.reject(new Error('the sandbox has no network'));
  const models = await provider.listModels(egress, new AbortController().signal);
  expect(models.map((model) => model.id)).toEqual(['sandbox-small', 'sandbox-large', 'sandbox-embedding']);
  const cost = (id: string) =>
    costNanos(usageOf({ input: 1000, output: 1000 }), sandboxModels.find((model) => model.id === id)?.price);
  expect(cost('sandbox-small')).toBe(250_000);
  expect(cost('sandbox-large')).toBe(5_000_000);
});

test('there is nothing to send over a network', () => {
  expect(() =>
    create().request({
      operation: 'chat',
      wire: 'openai-chat',
      upstream: 'sandbox-small',
      stream: false,
      body: '{}',
      credential: create().credentials[0]!,
      passHeaders: {},
    }),
  ).toThrow(/inside the process/);
});

test.each<[Partial<ProviderSettings>, string]>([
  [{ baseUrl: 'http://127.0.0.1' }, 'baseUrl'],
  [{ apiKey: 'x' }, 'apiKey'],
  [{ wires: ['gemini'] }, 'wires'],
  [{ options: { speed: 1 } }, 'options.speed'],
  [{ options: { chunkDelayMs: -1 } }, 'options.chunkDelayMs'],
  [{ options: { chunkDelayMs: 'fast' } }, 'options.chunkDelayMs'],
])('a setting that means nothing here is refused by name (case %#)', (settings, param) => {
  let thrown: unknown;
  try {
    create(settings);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'invalid_request', facts: { param } });
});
