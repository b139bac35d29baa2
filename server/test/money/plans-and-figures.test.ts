import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { parquetReadObjects } from 'hyparquet';
import type { JsonObject } from '../../src/core/json.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';
import { askCent, cent, centConfig, moneyRoutes } from './spending.ts';

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

const chat = (body: JsonObject = {}) =>
  gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sluice-tags': 'a,"b"' },
    body: JSON.stringify(askCent(body)),
  });
const assign = (planId: string | null) =>
  routes.send('POST', '/api/v1/plans/assign', { organisationId: 'org_default', planId });

interface ShownPlan {
  id: string;
  name: string;
  tokensPerMonth: number | null;
  maxPriceUsd: string | null;
}

test('there are three plans to begin with', async () => {
  const { data } = await routes.send<{ data: ShownPlan[] }>('GET', '/api/v1/plans');
  expect(data.map(({ name, tokensPerMonth, maxPriceUsd }) => [name, tokensPerMonth, maxPriceUsd]).sort()).toEqual([
    ['Enterprise', null, null],
    ['Free', 1000, '1'],
    ['Pro', 100_000, null],
  ]);
});

test('a plan has small models only and so many tokens; without one, everything goes', async () => {
  expect((await chat()).status).toBe(200);
  await assign('plan_free');
  const big = await chat();
  expect(big.status).toBe(403);
  expect(await big.text()).toContain('The plan \\"Free\\" does not have the model \\"up/cent\\"');
  const grouped = await chat({ model: 'group/either' });
  expect([grouped.status, grouped.headers.get('x-sluice-model')]).toEqual([200, 'up/small']);

  // What was used before the plan counts too: it is this month's. 120 tokens a call, 1,000 in all.
  const statuses: number[] = [];
  for (let call = 0; call < 8; call++) statuses.push((await chat({ model: 'up/small' })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 402, 402]);
  const { data } = await routes.send<{ data: JsonObject[] }>('GET', '/api/v1/budgets');
  expect(data).toMatchObject([{ name: 'plan Free', unit: 'tokens', limit: '1000', spent: '960', left: '40' }]);

  await routes.send('PATCH', '/api/v1/plans/plan_free', { models: ['up/cent'], tokensPerMonth: 2000 });
  expect((await chat()).status).toBe(200);
  await assign('plan_pro');
  expect((await chat()).status).toBe(200);
  await expect(routes.send('DELETE', '/api/v1/plans/plan_pro')).rejects.toThrow('409');
  await assign(null);
  expect((await chat()).status).toBe(200);
});

test('an estimate says what a request would cost at each model, and nothing is sent', async () => {
  const before = upstream.requests.length;
  const { data } = await routes.send<{ data: JsonObject[] }>('POST', '/api/v1/estimate', {
    models: ['up/cent', 'up/small', 'up/unpriced'],
    request: askCent(),
  });
  expect(data).toMatchObject([
    { model: 'up/small', inputTokens: 10, maxOutputTokens: 100, worstUsd: '0.0001', likelyUsd: '0.000095' },
    { model: 'up/cent', worstUsd: '0.01', likelyUsd: '0.0095' },
    { model: 'up/unpriced', worstUsd: null, likelyUsd: null },
  ]);
  await expect(routes.send('POST', '/api/v1/estimate', { models: ['no/such'], request: askCent() })).rejects.toThrow(
    '404',
  );
  await expect(routes.send('POST', '/api/v1/estimate', { request: { messages: [] } })).rejects.toThrow('400');
  expect(upstream.requests).toHaveLength(before);
});

test('an export sums up to the statistics of the same filter, in every format, to the last nano-dollar', async () => {
  const { costUsd, requests } = await routes.stats();
  expect(requests).toBeGreaterThan(10);
  const file = async (format: string) => {
    const response = await gateway.fetch(`/api/v1/usage/export?format=${format}`);
    expect([response.status, response.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringMatching(new RegExp(`^attachment; filename="usage-[\\d-]+\\.${format}"$`)),
    ]);
    return response;
  };
  const nanos = (usd: string | null) => BigInt(Math.round(Number(usd ?? 0) * 1e9));
  const expected = nanos(costUsd);

  const objects = (await (await file('json')).json()) as {
    request_id: string;
    cost_usd: string | null;
    tags: string;
  }[];
  expect(objects).toHaveLength(requests);
  expect(objects.reduce((sum, row) => sum + nanos(row.cost_usd), 0n)).toBe(expected);

  const lines = (await (await file('csv')).text()).split('\r\n');
  const names = lines[0]!.split(',');
  expect(lines).toHaveLength(requests + 2);
  expect(lines[1]).toContain('"a ""b"""');
  const costs = lines
    .slice(1, -1)
    .map((line) => line.replace(/"(?:[^"]|"")*"/g, 'quoted').split(',')[names.indexOf('cost_usd')]!);
  expect(costs.reduce((sum, cost) => sum + nanos(cost), 0n)).toBe(expected);

  const bytes = await (await file('parquet')).arrayBuffer();
  const rows = await parquetReadObjects({ file: bytes });
  expect(rows.map((row) => row.request_id)).toEqual(objects.map((row) => row.request_id));
  expect(rows.reduce((sum, row) => sum + nanos(String(row.cost_usd ?? 0)), 0n)).toBe(expected);
});

test('an export of a filter holds its calls only, and a member sees no others', async () => {
  const { key, id } = await routes.send<{ key: string; id: string }>('POST', '/api/v1/keys', { name: 'other' });
  const mine = (path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
  await (await mine('/v1/chat/completions', { method: 'POST', body: JSON.stringify(askCent()) })).text();
  const own = (await (await mine('/api/v1/usage/export?format=json')).json()) as { key_id: string }[];
  expect(own.map(({ key_id }) => key_id)).toEqual([id]);
  expect((await mine('/api/v1/usage/export?key=admin')).status).toBe(403);
  const filtered = (await (await gateway.fetch(`/api/v1/usage/export?format=json&key=${id}`)).json()) as unknown[];
  expect(filtered).toHaveLength(1);
});

test('the projection of this month holds what was spent so far', async () => {
  const { costUsd } = await routes.stats();
  const projected = await routes.send<{ spentUsd: string; linearUsd: string; weekdayUsd: string | null }>(
    'GET',
    '/api/v1/spend/projected',
  );
  expect(projected.spentUsd).toBe(costUsd);
  expect(Number(projected.linearUsd)).toBeGreaterThanOrEqual(Number(costUsd));
  expect(projected.weekdayUsd).toBeNull();
});

test('the cheapest model that is known to do it all is found', async () => {
  await expect(routes.send('GET', '/api/v1/models/cheapest?needs=flying')).rejects.toThrow('400');
  const found = await routes.send<{ cheapest: { model: string; pricePerMillionUsd: string } }>(
    'GET',
    '/api/v1/models/cheapest',
  );
  expect(found.cheapest).toMatchObject({ model: 'up/small', pricePerMillionUsd: '0.6' });
  await expect(routes.send('GET', '/api/v1/models/cheapest?maxPriceUsd=0.5')).rejects.toThrow('404');
  await expect(routes.send('GET', '/api/v1/models/cheapest?needs=vision')).rejects.toThrow('404');
});
