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
  const models = [
    { id: 'up/tiny', price: { input: 0, output: 0 }, context: 2000 },
    { id: 'up/mid', price: { input: 1, output: 2 } },
    { id: 'up/large', price: { input: 10, output: 20 } },
  ];
  const groups = {
    tiers: { models: models.map(({ id }) => id), strategy: 'complexity' },
    early: { models: models.map(({ id }) => id), strategy: 'complexity', thresholds: [0.05, 0.08] },
  };
  gateway = await testGateway({ config: centConfig(upstream, { models, groups }) });
  routes = moneyRoutes(gateway.fetch);
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const hard = `Analyze the trade-offs, then design and implement it. ${'More of the same story. '.repeat(25)}`;
const askingAs: Record<string, (model: string, text: string) => [string, JsonObject]> = {
  'openai-chat': (model, content) => ['/v1/chat/completions', { model, messages: [{ role: 'user', content }] }],
  'openai-responses': (model, input) => ['/v1/responses', { model, input }],
  'anthropic-messages': (model, content) => [
    '/v1/messages',
    { model, max_tokens: 50, messages: [{ role: 'user', content }] },
  ],
};
const post = ([path, body]: [string, JsonObject]) =>
  gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });

test.each(Object.keys(askingAs))('in %s, harder requests to a group begin at a stronger member', async (dialect) => {
  const asked = askingAs[dialect]!;
  for (const [text, model, score] of [
    ['Hello', 'up/tiny', '0.10'],
    ['Write a poem', 'up/mid', '0.30'],
    [hard, 'up/large', '0.80'],
  ] as const) {
    const answer = await post(asked('group/tiers', text));
    expect([answer.status, answer.headers.get('x-sluice-model')]).toEqual([200, model]);
    expect(answer.headers.get('x-sluice-route')).toStartWith(`group tiers, complexity ${score}: ${model} of 3`);
  }
  expect((await post(asked('group/early', 'Hello'))).headers.get('x-sluice-model')).toBe('up/large');
});

test('an explanation gives the score by its factors, each candidate’s cost, and every strategy’s choice; nothing is sent', async () => {
  const before = upstream.requests.length;
  const explained = await routes.send<JsonObject>('POST', '/api/v1/complexity', {
    request: askingAs['openai-chat']!('group/tiers', 'Write a poem')[1],
  });
  expect(explained).toMatchObject({
    score: 0.3,
    factors: { length: 0.1, complexWords: 0, simpleWords: 0, code: 0, question: 0, creative: 0.2 },
    routed: { model: 'up/mid', reason: 'group tiers, complexity 0.30: up/mid of 3' },
    candidates: [{ model: 'up/tiny', likelyUsd: '0' }, { model: 'up/mid' }, { model: 'up/large' }],
    choices: { ordered: 'up/tiny', cheapest: 'up/tiny', complexity: 'up/mid' },
  });
  expect(upstream.requests).toHaveLength(before);
});

test('a member that cannot take the request is nobody’s choice, in any dialect', async () => {
  const long = 'word '.repeat(4000);
  for (const dialect of Object.keys(askingAs)) {
    const { candidates, choices } = await routes.send<JsonObject>('POST', '/api/v1/complexity', {
      dialect,
      request: askingAs[dialect]!('group/tiers', long)[1],
    });
    expect(candidates).toMatchObject([{ model: 'up/tiny', refusal: expect.any(String) }, {}, {}]);
    // Who is fastest depends on who was asked lately.
    const { fastest, ...others } = choices as JsonObject;
    expect(fastest).not.toBe('up/tiny');
    expect(new Set(Object.values(others))).toEqual(new Set(['up/mid']));
  }
});

test('what cannot be explained is refused in words', async () => {
  const refused = (body: JsonObject) => routes.send('POST', '/api/v1/complexity', body);
  await expect(refused({ request: { messages: [] } })).rejects.toThrow('400');
  await expect(
    refused({ request: { model: 'group/none', messages: [{ role: 'user', content: 'x' }] } }),
  ).rejects.toThrow('404');
  await expect(refused({ request: { model: 'group/tiers', messages: 'x' } })).rejects.toThrow('400');
  await expect(refused({})).rejects.toThrow('400');
});

test('an agent’s loop of twenty turns stays with the model that its task began at', async () => {
  const messages: JsonObject[] = [{ role: 'user', content: hard }];
  const models = new Set<string | null>();
  for (let turn = 0; turn < 20; turn++) {
    const answer = await post(['/v1/chat/completions', { model: 'group/tiers', messages }]);
    models.add(answer.headers.get('x-sluice-model'));
    const id = `call_${turn}`;
    messages.push(
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: id, content: turn % 2 === 0 ? 'ok' : 'Analyze, design, implement. '.repeat(30) },
    );
    if (turn % 5 === 4) messages.push({ role: 'user', content: 'Go on.' });
  }
  expect([...models]).toEqual(['up/large']);
});
