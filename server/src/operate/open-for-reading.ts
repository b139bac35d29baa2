import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { openTables, type Tables } from '../store/database.ts';
import { askForCopy } from '../store/embedded-copy.ts';
import { OperationError } from './operation-error.ts';

/** The embedded database belongs to the server that runs: it makes a copy, which is read instead. */
export async function openForReading({
  databaseUrl,
  dataDir,
}: Settings): Promise<{ tables: Tables; close(): Promise<void> }> {
  if (databaseUrl !== undefined) {
    const tables = await openTables({ url: databaseUrl, dataDir });
    return { tables, close: () => tables.close() };
  }
  if (!existsSync(join(dataDir, 'postgres')))
    throw new OperationError(
      `There is no database in ${dataDir}.`,
      'Set SLUICE_DATA_DIR to the data folder, or DATABASE_URL to the PostgreSQL that the server uses.',
    );
  const folder = mkdtempSync(join(dataDir, 'copy-'));
  const tidy = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copied = await askForCopy(dataDir, join(folder, 'postgres'));
    if (!copied) tidy();
    const tables = await openTables({ dataDir: copied ? folder : dataDir });
    return {
      tables,
      async close() {
        await tables.close();
        tidy();
      },
    };
  } catch (error) {
    tidy();
    throw error;
  }
}
