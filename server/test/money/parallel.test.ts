import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { createCallers } from './callers.ts';
import { postgresUrl, redisUrl, scratchDatabase, scratchRedis } from './services.ts';
import { askCent, cent, centConfig, isLong, moneyRoutes, spentUpstream } from './spending.ts';

setDefaultTimeout(isLong ? 600_000 : databaseTimeoutMs * 2);

const rounds = isLong ? 20 : 1;
const running: ServerProcess[] = [];
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.end('SIGKILL')));
  for (const close of closing.splice(0).reverse()) await close();
});

async function begin(count: number, environment: Record<string, string> = {}) {
  const upstream = await startReplayer();
  closing.push(() => upstream.stop());
  upstream.reply(cent);
  const callers = createCallers();
  closing.push(callers.close);
  const config = JSON.stringify(centConfig(upstream));
  const servers = Array.from({ length: count }, () =>
    startServer({
      folder: temporaryFolder(),
      config,
      environment: { SLUICE_LOG_LEVEL: 'error', BUN_CONFIG_MAX_HTTP_REQUESTS: '16384', ...environment },
    }),
  );
  running.push(...servers);
  for (const server of servers) await server.ready();
  const urls = await Promise.all(servers.map(({ url }) => url));
  return { upstream, callers, servers, urls, routes: moneyRoutes(servers[0]!.ask) };
}

/** 1,000 calls at once, then calls until nothing is left; every figure must be the same in the end. */
async function spendFive({
  upstream,
  callers,
  servers,
  urls,
  routes,
}: Awaited<ReturnType<typeof begin>>): Promise<void> {
  const { key, id: keyId } = await routes.send<{ key: string; id: string }>('POST', '/api/v1/keys', {
    name: 'spender',
  });
  const budget = await routes.budget({ scope: 'key', target: keyId, limit: 5, window: 'total' });
  const before = spentUpstream(upstream);
  const callAll = (count: number, maxTokens: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        callers.call(urls[at % urls.length]!, key, askCent({ max_tokens: maxTokens })),
      ),
    );
  // Room for more than each needs: many are refused while the others run, and none may slip through.
  const first = await callAll(1000, 150);
  const odd = first.filter(({ status }) => status !== 200 && status !== 402);
  expect(odd).toEqual([]);
  const answered = first.filter(({ status }) => status === 200).length;
  expect(answered).toBeWithin(200, 501);
  expect(spentUpstream(upstream) - before).toBeLessThanOrEqual(5_000_000_000);
  // What was not needed can be spent as well, to the last cent.
  for (let good = 1; good > 0; ) good = (await callAll(100, 100)).filter(({ status }) => status === 200).length;
  expect(spentUpstream(upstream) - before).toBe(5_000_000_000);
  for (const server of servers) {
    const seen = moneyRoutes(server.ask);
    expect(await seen.standing(budget.id)).toMatchObject({ spent: '5', held: '0', left: '0' });
    // Each process brings its own rows into the shared ledger.
    await seen.stats();
  }
  expect((await routes.stats(`?key=${keyId}`)).costUsd).toBe('5');
  console.log(`${urls.length} server(s): ${answered} of 1,000 at once were answered; spent $5 of $5, overspend 0`);
}

test('a thousand calls at once cannot spend more than five dollars, and all of it can be spent', async () => {
  const world = await begin(1);
  for (let round = 0; round < rounds; round++) await spendFive(world);
});

test.skipIf(!postgresUrl || !redisUrl)('nor can they at two servers with one PostgreSQL and one Redis', async () => {
  const database = await scratchDatabase();
  closing.push(database.drop);
  const redis = await scratchRedis();
  closing.push(redis.close);
  const world = await begin(2, { DATABASE_URL: database.url, REDIS_URL: redis.url });
  for (let round = 0; round < rounds; round++) await spendFive(world);
});

test.skipIf(!postgresUrl || !redisUrl)(
  'Redis emptied in the middle forgets nothing: where budgets stand is in the ledger',
  async () => {
    const database = await scratchDatabase();
    closing.push(database.drop);
    const redis = await scratchRedis();
    closing.push(redis.close);
    const { upstream, callers, urls, routes } = await begin(2, { DATABASE_URL: database.url, REDIS_URL: redis.url });
    const { key, id: keyId } = await routes.send<{ key: string; id: string }>('POST', '/api/v1/keys', {
      name: 'spender',
    });
    const { id } = await routes.budget({ scope: 'key', target: keyId, limit: 1 });
    const call = (at: number) => callers.call(urls[at % 2]!, key, askCent());
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 15 }, (_, at) => call(at)));
      // Both have rows in their journals that the database has not seen yet.
      await redis.empty();
    }
    const last = await Promise.all(Array.from({ length: 60 }, (_, at) => call(at)));
    expect(last.filter(({ status }) => status === 200)).toHaveLength(40);
    expect(spentUpstream(upstream)).toBe(1_000_000_000);
    expect(await routes.standing(id)).toMatchObject({ spent: '1', held: '0' });
  },
);

test.skipIf(!postgresUrl)(
  'while Redis is away, calls under a hard budget are told to come back, and the others go on',
  async () => {
    const database = await scratchDatabase();
    closing.push(database.drop);
    // Port 9 is that of a service which nobody runs any more.
    const { upstream, servers, routes } = await begin(1, {
      DATABASE_URL: database.url,
      REDIS_URL: 'redis://127.0.0.1:9',
    });
    const made = await routes.send<{ key: string; id: string }>('POST', '/api/v1/keys', { name: 'spender' });
    const chat = () =>
      servers[0]!.ask('/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${made.key}` },
        body: JSON.stringify(askCent()),
      });
    expect((await chat()).status).toBe(200);
    const { id } = await routes.budget({ scope: 'key', target: made.id, limit: 5, hard: false });
    expect((await chat()).status).toBe(200);
    await routes.send('PATCH', `/api/v1/budgets/${id}`, { hard: true });
    const refused = await chat();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.text()).toContain('the database or Redis is away');
    expect(upstream.requests).toHaveLength(2);
    expect(await routes.standing(id)).toMatchObject({ spent: null, left: null });
  },
);
