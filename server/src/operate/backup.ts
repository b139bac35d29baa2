import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { masterKeyPath } from '../identity/master-key.ts';
import type { Tables } from '../store/database.ts';
import { readSchemaState } from '../store/migrations.ts';
import { writeArchive } from './archive.ts';
import { journalFiles, journalFolder, masterKeyPrint, readIfThere } from './data-folder.ts';
import { countSealed, dumpTables, readSequences } from './dump-tables.ts';
import { archiveFormat, type Manifest } from './manifest.ts';
import { openForReading } from './open-for-reading.ts';
import { OperationError } from './operation-error.ts';

export interface BackupWish {
  /** Where to write it; must not exist. */
  out: string;
  /** Puts the master key, the admin key and the configuration in too. */
  withSecrets: boolean;
}

export interface BackupReport {
  file: string;
  bytes: number;
  rows: number;
  manifest: Omit<Manifest, 'entries'>;
  warnings: string[];
}

/**
 * Writes all that an installation knows into one file, while it runs or not: every row as of one moment, and the rows of the
 * ledger that wait in the journal. Throws OperationError.
 */
export async function backup(
  settings: Settings,
  version: string,
  { out, withSecrets }: BackupWish,
): Promise<BackupReport> {
  const file = resolve(out);
  if (existsSync(file)) throw new OperationError(`${file} exists already.`, 'Name another file with --out.');
  const draft = `${file}.part`;
  rmSync(draft, { force: true });
  const { tables, close } = await openForReading(settings);
  try {
    const archive = writeArchive(draft);
    try {
      // The journal first: what leaves it from now on is in the database before the snapshot is taken.
      for (const name of journalFiles(settings.dataDir)) {
        const content = readIfThere(join(journalFolder(settings.dataDir), name));
        if (content) await archive.add(`journal/${name}`, content);
      }
      const secrets = withSecrets ? secretFiles(settings) : [];
      for (const [name, content] of secrets) await archive.add(name, content);
      const content = await dump(tables, (name, part) => archive.add(name, part));
      const manifest = await archive.finish({
        product: 'sluice',
        format: archiveFormat,
        version,
        createdAt: new Date().toISOString(),
        ...content,
        masterKeyPrint: masterKeyPrint(settings),
        hasSecrets: withSecrets,
      });
      renameSync(draft, file);
      return report(file, manifest, settings);
    } catch (error) {
      await archive.abandon();
      rmSync(draft, { force: true });
      throw error;
    }
  } finally {
    await close();
  }
}

/** Everything in the database as of one moment. */
async function dump({ sql, kind }: Tables, add: (name: string, content: Buffer) => Promise<void>) {
  return sql.transaction(
    async (tx) => {
      const { version, name, pending } = await readSchemaState(tx);
      if (version === 0) throw new OperationError('The database has no tables of Sluice: there is nothing to back up.');
      const tables = await dumpTables(tx, (table, part, content) =>
        add(`tables/${table}/${String(part).padStart(5, '0')}.ndjson`, content),
      );
      return {
        database: { kind, schemaVersion: version, schema: name ?? `before ${pending[0]?.name}` },
        tables,
        sequences: await readSequences(tx),
        sealedSecrets: await countSealed(tx),
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

function secretFiles({ dataDir, configPath }: Settings): [name: string, content: Buffer][] {
  const places = { 'secrets/master-key': masterKeyPath(dataDir), 'secrets/admin-key': join(dataDir, 'admin-key') };
  return Object.entries({ ...places, 'secrets/sluice.yaml': configPath }).flatMap(([name, path]) => {
    const content = readIfThere(path);
    return content ? [[name, content] as [string, Buffer]] : [];
  });
}

function report(file: string, { entries, ...manifest }: Manifest, { masterKey }: Settings): BackupReport {
  const warnings: string[] = [];
  const needed = `${manifest.sealedSecrets} stored secrets and every second factor can be opened only with it`;
  if (!manifest.hasSecrets)
    warnings.push(
      `The master key is not in this file, and ${needed}. Keep a copy of it elsewhere: ${masterKey ? 'SLUICE_MASTER_KEY' : 'the file master-key in the data folder'}. The configuration file is not in it either.`,
    );
  else if (entries['secrets/master-key'])
    warnings.push(
      'This file holds the master key: whoever reads it can open every stored secret. Keep it as you keep keys.',
    );
  else
    warnings.push(
      `The master key is not in this file: it comes from SLUICE_MASTER_KEY, and ${needed}. Keep a copy of it.`,
    );
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0);
  return { file, bytes: statSync(file).size, rows, manifest, warnings };
}
