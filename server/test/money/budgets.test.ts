import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { formatUsd } from '../../src/core/money.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';
import { askCent, cent, centConfig, moneyRoutes, spentUpstream } from './spending.ts';

setDefaultTimeout(databaseTimeoutMs);

let upstream: Replayer;
let gateway: TestGateway;
let routes: ReturnType<typeof moneyRoutes>;
const budgets: string[] = [];
let keyId: string;
let key: string;

beforeAll(async () => {
  upstream = await startReplayer();
  gateway = await testGateway({ config: centConfig(upstream) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

/** Every test has a key of its own, so that its budgets begin at nothing. */
beforeEach(async () => {
  upstream.reset();
  upstream.reply(cent);
  ({ id: keyId, key } = await routes.send<{ id: string; key: string }>('POST', '/api/v1/keys', { name: 'spender' }));
});
afterEach(async () => {
  for (const id of budgets.splice(0)) await routes.remove(id);
});

async function budget(wish: JsonObject = {}) {
  const made = await routes.budget({ scope: 'key', target: keyId, window: 'day', ...wish });
  budgets.push(made.id);
  return made;
}

const chat = (body: JsonObject = {}, headers: Record<string, string> = {}, path = '/v1/chat/completions') =>
  fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(askCent(body)),
  });

/** Calls until one is refused, and says how many were answered. */
async function callUntilRefused(body: JsonObject = {}): Promise<{ answered: number; refused: Response }> {
  for (let answered = 0; answered < 50; answered++) {
    const response = await chat(body);
    if (!response.ok) return { answered, refused: response };
    await response.text();
  }
  throw new Error('Nothing was refused.');
}

test('a call is admitted while its worst case fits, and the ledger, the budget and the provider agree to the nano', async () => {
  const { id } = await budget({ limit: '0.05' });
  const { answered, refused } = await callUntilRefused();
  expect(answered).toBe(5);
  expect(refused.status).toBe(402);
  expect(refused.headers.get('x-should-retry')).toBe('false');
  expect(upstream.requests).toHaveLength(5);
  expect(await routes.standing(id)).toMatchObject({ limit: '0.05', spent: '0.05', held: '0', left: '0' });
  expect((await routes.stats(`?key=${keyId}`)).costUsd).toBe(formatUsd(spentUpstream(upstream)));
});

test('a refusal names the budget, what is left and when it resets, in each dialect', async () => {
  await budget({ name: 'pocket money', limit: 0.001 });
  const told =
    /The budget "pocket money" of \$0\.001 a day has \$0\.001 left, and this call may come to \$0\.0\d+\. It resets at \d{4}-\d\d-\d\dT00:00:00\.000Z\./;
  const openai = await chat();
  expect(openai.status).toBe(402);
  const { error } = (await openai.json()) as { error: { message: string; type: string; code: string } };
  expect(error).toMatchObject({ type: 'insufficient_quota', code: 'budget_exceeded' });
  expect(error.message).toMatch(told);

  const anthropic = await chat({}, {}, '/v1/messages');
  expect(anthropic.status).toBe(402);
  expect(await anthropic.json()).toMatchObject({
    error: { type: 'billing_error', message: expect.stringMatching(told) },
  });

  const gemini = await fetch(`${gateway.url}/v1beta/models/up/cent:generateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'What is a tide pool?' }] }] }),
  });
  expect(gemini.status).toBe(402);
  expect(await gemini.json()).toMatchObject({ error: { code: 402, message: expect.stringContaining('pocket money') } });
  expect(upstream.requests).toHaveLength(0);
  const rows = await gateway.rowsOf(openai);
  expect(rows).toMatchObject([{ outcome: 'rejected', errorCode: 'budget_exceeded', costUsd: '0' }]);
});

test('what is held while a call runs counts, and what it did not need comes back', async () => {
  const { id } = await budget({ limit: '0.05' });
  upstream.reply(cent, { holdHeaders: true });
  // Room for 400 tokens of answer is $0.037 with its input; the answer then takes 100.
  const first = chat({ max_tokens: 400 });
  await upstream.received(1);
  expect(await routes.standing(id)).toMatchObject({ spent: '0', held: '0.037', left: '0.013' });
  const refused = await chat({ max_tokens: 400 });
  expect(refused.status).toBe(402);
  expect(await refused.text()).toContain('$0.037 more are held');
  upstream.release();
  expect((await first).status).toBe(200);
  await (await first).text();
  expect(await routes.standing(id)).toMatchObject({ spent: '0.01', held: '0', left: '0.04' });
});

test.each([
  ['an error of the provider', { status: 400, body: { error: { message: 'no' } } }, 400],
  ['a provider that fails', { status: 500, body: { error: { message: 'no' } } }, 503],
])('%s costs nothing and holds nothing', async (_what, answer, status) => {
  const { id } = await budget({ limit: '0.02' });
  upstream.reply(answer);
  expect((await chat()).status).toBe(status);
  expect(await routes.standing(id)).toMatchObject({ spent: '0', held: '0' });
});

test('a caller who hangs up in the middle is charged for what was seen, and holds nothing more', async () => {
  const { id } = await budget({ limit: '0.02' });
  upstream.reply(cent, { holdAfter: 2 });
  const abort = new AbortController();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(askCent({ stream: true })),
    signal: abort.signal,
  });
  await response.body!.getReader().read();
  abort.abort();
  const [row] = await gateway.rowsOf(response);
  expect(row).toMatchObject({ outcome: 'aborted', estimated: true });
  expect(Number(row!.costUsd)).toBeGreaterThan(0);
  expect(await routes.standing(id)).toMatchObject({ spent: row!.costUsd, held: '0' });
});

test('a soft budget refuses nobody, and each threshold is told once', async () => {
  const { id } = await budget({ limit: '0.02', hard: false, thresholds: [50, 100, 150] });
  for (let call = 0; call < 4; call++) expect((await chat()).status).toBe(200);
  expect(await routes.standing(id)).toMatchObject({ spent: '0.04', left: '0' });
  const alerts = async () =>
    (await routes.send<{ data: { threshold: number; spent: string }[] }>('GET', `/api/v1/budgets/${id}/alerts`)).data;
  while ((await alerts()).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await alerts()).map(({ threshold, spent }) => [threshold, spent]).sort()).toEqual([
    [100, '0.02'],
    [150, '0.03'],
    [50, '0.01'],
  ]);
  const metrics = await (await gateway.fetch('/metrics')).text();
  expect(metrics).toContain('api_gateway_budget_alerts_total{threshold="150"} 1');
});

test('tokens have budgets too, and a call without max_tokens reserves the configured length', async () => {
  const { id } = await budget({ unit: 'tokens', limit: 5000 });
  expect((await chat({ max_tokens: undefined })).status).toBe(200);
  expect(await routes.standing(id)).toMatchObject({ spent: '120', held: '0', left: '4880' });
  // 4,096 of answer and 20 of input still fit now; not any more after 7 more answers of 120.
  const { answered } = await callUntilRefused({ max_tokens: undefined });
  expect(answered).toBe(7);
});

test('a model without a price is refused under a hard budget in dollars, and not under any other', async () => {
  const { id } = await budget({ limit: 5 });
  const refused = await chat({ model: 'up/unpriced' });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('The price of \\"up/unpriced\\" is not known');
  // A group goes on with the members that have one.
  const grouped = await chat({ model: 'group/priced' });
  expect([grouped.status, grouped.headers.get('x-sluice-model')]).toEqual([200, 'up/small']);
  await routes.send('PATCH', `/api/v1/budgets/${id}`, { hard: false });
  expect((await chat({ model: 'up/unpriced' })).status).toBe(200);
});

test('several budgets are drawn on together or not at all', async () => {
  const wide = await budget({ name: 'wide', limit: 1 });
  const narrow = await budget({ name: 'narrow', limit: '0.01', window: 'month' });
  const { answered, refused } = await callUntilRefused();
  expect(answered).toBe(1);
  expect(await refused.text()).toContain('\\"narrow\\" of $0.01 a month');
  expect(await routes.standing(wide.id)).toMatchObject({ spent: '0.01', held: '0' });
  expect(await routes.standing(narrow.id)).toMatchObject({ spent: '0.01', held: '0' });
});

test('a tag has a budget, which other calls do not draw on', async () => {
  const { id } = await budget({ scope: 'tag', target: `trip-${keyId}`, limit: '0.01' });
  const tagged = { 'x-sluice-tags': `trip-${keyId}, other` };
  expect((await chat({}, tagged)).status).toBe(200);
  expect((await chat({}, tagged)).status).toBe(402);
  expect((await chat()).status).toBe(200);
  expect(await routes.standing(id)).toMatchObject({ spent: '0.01' });
});

test("a key's own tags count too, whatever its calls say", async () => {
  const tagged = await routes.send<{ id: string; key: string }>('POST', '/api/v1/keys', {
    name: 'tagged',
    tags: [`trial-${keyId}`],
  });
  await budget({ scope: 'tag', target: `trial-${keyId}`, limit: '0.01' });
  key = tagged.key;
  expect((await chat()).status).toBe(200);
  expect((await chat({}, { 'x-sluice-tags': 'something-else' })).status).toBe(402);
});

test('a budget that is made later knows what was spent before in its window, and a total begins with it', async () => {
  for (let call = 0; call < 3; call++) expect((await chat()).status).toBe(200);
  const day = await budget({ limit: 1 });
  const total = await budget({ limit: 1, window: 'total' });
  expect((await chat()).status).toBe(200);
  expect(await routes.standing(day.id)).toMatchObject({ spent: '0.04' });
  expect(await routes.standing(total.id)).toMatchObject({ spent: '0.01', resetsAt: null });
});

test('a budget that is made while a call runs counts that call once', async () => {
  upstream.reply(cent, { holdHeaders: true });
  const running = chat();
  await upstream.received(1);
  const { id } = await budget({ limit: 1 });
  expect(await routes.standing(id)).toMatchObject({ spent: '0', held: '0' });
  upstream.release();
  await (await running).text();
  expect(await routes.standing(id)).toMatchObject({ spent: '0.01', held: '0' });
});

test('a changed limit holds at once, and a removed budget no more', async () => {
  const { id } = await budget({ limit: '0.01' });
  expect((await chat()).status).toBe(200);
  expect((await chat()).status).toBe(402);
  await routes.send('PATCH', `/api/v1/budgets/${id}`, { limit: '0.02' });
  expect((await chat()).status).toBe(200);
  expect((await chat()).status).toBe(402);
  await routes.remove(budgets.pop()!);
  expect((await chat()).status).toBe(200);
});

test('a key of another kind of role may not set budgets, and foreign targets do not exist', async () => {
  const asked = await fetch(`${gateway.url}/api/v1/budgets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'mine', scope: 'key', target: keyId, limit: 1000 }),
  });
  expect(asked.status).toBe(403);
  await expect(routes.budget({ scope: 'key', target: 'key_nobody', limit: 1 })).rejects.toThrow('404');
  await expect(routes.budget({ scope: 'organisation', target: 'x', limit: 1 })).rejects.toThrow('400');
  await expect(routes.budget({ scope: 'key', limit: 1 })).rejects.toThrow('400');
  await expect(routes.budget({ limit: -1 })).rejects.toThrow('400');
});
