// Builds `dist/sluice`: the server, the command line, the web app, the documentation and the embedded PostgreSQL in one file that
// needs nothing installed, for the machine that it is built on. What is said after the command goes to `bun build`.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedFiles } from './shipped-files.ts';

const root = join(import.meta.dirname, '..');

/** Copies the files into a folder of their own, under their paths: Bun embeds whole folders, named by their last part. */
function stage(folder: string): string[] {
  for (const file of shippedFiles(root)) cpSync(join(root, file), join(folder, file), { dereference: true });
  return readdirSync(folder).map((name) => `--asset=${join(folder, name)}`);
}

function compile(assets: string[], args: string[]): boolean {
  const { status } = spawnSync(
    process.execPath,
    [
      ...['build', '--compile', '--root=.', '--outfile=dist/sluice'],
      // What lies in the folder where it is started has no say in how it runs …
      ...['--no-compile-autoload-bunfig', '--no-compile-autoload-tsconfig'],
      // … but packages that the operator installed there and names (`kind: ai-sdk`) are found.
      '--compile-autoload-package-json',
      // Stacks in the log keep the names that the source has.
      '--keep-names',
      ...assets,
      ...args,
      // The worker is a program of its own, started by its path.
      ...['scripts/executable.ts', 'server/src/store/embedded-worker.ts'],
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return status === 0;
}

const staged = mkdtempSync(join(tmpdir(), 'sluice-build-'));
try {
  mkdirSync(join(root, 'dist'), { recursive: true });
  if (!compile(stage(staged), process.argv.slice(2))) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(staged, { recursive: true, force: true });
}
