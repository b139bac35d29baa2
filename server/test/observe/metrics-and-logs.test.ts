import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { type Collector, plainOf, startCollector } from '../support/collector.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

setDefaultTimeout(databaseTimeoutMs);

// The program as it is started: its log is a stream of its own, and what stands there must be what is sent.

let collector: Collector;
let server: ServerProcess;

beforeAll(async () => {
  collector = await startCollector();
  server = startServer({
    config: JSON.stringify({
      logging: { prompts: true },
      telemetry: { endpoint: collector.url, exportMs: 50, metricsMs: 100 },
    }),
  });
  await server.ready();
}, databaseTimeoutMs);
afterAll(async () => {
  await server.end('SIGKILL');
  await collector.stop();
});

const question = 'What is under this particular stone?';
const ask = () => server.chat({ messages: [{ role: 'user', content: question }] });
const pointsOf = (name: string) =>
  collector
    .metrics()
    .filter((metric) => metric.name === name)
    .map(({ sum, gauge, histogram }) => (sum ?? gauge ?? histogram)!.dataPoints);

test('one id leads from the answer to the log, the trace and the ledger', async () => {
  const answer = await ask();
  expect(answer.status).toBe(200);
  const requestId = answer.headers.get('x-request-id')!;
  const [root] = await collector.traceOf(requestId);
  const record = await collector.until(() =>
    collector
      .logs()
      .find(({ attributes }) => attributes['sluice.requestId'] === requestId && attributes['sluice.status']),
  );
  expect(record).toMatchObject({
    body: { stringValue: 'call' },
    severityText: 'INFO',
    traceId: root!.traceId,
    attributes: { 'sluice.status': 200, 'sluice.dialect': 'openai-chat' },
  });
  // What it wrote on its own log holds the same two ids.
  while (!server.said.err.includes(`"requestId":"${requestId}","dialect"`))
    await new Promise((go) => setTimeout(go, 20));
  const line = server.said.err.split('\n').find((text) => text.includes(`"requestId":"${requestId}","dialect"`))!;
  expect(JSON.parse(line)).toMatchObject({ requestId, traceId: root!.traceId });
  const row = (await (await server.ask(`/api/v1/calls/${requestId}`)).json()) as { attempts: { traceId: string }[] };
  expect(row.attempts.map(({ traceId }) => traceId)).toEqual([root!.traceId]);
});

test('prompts that the operator logs here are not sent there', async () => {
  await ask();
  while (!server.said.err.includes(question)) await new Promise((go) => setTimeout(go, 20));
  const before = collector.logs().length;
  await ask();
  await collector.until(() => (collector.logs().length > before ? true : undefined));
  expect(JSON.stringify(collector.logs())).not.toContain('particular stone');
});

test('metrics are those of /metrics: counters add up, histograms hold each value once', async () => {
  const answer = await ask();
  await answer.text();
  const model = answer.headers.get('x-sluice-model')!;
  const text = await (await server.ask('/metrics')).text();
  const printed = Number(/^api_gateway_requests_total\{.*status="200"\} (\d+)$/m.exec(text)![1]);
  expect(printed).toBeGreaterThan(0);
  const point = await collector.until(() =>
    pointsOf('api_gateway_requests_total')
      .flat()
      .find(({ asDouble }) => asDouble === printed),
  );
  expect(plainOf(point.attributes)).toMatchObject({ model, status: '200' });
  expect(BigInt(point.startTimeUnixNano!)).toBeLessThan(BigInt(point.timeUnixNano));
  const duration = await collector.until(() =>
    pointsOf('api_gateway_request_duration_seconds')
      .flat()
      .find(({ count }) => Number(count) === printed),
  );
  expect(duration.bucketCounts!.map(Number).reduce((all, one) => all + one)).toBe(printed);
  expect(duration.bucketCounts).toHaveLength(duration.explicitBounds!.length + 1);
  expect(pointsOf('process_resident_memory_bytes').flat()[0]!.asDouble).toBeGreaterThan(1e6);
});

test('what waits when the program is told to stop is sent before it ends', async () => {
  const last = await ask();
  await last.text();
  const requestId = last.headers.get('x-request-id');
  expect(await server.end('SIGTERM')).toBe(0);
  expect((await collector.traceOf(requestId)).length).toBeGreaterThan(3);
});
