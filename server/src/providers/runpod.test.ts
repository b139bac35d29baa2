import { expect, test } from 'bun:test';
import { createProvider } from './registry.ts';
import { createRunpodAdmin } from './runpod.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

const environment = { RUNPOD_API_KEY: 'rp-key-123', RUNPOD_ENDPOINT_ID: 'ep9' };

test('the endpoint comes from the environment, and a cold start gets ten minutes', async () => {
  const provider = createProvider({ id: 'rp', kind: 'runpod' }, environment);
  expect((await provider.request(callOf(provider))).url).toBe(
    'https://api.runpod.ai/v2/ep9/openai/v1/chat/completions',
  );
  expect(provider.firstByteMs).toBe(600_000);
  expect(createProvider({ id: 'rp', kind: 'runpod', firstByteMs: 5 }, environment).firstByteMs).toBe(5);
});

test('without an endpoint it says what to set', async () => {
  const act = () => createProvider({ id: 'rp', kind: 'runpod', apiKey: 'k' }, {});
  expect(await thrownBy(act)).toMatchObject({ facts: { param: 'providers.rp.options.endpointId' } });
});

test('health tells of workers and jobs, missing counts being 0', async () => {
  const { egress, sent } = fakeEgress({
    'https://api.runpod.ai/v2/ep9/health': { workers: { idle: 1, running: 2 }, jobs: { inQueue: 3 } },
  });
  const health = await createRunpodAdmin({ id: 'rp', kind: 'runpod' }, environment, egress).health(noSignal());
  expect(health.workers).toEqual({ idle: 1, initializing: 0, ready: 0, running: 2, throttled: 0, unhealthy: 0 });
  expect(health.jobs).toEqual({ completed: 0, failed: 0, inProgress: 0, inQueue: 3, retried: 0 });
  expect(sent[0]?.headers.authorization).toBe('Bearer rp-key-123');
});

test('an address of its own serves chat and health alike', async () => {
  const settings = { id: 'rp', kind: 'runpod', apiKey: 'k', baseUrl: 'http://127.0.0.1:7/v2/e/openai/v1' };
  const provider = createProvider(settings, {});
  expect((await provider.request(callOf(provider))).url).toBe('http://127.0.0.1:7/v2/e/openai/v1/chat/completions');
  const { egress, sent } = fakeEgress({ 'http://127.0.0.1:7/v2/e/health': {} });
  await createRunpodAdmin(settings, {}, egress).health(noSignal());
  expect(sent).toHaveLength(1);
});
