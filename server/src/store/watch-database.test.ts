import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { canRunPostgres, startPostgres } from '../../test/money/postgres-cluster.ts';
import { databaseTimeoutMs, temporaryFolder } from '../../test/support/databases.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { type Database, openDatabase } from './database.ts';

setDefaultTimeout(databaseTimeoutMs);

describe.skipIf(!canRunPostgres)('a PostgreSQL', () => {
  let cluster: Awaited<ReturnType<typeof startPostgres>>;
  let database: Database;
  let told = 0;
  beforeAll(async () => {
    cluster = await startPostgres();
    database = await openDatabase({ url: cluster.url, dataDir: temporaryFolder(), onAway: () => told++ });
  }, databaseTimeoutMs);
  afterAll(async () => {
    await database?.close();
    await cluster?.stop();
  }, databaseTimeoutMs);

  /** More questions at once than there are connections. */
  const askMany = () => Promise.allSettled(Array.from({ length: 30 }, async () => database.sql.execute(sql`select 1`)));
  const failed = (settled: PromiseSettledResult<unknown>[]) => settled.filter(({ status }) => status === 'rejected');
  const isBack = async () => {
    while (!(await database.isUp())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test('that refuses connections again and again is found again when it is back', async () => {
    await cluster.kill();
    expect(failed(await askMany())).toHaveLength(30);
    // Longer than the watch waits for an answer: being refused is one.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await cluster.start();
    await isBack();
    // Connections that were being opened while it started are told that it does.
    await askMany();
    expect(failed(await askMany())).toEqual([]);
    expect(told).toBe(0);
  });

  test('that is frozen is given up, is not asked meanwhile, and is found again when it is thawed', async () => {
    cluster.freeze();
    try {
      expect(failed(await askMany())).toHaveLength(30);
      expect(() => database.sql).toThrow(SluiceError);
      expect(await database.isUp()).toBe(false);
      expect(told).toBe(1);
    } finally {
      cluster.thaw();
    }
    await isBack();
    expect(failed(await askMany())).toEqual([]);
  });
});
