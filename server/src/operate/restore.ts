import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sql as query } from 'drizzle-orm';
import type { Settings } from '../config/settings.ts';
import { masterKeyPath } from '../identity/master-key.ts';
import type { Tx } from '../store/audit-store.ts';
import { openTables, type Tables } from '../store/database.ts';
import { type Migration, migrate, newestMigration } from '../store/migrations.ts';
import { checkArchive, readArchive } from './archive.ts';
import { journalFiles, journalFolder, masterKeyPrint, replaceFile } from './data-folder.ts';
import { tablesIn } from './dump-tables.ts';
import { createLoader, dropTables, emptyTables, firstFilledTable, setSequences, withoutRules } from './load-tables.ts';
import type { Manifest } from './manifest.ts';
import { OperationError } from './operation-error.ts';

export interface RestoreWish {
  file: string;
  /** Replaces what is there. */
  force: boolean;
  /** Only says whether the file is whole, and what is in it. */
  check: boolean;
}

export interface RestoreReport {
  file: string;
  into: 'embedded' | 'postgresql' | null;
  rows: number;
  manifest: Omit<Manifest, 'entries'>;
  /** Migrations that ran after the rows were in, by name. */
  migrated: string[];
  warnings: string[];
}

/**
 * Puts a backup into the database that the settings name, which may be of the other kind: all of it or nothing. The server
 * must be stopped. Throws OperationError.
 */
export async function restore(settings: Settings, { file, force, check }: RestoreWish): Promise<RestoreReport> {
  const path = resolve(file);
  const manifest = await checkArchive(path);
  refuseNewer(path, manifest);
  const { entries, ...rest } = manifest;
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0);
  if (check) return { file: path, into: null, rows, manifest: rest, migrated: [], warnings: [] };
  const { databaseUrl: url, dataDir } = settings;
  const tables = await openTables({ url, dataDir });
  try {
    await refuseRunning(tables);
    if (!force && journalFiles(dataDir).length > 0) throw notEmpty(`The journal in ${dataDir}`);
    const migrated = await tables.sql.transaction(async (tx) => {
      const filled = await firstFilledTable(tx);
      if (filled !== undefined && !force) throw notEmpty(`The database (table ${filled})`);
      return load(tx, path, manifest);
    });
    const warnings = await putFiles(settings, path, manifest);
    return {
      file: path,
      into: tables.kind,
      rows,
      manifest: rest,
      migrated: migrated.map(({ name }) => name),
      warnings,
    };
  } finally {
    await tables.close();
  }
}

function refuseNewer(path: string, { database, version }: Manifest): void {
  const newest = newestMigration();
  if (database.schemaVersion <= newest.version) return;
  throw new OperationError(
    `${path} was written by a newer Sluice (${version}): its tables are those of ${database.schema}, and this program knows them up to ${newest.name}.`,
    'Nothing was changed. Restore it with that version or a newer one.',
  );
}

const notEmpty = (what: string): OperationError =>
  new OperationError(
    `${what} is not empty, and nothing was changed.`,
    'Restore into an empty place, or replace what is there with --force; back it up before.',
  );

/** Nobody may write while everything is replaced. The embedded database has a lock of its own. */
async function refuseRunning({ sql, kind }: Tables): Promise<void> {
  if (kind === 'embedded') return;
  const [row] = await sql.execute<{ count: number }>(query`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'sluice' and pid <> pg_backend_pid()`);
  if (row && row.count > 0)
    throw new OperationError(
      'A Sluice is connected to this database, and nothing was changed.',
      'Stop every replica first.',
    );
}

/** The tables as they were when the backup was made, its rows, and then what this program changed since. */
async function load(tx: Tx, path: string, manifest: Manifest): Promise<Migration[]> {
  await dropTables(tx);
  await migrate(tx, manifest.database.schemaVersion);
  await emptyTables(tx);
  await withoutRules(tx, () => loadRows(tx, path, manifest));
  await setSequences(tx, manifest.sequences);
  return migrate(tx);
}

async function loadRows(tx: Tx, path: string, { tables }: Manifest): Promise<void> {
  const loaders = new Map<string, Awaited<ReturnType<typeof createLoader>>>();
  const loaded = new Map<string, number>();
  const own = await tablesIn(tx);
  const foreign = Object.keys(tables).find((table) => !own.includes(table));
  if (foreign !== undefined)
    throw new OperationError(`${path} has a table ${foreign}, which is none of Sluice's. Nothing was changed.`);
  for await (const { name, content } of readArchive(path)) {
    const [, table = ''] = /^tables\/(\w+)\/\d+\.ndjson$/.exec(name) ?? [];
    const columns = tables[table]?.columns;
    if (!columns) continue;
    const loader = loaders.get(table) ?? (await createLoader(tx, table, columns));
    loaders.set(table, loader);
    loaded.set(table, (loaded.get(table) ?? 0) + (await loader(content)));
  }
  for (const [table, { rows }] of Object.entries(tables)) {
    const count = loaded.get(table) ?? 0;
    if (count !== rows)
      throw new OperationError(
        `${path} is broken: the table ${table} has ${count} rows of ${rows}. Nothing was changed.`,
      );
  }
}

/** The journal, and the secrets if the backup has them. Returns what should be known of it. */
async function putFiles(settings: Settings, path: string, manifest: Manifest): Promise<string[]> {
  const { dataDir, configPath } = settings;
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const warnings: string[] = [];
  const put = (target: string, content: Buffer) => {
    const aside = replaceFile(target, content, stamp);
    if (aside) warnings.push(`${target} was replaced; what it held is in ${aside}.`);
  };
  for (const name of journalFiles(dataDir)) rmSync(join(journalFolder(dataDir), name));
  for await (const { name, content } of readArchive(path)) {
    const [, journal] = /^journal\/([\w.-]+\.ndjson)$/.exec(name) ?? [];
    if (journal) put(join(journalFolder(dataDir), journal), content);
    else if (name === 'secrets/master-key' || name === 'secrets/admin-key') put(join(dataDir, name.slice(8)), content);
    else if (name === 'secrets/sluice.yaml') put(configPath, content);
  }
  const print = masterKeyPrint(settings);
  if (manifest.masterKeyPrint !== null && print !== manifest.masterKeyPrint)
    warnings.push(
      `${print === null ? 'There is no master key here' : 'The master key here is another one than that of the backup'}: its ${manifest.sealedSecrets} stored secrets and every second factor stay shut. Put the old key into ${masterKeyPath(dataDir)} or SLUICE_MASTER_KEY before you start the server.`,
    );
  return warnings;
}
