import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import type { Dialect } from '../../src/core/wire-name.ts';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { eventually } from '../sdk/eventually.ts';
import { type ChatWish, type TestGateway, testGateway } from '../test-gateway.ts';

let upstream: Replayer;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startReplayer();
  gateway = await testGateway({
    config: {
      providers: { mock: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'k' } },
      models: [{ id: 'mock/tiny', provider: 'mock', price: { input: 1, output: 5 } }],
    },
  });
}, 60_000);
beforeEach(() => {
  upstream.reset();
  upstream.reply(recording('openai-chat/text'));
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

let used = 0;
const freshKey = () => `key-${++used}`;
const model = 'mock/tiny';

const ask = (key: string, wish: Partial<ChatWish> = {}, dialect: Dialect = 'openai-chat') =>
  gateway.chat(dialect, { model, ...wish, headers: { 'idempotency-key': key, ...wish.headers } });
const replayed = (answer: Response) => answer.headers.get('x-sluice-idempotent-replay');

test('a request that is sent again gets the same answer, and is neither run nor charged again', async () => {
  for (const dialect of ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const) {
    for (const stream of [false, true]) {
      upstream.reset();
      upstream.reply(recording('openai-chat/text'));
      const key = freshKey();
      const rows = (await gateway.ledger()).length;
      const first = await ask(key, { stream }, dialect);
      const said = await first.text();
      const second = await ask(key, { stream }, dialect);
      expect([dialect, stream, second.status, replayed(second), replayed(first)]).toEqual([
        dialect,
        stream,
        200,
        'true',
        null,
      ]);
      expect(await second.text()).toBe(said);
      for (const name of ['content-type', 'x-sluice-request-id', 'x-sluice-model'])
        expect(second.headers.get(name)).toBe(first.headers.get(name));
      expect(upstream.requests).toHaveLength(1);
      await gateway.rowsOf(first);
      expect((await gateway.ledger()).length).toBe(rows + 1);
    }
  }
});

test('embeddings are not made twice either', async () => {
  upstream.reply({
    status: 200,
    body: {
      object: 'list',
      model: 'tiny',
      data: [{ object: 'embedding', index: 0, embedding: [1, 0] }],
      usage: { prompt_tokens: 3 },
    },
  });
  const embed = (key: string) =>
    gateway.fetch('/v1/embeddings', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ model, input: 'a' }),
    });
  const key = freshKey();
  const said = await (await embed(key)).text();
  const again = await embed(key);
  expect([replayed(again), await again.text()]).toEqual(['true', said]);
  expect(upstream.requests).toHaveLength(1);
});

test('while the first still runs the second is a 409 that says when to ask again', async () => {
  upstream.reply(recording('openai-chat/text'), { holdAfter: 2 });
  const key = freshKey();
  const first = await ask(key, { stream: true });
  const second = await ask(key, { stream: true });
  expect(second.status).toBe(409);
  expect(second.headers.get('retry-after')).toBe('1');
  expect(second.headers.get('x-should-retry')).toBe('true');
  expect(await second.json()).toMatchObject({ error: { code: 'conflict' } });
  upstream.release();
  const said = await first.text();
  expect(await (await ask(key, { stream: true })).text()).toBe(said);
  expect(upstream.requests).toHaveLength(1);
});

test('of many at once one runs', async () => {
  const key = freshKey();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key)));
  await Promise.all(answers.map((answer) => answer.text()));
  expect(upstream.requests).toHaveLength(1);
  expect(new Set(answers.map(({ status }) => status)).difference(new Set([200, 409])).size).toBe(0);
});

test('another body under the same key is a 422 and costs nothing', async () => {
  const key = freshKey();
  await (await ask(key)).text();
  const other = await ask(key, { body: { temperature: 1 } });
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ error: { code: 'idempotency_mismatch' } });
  expect((await gateway.rowsOf(other))[0]).toMatchObject({ errorCode: 'idempotency_mismatch', costUsd: '0' });
  expect(upstream.requests).toHaveLength(1);
});

test('a refusal is kept, a failure is not', async () => {
  const refused = freshKey();
  upstream.script([{ status: 400, body: { error: { message: 'no such thing' } } }]);
  expect((await ask(refused)).status).toBe(400);
  const again = await ask(refused);
  expect([again.status, replayed(again)]).toEqual([400, 'true']);
  const failed = freshKey();
  // What the sandbox of a provider says to all three tries.
  const fault = { status: 500, body: { error: { message: 'down' } } };
  upstream.script([fault], [fault], [fault]);
  const failure = await ask(failed);
  expect(failure.status).toBe(503);
  await failure.text();
  const retry = await eventually(
    () => ask(failed),
    ({ status }) => status === 200,
  );
  expect([retry.status, replayed(retry)]).toEqual([200, null]);
});

test('a stream that broke off is not kept', async () => {
  const key = freshKey();
  upstream.script([recording('openai-chat/text'), { cutAfter: 3, eventDelayMs: 20 }]);
  expect(await (await ask(key, { stream: true })).text()).not.toContain('[DONE]');
  const retry = await eventually(
    () => ask(key, { stream: true }),
    ({ status }) => status === 200,
  );
  expect(replayed(retry)).toBeNull();
  expect(await retry.text()).toContain('[DONE]');
});

test('a caller who hangs up finds the whole answer when it comes back', async () => {
  for (const stream of [true, false]) {
    upstream.reset();
    upstream.reply(recording('openai-chat/text'), stream ? { holdAfter: 2 } : { holdHeaders: true });
    const key = freshKey();
    const hangUp = new AbortController();
    const first = ask(key, { stream, signal: hangUp.signal });
    if (stream) await first;
    else await upstream.received(1);
    hangUp.abort();
    await first.then((answer) => answer.text()).catch(() => '');
    expect((await ask(key, { stream })).status).toBe(409);
    upstream.release();
    const retry = await eventually(
      () => ask(key, { stream }),
      ({ status }) => status === 200,
    );
    expect(replayed(retry)).toBe('true');
    expect(await retry.text()).toContain(stream ? '[DONE]' : 'choices');
    expect(upstream.requests).toHaveLength(1);
    const [row] = await gateway.rowsOf(retry);
    expect(row).toMatchObject({ outcome: 'ok', estimated: false });
  }
});

test('one key under two callers, or on two routes, is two requests', async () => {
  const key = freshKey();
  const made = await gateway.fetch('/api/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'other' }),
  });
  const { key: other } = (await made.json()) as JsonObject & { key: string };
  const answers = [
    await ask(key),
    await ask(key, { headers: { authorization: `Bearer ${other}` } }),
    await ask(key, {}, 'anthropic-messages'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(replayed)).toEqual([null, null, null]);
});
