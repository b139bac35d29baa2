import { afterAll } from 'bun:test';
import { closeDatabases, testDatabaseUrl } from './databases.ts';

if (!testDatabaseUrl) {
  console.log(
    'Skipped: the tests of SQL on PostgreSQL, beside those on the embedded database. Set SLUICE_TEST_DATABASE_URL to a scratch database to run them.',
  );
}

afterAll(closeDatabases);
