import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { formatUsd } from '../../src/core/money.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { createCallers } from './callers.ts';
import { canRunPostgres, startPostgres } from './postgres-cluster.ts';
import { postgresUrl, redisUrl, scratchDatabase, scratchRedis } from './services.ts';
import { askCent, cent, centConfig, centNanos, isLong, moneyRoutes } from './spending.ts';

setDefaultTimeout(isLong ? 1_800_000 : databaseTimeoutMs * 5);

const callersAtOnce = 16;
const running = new Set<ServerProcess>();
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  await Promise.all([...running].map((server) => server.end('SIGKILL')));
  running.clear();
  for (const close of closing.splice(0).reverse()) await close();
});

interface Row {
  requestId: string;
  outcome: string;
  errorCode: string | null;
  costUsd: string | null;
  estimated: boolean;
}

const patience = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startUpstream(): Promise<Replayer> {
  const upstream = await startReplayer();
  closing.push(() => upstream.stop());
  upstream.reply(cent, { delayHeadersMs: 5 });
  return upstream;
}

function start(folder: string, upstream: Replayer, environment: Record<string, string>): ServerProcess {
  // A lease of two seconds, and calls that take less: what a dead process held is free again soon.
  const config = centConfig(upstream, { budgets: { leaseMs: 2000 }, limits: { totalMs: 1500 } });
  const server = startServer({
    folder,
    config: JSON.stringify(config),
    environment: { SLUICE_LOG_LEVEL: 'silent', ...environment },
  });
  running.add(server);
  return server;
}

/** Callers who call again and again at whatever server there is, until they are told to stop. */
function load(url: () => Promise<string>, key: string) {
  const callers = createCallers();
  const answered: string[] = [];
  const statuses = new Map<number, number>();
  let over = false;
  const all = Promise.all(
    Array.from({ length: callersAtOnce }, async () => {
      while (!over) {
        const { status, requestId } = await callers.call(await url(), key, askCent());
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200) answered.push(requestId!);
        else await patience(5);
      }
    }),
  );
  return {
    answered,
    statuses,
    async stop(): Promise<void> {
      over = true;
      await all;
      callers.close();
    },
  };
}

/** Nothing that was answered is missing, nothing is there twice, and the sums agree with each other and with the provider. */
async function checkBooks(
  server: ServerProcess,
  upstream: Replayer,
  answered: string[],
  budgetId: string,
  keyId: string,
) {
  const routes = moneyRoutes(server.ask);
  const rows = await allRows(server, keyId);
  const times = new Map<string, number>();
  for (const { requestId } of rows) times.set(requestId, (times.get(requestId) ?? 0) + 1);
  expect(answered.filter((requestId) => times.get(requestId) !== 1)).toEqual([]);
  expect([...times.values()].filter((count) => count !== 1)).toEqual([]);

  const charged = rows.filter(({ outcome }) => outcome === 'ok');
  const cutOff = rows.filter(({ errorCode }) => errorCode === 'interrupted');
  for (const { costUsd, estimated } of cutOff) expect([costUsd, estimated]).toEqual(['0.0005', true]);
  // Every request that reached the provider has its row: answered, or cut off and charged for its input.
  const received = upstream.requests.length;
  const gone = rows.filter(
    ({ outcome, errorCode }) => outcome !== 'ok' && errorCode !== 'interrupted' && outcome !== 'rejected',
  );
  expect(charged.length + cutOff.length + gone.length).toBeGreaterThanOrEqual(received);
  expect(charged.length).toBeLessThanOrEqual(upstream.requests.filter((each) => each.answered).length);

  const sum = rows.reduce((nanos, { costUsd }) => nanos + Math.round(Number(costUsd ?? 0) * 1e9), 0);
  expect((await routes.stats(`?key=${keyId}`)).costUsd).toBe(formatUsd(sum));
  expect(sum).toBeGreaterThanOrEqual(charged.length * centNanos);
  const { spent } = await routes.standing(budgetId);
  expect(spent).toBe(formatUsd(sum));
  return { rows: rows.length, cutOff: cutOff.length, sum };
}

async function allRows(server: ServerProcess, keyId: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let to: string | undefined; ; ) {
    const query = `key=${keyId}&limit=1000${to ? `&to=${to}` : ''}`;
    const { data } = (await (await server.ask(`/api/v1/calls?${query}`)).json()) as { data: (Row & { at: string })[] };
    const known = new Set(rows.map(({ requestId }) => requestId));
    rows.push(...data.filter(({ requestId }) => !known.has(requestId)));
    if (data.length < 1000) return rows;
    // The times of a page's last rows may go on in the next one.
    to = new Date(Date.parse(data.at(-1)!.at) + 1).toISOString();
  }
}

async function makeBudget(server: ServerProcess) {
  const routes = moneyRoutes(server.ask);
  const { key, id: keyId } = await routes.send<{ key: string; id: string }>('POST', '/api/v1/keys', {
    name: 'spender',
  });
  const { id: budgetId } = await routes.budget({ scope: 'key', target: keyId, limit: 100_000, window: 'total' });
  return { key, keyId, budgetId };
}

test('a server that is killed under load again and again loses no settled row and bills none twice', async () => {
  const kills = isLong ? 100 : 6;
  const upstream = await startUpstream();
  const folder = temporaryFolder();
  let server = start(folder, upstream, {});
  await server.ready();
  const { key, keyId, budgetId } = await makeBudget(server);
  const calls = load(() => server.url, key);
  for (let kill = 0; kill < kills; kill++) {
    const before = calls.answered.length;
    // Some kills fall before the database is open, some after its first flush.
    while (calls.answered.length < before + 20 + (kill % 3) * 60) await patience(5);
    const dead = server;
    running.delete(dead);
    server = await dead.end('SIGKILL').then(() => start(folder, upstream, {}));
  }
  const before = calls.answered.length;
  while (calls.answered.length < before + 20) await patience(5);
  await calls.stop();
  const books = await checkBooks(server, upstream, calls.answered, budgetId, keyId);
  expect(await moneyRoutes(server.ask).standing(budgetId)).toMatchObject({ held: '0' });
  console.log(
    `${kills} kills of the server: ${calls.answered.length} answered, ${books.rows} rows, ${books.cutOff} cut off`,
  );
});

test.skipIf(!postgresUrl || !redisUrl)(
  'one of two servers is killed again and again: the other goes on, and what the dead one held is free within its lease',
  async () => {
    const kills = isLong ? 100 : 12;
    const database = await scratchDatabase();
    closing.push(database.drop);
    const redis = await scratchRedis();
    closing.push(redis.close);
    const environment = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const upstream = await startUpstream();
    const folder = temporaryFolder();
    let mortal = start(folder, upstream, environment);
    await mortal.ready();
    const other = start(temporaryFolder(), upstream, environment);
    await other.ready();
    const { key, keyId, budgetId } = await makeBudget(other);
    const loads = [load(() => mortal.url, key), load(() => other.url, key)] as const;
    for (let kill = 0; kill < kills; kill++) {
      const before = loads[0].answered.length;
      while (loads[0].answered.length < before + 20 + (kill % 3) * 60) await patience(5);
      const dead = mortal;
      running.delete(dead);
      mortal = await dead.end('SIGKILL').then(() => start(folder, upstream, environment));
    }
    const before = loads[0].answered.length;
    while (loads[0].answered.length < before + 20) await patience(5);
    await Promise.all(loads.map((each) => each.stop()));
    // A machine that is so busy that Redis takes a quarter of a second refuses under a hard budget, rather than overspend.
    const { 200: fine = 0, 503: refused = 0, ...others } = Object.fromEntries(loads[1].statuses);
    expect(others).toEqual({});
    expect(refused).toBeLessThanOrEqual(fine / 100);
    for (const server of [mortal, other]) await moneyRoutes(server.ask).stats();
    const answered = loads.flatMap((each) => each.answered);
    const books = await checkBooks(other, upstream, answered, budgetId, keyId);
    // Leases are two seconds long; everything that was held by the dead is over soon.
    while ((await moneyRoutes(other.ask).standing(budgetId)).held !== '0') await patience(50);
    console.log(
      `${kills} kills of one server of two: ${answered.length} answered, ${books.rows} rows, ${books.cutOff} cut off`,
    );
  },
);

test.skipIf(!canRunPostgres)(
  'a PostgreSQL that is killed under load costs no row, and calls go on when it is back',
  async () => {
    const kills = isLong ? 20 : 3;
    const database = await startPostgres();
    closing.push(database.stop);
    const upstream = await startUpstream();
    const server = start(temporaryFolder(), upstream, { DATABASE_URL: database.url });
    await server.ready();
    const { key, keyId, budgetId } = await makeBudget(server);
    const calls = load(() => server.url, key);
    for (let kill = 0; kill < kills; kill++) {
      const before = calls.answered.length;
      while (calls.answered.length < before + 100) await patience(5);
      await database.kill();
      await patience(300);
      await database.start();
    }
    const before = calls.answered.length;
    while (calls.answered.length < before + 100) await patience(5);
    await calls.stop();
    await server.ready();
    // While the database is away a key cannot be looked up, or not before the call's own second and a half is over.
    expect([...calls.statuses.keys()].filter((status) => ![200, 503, 504].includes(status))).toEqual([]);
    const books = await checkBooks(server, upstream, calls.answered, budgetId, keyId);
    expect(await moneyRoutes(server.ask).standing(budgetId)).toMatchObject({ held: '0' });
    console.log(`${kills} kills of PostgreSQL: ${calls.answered.length} answered, ${books.rows} rows`);
  },
);
