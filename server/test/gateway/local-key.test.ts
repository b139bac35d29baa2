import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { saying } from '../support/saying.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let cloud: Replayer;
let local: Replayer;
let gateway: TestGateway;
let routes: ReturnType<typeof moneyRoutes>;
let key: string;

beforeAll(async () => {
  [cloud, local] = await Promise.all([startReplayer(), startReplayer()]);
  for (const upstream of [cloud, local]) upstream.reply(saying('Here.'));
  const provider = (upstream: Replayer, isLocal: boolean) => ({
    kind: 'openai-compatible',
    baseUrl: `${upstream.url}/v1`,
    apiKey: 'test',
    options: { local: isLocal },
  });
  gateway = await testGateway({
    config: {
      discovery: false,
      providers: { cloud: provider(cloud, false), local: provider(local, true) },
      models: [
        { id: 'cloud/llama-3.1-8b', price: { input: 0, output: 0 } },
        { id: 'local/llama-3.1-8b', price: { input: 0, output: 0 } },
        { id: 'cloud/embed', price: { input: 0, output: 0 }, capabilities: ['embeddings'] },
      ],
      groups: { mixed: { models: ['cloud/llama-3.1-8b', 'local/llama-3.1-8b'] } },
      cache: { semantic: { enabled: true, model: 'cloud/embed' } },
    },
  });
  routes = moneyRoutes(gateway.fetch);
  ({ key } = await routes.send<{ key: string }>('POST', '/api/v1/keys', { name: 'kept', scopes: { localOnly: true } }));
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([cloud.stop(), local.stop()]);
});

const chat = (model: string, as = key, content = 'Hello') =>
  gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, temperature: 0, messages: [{ role: 'user', content }] } satisfies JsonObject),
  });

test.each(['auto', 'group/mixed', 'group/reasoning', 'local/llama-3.1-8b'])(
  'a key that is kept local is answered by a local model at %s, and nothing of it leaves',
  async (model) => {
    const answer = await chat(model, key, `A secret for ${model}`);
    expect([answer.status, answer.headers.get('x-sluice-model')]).toEqual([200, 'local/llama-3.1-8b']);
    // The semantic cache would have its questions embedded elsewhere: it goes without.
    expect(cloud.requests).toHaveLength(0);
  },
);

test('a model that is not local is refused in words', async () => {
  const answer = await chat('cloud/llama-3.1-8b');
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('The key keeps this request on local models');
  expect(cloud.requests).toHaveLength(0);
});

test('other keys go where they like', async () => {
  expect((await chat('group/mixed', gateway.key)).headers.get('x-sluice-model')).toBe('cloud/llama-3.1-8b');
});

test('a key that is kept local makes none that is not', async () => {
  const { key: admin } = await routes.send<{ key: string }>('POST', '/api/v1/keys', {
    name: 'local admin',
    role: 'admin',
    scopes: { localOnly: true },
  });
  const make = async (scopes?: JsonObject) => {
    const answer = await gateway.fetch('/api/v1/keys', {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'child', ...(scopes && { scopes }) }),
    });
    return [answer.status, ((await answer.json()) as { scopes?: JsonObject }).scopes];
  };
  expect(await make()).toEqual([201, { localOnly: true }]);
  expect((await make({ localOnly: false }))[0]).toBe(403);
});
