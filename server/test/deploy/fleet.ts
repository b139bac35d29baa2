import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { scratchDatabase } from '../money/services.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { temporaryFolder } from '../support/databases.ts';
import { freePort, startRedis } from '../support/redis-server.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';
import { readYaml } from './deploy-files.ts';
import { type Nginx, type Passed, startNginx } from './nginx-server.ts';

export interface Replica {
  port: number;
  /** As nginx names it. */
  address: string;
  folder: string;
  server?: ServerProcess;
}

/** One call to Chat Completions as it ended for the caller. */
export interface Ended {
  status: number;
  requestId: string;
  text: string;
}

/**
 * What `deploy/compose/full.yaml` starts, as far as calls go: nginx with TLS in front of two replicas with one PostgreSQL, one Redis
 * and the configuration of Compose. Their provider is a replayer.
 */
export async function startFleet() {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  const database = await scratchDatabase();
  closing.push(database.drop);
  const redis = await startRedis();
  closing.push(redis.stop);
  const provider: Replayer = await startReplayer();
  closing.push(() => provider.stop());
  const replicas: Replica[] = [];
  for (let each = 0; each < 2; each++) {
    const port = await freePort();
    replicas.push({ port, address: `127.0.0.1:${port}`, folder: temporaryFolder() });
  }
  const nginx: Nginx = await startNginx(replicas.map(({ address }) => address));
  closing.push(nginx.stop);

  const config = JSON.stringify({
    ...readYaml('deploy/compose/sluice.yaml'),
    // Where nginx is, on this machine.
    trustedProxies: ['127.0.0.1/32'],
    discovery: false,
    providers: { mock: { kind: 'openai-compatible', baseUrl: `${provider.url}/v1`, apiKey: 'k' } },
  });
  const environment = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    PUBLIC_URL: nginx.url,
    SLUICE_MASTER_KEY: randomBytes(32).toString('base64'),
    SLUICE_LOG_LEVEL: 'error',
  };
  async function start(replica: Replica): Promise<ServerProcess> {
    const { folder, port } = replica;
    const server = startServer({ folder, config, environment: { ...environment, PORT: String(port) } });
    replica.server = server;
    await server.ready();
    return server;
  }
  closing.push(() => Promise.all(replicas.map(({ server }) => server?.end('SIGKILL'))));
  // One after the other: the first makes the tables.
  for (const replica of replicas) await start(replica);

  /** By way of nginx. */
  const send = (path: string, { headers, ...init }: RequestInit = {}): Promise<Response> =>
    fetch(nginx.url + path, {
      ...init,
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      tls: { ca: nginx.ca },
    });
  const operator = `Bearer ${adminKey}`;
  /** As the operator, unless the headers say otherwise. */
  const ask = (path: string, { headers, ...init }: RequestInit = {}): Promise<Response> =>
    send(path, { ...init, headers: { authorization: operator, ...(headers as Record<string, string>) } });
  const chat = (body: object = {}, key: string = adminKey) =>
    ask('/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'mock/m', messages: [{ role: 'user', content: 'Which way?' }], ...body }),
    });

  return {
    nginx,
    provider,
    replicas: replicas as [Replica, Replica],
    operator,
    send,
    ask,
    chat,
    /** A JSON call to its end, whatever that is; status 0 when the connection broke. */
    async call(key?: string): Promise<Ended> {
      try {
        const answer = await chat({}, key);
        const requestId = answer.headers.get('x-sluice-request-id') ?? '';
        return { status: answer.status, requestId, text: await answer.text() };
      } catch (error) {
        return { status: 0, requestId: '', text: String(error) };
      }
    },
    /** Where a request was sent, once nginx has written that it is over. */
    async passed(which: (passed: Passed) => boolean): Promise<Passed> {
      for (;;) {
        const found = nginx.passed().findLast(which);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    /** Starts a replica again, at its address and on its data folder. */
    start,
    /** Resolves when nobody listens at a replica's address any more. */
    async refuses({ port }: Replica): Promise<void> {
      const connects = () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.destroy();
            resolve(true);
          });
          socket.on('error', () => resolve(false));
        });
      while (await connects()) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async stop() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

export type Fleet = Awaited<ReturnType<typeof startFleet>>;
