import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { saying } from '../support/saying.ts';
import { until } from '../support/until.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let upstream: Replayer;
let gateway: TestGateway;
let routes: ReturnType<typeof moneyRoutes>;

const cheap = 'up/llama-3.1-8b-instruct';
const dear = 'up/gpt-4o';
const judge = 'up/judge-70b';

beforeAll(async () => {
  upstream = await startReplayer();
  upstream.reply(saying('It is Paris.'));
  const models = [
    { id: cheap, price: { input: 0.1, output: 0.1 } },
    { id: dear, price: { input: 10, output: 10 } },
    { id: judge, price: { input: 1, output: 1 } },
  ];
  const groups = { pair: { models: [cheap, dear], strategy: 'learned', tau: 0.9 } };
  gateway = await testGateway({ config: centConfig(upstream, { models, groups }) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const path = '/api/v1/routing/learning';
const settings = (wish: JsonObject) => routes.send<JsonObject>('PATCH', path, wish);
interface Shown {
  enabled: boolean;
  frozen: boolean;
  spentUsd: string;
  heads: { model: string; labels: number; bias: number }[];
}
const shown = () => routes.send<Shown>('GET', path);
const report = () =>
  routes.send<{ models: JsonObject[]; policies: { policy: string; calls: number; quality: { value: number } }[] }>(
    'GET',
    `${path}/report`,
  );

async function ask(content: string): Promise<{ model: string | null; requestId: string; route: string | null }> {
  const answer = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'group/pair', messages: [{ role: 'user', content }] }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  const header = (name: string) => answer.headers.get(`x-sluice-${name}`);
  return { model: header('model'), requestId: header('request-id')!, route: header('route') };
}
const rate = (requestId: string, score: number, note?: string) =>
  routes.send<JsonObject>('PUT', `/api/v1/calls/${requestId}/feedback`, { score, ...(note && { note }) });

let asked = 0;
/** Questions of one kind, no two alike. */
const question = () => `Prove that the integer ${1000 + ++asked} is not prime, and compute the sum of its divisors.`;

test('nothing is learned until somebody turns it on; feedback is kept with the call all the same', async () => {
  expect(await shown()).toEqual({
    enabled: false,
    shadowShare: 0,
    judge: null,
    budgetUsd: null,
    spentUsd: '0',
    frozen: false,
    heads: [],
  } as never);
  const { requestId } = await ask(question());
  expect(await rate(requestId, 0, 'Wrong.')).toMatchObject({ score: 0, note: 'Wrong.' });
  expect(await rate(requestId, 1)).toMatchObject({ score: 1, note: null });
  expect(await routes.send('GET', `/api/v1/calls/${requestId}`)).toMatchObject({ feedback: { score: 1 } });
  expect((await report()).models).toEqual([]);
  await expect(rate('req_nobody', 1)).rejects.toThrow('404');
  await expect(rate(requestId, 2)).rejects.toThrow('400');
});

test('what people think of answers moves the choice for questions of that kind; reset brings it back', async () => {
  await settings({ enabled: true });
  const before = await ask(question());
  const [praised, blamed] = before.model === cheap ? [dear, cheap] : [cheap, dear];
  // Thumbs down for whoever was chosen, until somebody else is.
  for (let round = 0; round < 4; round++) {
    for (let at = 0; at < 10; at++) {
      const { requestId, model } = await ask(question());
      await rate(requestId, model === blamed ? 0 : 1);
    }
    await shown();
  }
  const after = await ask(question());
  expect(after.model).toBe(praised);
  const { heads } = await shown();
  expect(heads.find(({ model }) => model === blamed)!.labels).toBeGreaterThanOrEqual(10);
  const { models } = await report();
  expect(models.find(({ model }) => model === blamed)).toMatchObject({ outcome: 0, drift: null });

  await routes.send('POST', `${path}/freeze`);
  expect(await shown()).toMatchObject({ frozen: true });
  const { samples } = await routes.send<{ samples: number }>('POST', `${path}/reset`);
  expect(samples).toBeGreaterThan(20);
  expect(await shown()).toMatchObject({ frozen: false, heads: [] });
  expect((await ask(question())).model).toBe(before.model);
});

test('frozen heads hold though learning is off, and thaw', async () => {
  for (let at = 0; at < 6; at++) await rate((await ask(question())).requestId, 0);
  await routes.send('POST', `${path}/freeze`);
  await settings({ enabled: false });
  const frozen = await shown();
  expect(frozen).toMatchObject({ enabled: false, frozen: true });
  expect(frozen.heads.length).toBeGreaterThan(0);
  await routes.send('POST', `${path}/thaw`);
  expect(await shown()).toMatchObject({ frozen: false, heads: [] });
  await routes.send('POST', `${path}/reset`);
});

test('asking the same again counts against the answer', async () => {
  await settings({ enabled: true });
  const same = question();
  await ask(same);
  await ask(same);
  await until(async () => (await report()).models.length > 0);
  expect((await report()).models).toMatchObject([{ labels: 1, byLabel: { retry: 1 } }]);
  await routes.send('POST', `${path}/reset`);
});

test('a second model is asked behind the answer, both are graded, and what it cost is charged to learning', async () => {
  await settings({ enabled: true, shadowShare: 1, judge, budgetUsd: '5' });
  upstream.reset();
  upstream.script([saying('It is Paris.')], [saying('It is Lyon.')], [saying('3')], [saying('9')]);
  upstream.reply(saying('8'));
  const { requestId, model } = await ask('What is the capital of France?');
  await upstream.received(4);
  const other = model === cheap ? dear : cheap;
  const names = upstream.requests.map(({ json }) => `up/${(json as { model: string }).model}`);
  expect(names).toEqual([model!, other, judge, judge]);
  await until(async () => (await report()).policies.length > 0 && (await report()).models.length === 2);
  const { models, policies } = await report();
  expect(models).toContainEqual(expect.objectContaining({ model: other, outcome: expect.closeTo(0.3, 5) }));
  expect(models).toContainEqual(expect.objectContaining({ model, outcome: expect.closeTo(0.9, 5) }));
  expect(policies[0]).toMatchObject({ policy: 'current', calls: 1, quality: { value: expect.closeTo(0.9, 5) } });
  expect(policies.find(({ policy }) => policy === `always ${other}`)!.quality.value).toBeCloseTo(0.3, 5);
  // 20 tokens at the second model, and 20 at the judge, twice.
  const otherUsd = other === dear ? 0.0002 : 0.000002;
  expect(Number((await shown()).spentUsd)).toBeCloseTo(otherUsd + 2 * 0.00002, 9);
  const { data } = await routes.send<{ data: JsonObject[] }>('GET', '/api/v1/calls?limit=10&key=routing:learning');
  expect(data).toHaveLength(3);
  expect(data.every(({ tags }) => (tags as string[]).includes('shadow'))).toBe(true);
  // A person's word goes before the judge's.
  await rate(requestId, 0);
  expect((await report()).models).toContainEqual(expect.objectContaining({ model, outcome: 0 }));
});

test('nobody is asked beside the answer once the month’s budget is spent', async () => {
  await settings({ enabled: true, shadowShare: 1, judge, budgetUsd: '0.000001' });
  upstream.reset();
  upstream.reply(saying('It is Paris.'));
  await ask('What is the capital of Spain?');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(upstream.requests).toHaveLength(1);
});

test('a judge must be a model, and only who may change routing turns learning on', async () => {
  await expect(settings({ judge: 'nobody/x' })).rejects.toThrow('400');
  await expect(settings({ shadowShare: 2 })).rejects.toThrow('400');
  const { key } = await routes.send<{ key: string }>('POST', '/api/v1/keys', { name: 'member', role: 'member' });
  for (const [method, route] of [
    ['GET', path],
    ['PATCH', path],
    ['POST', `${path}/reset`],
    ['GET', `${path}/report`],
  ] as const) {
    const answer = await gateway.fetch(route, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'PATCH' && { body: '{"enabled":false}' }),
    });
    expect([route, answer.status]).toEqual([route, 403]);
  }
});
