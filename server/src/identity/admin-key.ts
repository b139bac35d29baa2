import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey } from './key-format.ts';

/** The operator's key: from the environment, else the one kept in the data folder (0600), else a new one. `created` says show it. */
export function openAdminKey(dataDir: string, fromEnvironment: string | undefined): { key: string; created: boolean } {
  if (fromEnvironment) return { key: fromEnvironment, created: false };
  const path = join(dataDir, 'admin-key');
  if (existsSync(path)) return { key: readFileSync(path, 'utf8').trim(), created: false };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const key = createKey();
  writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return { key, created: true };
}
