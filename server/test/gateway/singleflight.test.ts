import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { eventually } from '../sdk/eventually.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

let upstream: Replayer;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startReplayer();
  gateway = await testGateway({
    config: {
      providers: { mock: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'k' } },
      models: [{ id: 'mock/tiny', provider: 'mock', price: { input: 1, output: 5 } }],
      cache: { exact: { enabled: true } },
    },
  });
}, 60_000);
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

let asked = 0;
const ask = (content: string, { stream = true, signal }: { stream?: boolean; signal?: AbortSignal } = {}) =>
  gateway.chat('openai-chat', { model: 'mock/tiny', stream, signal, body: { messages: [{ role: 'user', content }] } });
const question = () => `Shared question ${++asked}?`;
/** Calls that somebody still reads. */
const inFlight = async () =>
  Number(/^api_gateway_in_flight (\d+)$/m.exec(await (await gateway.fetch('/metrics')).text())?.[1]);
const cacheOf = (answer: Response) => answer.headers.get('x-sluice-cache');

test('equal streams at the same moment are one call to the provider, paid once', async () => {
  upstream.reply(recording('openai-chat/text'), { holdAfter: 2 });
  const content = question();
  const leader = await ask(content);
  const followers = await Promise.all([ask(content), ask(content), ask(content)]);
  upstream.release();
  const [whole, ...others] = await Promise.all([leader, ...followers].map((answer) => answer.text()));
  expect(whole).toContain('[DONE]');
  expect(others).toEqual([whole!, whole!, whole!]);
  expect(followers.map(cacheOf)).toEqual(['shared', 'shared', 'shared']);
  expect(upstream.requests).toHaveLength(1);
  const [paid] = await gateway.rowsOf(leader);
  expect(Number(paid!.costUsd)).toBeGreaterThan(0);
  for (const follower of followers) {
    const [row] = (await gateway.rowsOf(follower)) as unknown as JsonObject[];
    expect(row).toMatchObject({ cache: 'shared', costUsd: '0', savedUsd: paid!.costUsd, outcome: 'ok', input: 0 });
  }
});

test('equal whole answers are shared too', async () => {
  upstream.reply(recording('openai-chat/text'), { holdHeaders: true });
  const content = question();
  const answers = [1, 2, 3].map(() => ask(content, { stream: false }));
  await upstream.received(1);
  // The others reach the gateway while the provider still thinks.
  await new Promise((resolve) => setTimeout(resolve, 50));
  upstream.release();
  const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
  expect(new Set(texts).size).toBe(1);
  expect(upstream.requests).toHaveLength(1);
});

test('when the first caller hangs up the others go on, and the first pays for all of it', async () => {
  upstream.reply(recording('openai-chat/text'), { holdAfter: 2 });
  const content = question();
  const hangUp = new AbortController();
  const leader = await ask(content, { signal: hangUp.signal });
  const follower = await ask(content);
  expect(cacheOf(follower)).toBe('shared');
  hangUp.abort();
  await leader.text().catch(() => '');
  await eventually(inFlight, (calls) => calls === 1);
  upstream.release();
  expect(await follower.text()).toContain('[DONE]');
  expect(upstream.requests[0]!.closedAtMs).toBeUndefined();
  const [row] = await gateway.rowsOf(leader);
  expect(row!.outcome).toBe('aborted');
  expect(row!.estimated).toBe(false);
  expect(Number(row!.costUsd)).toBeGreaterThan(0);
  expect(cacheOf(await ask(content))).toBe('exact');
});

test('when all of them hang up the provider is hung up on', async () => {
  upstream.reply(recording('openai-chat/text'), { holdAfter: 2 });
  const content = question();
  const hangUp = new AbortController();
  const answers = await Promise.all([ask(content, { signal: hangUp.signal }), ask(content, { signal: hangUp.signal })]);
  hangUp.abort();
  await upstream.closed;
  const rows = (await Promise.all(answers.map((answer) => gateway.rowsOf(answer)))).flat();
  expect(rows.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
  expect(rows.filter(({ costUsd }) => Number(costUsd) > 0)).toHaveLength(1);
});

test('when the first call fails before it said anything, each of the others makes its own', async () => {
  const content = question();
  upstream.script([{ status: 400, body: { error: { message: 'not today' } } }, { holdHeaders: true }]);
  upstream.reply(recording('openai-chat/text'));
  const leader = ask(content);
  await upstream.received(1);
  const followers = [ask(content), ask(content)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(upstream.requests).toHaveLength(1);
  upstream.release();
  expect((await leader).status).toBe(400);
  for (const follower of await Promise.all(followers)) {
    expect(follower.status).toBe(200);
    expect(await follower.text()).toContain('[DONE]');
  }
  expect(upstream.requests).toHaveLength(3);
});

test('one that is slower than the rest holds nobody up', async () => {
  upstream.reply(recording('openai-chat/text'), { holdAfter: 1 });
  const content = question();
  const slow = await ask(content);
  const quick = await ask(content);
  upstream.release();
  const text = await quick.text();
  expect(await slow.text()).toBe(text);
});
