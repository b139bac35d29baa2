import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { openTables } from '../store/database.ts';
import { knownMigrations, type Migration, readSchemaState, rehearse } from '../store/migrations.ts';
import { openForReading } from './open-for-reading.ts';

export interface MigrateReport {
  database: 'embedded' | 'postgresql';
  /** The newest migration that the database had, or null when it was empty. */
  from: string | null;
  /** What ran, or would run. */
  migrations: string[];
  dryRun: boolean;
}

/**
 * Brings the tables up to date without starting the server, or rehearses it: everything runs, and is taken back (for an
 * embedded database that is in use, on a copy of it). Throws what the database says.
 */
export async function migrateTables(settings: Settings, { dryRun }: { dryRun: boolean }): Promise<MigrateReport> {
  const { databaseUrl: url, dataDir } = settings;
  const isThere = url !== undefined || existsSync(join(dataDir, 'postgres'));
  if (dryRun && !isThere)
    return { database: 'embedded', from: null, migrations: knownMigrations().map(({ name }) => name), dryRun };
  const opened = dryRun ? await openForReading(settings) : await openToChange(url, dataDir);
  try {
    const { sql, kind, migrate } = opened.tables;
    const { name, version } = await readSchemaState(sql);
    const ran: Migration[] = dryRun ? await rehearse(sql) : await migrate();
    const from = version === 0 ? null : (name ?? new Date(version).toISOString());
    return { database: kind, from, migrations: ran.map((each) => each.name), dryRun };
  } finally {
    await opened.close();
  }
}

async function openToChange(url: string | undefined, dataDir: string) {
  const tables = await openTables({ url, dataDir });
  return { tables, close: () => tables.close() };
}
