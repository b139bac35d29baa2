import { afterAll, setDefaultTimeout } from 'bun:test';
import { closeDatabases, testDatabaseUrl } from './databases.ts';

// The embedded database takes seconds to start, and several times as long on a machine that is busy.
setDefaultTimeout(60_000);

if (!testDatabaseUrl) {
  console.log('Skipped: the tests of SQL on PostgreSQL, beside those on the embedded database. Set SLUICE_TEST_DATABASE_URL to a scratch database to run them.');
}

afterAll(closeDatabases);
