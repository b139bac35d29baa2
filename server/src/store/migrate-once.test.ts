import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import postgres from 'postgres';
import { databaseTimeoutMs, temporaryFolder, testDatabaseUrl } from '../../test/support/databases.ts';
import { openDatabase } from './database.ts';
import migrations from './migrations/meta/_journal.json' with { type: 'json' };

setDefaultTimeout(databaseTimeoutMs);
if (!testDatabaseUrl) console.log('Skipped: replicas that start at once. To run it, set SLUICE_TEST_DATABASE_URL.');

const name = `sluice_test_at_once_${process.pid}`;
const owner = testDatabaseUrl ? postgres(testDatabaseUrl, { max: 1, onnotice: () => {} }) : undefined;
afterAll(async () => {
  await owner?.unsafe(`drop database if exists ${name} with (force)`);
  await owner?.end();
});

test.skipIf(!testDatabaseUrl)('replicas that start at once on an empty database make its tables once', async () => {
  await owner!.unsafe(`create database ${name}`);
  const url = new URL(testDatabaseUrl!);
  url.pathname = name;
  const opened = await Promise.all(
    Array.from({ length: 3 }, () => openDatabase({ url: url.href, dataDir: temporaryFolder() })),
  );
  const [first] = opened;
  const rows = await first!.sql.execute('select count(*)::int as count from drizzle.__drizzle_migrations');
  expect(rows[0]?.count).toBe(migrations.entries.length);
  await Promise.all(opened.map((database) => database.close()));
});
