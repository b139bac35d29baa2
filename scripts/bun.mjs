// Runs Bun from node_modules with the arguments given. Bun comes as an npm package whose binary is a package of its own
// (`@oven/bun-<platform>`); a postinstall moves the binary into `bun/bin`. When install scripts were off it is still where
// it came, and that one is used.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');

// What stands in `bun/bin` before the postinstall is a short script that only explains itself.
const isBinary = (path) => existsSync(path) && statSync(path).size > 1_000_000;

function findBun() {
  const installed = join(modules, 'bun', 'bin', 'bun.exe');
  if (isBinary(installed)) return installed;
  const packages = existsSync(join(modules, '@oven')) ? readdirSync(join(modules, '@oven')) : [];
  for (const name of packages) {
    for (const file of ['bun', 'bun.exe']) {
      const binary = join(modules, '@oven', name, 'bin', file);
      if (!isBinary(binary)) continue;
      try {
        accessSync(binary, constants.X_OK);
      } catch {
        chmodSync(binary, 0o755);
      }
      // Several variants may be there (musl, baseline): the first that runs.
      if (spawnSync(binary, ['--version']).status === 0) return binary;
    }
  }
  throw new Error('Bun is not installed. Run `npm ci` in the folder of this project first.');
}

/** Starts Bun as this process's child and ends with its exit code; signals are passed on. */
export function runBun(args, environment = {}) {
  let binary;
  try {
    binary = findBun();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  const child = spawn(binary, args, {
    stdio: 'inherit',
    // Bun lets 256 outgoing requests run at once unless told otherwise before it starts; streams are outgoing requests.
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '16384', ...process.env, ...environment },
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the child itself; a second one would cut what it is finishing.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => {
    console.error(`Bun could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) runBun(process.argv.slice(2));
