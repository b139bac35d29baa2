import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import type { JsonObject } from '../../src/core/json.ts';
import { spanKinds, statusError } from '../../src/observe/telemetry/otlp.ts';
import { errorAfter } from '../replayer/faults.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { type Collector, type SeenSpan, startCollector } from '../support/collector.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { loginGateway } from '../support/login.ts';
import { saying } from '../support/saying.ts';
import { startServer } from '../support/server-process.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let collector: Collector;
let cloud: Replayer;
let local: Replayer;
let gateway: TestGateway;
/** Says more: set up by OpenTelemetry's own variables, with content, telling every provider. */
let open: TestGateway;

const price = { input: 1, output: 2 };
const provider = (upstream: Replayer, isLocal: boolean) => ({
  kind: 'openai-compatible',
  baseUrl: `${upstream.url}/v1`,
  apiKey: 'the-key-of-the-provider',
  options: { local: isLocal },
});
const places = (): JsonObject => ({
  providers: { cloud: provider(cloud, false), local: provider(local, true) },
  models: [
    { id: 'cloud/big', price },
    { id: 'local/small', price, fallbacks: ['cloud/big'] },
  ],
  retries: { attempts: 2, breakerFailures: 1000 },
});
const start = (telemetry: JsonObject) =>
  testGateway({ config: { ...places(), telemetry: { endpoint: collector.url, exportMs: 50, ...telemetry } } });

beforeAll(async () => {
  [collector, cloud, local] = await Promise.all([startCollector(), startReplayer(), startReplayer()]);
  gateway = await start({ signals: ['traces'], headers: { 'x-collector-key': 'sesame' } });
  open = await testGateway({
    config: {
      ...places(),
      cache: { exact: { enabled: true, ttlSeconds: 600 } },
      telemetry: { exportMs: 50, signals: ['traces'], content: true, propagate: 'all' },
    },
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=abc%20def,x-team=one',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_SERVICE_NAME: 'gateway-of-ours',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    },
  });
}, databaseTimeoutMs);
afterEach(() => {
  cloud.reset();
  local.reset();
});
afterAll(async () => {
  await Promise.all([gateway.stop(), open.stop()]);
  await Promise.all([collector.stop(), cloud.stop(), local.stop()]);
});

const idOf = (answer: Response) => answer.headers.get('x-request-id');
const named = (spans: SeenSpan[], name: string) => spans.filter((span) => span.name === name);
const attemptsOf = (spans: SeenSpan[]) => spans.filter(({ kind }) => kind === spanKinds.client);
const nanos = (text: string) => BigInt(text);

async function ask(
  model: string,
  over: { stream?: boolean; headers?: Record<string, string>; body?: JsonObject } = {},
) {
  const answer = await gateway.chat('openai-chat', { model, ...over });
  return { answer, text: await answer.text() };
}

test('a call is one trace: its own span, and below it policies, routing and the try at the provider', async () => {
  cloud.reply(saying('Here it is.'));
  const { answer } = await ask('cloud/big');
  expect(answer.status).toBe(200);
  const spans = await collector.traceOf(idOf(answer));
  const [root, ...below] = spans;
  expect(root).toMatchObject({ name: 'gateway chat', kind: spanKinds.server });
  expect(root!.parentSpanId).toBeUndefined();
  expect(root!.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(below.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root!.spanId]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  const names = below.map(({ name }) => name);
  expect(names).toContain('policy authoriseCall');
  expect(names).toContain('policy chargeUsage');
  expect(named(below, 'route')).toHaveLength(1);
  expect(attemptsOf(below)).toHaveLength(1);
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(nanos(startTimeUnixNano)).toBeLessThanOrEqual(nanos(endTimeUnixNano));
    expect(nanos(startTimeUnixNano)).toBeGreaterThanOrEqual(nanos(root!.startTimeUnixNano));
    expect(nanos(endTimeUnixNano)).toBeLessThanOrEqual(nanos(root!.endTimeUnixNano));
  }
  // A policy that handed on did not end the call.
  expect(below.filter(({ attributes }) => attributes['sluice.policy.ended_call'])).toEqual([]);
  expect(collector.posts.at(-1)!.headers).toMatchObject({
    'x-collector-key': 'sesame',
    'content-type': 'application/x-protobuf',
  });
  expect(collector.resource()).toMatchObject({ 'service.name': 'sluice' });
});

test("the try at the provider carries the conventions' attributes, the call's own span the ledger's", async () => {
  cloud.reply(saying('Here it is.'));
  const { answer } = await ask('cloud/big', { headers: { 'x-sluice-tags': 'docs, batch' } });
  const spans = await collector.traceOf(idOf(answer));
  const [attempt] = attemptsOf(spans);
  expect(attempt!.name).toBe('chat big');
  expect(attempt!.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'cloud',
    'gen_ai.request.model': 'big',
    'gen_ai.response.model': 'big',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 10,
    'sluice.model': 'cloud/big',
  });
  const [row] = await gateway.rowsOf(answer);
  expect(spans[0]!.attributes).toMatchObject({
    'sluice.request.id': row!.requestId,
    'sluice.model.asked': 'cloud/big',
    'sluice.model.used': 'cloud/big',
    'sluice.outcome': 'ok',
    'sluice.cost.usd': Number(row!.costUsd),
    'sluice.key.id': 'admin',
    'sluice.organisation.id': 'org_default',
    'sluice.tags': ['docs', 'batch'],
    'sluice.attempts': 1,
    'http.response.status_code': 200,
  });
  // Tokens are on one span only, so that nobody counts them twice.
  expect(spans.filter(({ attributes }) => 'gen_ai.usage.input_tokens' in attributes)).toHaveLength(1);
  // From the ledger's row to the trace.
  expect(row!.attempts[0]!.traceId).toBe(spans[0]!.traceId);
});

test('nothing that was said, and no key, is in a trace', async () => {
  cloud.reply(saying('An answer with-these-words in it.'));
  const messages = [{ role: 'user', content: 'A question with-those-words in it.' }];
  const { answer } = await ask('cloud/big', { body: { messages } });
  await collector.traceOf(idOf(answer));
  const all = JSON.stringify(collector.spans());
  for (const secret of ['with-these-words', 'with-those-words', 'the-key-of-the-provider', gateway.key])
    expect(all).not.toContain(secret);
});

test('a stream has its first chunk, its tokens and an end after its last', async () => {
  cloud.reply(saying('One two three.'));
  const { answer } = await ask('cloud/big', { stream: true });
  const spans = await collector.traceOf(idOf(answer));
  const [attempt] = attemptsOf(spans);
  expect(attempt!.attributes).toMatchObject({
    'gen_ai.request.stream': true,
    'gen_ai.usage.output_tokens': 10,
    'gen_ai.response.finish_reasons': ['stop'],
  });
  expect(attempt!.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
  expect(attempt!.status).toBeUndefined();
});

test('a fallback is two tries in one trace, the first with its error', async () => {
  local.reply({ status: 503, body: { error: { message: 'Down.' } } });
  cloud.reply(saying('Here instead.'));
  const { answer } = await ask('local/small');
  expect(answer.headers.get('x-sluice-model')).toBe('cloud/big');
  const spans = await collector.traceOf(idOf(answer));
  const [first, second, ...more] = attemptsOf(spans);
  expect(more).toEqual([]);
  expect(first!.status).toMatchObject({ code: statusError });
  expect(first!.attributes).toMatchObject({
    'gen_ai.request.model': 'small',
    'error.type': 'upstream_overloaded',
    'http.response.status_code': 503,
  });
  expect(first!.attributes['gen_ai.response.model']).toBeUndefined();
  expect(second!.attributes).toMatchObject({ 'gen_ai.request.model': 'big', 'gen_ai.usage.input_tokens': 10 });
  expect(nanos(first!.endTimeUnixNano)).toBeLessThanOrEqual(nanos(second!.startTimeUnixNano));
  expect(spans[0]!.status).toBeUndefined();
});

test('a call that fails is an error, with the code of the error table', async () => {
  cloud.reply({ status: 500, body: { error: { message: 'Broken.' } } });
  const { answer } = await ask('cloud/big');
  expect(answer.status).toBe(503);
  const [root] = await collector.traceOf(idOf(answer));
  expect(root!.status).toEqual({ message: 'upstream_overloaded', code: statusError });
  expect(root!.attributes).toMatchObject({ 'error.type': 'upstream_overloaded', 'http.response.status_code': 503 });
});

test('a stream that breaks in the middle ends its try with an error', async () => {
  cloud.reply(errorAfter(saying('One two three four.'), 3), { eventDelayMs: 20 });
  const { answer } = await ask('cloud/big', { stream: true });
  const spans = await collector.traceOf(idOf(answer));
  const [attempt] = attemptsOf(spans);
  expect(attempt!.status).toMatchObject({ code: statusError });
  expect(attempt!.attributes['gen_ai.response.finish_reasons']).toEqual(['error']);
  expect(spans[0]!.status).toMatchObject({ code: statusError });
});

test('a call that is refused says which policy ended it, and tries nobody', async () => {
  const { answer } = await ask('nobody-serves-this');
  expect(answer.status).toBe(404);
  const spans = await collector.traceOf(idOf(answer));
  expect(attemptsOf(spans)).toEqual([]);
  expect(spans[0]!.attributes).toMatchObject({ 'sluice.outcome': 'rejected', 'http.response.status_code': 404 });
  // What the caller does wrong is not the gateway's error.
  expect(spans[0]!.status).toBeUndefined();
});

test("what the app asks is traced like any other call, as the gateway's own", async () => {
  const app = await loginGateway({
    config: {
      providers: { cloud: provider(cloud, false) },
      models: [{ id: 'cloud/big', price }],
      telemetry: { endpoint: collector.url, exportMs: 50, signals: ['traces'] },
    },
  });
  try {
    cloud.reply(saying('For the app.'));
    const ada = await app.loggedIn('ada@example.com');
    const answer = await ada.post('/api/v1/chat', { message: 'Hello', model: 'cloud/big', stream: false });
    const { metadata } = (await answer.json()) as { metadata: { requestId: string } };
    const spans = await collector.traceOf(metadata.requestId);
    expect(spans[0]).toMatchObject({ name: 'gateway chat', kind: spanKinds.internal });
    expect(attemptsOf(spans)).toHaveLength(1);
  } finally {
    await app.stop();
  }
});

const parentTrace = '0af7651916cd43dd8448eb211c80319c';
const parentSpan = 'b7ad6b7169203331';
const traceparent = `00-${parentTrace}-${parentSpan}-01`;

test("the caller's trace goes on, and models on the operator's own machines are told of it; others are not", async () => {
  local.reply(saying('From here.'));
  cloud.reply(saying('From there.'));
  const headers = { traceparent, tracestate: 'vendor=1' };
  const near = await ask('local/small', { headers });
  const spans = await collector.traceOf(idOf(near.answer));
  expect(spans[0]).toMatchObject({ traceId: parentTrace, parentSpanId: parentSpan, traceState: 'vendor=1' });
  const [attempt] = attemptsOf(spans.filter(({ parentSpanId }) => parentSpanId === spans[0]!.spanId));
  expect(local.requests[0]!.headers).toMatchObject({
    traceparent: `00-${parentTrace}-${attempt!.spanId}-01`,
    tracestate: 'vendor=1',
  });
  await ask('cloud/big', { headers });
  expect(cloud.requests[0]!.headers.traceparent).toBeUndefined();
  expect(cloud.requests[0]!.headers.tracestate).toBeUndefined();
});

test('a trace that its beginner does not keep is not kept here, and what is no trace begins a new one', async () => {
  cloud.reply(saying('Here.'));
  const unkept = await ask('cloud/big', { headers: { traceparent: traceparent.replace(/01$/, '00') } });
  const odd = await ask('cloud/big', { headers: { traceparent: '00-not-a-trace-01' } });
  const [root] = await collector.traceOf(idOf(odd.answer));
  expect(root!.parentSpanId).toBeUndefined();
  expect(collector.spans().some(({ attributes }) => attributes['sluice.request.id'] === idOf(unkept.answer))).toBe(
    false,
  );
});

test('telemetry begins and ends with the file, without a restart', async () => {
  const configOf = (telemetry: JsonObject) => JSON.stringify({ ...places(), logging: { level: 'error' }, telemetry });
  const server = startServer({ config: configOf({}) });
  try {
    await server.ready();
    local.reply(saying('Here.'));
    const traced = async () => {
      const asked = { model: 'local/small', messages: [{ role: 'user', content: 'Hello' }] };
      const answer = await server.chat(asked, { headers: { traceparent } });
      await answer.text();
      const call = await server.ask(`/api/v1/calls/${idOf(answer)}`);
      const { attempts } = (await call.json()) as { attempts: { traceId?: string }[] };
      const is = attempts[0]!.traceId !== undefined;
      expect(local.requests.at(-1)!.headers.traceparent !== undefined).toBe(is);
      return is;
    };
    const until = async (wanted: boolean) => {
      while ((await traced()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    expect(await traced()).toBe(false);
    writeFileSync(server.configPath, configOf({ endpoint: collector.url, signals: ['traces'], exportMs: 50 }));
    await until(true);
    writeFileSync(server.configPath, configOf({}));
    await until(false);
  } finally {
    await server.end('SIGKILL');
  }
});

const dropped = /^api_gateway_telemetry_items_total\{signal="traces",outcome="dropped"\} (\d+)$/m;

test('a collector that is away, hangs or refuses costs no call anything, and what is lost is counted', async () => {
  const other = await startCollector();
  const lost = await start({ signals: ['traces'], endpoint: other.url, exportMs: 50 });
  try {
    cloud.reply(saying('Here.'));
    other.answer(400);
    for (let call = 0; call < 3; call++)
      expect((await lost.chat('openai-chat', { model: 'cloud/big' })).status).toBe(200);
    await other.until((posts) => posts[0]);
    const counted = async () => Number(dropped.exec(await (await lost.fetch('/metrics')).text())?.[1] ?? 0);
    while ((await counted()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    other.answer('hang');
    expect((await lost.chat('openai-chat', { model: 'cloud/big', stream: true })).status).toBe(200);
    await other.stop();
    expect((await lost.chat('openai-chat', { model: 'cloud/big' })).status).toBe(200);
  } finally {
    await lost.stop();
    await other.stop();
  }
});

test("OpenTelemetry's own variables are enough; with content on, what was said is on the try, and every provider is told", async () => {
  cloud.reply(saying('An open answer.'));
  const answer = await open.chat('openai-chat', { model: 'cloud/big', stream: true });
  await answer.text();
  const [attempt] = attemptsOf(await collector.traceOf(idOf(answer)));
  expect(JSON.parse(String(attempt!.attributes['gen_ai.input.messages']))).toEqual([
    { role: 'user', parts: [{ type: 'text', content: 'What is a tide pool?' }] },
  ]);
  expect(JSON.parse(String(attempt!.attributes['gen_ai.output.messages']))).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'An open answer. ' }], finish_reason: 'stop' },
  ]);
  expect(cloud.requests[0]!.headers.traceparent).toBe(`00-${attempt!.traceId}-${attempt!.spanId}-01`);
  expect(collector.posts.at(-1)!.headers).toMatchObject({
    'content-type': 'application/json',
    'api-key': 'abc def',
    'x-team': 'one',
  });
  expect(collector.resource()).toMatchObject({
    'service.name': 'gateway-of-ours',
    'deployment.environment.name': 'staging',
  });
});

test('an answer from a cache is a trace that a policy ended, without a try', async () => {
  cloud.reply(saying('Said before.'));
  const again = async () => {
    const answer = await open.chat('openai-chat', { model: 'cloud/big', body: { temperature: 0 } });
    await answer.text();
    return answer;
  };
  await again();
  const answer = await again();
  expect(answer.headers.get('x-sluice-cache')).toBe('exact');
  const spans = await collector.traceOf(idOf(answer));
  expect(attemptsOf(spans)).toEqual([]);
  expect(spans[0]!.attributes).toMatchObject({ 'sluice.cache': 'exact', 'sluice.cost.usd': 0 });
  const ended = spans.filter(({ attributes }) => attributes['sluice.policy.ended_call']);
  expect(ended.map(({ name }) => name)).toEqual(['policy answerFromCache']);
});
