// Builds `dist/sluice`: the server, the command line, the web app, the documentation and the embedded PostgreSQL in one file that
// needs nothing installed. `--target bun-linux-arm64` and the like build for another machine.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBun } from './bun.mjs';
import { shippedFiles } from './shipped-files.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Copies the files into a folder of their own, under their paths: Bun embeds whole folders, named by their last part. */
function stage(folder) {
  for (const file of shippedFiles(root)) cpSync(join(root, file), join(folder, file), { dereference: true });
  return readdirSync(folder).map((name) => `--asset=${join(folder, name)}`);
}

function compile(assets, args) {
  const { status } = spawnSync(
    findBun(),
    [
      ...['build', '--compile', '--root=.', '--outfile=dist/sluice'],
      // What lies in the folder where it is started is the operator's, and not code.
      ...['--no-compile-autoload-bunfig', '--no-compile-autoload-tsconfig', '--no-compile-autoload-package-json'],
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
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(staged, { recursive: true, force: true });
}
