import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './databases.ts';

let template: string | undefined;

/**
 * Puts an embedded database with its tables into a data folder that has none: making one takes seconds, a copy of one that the
 * server made a fraction of that. What happens at a first start is for those tests that are about it.
 */
export function giveEmbeddedDatabase(dataDir: string): void {
  const folder = join(dataDir, 'postgres');
  if (existsSync(folder)) return;
  template ??= makeTemplate();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  cpSync(join(template, 'postgres'), folder, { recursive: true });
}

/** In a process of its own, so that who starts a server need not wait for a promise. */
function makeTemplate(): string {
  const folder = temporaryFolder();
  const program = `
    const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/store/database.ts'))});
    await (await openDatabase({ dataDir: ${JSON.stringify(folder)} })).close();
    process.exit(0);`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The embedded database could not be made: ${stderr}`);
  return folder;
}
