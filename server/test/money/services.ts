import { Redis } from 'ioredis';
import postgres from 'postgres';

/** A PostgreSQL in which scratch databases may be made, and a Redis; tests that need them are skipped without. */
export const postgresUrl = process.env.SLUICE_TEST_DATABASE_URL || undefined;
export const redisUrl = process.env.SLUICE_TEST_REDIS_URL || undefined;

if (!postgresUrl || !redisUrl) {
  console.log(
    'Skipped: the tests of budgets with two servers. Set SLUICE_TEST_DATABASE_URL (a scratch PostgreSQL) and SLUICE_TEST_REDIS_URL to run them.',
  );
}

let made = 0;

/** A database of its own on the PostgreSQL of the tests. */
export async function scratchDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `sluice_money_test_${process.pid}_${++made}`;
  const admin = postgres(postgresUrl!, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name}`);
  const url = new URL(postgresUrl!);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

/** One of Redis's numbered databases, empty; `close` empties it again. */
export async function scratchRedis(): Promise<{ url: string; empty(): Promise<unknown>; close(): Promise<void> }> {
  const url = new URL(redisUrl!);
  // Tests in other processes take other databases.
  url.pathname = `/${8 + (process.pid % 8)}`;
  const client = new Redis(url.href);
  await client.flushdb();
  return {
    url: url.href,
    empty: () => client.flushdb(),
    async close() {
      await client.flushdb();
      client.disconnect();
    },
  };
}
