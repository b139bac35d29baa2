import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTables } from '../../src/store/database.ts';
import { knownMigrations, ownFunctions, ownTables } from '../../src/store/migrations.ts';
import { temporaryFolder, testDatabaseUrl } from '../support/databases.ts';
import { startServer } from '../support/server-process.ts';
import { installation, scratchDatabases, sluice, sluiceJson } from './run-sluice.ts';

setDefaultTimeout(180_000);

const databases = testDatabaseUrl ? scratchDatabases() : undefined;
if (!databases) console.log('Skipped: migrations on PostgreSQL. Set SLUICE_TEST_DATABASE_URL to run them.');
afterAll(() => databases?.drop());

const kinds = databases ? (['embedded', 'postgresql'] as const) : (['embedded'] as const);
const all = knownMigrations();
const names = all.map(({ name }) => name);
/** As it was two versions ago. */
const older = all.at(-3)!;

interface MigrateReport {
  database: string;
  from: string | null;
  migrations: string[];
}

async function place(kind: (typeof kinds)[number]): Promise<Record<string, string>> {
  return installation(temporaryFolder(), kind === 'postgresql' ? await databases!.create() : undefined);
}

async function within<Value>(
  { DATABASE_URL: url, SLUICE_DATA_DIR: dataDir }: Record<string, string>,
  work: (tables: Awaited<ReturnType<typeof openTables>>) => Promise<Value>,
): Promise<Value> {
  const tables = await openTables({ ...(url !== undefined && { url }), dataDir: dataDir! });
  try {
    return await work(tables);
  } finally {
    await tables.close();
  }
}

const done = (environment: Record<string, string>): Promise<string[]> =>
  within(environment, async ({ sql }) => {
    const rows = await sql.execute<{ created_at: string }>(
      'select created_at from drizzle.__drizzle_migrations order by id',
    );
    return rows.map(({ created_at }) => all.find(({ version }) => version === Number(created_at))!.name);
  });

/** The tables of today and the marks of a program that is newer. */
const fromTheFuture = (environment: Record<string, string>): Promise<unknown> =>
  within(environment, async ({ sql, migrate }) => {
    await migrate();
    await sql.execute(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1999999999999)`);
  });

test.each(kinds)('%s: a rehearsal names what would run, runs it, and leaves everything as it was', async (kind) => {
  const environment = await place(kind);
  await within(environment, ({ migrate }) => migrate(older.version));
  const pending = names.slice(names.indexOf(older.name) + 1);
  const rehearsed = await sluiceJson<MigrateReport>(environment, ['migrate', '--dry-run']);
  expect(rehearsed).toMatchObject({ database: kind, from: older.name, migrations: pending });
  expect(await done(environment)).toEqual(names.slice(0, names.indexOf(older.name) + 1));
  const said = await sluice(environment, 'migrate', '--dry-run');
  expect(said.stdout).toContain('These would run; they were tried and taken back:');
  const migrated = await sluiceJson<MigrateReport>(environment, ['migrate']);
  expect(migrated.migrations).toEqual(pending);
  expect(await done(environment)).toEqual(names);
  expect((await sluice(environment, 'migrate')).stdout).toContain('there is nothing to do');
});

test.each(kinds)(
  '%s: a migration that would fail fails in the rehearsal, with the words of the database',
  async (kind) => {
    const environment = await place(kind);
    const next = all[all.indexOf(older) + 1]!;
    const [, table] = /create table "?(\w+)"?/i.exec(next.statements.join('\n'))!;
    await within(environment, async ({ sql, migrate }) => {
      await migrate(older.version);
      await sql.execute(`create table ${table} (stray int)`);
    });
    for (const line of [['migrate', '--dry-run'], ['migrate']]) {
      const { code, stderr } = await sluice(environment, ...line);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`The migration ${next.name} failed, and nothing was changed`),
      ]);
      expect(stderr).toContain(`"${table}" already exists`);
    }
    expect((await done(environment)).at(-1)).toBe(older.name);
  },
);

test.each(kinds)('%s: a backup of older tables is restored, and then brought up to date', async (kind) => {
  const source = await place(kind);
  await within(source, async ({ sql, migrate }) => {
    await migrate(older.version);
    await sql.execute(`insert into organisations (id, name, slug) values ('org_old', 'Old', 'old')`);
  });
  const out = join(source.HOME!, 'old.tar.gz');
  await sluiceJson(source, ['backup', '--out', out]);
  const target = await place(kind);
  const { migrated } = await sluiceJson<{ migrated: string[] }>(target, ['restore', out]);
  expect(migrated).toEqual(names.slice(names.indexOf(older.name) + 1));
  const rows = await within(target, ({ sql }) =>
    sql.execute<{ id: string }>('select id from organisations order by id'),
  );
  expect(rows.map(({ id }) => id)).toEqual(['org_default', 'org_old']);
});

test.each(kinds)('%s: the tables and functions that are backed up are all that there are', async (kind) => {
  const environment = await place(kind);
  await within(environment, async ({ sql, migrate }) => {
    await migrate();
    const tables = await sql.execute<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    expect(tables.map(({ name }) => name).sort()).toEqual(ownTables().sort());
    const functions = await sql.execute<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'public'::regnamespace`,
    );
    expect(functions.map(({ name }) => name).sort()).toEqual(ownFunctions().sort());
  });
});

test.each(kinds)('%s: a server refuses a database of a newer program, and says what to do', async (kind) => {
  const environment = await place(kind);
  await fromTheFuture(environment);
  const { DATABASE_URL } = environment;
  const server = startServer({ folder: environment.HOME, ...(DATABASE_URL && { environment: { DATABASE_URL } }) });
  expect(await server.exited).toBe(1);
  expect(server.said.err).toContain('The database was written by a newer Sluice');
  expect(server.said.err).toContain('Start the newer program again, or restore a backup');
  for (const line of [['migrate'], ['backup', '--out', join(environment.HOME!, 'x.tar.gz')]]) {
    const { code, stderr } = await sluice(environment, ...line);
    expect([code, stderr]).toEqual([1, expect.stringContaining('written by a newer Sluice')]);
  }
});

test.skipIf(!databases)('four replicas that start at once on an empty PostgreSQL migrate it once', async () => {
  const DATABASE_URL = await databases!.create();
  const servers = Array.from({ length: 4 }, () =>
    startServer({ environment: { DATABASE_URL, SLUICE_LOG_LEVEL: 'error' } }),
  );
  await Promise.all(servers.map((server) => server.ready()));
  expect(await Promise.all(servers.map((server) => server.end('SIGTERM')))).toEqual([0, 0, 0, 0]);
  expect(await done(installation(temporaryFolder(), DATABASE_URL))).toEqual(names);
});

test('a rehearsal where there is no database makes none', async () => {
  const environment = await place('embedded');
  const { from, migrations } = await sluiceJson<MigrateReport>(environment, ['migrate', '--dry-run']);
  expect([from, migrations]).toEqual([null, names]);
  expect(existsSync(environment.SLUICE_DATA_DIR!)).toBe(false);
});

test('a server says what it does not understand of its configuration, its version first of all', async () => {
  for (const [config, why] of [
    ['version: 2\n', /sluice\.yaml:1: version: This program reads version 1 of the file/],
    ['provders: {}\n', /sluice\.yaml:1: provders: there is no such field/],
  ] as const) {
    const server = startServer({ config });
    expect(await server.exited).toBe(1);
    expect(server.said.err).toMatch(why);
  }
});

test('a server that others could reach does not start unless that is said', async () => {
  const server = startServer({ environment: { HOST: '0.0.0.0' } });
  expect(await server.exited).toBe(1);
  expect(server.said.err).toContain('SLUICE_PUBLIC=true');
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'sluice.yaml'), 'version: 1\n');
  const meant = startServer({ folder, environment: { HOST: '0.0.0.0', SLUICE_PUBLIC: 'true' } });
  expect(await meant.url).toContain('0.0.0.0');
  // What is shown to be opened and run can be.
  expect(meant.said.out).toMatch(/Docs +http:\/\/localhost:\d+\/docs/);
  await meant.end('SIGTERM');
});
