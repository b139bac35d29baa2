import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { centConfig } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { saying } from '../support/saying.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let upstream: Replayer;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startReplayer();
  const names = ['tiny', 'mid', 'large', 'sorter'];
  const models = names.map((name) => ({ id: `up/${name}`, price: { input: 1, output: 1 } }));
  const groups = {
    sorted: { models: ['up/tiny', 'up/mid', 'up/large'], strategy: 'classifier', classifier: 'up/sorter' },
  };
  gateway = await testGateway({ config: centConfig(upstream, { models, groups, retries: { attempts: 1 } }) });
}, databaseTimeoutMs);
beforeEach(() => {
  upstream.reset();
  upstream.reply(saying('Done.'));
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const chat = async (content: string, more: JsonObject[] = []) => {
  const answer = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'group/sorted', messages: [{ role: 'user', content }, ...more] }),
  });
  await answer.text();
  return answer;
};
const asked = () => upstream.requests.map(({ json }) => (json as { model: string }).model);

test.each([
  ['UTILITY', 'tiny'],
  ['chat.', 'mid'],
  ['This is REASONING', 'large'],
])('what the classifier calls %s goes to %s', async (said, model) => {
  upstream.script([saying(said)]);
  const answer = await chat(`A question for ${model}`);
  expect(asked()).toEqual(['sorter', model]);
  expect(answer.headers.get('x-sluice-route')).toStartWith('group sorted, classified as ');
});

test('what was said of a text is remembered, and a tool loop is what its question was', async () => {
  upstream.script([saying('UTILITY')]);
  await chat('Sort these.');
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  await chat('Sort these.', [
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: 'x' },
  ]);
  expect(asked()).toEqual(['sorter', 'tiny', 'tiny']);
});

test('the classifier is a call of its own in the ledger, on the account of whoever asked', async () => {
  const before = (await gateway.ledger()).length;
  upstream.script([saying('chat')]);
  await chat('Something new.');
  const rows = await gateway.ledgerAfter(before);
  expect(rows.map(({ modelUsed }) => modelUsed).sort()).toEqual(['up/mid', 'up/sorter']);
});

test.each([
  ['says nothing of use', saying('I do not know.')],
  ['fails', { status: 500, body: '{}' }],
])('where the classifier %s, the group goes by complexity', async (how, what) => {
  upstream.script([what]);
  const answer = await chat(`Hello ${how}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-sluice-route')).toStartWith('group sorted, not classified, complexity 0.10');
  expect(answer.headers.get('x-sluice-model')).toBe('up/tiny');
});
