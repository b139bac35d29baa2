import { expect, setDefaultTimeout, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql as query } from 'drizzle-orm';
import { databaseTimeoutMs, temporaryFolder } from '../../test/support/databases.ts';
import { openDatabase } from './database.ts';
import { createKeyStore } from './key-store.ts';
import migrations from './migrations/meta/_journal.json' with { type: 'json' };

setDefaultTimeout(databaseTimeoutMs);

const script = (
  dataDir: string,
) => `import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))};
try { await openDatabase({ dataDir: ${JSON.stringify(dataDir)} }); console.log('opened'); }
catch (error) { console.log(error.message); process.exit(3); }`;

/** What another process says when it opens the embedded database of a folder. */
async function openElsewhere(dataDir: string) {
  const child = spawn(process.execPath, ['-e', script(dataDir)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

test('a second process is refused while the first has the database open, and let in after', async () => {
  const dataDir = temporaryFolder();
  const database = await openDatabase({ dataDir });
  expect(database.kind).toBe('embedded');
  const refused = await openElsewhere(dataDir);
  expect(refused.said).toMatch(
    /^Another Sluice \(process \d+\) uses this data folder\. Stop it, choose another SLUICE_DATA_DIR, or set DATABASE_URL/,
  );
  expect(await database.isUp()).toBe(true);
  await database.close();

  const second = await openElsewhere(dataDir);
  expect(second.said).toBe('opened');
  const gone = once(second.child, 'exit');
  second.child.kill('SIGKILL');
  await gone;

  // The killed process left its lock behind, and the database as it was.
  expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(true);
  const third = await openDatabase({ dataDir });
  expect(await third.isUp()).toBe(true);
  await third.close();
  expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false);
});

test('what was written is there after a restart, the tables are made once, and the socket folder is removed', async () => {
  const { TMPDIR } = process.env;
  const dataDir = temporaryFolder();
  const temporary = temporaryFolder();
  process.env.TMPDIR = temporary;
  const first = await openDatabase({ dataDir });
  expect(readdirSync(temporary)).toHaveLength(1);
  await createKeyStore(async () => first.sql).insert({
    id: 'k',
    name: 'kept',
    hash: 'h',
    hint: 'x',
    role: 'member',
    organisationId: 'org_default',
  });
  await first.close();
  expect(await first.isUp()).toBe(false);
  const again = await openDatabase({ dataDir });
  expect((await createKeyStore(async () => again.sql).byHash('h'))?.key.name).toBe('kept');
  const applied = await again.sql.execute(query`select count(*)::int as count from drizzle.__drizzle_migrations`);
  expect(applied[0]?.count).toBe(migrations.entries.length);
  await again.close();
  expect(readdirSync(temporary)).toEqual([]);
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
});

test('a folder that is no database is refused, and its lock released', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'postgres'), 'a file where the folder should be');
  await expect(openDatabase({ dataDir })).rejects.toThrow();
  expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false);
});
