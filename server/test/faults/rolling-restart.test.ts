import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scratchDatabase } from '../money/services.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { startRedis } from '../support/redis-server.ts';
import { canReplicate, sayWithoutReplicas } from '../support/replicas.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { createLoad } from './load.ts';

// Replicas are stopped by SIGTERM and started again, one after the other, under load.

setDefaultTimeout(databaseTimeoutMs * 2);
sayWithoutReplicas('the test of a rolling restart');

const askReadyEveryMs = 100;
const config = 'providers:\n  sandbox: { kind: sandbox, options: { chunkDelayMs: 5 } }\nlimits: { lameDuckMs: 800 }\n';
const closing: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Passes each request on to one replica that said lately that it is ready, and tries no second one. */
async function startBalancer(replicas: { ready: boolean; url: string }[]) {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const asking = setInterval(() => {
    for (const replica of replicas) {
      fetch(`${replica.url}/ready`, { signal: AbortSignal.timeout(1000) }).then(
        ({ ok }) => {
          replica.ready = ok;
        },
        () => {
          replica.ready = false;
        },
      );
    }
  }, askReadyEveryMs);
  const server = createServer((incoming, outgoing) => {
    const ready = replicas.filter((replica) => replica.ready);
    const chosen = ready[turn++ % Math.max(1, ready.length)];
    if (!chosen) return void outgoing.writeHead(503).end('nobody is ready');
    const { method, headers, url = '/' } = incoming;
    const passed = request(new URL(url, chosen.url), { method, headers, agent }, (answer) => {
      const { connection: _, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing);
    });
    passed.on('error', (error) => void outgoing.writeHead(502).end(String(error)));
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      clearInterval(asking);
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

test.skipIf(!canReplicate)(
  'two replicas replaced one by one behind a balancer that asks /ready: no call fails and no row is lost',
  async () => {
    const database = await scratchDatabase();
    closing.push(database.drop);
    const redis = await startRedis();
    closing.push(redis.stop);
    const environment = { DATABASE_URL: database.url, REDIS_URL: redis.url, SLUICE_LOG_LEVEL: 'error' };
    const servers: ServerProcess[] = [];
    closing.push(() => Promise.all(servers.map((server) => server.end('SIGKILL'))));
    for (let each = 0; each < 2; each++) {
      const server = startServer({ folder: temporaryFolder(), config, environment });
      servers.push(server);
      await server.ready();
    }
    const replicas = await Promise.all(servers.map(async (server) => ({ ready: true, url: await server.url })));
    const balancer = await startBalancer(replicas);
    closing.push(balancer.stop);
    const message = { messages: [{ role: 'user', content: 'sandbox:tokens=6' }] };
    const load = createLoad({ url: balancer.url, body: message, connections: 'kept', callers: 8 });
    await load.answers(50);
    for (const [at, replica] of replicas.entries()) {
      const old = servers[at]!;
      expect(await old.end('SIGTERM')).toBe(0);
      const next = startServer({ folder: old.folder, config, environment });
      servers[at] = next;
      await next.ready();
      replica.url = await next.url;
      while (!replica.ready) await new Promise((resolve) => setTimeout(resolve, 20));
      await load.answers(50);
    }
    const { answered, failed } = await load.stop();
    expect(failed).toEqual([]);
    for (const server of servers) await server.ask('/api/v1/stats');
    const text = await (await servers[0]!.ask('/api/v1/usage/export?format=json')).text();
    const rows = [...text.matchAll(/"request_id":"(req_[^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(rows).size).toBe(rows.length);
    expect(answered.filter((id) => !rows.includes(id))).toEqual([]);
    console.log(`two replicas replaced under load: ${answered.length} calls, none failed, ${rows.length} rows`);
  },
);
