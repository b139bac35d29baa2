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

const small = 'up/llama-3.1-8b-instruct';
const middle = 'up/gpt-4o-mini';
const strong = 'up/o1-preview';

beforeAll(async () => {
  upstream = await startReplayer();
  upstream.reply(cent);
  const models = [
    { id: small, price: { input: 0.05, output: 0.08 } },
    { id: middle, price: { input: 0.15, output: 0.6 } },
    { id: strong, price: { input: 15, output: 60 } },
  ];
  const groups = {
    careful: { models: models.map(({ id }) => id), strategy: 'learned', tau: 0.5, default: middle },
  };
  gateway = await testGateway({ config: centConfig(upstream, { models, groups }) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const easy = 'What is the capital of France?';
const hard =
  'Let $f(x) = x^3 - 3x + 1$. Find the sum of all real values of $a$ for which the equation $f(f(x)) = a$ has exactly five distinct real solutions.';
const strange = 'zxqv brrl wumf splork yig';

async function routed(model: string, messages: JsonObject[]) {
  const answer = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages }),
  });
  expect(answer.status).toBe(200);
  return { model: answer.headers.get('x-sluice-model'), route: answer.headers.get('x-sluice-route') };
}
const user = (content: string): JsonObject => ({ role: 'user', content });

test('auto answers an easy question cheaply and a hard one well, and says why', async () => {
  const cheap = await routed('auto-flash', [user(easy)]);
  expect(cheap.model).not.toBe(strong);
  expect(cheap.route).toMatch(/^auto-flash, learned, 0\.\d\d expected, 0\.\d\d at best: up\/\S+ of 3$/);
  const able = await routed('auto', [user(hard)]);
  expect(able.model).toBe(strong);
  expect(able.route).toStartWith('auto, learned, ');
});

test('a mode that wants more never answers with a cheaper model', async () => {
  const costs: Record<string, number> = { [small]: 1, [middle]: 2, [strong]: 3 };
  for (const question of [easy, hard, 'Explain how photosynthesis works.']) {
    const chosen: number[] = [];
    for (const mode of ['auto-flash', 'auto', 'auto-think', 'auto-ultra-think'])
      chosen.push(costs[(await routed(mode, [user(question)])).model!]!);
    expect(chosen).toEqual([...chosen].sort());
  }
});

test('where nothing is known of a text’s kind the group’s default answers', async () => {
  expect(await routed('group/careful', [user(strange)])).toEqual({
    model: middle,
    route: `group careful, learned, unfamiliar kind, the default: ${middle} of 3`,
  });
});

test.each([easy, hard])('an agent’s loop of twenty turns through auto has one model: %s', async (task) => {
  const messages: JsonObject[] = [user(task)];
  const models = new Set<string | null>();
  for (let turn = 0; turn < 20; turn++) {
    models.add((await routed('auto', messages)).model);
    const id = `call_${turn}`;
    messages.push(
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: id, content: turn % 2 === 0 ? 'ok' : hard },
    );
  }
  expect(models.size).toBe(1);
});

test('a conversation moves up when it must, and does not come back down', async () => {
  const messages: JsonObject[] = [];
  const models: (string | null)[] = [];
  for (const text of [easy, hard, easy, 'Thank you.']) {
    messages.push(user(text));
    models.push((await routed('auto', messages)).model);
    messages.push({ role: 'assistant', content: 'Here you are.' });
  }
  expect(models[0]).not.toBe(strong);
  expect(models.slice(1)).toEqual([strong, strong, strong]);
});

test('an explanation gives each candidate’s expected quality and the learned choice', async () => {
  const { candidates, choices, taskType } = await routes.send<{
    candidates: JsonObject[];
    choices: JsonObject;
    taskType: string;
  }>('POST', '/api/v1/complexity', { request: { model: 'auto', messages: [user(hard)] } });
  const quality = Object.fromEntries(
    candidates.map(({ model, expectedQuality }) => [model, expectedQuality as number]),
  );
  expect(quality[strong]).toBeGreaterThan(quality[small]!);
  expect(choices).toMatchObject({ cheapest: small, learned: strong });
  expect(taskType).toBe('mathematics');
  expect(candidates.find(({ model }) => model === strong)!.latencyMs).toBeGreaterThanOrEqual(0);
});

test.each([
  ['/v1/chat/completions', { messages: [user(easy)] }],
  ['/v1/responses', { input: easy }],
  ['/v1/messages', { max_tokens: 600, messages: [user(easy)] }],
  ['/v1beta/models/auto:generateContent', { contents: [{ role: 'user', parts: [{ text: easy }] }] }],
] as const)('x-sluice-mode is heard at %s, and a mode that there is not is refused', async (path, body) => {
  const ask = (mode: string) =>
    gateway.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-sluice-mode': mode, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...body, ...(!path.includes(':') && { model: 'auto' }) }),
    });
  const flash = await ask('flash');
  const ultra = await ask('ultra-think');
  expect([flash.status, ultra.status]).toEqual([200, 200]);
  expect(flash.headers.get('x-sluice-model')).not.toBe(strong);
  expect(ultra.headers.get('x-sluice-model')).toBe(strong);
  const refused = await ask('deep');
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('it must be flash, think, ultra-think');
});

test('a mode asks a model without thinking of its own to plan', async () => {
  await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sluice-mode': 'think' },
    body: JSON.stringify({ model: middle, messages: [user(easy)] }),
  });
  const { messages } = JSON.parse(new TextDecoder().decode(upstream.requests.at(-1)!.body)) as {
    messages: { role: string; content: string }[];
  };
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(messages[0]!.content).toContain('work out a plan');
});
