import postgres from 'postgres';
import { temporaryFolder, testDatabaseUrl } from './databases.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** Whether there is what several replicas share: a PostgreSQL and a Redis that a test can start. */
export const canReplicate = testDatabaseUrl !== undefined && hasRedis;

/** Says once what a test file leaves out without them. */
export function sayWithoutReplicas(what: string): void {
  if (canReplicate) return;
  const needs = [testDatabaseUrl ? '' : 'set SLUICE_TEST_DATABASE_URL', hasRedis ? '' : 'install redis-server'];
  console.log(`Skipped: ${what}. To run them, ${needs.filter((need) => need !== '').join(' and ')}.`);
}

export interface Replicas {
  servers: ServerProcess[];
  redis: RedisServer;
  /** One more on the same database and Redis. */
  add(): Promise<ServerProcess>;
  stop(): Promise<void>;
}

let made = 0;

/** Real server processes on one PostgreSQL database and one Redis, both their own. */
export async function startReplicas(count: number, { config }: { config: string }): Promise<Replicas> {
  const name = `sluice_replicas_test_${process.pid}_${++made}`;
  const admin = postgres(testDatabaseUrl!, { max: 1, onnotice() {} });
  await admin.unsafe(`create database ${name}`);
  const databaseUrl = new URL(testDatabaseUrl!);
  databaseUrl.pathname = `/${name}`;
  const redis = await startRedis();
  const servers: ServerProcess[] = [];

  async function add(): Promise<ServerProcess> {
    const environment = { DATABASE_URL: databaseUrl.href, REDIS_URL: redis.url, SLUICE_LOG_LEVEL: 'error' };
    const server = startServer({ folder: temporaryFolder(), config, environment });
    servers.push(server);
    await server.ready();
    return server;
  }

  // One after the other: the first makes the tables.
  for (let each = 0; each < count; each++) await add();
  return {
    servers,
    redis,
    add,
    async stop() {
      await Promise.all(servers.map((server) => server.end('SIGKILL')));
      await redis.stop();
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}
