import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';
import type { ServerProcess } from '../support/server-process.ts';

// Two real servers on one PostgreSQL and one Redis find each other's answers.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of caches that replicas share');
const together = test.skipIf(!canReplicate);

let upstream: Replayer;
let replicas: Replicas;
let first: ServerProcess;
let second: ServerProcess;
beforeAll(async () => {
  if (!canReplicate) return;
  upstream = await startReplayer();
  upstream.reply(recording('openai-chat/text'));
  const config = JSON.stringify({
    providers: { mock: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'k' } },
    models: [{ id: 'mock/tiny', provider: 'mock', price: { input: 1, output: 5 } }],
    cache: { exact: { enabled: true } },
  });
  replicas = await startReplicas(2, { config });
  [first, second] = replicas.servers as [ServerProcess, ServerProcess];
}, databaseTimeoutMs);
afterAll(async () => {
  await replicas?.stop();
  await upstream?.stop();
});

const ask = (server: ServerProcess, content: string, headers: Record<string, string> = {}, stream = false) =>
  server.ask('/v1/chat/completions', {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'mock/tiny', stream, messages: [{ role: 'user', content }] }),
  });

async function from(server: ServerProcess, content: string): Promise<string | null> {
  const answer = await ask(server, content);
  await answer.text();
  return answer.headers.get('x-sluice-cache');
}

async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) if (await holds()) return true;
  return false;
}

together('an answer that one replica was given is found by the other', async () => {
  for (const stream of [false, true]) {
    const content = `shared ${stream}`;
    const said = await (await ask(first, content, {}, stream)).text();
    const found = await ask(second, content, {}, stream);
    expect(found.headers.get('x-sluice-cache')).toBe('exact');
    expect(await found.text()).toBe(said);
  }
});

together('what is voided on one replica is void on the other', async () => {
  await from(first, 'voided');
  expect(await from(second, 'voided')).toBe('exact');
  const body = JSON.stringify({ all: true });
  expect((await first.ask('/api/v1/cache/invalidate', { method: 'POST', body })).status).toBe(200);
  expect(await from(first, 'voided')).toBe('miss');
  expect(await from(second, 'never asked')).toBe('miss');
  const only = { 'x-sluice-cache': 'only-if-cached, max-age=600' };
  await first.ask('/api/v1/cache/invalidate', { method: 'POST', body });
  expect(await within(1000, async () => (await ask(second, 'voided', only)).status === 504)).toBe(true);
});

together('a setting of an organisation is in force on the other replica within a second', async () => {
  const body = JSON.stringify({ exact: { enabled: false } });
  await first.ask('/api/v1/cache/settings', { method: 'PUT', body });
  expect(await within(1000, async () => (await from(second, 'off')) === 'none')).toBe(true);
  await first.ask('/api/v1/cache/settings', { method: 'DELETE' });
  expect(await within(1000, async () => (await from(second, 'off')) !== 'none')).toBe(true);
});

together('of equal Idempotency-Keys on both replicas one runs, and both give its answer', async () => {
  const headers = { 'idempotency-key': 'once', 'x-sluice-cache': 'bypass' };
  const before = upstream.requests.length;
  const answers = await Promise.all([1, 2, 3, 4].map((turn) => ask(turn % 2 ? first : second, 'once', headers)));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect(upstream.requests.length).toBe(before + 1);
  const said = bodies[answers.findIndex(({ status }) => status === 200)];
  for (const server of [first, second]) {
    const again = await ask(server, 'once', headers);
    expect([again.headers.get('x-sluice-idempotent-replay'), await again.text()]).toEqual(['true', said!]);
  }
});

together('while Redis is away each replica finds its own answers, and calls go on', async () => {
  await replicas.redis.stop();
  expect(await from(first, 'without Redis')).toBe('miss');
  expect(await from(first, 'without Redis')).toBe('exact');
  expect(await from(second, 'without Redis')).toBe('miss');
  await replicas.redis.start();
});

together('an idempotent answer outlives the process that gave it', async () => {
  const headers = { 'idempotency-key': 'kept' };
  const said = await (await ask(first, 'kept', headers)).text();
  await first.end('SIGKILL');
  const again = await ask(await replicas.add(), 'kept', headers);
  expect([again.headers.get('x-sluice-idempotent-replay'), await again.text()]).toEqual(['true', said]);
});
