import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await testGateway({ config: { providers: { sandbox: { kind: 'sandbox' } } } });
}, 60_000);
afterAll(() => gateway.stop());

const api = async (method: string, path: string, body?: JsonObject, key?: string) => {
  const response = await gateway.fetch(`/api/v1/cache/${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { authorization: `Bearer ${key}` }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json().catch(() => ({}))) as JsonObject };
};

async function ask(content: string, headers: Record<string, string> = {}) {
  const answer = await gateway.chat('openai-chat', {
    model: 'sandbox/sandbox-small',
    headers,
    body: { messages: [{ role: 'user', content }] },
  });
  await answer.text();
  return answer;
}
const from = async (content: string, headers?: Record<string, string>) =>
  (await ask(content, headers)).headers.get('x-sluice-cache');

test('a cache is off until somebody turns it on, and then and when it is turned off again, at once', async () => {
  expect([await from('a'), await from('a')]).toEqual(['none', 'none']);
  const on = await api('PUT', 'settings', { exact: { enabled: true } });
  expect(on).toMatchObject({ status: 200, body: { inForce: { exact: { enabled: true, ttlSeconds: 3600 } } } });
  expect([await from('a'), await from('a')]).toEqual(['miss', 'exact']);
  expect((await api('DELETE', 'settings')).status).toBe(204);
  expect([await from('a'), await from('a')]).toEqual(['none', 'none']);
  expect((await api('GET', 'settings')).body).toMatchObject({ override: null });
});

test('what is not a setting is refused', async () => {
  for (const wrong of [
    { exact: { enabled: 'yes' } },
    { exact: { maxBytes: 1 } },
    { organisationId: 'org_other' },
    { semantic: { threshold: 0.1 } },
  ])
    expect([wrong, (await api('PUT', 'settings', wrong)).status]).toEqual([wrong, 400]);
  for (const wrong of [{}, { all: false }, { model: '' }, { all: true, model: 'a' }])
    expect([wrong, (await api('POST', 'invalidate', wrong)).status]).toEqual([wrong, 400]);
});

test('answers are voided all together, by model, by tag and by key', async () => {
  await api('PUT', 'settings', { exact: { enabled: true } });
  const tags = { 'x-sluice-tags': 'release-1' };
  const fill = () => ask('to be voided', tags);
  const key = (await fill()).headers.get('x-sluice-cache-key')!;
  for (const [wish, expected] of [
    [{ model: 'another' }, 'exact'],
    [{ tag: 'release-2' }, 'exact'],
    [{ key: 'x' }, 'exact'],
    [{ model: 'sandbox/sandbox-small' }, 'miss'],
    [{ tag: 'release-1' }, 'miss'],
    [{ key }, 'miss'],
    [{ all: true }, 'miss'],
  ] as const) {
    await fill();
    const { body } = await api('POST', 'invalidate', wish);
    expect([wish, (body.removed as number) > 0]).toEqual([wish, expected === 'miss']);
    expect([wish, await from('to be voided', tags)]).toEqual([wish, expected]);
  }
});

test('the figures say how often and how much was saved', async () => {
  await api('PUT', 'settings', { exact: { enabled: true } });
  const begin = new Date().toISOString();
  await ask('counted');
  await ask('counted');
  await ask('counted');
  const { body } = await api('GET', `stats?from=${begin}`);
  expect(body).toMatchObject({ hits: 2, misses: 1, byKind: { exact: { requests: 2 } } });
  expect(Number(body.savedUsd)).toBeGreaterThan(0);
  expect(body.entries).toBeGreaterThan(0);
  expect(body.bytes).toBeGreaterThan(0);
});

test('the semantic cache pays for its embeddings as any caller does', async () => {
  await api('PUT', 'settings', { semantic: { enabled: true, model: 'sandbox/sandbox-embedding', threshold: 0.9 } });
  const rows = (await gateway.ledger()).length;
  expect(await from('How do I reset my password?')).toBe('miss');
  expect(await from('how do I reset my password')).toBe('semantic');
  const made = (await gateway.ledger()).slice(rows);
  expect(made.map(({ operation }) => operation).sort()).toEqual(['chat', 'chat', 'embeddings', 'embeddings']);
  for (const row of made.filter(({ operation }) => operation === 'embeddings'))
    expect(Number(row.costUsd)).toBeGreaterThan(0);
  await api('DELETE', 'settings');
});

test('without an embedding there is no semantic cache, and the call goes on', async () => {
  await api('PUT', 'settings', { semantic: { enabled: true, model: 'nowhere/none' } });
  expect(await from('Whatever?')).toBe('miss');
  await api('DELETE', 'settings');
});

test('a member may neither set nor void anything', async () => {
  const made = await gateway.fetch('/api/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'member' }),
  });
  const { key } = (await made.json()) as { key: string };
  expect((await api('GET', 'settings', undefined, key)).status).toBe(403);
  expect((await api('PUT', 'settings', { exact: { enabled: true } }, key)).status).toBe(403);
  expect((await api('DELETE', 'settings', undefined, key)).status).toBe(403);
  expect((await api('POST', 'invalidate', { all: true }, key)).status).toBe(403);
});
