import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { findMasterKey } from '../identity/master-key.ts';

export const journalFolder = (dataDir: string): string => join(dataDir, 'journal');

/** The files of the journal, oldest first: rows of the ledger that may not be in the database yet. */
export function journalFiles(dataDir: string): string[] {
  const folder = journalFolder(dataDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();
}

/** Undefined when the file has gone meanwhile: its rows are in the database then. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Tells one master key from another; null when there is none yet. Throws an Error in words when it cannot be read. */
export function masterKeyPrint({ dataDir, masterKey }: Pick<Settings, 'dataDir' | 'masterKey'>): string | null {
  const master = findMasterKey(dataDir, masterKey);
  return master?.derive('tell master keys apart').subarray(0, 8).toString('hex') ?? null;
}

/** Writes a file that only its owner reads; what was there is kept under another name, which is returned. */
export function replaceFile(path: string, content: Buffer, stamp: string): string | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.before-${stamp}`;
  const replaced = existsSync(path) && !readFileSync(path).equals(content);
  if (replaced) renameSync(path, aside);
  writeFileSync(path, content, { mode: 0o600 });
  return replaced ? aside : undefined;
}
