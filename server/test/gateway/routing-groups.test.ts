import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { cent, centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let upstream: Replayer;
let gateway: TestGateway;
let routes: ReturnType<typeof moneyRoutes>;

beforeAll(async () => {
  upstream = await startReplayer();
  upstream.reply(cent);
  gateway = await testGateway({ config: centConfig(upstream) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const path = (name: string) => `/api/v1/routing-groups/${name}`;
const put = (name: string, settings: JsonObject) => routes.send<JsonObject>('PUT', path(name), settings);
const names = async () => {
  const { data } = await routes.send<{ data: { name: string; origin: string }[] }>('GET', '/api/v1/routing-groups');
  return Object.fromEntries(data.map(({ name, origin }) => [name, origin]));
};
async function answeredBy(group: string): Promise<string | null> {
  const answer = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: `group/${group}`, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return answer.status === 200 ? answer.headers.get('x-sluice-model') : String(answer.status);
}

test('three groups are there before anybody makes one, and those of the file', async () => {
  expect(await names()).toEqual({
    orchestrator: 'built-in',
    reasoning: 'built-in',
    executors: 'built-in',
    either: 'file',
    priced: 'file',
  });
  expect(await routes.send('GET', path('executors'))).toMatchObject({ strategy: 'learned', tau: 0.8 });
  expect(await answeredBy('executors')).toStartWith('up/');
});

test('a group that is made, changed and removed is in force at the next call', async () => {
  expect(await answeredBy('desk')).toBe('404');
  expect(await put('desk', { models: ['up/cent', 'up/small'], purpose: 'Help' })).toEqual({
    name: 'desk',
    origin: 'database',
    strategy: 'ordered',
    purpose: 'Help',
    models: [
      { model: 'up/cent', weight: 1 },
      { model: 'up/small', weight: 1 },
    ],
  });
  expect(await answeredBy('desk')).toBe('up/cent');
  await put('desk', { models: [{ model: 'up/cent', weight: 2 }, 'up/small'], strategy: 'cheapest' });
  expect(await answeredBy('desk')).toBe('up/small');
  const listed = (await (await gateway.fetch('/v1/models')).json()) as { data: { id: string }[] };
  expect(listed.data.map(({ id }) => id)).toContain('group/desk');
  await routes.send('DELETE', path('desk'));
  expect(await answeredBy('desk')).toBe('404');
  await expect(routes.send('DELETE', path('desk'))).rejects.toThrow('404');
});

test('an answer that was cached for a group is not given any more when the group has other models', async () => {
  await routes.send('PUT', '/api/v1/cache/settings', { exact: { enabled: true } });
  await put('cached', { models: ['up/cent'] });
  const ask = async () => {
    const answer = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'group/cached', temperature: 0, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await answer.text();
    return answer.headers.get('x-sluice-cache');
  };
  expect([await ask(), await ask()]).toEqual(['miss', 'exact']);
  await put('cached', { models: ['up/small'] });
  expect(await ask()).toBe('miss');
  await routes.send('DELETE', path('cached'));
});

test('a built-in group gives way to one of its name, and shows again when that is removed', async () => {
  await put('reasoning', { models: ['up/small'] });
  expect(await routes.send('GET', path('reasoning'))).toMatchObject({ origin: 'database', models: [{}] });
  await routes.send('DELETE', path('reasoning'));
  expect(await routes.send('GET', path('reasoning'))).toMatchObject({ origin: 'built-in', tau: 1 });
});

test('a group of the file is changed there', async () => {
  await expect(put('either', { models: ['up/small'] })).rejects.toThrow(
    '409 The group "either" stands in sluice.yaml.',
  );
  await expect(routes.send('DELETE', path('either'))).rejects.toThrow('409');
});

test.each([
  [{ models: [] }, 'Name at least one model.'],
  [{ models: ['nobody/x'] }, 'No configured provider serves the model "nobody/x"'],
  [{ models: ['up/small'], verifier: 'nobody/x', strategy: 'cascade' }, 'nobody/x'],
  [{ models: ['up/small'], strategy: 'learned', default: 'up/cent' }, 'The default must be one of the models.'],
  [{ models: ['up/small'], tau: 0.5 }, 'Only the strategy `learned` has tau, floor and default.'],
  [{ models: ['up/small'], strategy: 'complexity', thresholds: [0.5, 0.2] }, 'Thresholds must ascend.'],
  [{ models: ['up/small'], strategy: 'dearest' }, ''],
  [{ models: ['up/small'], members: [] }, ''],
])('%o is refused', async (settings, message) => {
  const refused = put('desk', settings as JsonObject);
  await expect(refused).rejects.toThrow('400');
  await expect(refused).rejects.toThrow(message);
  expect(await names()).not.toHaveProperty('desk');
});

test.each(['.hidden', 'a'.repeat(65), 'a%2fb'])('the name %s is refused', async (name) => {
  await expect(put(name, { models: ['up/small'] })).rejects.toThrow('400');
});

test('whoever is no operator reads groups and changes none, and every change is in the audit', async () => {
  const { key } = await routes.send<{ key: string }>('POST', '/api/v1/keys', { name: 'member', role: 'member' });
  const as = (method: string, body?: JsonObject) =>
    gateway.fetch(path('desk'), {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  await put('desk', { models: ['up/small'] });
  expect((await as('GET')).status).toBe(200);
  expect((await as('PUT', { models: ['up/cent'] })).status).toBe(403);
  expect((await as('DELETE')).status).toBe(403);
  await routes.send('DELETE', path('desk'));
  const { data } = await routes.send<{ data: { action: string }[] }>('GET', '/api/v1/audit?limit=2');
  expect(data.map(({ action }) => action)).toEqual(['routing-group.delete', 'routing-group.put']);
});

test('a key that is limited to a group reaches it though it was made later, and no other', async () => {
  const { key } = await routes.send<{ key: string }>('POST', '/api/v1/keys', {
    name: 'limited',
    scopes: { groups: ['later'] },
  });
  await put('later', { models: ['up/small'] });
  const status = async (group: string) => {
    const answer = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: `group/${group}`, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    return answer.status;
  };
  expect([await status('later'), await status('executors')]).toEqual([200, 403]);
  await routes.send('DELETE', path('later'));
});
