// What the single-file executable starts with: `sluice <command>`, as `scripts/sluice.mjs` does in a checkout.

// A library of the passkeys needs this before itself, and says so by an import; bundled, that import comes too late.
import 'reflect-metadata';

const [command, ...rest] = process.argv.slice(2);
const wantsHelp = rest.includes('--help') || rest.includes('-h');

if (command === 'run-operation') {
  await import('../server/src/operate.ts');
} else if (command !== 'serve' || wantsHelp) {
  await import('../cli/src/main.ts');
} else {
  const limit = 'BUN_CONFIG_MAX_HTTP_REQUESTS';
  // Bun reads how many outgoing requests may run at once (256 unless told otherwise) before any module runs, so the program
  // replaces itself with itself, told. Where a process cannot be replaced it goes on with what there is.
  if (process.env[limit] === undefined && process.platform !== 'win32')
    process.execve?.(process.execPath, [process.execPath, command, ...rest], { ...process.env, [limit]: '16384' });
  // The server reads what follows the command, as it does in a checkout.
  process.argv.splice(2, 1);
  if (rest.some((option) => option.startsWith('--processes'))) await import('../server/src/main-processes.ts');
  else await import('../server/src/main.ts');
}
