import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { errorIn } from '../gateway/dialect-errors.ts';
import { canRunPostgres, startPostgres } from '../money/postgres-cluster.ts';
import { askCent, cent, centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { readSse } from '../sse-reader.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { chatBody, pathOf } from '../test-gateway.ts';
import { startSlowLink } from './slow-link.ts';

// What becomes of calls while PostgreSQL or Redis is away, frozen or slow, seen from outside. Both are the tests' own.

setDefaultTimeout(databaseTimeoutMs * 2);
/** Much longer than any answer that was given up in order takes, and shorter than a call that hangs. */
const patienceMs = 15_000;

interface Call {
  requestId: string;
  outcome: string;
  costUsd: string | null;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}

let upstream: Replayer;
beforeAll(async () => {
  upstream = await startReplayer();
});
afterAll(() => upstream?.stop());
beforeEach(() => {
  upstream.reset();
  upstream.reply(cent);
});

/** One call at the model of a cent, in a dialect, which ends within the patience of this test. */
async function ask(server: ServerProcess, key: string | undefined, dialect: Dialect = 'openai-chat') {
  const body: JsonObject = dialect === 'openai-chat' ? askCent() : chatBody(dialect, 'up/cent', false);
  const response = await server.ask(pathOf(dialect, 'up/cent', false), {
    method: 'POST',
    body: JSON.stringify(body),
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as unknown };
}

async function expectRefused(server: ServerProcess, key?: string): Promise<void> {
  for (const dialect of dialects) {
    const refused = await ask(server, key, dialect);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect({ dialect, status: refused.status, error: errorIn(dialect, refused.body) !== undefined }).toEqual({
      dialect,
      status: 503,
      error: true,
    });
    expect(retryAfter).toBeGreaterThan(0);
  }
}

const makeKey = (server: ServerProcess) =>
  moneyRoutes(server.ask).send<{ id: string; key: string }>('POST', '/api/v1/keys', { name: 'a caller' });

/** A stream that has begun and waits. */
async function heldStream(server: ServerProcess, key: string) {
  upstream.reply(cent, { holdAfter: 1 });
  const response = await server.ask('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(askCent({ stream: true })),
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(200);
  const reader = readSse(response);
  await reader.take(1);
  upstream.reply(cent);
  return { reader, requestId: response.headers.get('x-sluice-request-id')! };
}

async function rowsOf(server: ServerProcess, requestId: string): Promise<Call[]> {
  const { data } = (await (await server.ask('/api/v1/calls?limit=100')).json()) as { data: Call[] };
  return data.filter((call) => call.requestId === requestId);
}

describe.skipIf(!canRunPostgres)('PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let link: Awaited<ReturnType<typeof startSlowLink>>;
  let server: ServerProcess;
  beforeAll(async () => {
    database = await startPostgres();
    link = await startSlowLink(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(link.port);
    server = startServer({
      folder: temporaryFolder(),
      config: JSON.stringify(centConfig(upstream)),
      environment: { DATABASE_URL: url.href, SLUICE_LOG_LEVEL: 'silent' },
    });
    await server.ready();
  }, databaseTimeoutMs);
  afterAll(async () => {
    await server?.end('SIGKILL');
    await link?.stop();
    await database?.stop();
  }, databaseTimeoutMs);

  test('away when a budget is first needed, the call is a 503 in each dialect and reaches nobody; back, it is answered', async () => {
    const money = moneyRoutes(server.ask);
    const { id } = await money.budget({ limit: 1000, window: 'total' });
    await database.kill();
    await expectRefused(server);
    expect(upstream.requests).toHaveLength(0);
    await database.start();
    await until(async () => (await ask(server, undefined)).status === 200);
    expect(await money.standing(id)).toMatchObject({ spent: '0.01', held: '0' });
    await money.remove(id);
  });

  test('away, running streams finish, and their rows wait in the journal until it is back', async () => {
    const { key } = await makeKey(server);
    const { reader, requestId } = await heldStream(server, key);
    await database.kill();
    upstream.release();
    await reader.rest();
    expect(reader.text).toEndWith('data: [DONE]\n\n');
    expect((await server.ask('/health')).status).toBe(200);
    expect((await server.ask('/ready')).status).toBe(503);
    await database.start();
    await server.ready();
    await until(async () => (await rowsOf(server, requestId)).length > 0);
    expect(await rowsOf(server, requestId)).toMatchObject([{ outcome: 'ok', costUsd: '0.01' }]);
  });

  test('frozen, no call hangs: running streams finish, new calls are a 503, and thawed all goes on', async () => {
    const { key } = await makeKey(server);
    const { reader, requestId } = await heldStream(server, key);
    database.freeze();
    try {
      upstream.release();
      await reader.rest();
      expect(reader.text).toEndWith('data: [DONE]\n\n');
      const before = upstream.requests.length;
      // What is believed of a key is a second old at most.
      await until(async () => (await ask(server, key)).status !== 200);
      await expectRefused(server, key);
      expect(upstream.requests.length - before).toBeLessThanOrEqual(1000);
      const ready = await server.ask('/ready', { signal: AbortSignal.timeout(patienceMs) });
      expect(ready.status).toBe(503);
      // Whoever asks now is not made to wait for it.
      const askedMs = performance.now();
      await expectRefused(server, key);
      expect(performance.now() - askedMs).toBeLessThan(2000);
    } finally {
      database.thaw();
    }
    await server.ready();
    expect((await ask(server, key)).status).toBe(200);
    expect(await rowsOf(server, requestId)).toMatchObject([{ outcome: 'ok', costUsd: '0.01' }]);
  });

  test('slow, calls are answered, and what one key has just been believed costs no waiting', async () => {
    const { key } = await makeKey(server);
    const money = moneyRoutes(server.ask);
    const { id } = await money.budget({ limit: 1000, window: 'total' });
    link.takes(150);
    try {
      const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await ask(server, key)).status));
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      expect((await server.ask('/ready')).status).toBe(200);
    } finally {
      link.takes(0);
    }
    await until(async () => (await money.standing(id)).held === '0');
    expect(await money.standing(id)).toMatchObject({ spent: '0.4', held: '0' });
    await money.remove(id);
  });
});

describe.skipIf(!hasRedis || !canRunPostgres)('Redis', () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let redis: RedisServer;
  let server: ServerProcess;
  beforeAll(async () => {
    database = await startPostgres();
    redis = await startRedis();
    server = startServer({
      folder: temporaryFolder(),
      config: JSON.stringify(centConfig(upstream)),
      environment: { DATABASE_URL: database.url, REDIS_URL: redis.url, SLUICE_LOG_LEVEL: 'silent' },
    });
    await server.ready();
  }, databaseTimeoutMs);
  afterAll(async () => {
    await server?.end('SIGKILL');
    await redis?.stop();
    await database?.stop();
  }, databaseTimeoutMs);

  for (const [what, away, back] of [
    ['frozen', () => redis.freeze(), () => redis.thaw()],
    ['gone with all it held', () => redis.stop(), () => redis.start()],
  ] as const) {
    test(`${what}, a key with a hard budget is refused, others go on, and back again nothing is forgotten`, async () => {
      const money = moneyRoutes(server.ask);
      const [spender, free] = [await makeKey(server), await makeKey(server)];
      const { id } = await money.budget({ scope: 'key', target: spender.id, limit: 0.05, window: 'total' });
      expect((await ask(server, spender.key)).status).toBe(200);
      const { reader, requestId } = await heldStream(server, spender.key);
      await away();
      try {
        await expectRefused(server, spender.key);
        for (let count = 0; count < 20; count++) expect((await ask(server, free.key)).status).toBe(200);
        upstream.release();
        await reader.rest();
        expect(reader.text).toEndWith('data: [DONE]\n\n');
        expect((await server.ask('/ready')).status).toBe(200);
      } finally {
        await back();
      }
      await until(async () => (await ask(server, spender.key)).status === 200);
      expect(await rowsOf(server, requestId)).toMatchObject([{ outcome: 'ok', costUsd: '0.01' }]);
      await until(async () => (await money.standing(id)).held === '0');
      expect(await money.standing(id)).toMatchObject({ spent: '0.03', held: '0', left: '0.02' });
      // To the last cent and no further.
      const statuses: number[] = [];
      for (let count = 0; count < 4; count++) statuses.push((await ask(server, spender.key)).status);
      expect(statuses).toEqual([200, 200, 402, 402]);
    });
  }
});
