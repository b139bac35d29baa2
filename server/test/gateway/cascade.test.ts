import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { saying } from '../support/saying.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let upstream: Replayer;
let gateway: TestGateway;
let routes: ReturnType<typeof moneyRoutes>;

// Each answer has 10 tokens in and 10 out.
const models = [
  { id: 'up/tiny', price: { input: 1, output: 1 } },
  { id: 'up/mid', price: { input: 10, output: 10 } },
  { id: 'up/large', price: { input: 100, output: 100 } },
  { id: 'up/judge', price: { input: 1000, output: 1000 } },
];
const members = ['up/tiny', 'up/mid', 'up/large'];
const tinyUsd = 0.00002;
const midUsd = 0.0002;
const largeUsd = 0.002;
const judgeUsd = 0.02;

beforeAll(async () => {
  upstream = await startReplayer();
  const groups = {
    climb: { models: members, strategy: 'cascade' },
    checked: { models: members.slice(0, 2), strategy: 'cascade', verifier: 'up/judge' },
  };
  gateway = await testGateway({ config: centConfig(upstream, { models, groups, retries: { attempts: 1 } }) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const chat = (body: JsonObject = {}) =>
  gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'group/climb', messages: [{ role: 'user', content: 'Say it.' }], ...body }),
  });
const asked = () => upstream.requests.map(({ json }) => (json as { model: string }).model);
const cost = (answer: Response) => Number(answer.headers.get('x-sluice-cost-usd'));

test('an answer that nothing speaks against is the first model’s, and costs what it costs', async () => {
  upstream.script([saying('It is said.')]);
  const answer = await chat();
  expect(((await answer.json()) as { choices: [{ message: { content: string } }] }).choices[0].message.content).toBe(
    'It is said.',
  );
  expect(asked()).toEqual(['tiny']);
  expect(answer.headers.get('x-sluice-route')).toBe('group climb: up/tiny of 3');
  expect(cost(answer)).toBeCloseTo(tinyUsd, 9);
});

test('an answer with a fault is discarded, the next model is asked, and both are charged', async () => {
  upstream.script([saying('no json')], [saying('{"a":1}')]);
  const before = Number((await routes.stats()).costUsd);
  const answer = await chat({ response_format: { type: 'json_object' } });
  expect(await answer.text()).toContain('{\\"a\\":1}');
  expect(asked()).toEqual(['tiny', 'mid']);
  expect(answer.headers.get('x-sluice-model')).toBe('up/mid');
  expect(answer.headers.get('x-sluice-route')).toEndWith('; climbed past up/tiny: invalid JSON');
  expect(answer.headers.get('x-sluice-attempts')).toBe('2; up/tiny ok; up/mid ok');
  expect(cost(answer)).toBeCloseTo(tinyUsd + midUsd, 9);
  expect(Number((await routes.stats()).costUsd) - before).toBeCloseTo(tinyUsd + midUsd, 9);
  const { data } = await routes.send<{ data: JsonObject[] }>('GET', '/api/v1/calls?limit=1');
  expect(data[0]).toMatchObject({ modelUsed: 'up/mid', outcome: 'ok' });
});

test('the last model’s answer is given whatever it is', async () => {
  upstream.script([saying('I cannot do that.')], [saying('I cannot do that.')], [saying('I cannot do that either.')]);
  const answer = await chat();
  expect(await answer.text()).toContain('either');
  expect(asked()).toEqual(['tiny', 'mid', 'large']);
  expect(cost(answer)).toBeCloseTo(tinyUsd + midUsd + largeUsd, 9);
});

test.each(['/v1/chat/completions', '/v1/messages', '/v1/responses'])(
  'a stream at %s holds nothing of an answer that was discarded',
  async (path) => {
    upstream.script([saying('I cannot do that.')], [saying('Here it is.')]);
    const messages = [{ role: 'user', content: 'Say it.' }];
    const body = path.endsWith('responses') ? { input: 'Say it.' } : { messages, max_tokens: 50 };
    const answer = await gateway.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'group/climb', stream: true, ...body }),
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('Here');
    expect(text).not.toContain('cannot');
    expect(asked()).toEqual(['tiny', 'mid']);
  },
);

test('a model that fails is passed over at no cost, and a request that is at fault is asked once', async () => {
  upstream.script([{ status: 500, body: '{"error":{"message":"down"}}' }], [saying('Here it is.')]);
  const answer = await chat();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-sluice-route')).toContain('climbed past up/tiny: upstream_overloaded');
  expect(cost(answer)).toBeCloseTo(midUsd, 9);
  upstream.reset();
  upstream.script([{ status: 400, body: '{"error":{"message":"bad"}}' }]);
  expect((await chat()).status).toBe(400);
  expect(asked()).toEqual(['tiny']);
});

test('a verifier is asked whether an answer is right, and is charged too', async () => {
  upstream.script([saying('Two and two is five.')], [saying('NO')], [saying('Two and two is four.')]);
  const answer = await chat({ model: 'group/checked' });
  expect(await answer.text()).toContain('four');
  expect(asked()).toEqual(['tiny', 'judge', 'mid']);
  expect(answer.headers.get('x-sluice-route')).toEndWith('climbed past up/tiny: not approved');
  expect(cost(answer)).toBeCloseTo(tinyUsd + judgeUsd + midUsd, 9);
  upstream.reset();
  upstream.script([saying('Two and two is four.')], [saying('Yes.')]);
  expect(await (await chat({ model: 'group/checked' })).text()).toContain('four');
  expect(asked()).toEqual(['tiny', 'judge']);
});

test('a budget holds for all the models that a call may climb, before the first is asked', async () => {
  const request = { messages: [{ role: 'user', content: 'Say it.' }], max_tokens: 100 };
  const { data } = await routes.send<{ data: [{ worstUsd: string }] }>('POST', '/api/v1/estimate', {
    models: ['up/large'],
    request,
  });
  // Enough for the dearest of them alone, and not for what stands before it.
  const limit = (Number(data[0].worstUsd) * 1.05).toFixed(6);
  const budget = await routes.budget({ window: 'total', limit });
  try {
    upstream.script([saying('Here it is.')]);
    const answer = await chat(request);
    expect((await chat({ ...request, model: 'up/large' })).status).not.toBe(402);
    upstream.reset();
    expect(answer.status).toBe(402);
    expect(asked()).toEqual([]);
  } finally {
    await routes.remove(budget.id);
  }
});
