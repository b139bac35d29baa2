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
const onceUsd = 0.00002;

beforeAll(async () => {
  upstream = await startReplayer();
  gateway = await testGateway({
    config: centConfig(upstream, { models: [{ id: 'up/m', price: { input: 1, output: 1 } }], groups: {} }),
  });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const chat = (body: JsonObject = {}, mode = 'ultra-think') =>
  gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(mode && { 'x-sluice-mode': mode }) },
    body: JSON.stringify({ model: 'up/m', messages: [{ role: 'user', content: 'Explain tides.' }], ...body }),
  });
const asked = () =>
  upstream.requests.map(({ json }) => (json as { messages: { role: string; content: string }[] }).messages);
const cost = (answer: Response) => Number(answer.headers.get('x-sluice-cost-usd'));
const said = async (answer: Response) =>
  ((await answer.json()) as { choices: { message: { content: string } }[] }).choices[0]!.message.content;

test('ultra-think drafts, criticises and revises; the answer is the revision and all three are charged', async () => {
  upstream.script([saying('The moon.')], [saying('Says nothing of the sun.')], [saying('The moon and the sun.')]);
  const answer = await chat();
  expect(await said(answer)).toBe('The moon and the sun.');
  expect(cost(answer)).toBeCloseTo(3 * onceUsd, 9);
  expect(answer.headers.get('x-sluice-route')).toEndWith('; draft, critique, revision');
  const [draft, critique, revision] = asked();
  const contents = (messages: typeof draft) =>
    messages!.filter(({ role }) => role !== 'system').map((each) => each.content);
  expect(contents(draft)).toEqual(['Explain tides.']);
  expect(contents(critique).slice(0, 2)).toEqual(['Explain tides.', 'The moon.']);
  expect(contents(revision)).toContain('Says nothing of the sun.');
});

test('a draft that nothing is found in is the answer', async () => {
  upstream.script([saying('The moon and the sun.')], [saying('NOTHING')]);
  const answer = await chat();
  expect(await said(answer)).toBe('The moon and the sun.');
  expect(asked()).toHaveLength(2);
  expect(answer.headers.get('x-sluice-model')).toBe('up/m');
  expect(cost(answer)).toBeCloseTo(2 * onceUsd, 9);
});

test('a stream holds the revision alone', async () => {
  upstream.script([saying('The moon.')], [saying('No sun.')], [saying('The moon and the sun.')]);
  const text = await (await chat({ stream: true })).text();
  expect(text).toContain('sun.');
  expect(text).not.toContain('No ');
  expect(text.match(/data: \[DONE\]/g)).toHaveLength(1);
  const rows = await gateway.ledger();
  expect(Number(rows.at(-1)!.costUsd)).toBeCloseTo(3 * onceUsd, 9);
});

test.each([
  ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }],
  ['several choices', { n: 2 }],
])('%s are answered at once', async (_, body) => {
  upstream.reply(saying('The moon.'));
  await (await chat(body)).text();
  expect(asked()).toHaveLength(1);
});

test('a refusal is not talked about', async () => {
  upstream.script([saying('I cannot.', 'content_filter')]);
  expect(await said(await chat())).toBe('I cannot.');
  expect(asked()).toHaveLength(1);
});

test('a fault of the second call is the call’s, and what was made is charged', async () => {
  upstream.script([saying('The moon.')], [{ status: 400, body: '{"error":{"message":"no"}}' }]);
  expect((await chat()).status).toBe(400);
  const rows = await gateway.ledger();
  expect(rows.at(-1)).toMatchObject({ outcome: 'rejected' });
  expect(Number(rows.at(-1)!.costUsd)).toBeCloseTo(onceUsd, 9);
});

test('the whole cost is known before, and a budget reserves it', async () => {
  const request = { messages: [{ role: 'user', content: 'Explain tides.' }], max_tokens: 100 };
  const estimate = async (mode?: string) => {
    const wish = { models: ['up/m'], request, ...(mode && { mode }) };
    const { data } = await routes.send<{ data: { worstUsd: string; calls: number }[] }>(
      'POST',
      '/api/v1/estimate',
      wish,
    );
    return data[0]!;
  };
  const plain = await estimate();
  const whole = await estimate('ultra-think');
  expect([plain.calls, whole.calls]).toEqual([1, 3]);
  expect(Number(whole.worstUsd)).toBeCloseTo(4 * Number(plain.worstUsd), 9);
  const limit = (Number(plain.worstUsd) * 2).toFixed(9);
  const { id } = await routes.budget({ window: 'total', limit });
  try {
    expect((await chat(request)).status).toBe(402);
    expect(asked()).toEqual([]);
  } finally {
    await routes.remove(id);
  }
});
