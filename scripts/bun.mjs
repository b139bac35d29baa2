// Runs Bun from node_modules with the arguments given. Bun comes as an npm package whose binary is a package of its own
// (`@oven/bun-<platform>`); when install scripts were off, `bun`'s own folder has no binary yet, so the platform's is used.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

function findBun() {
  const name = process.platform === 'win32' ? 'bun.exe' : 'bun';
  const os = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x64';
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? '-musl' : '';
  for (const variant of [`${os}-${cpu}${musl}`, `${os}-${cpu}${musl}-baseline`]) {
    try {
      const folder = dirname(require.resolve(`@oven/bun-${variant}/package.json`));
      const binary = join(folder, 'bin', name);
      if (existsSync(binary)) return binary;
    } catch {}
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
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Bun could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) runBun(process.argv.slice(2));
