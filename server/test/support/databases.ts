import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, Sql } from '../../src/store/database.ts';

export type DatabaseKind = Database['kind'];

/** A scratch PostgreSQL for the tests; its tables are emptied. */
export const testDatabaseUrl = process.env.SLUICE_TEST_DATABASE_URL || undefined;

/** The databases that tests of SQL run on, each: the embedded one always, PostgreSQL when there is one. */
export const databaseKinds: DatabaseKind[] = testDatabaseUrl ? ['embedded', 'postgresql'] : ['embedded'];

/** For tests that may be the first to open a database: it takes seconds, and several times as long on a busy machine. */
export const databaseTimeoutMs = 60_000;

const opened = new Map<DatabaseKind, Promise<Database>>();
const folders: string[] = [];

/** All tables are emptied but for the organisation that is always there. */
const emptied = `do $$ declare name text; begin
  for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'organisations' loop
    execute format('truncate %I cascade', name);
  end loop;
  delete from organisations where id <> 'org_default';
end $$`;

/** The shared database of a kind, its tables empty. Opened once for all test files, closed by the preload. */
export async function emptyDatabase(kind: DatabaseKind): Promise<{ database: Database; sql: () => Promise<Sql> }> {
  let opening = opened.get(kind);
  if (!opening) {
    opening = open(kind);
    opened.set(kind, opening);
  }
  const database = await opening;
  await database.sql.execute(emptied);

  return { database, sql: async () => database.sql };
}

async function open(kind: DatabaseKind): Promise<Database> {
  const { openDatabase } = await import('../../src/store/database.ts');
  const dataDir = temporaryFolder();
  if (kind === 'embedded') return openDatabase({ dataDir });
  const name = new URL(testDatabaseUrl!).pathname;
  if (!name.includes('test'))
    throw new Error(`SLUICE_TEST_DATABASE_URL names ${name}; its tables are emptied, so "test" must be in its name.`);
  return openDatabase({ url: testDatabaseUrl, dataDir });
}

/** A folder that is removed when all tests have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  folders.push(folder);
  return folder;
}

export async function closeDatabases(): Promise<void> {
  await Promise.all(
    [...opened.values()].map((opening) => opening.then((database) => database.close()).catch(() => {})),
  );
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
