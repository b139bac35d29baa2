import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readServeArguments } from './config/serve-arguments.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { shippedPath } from './core/shipped.ts';
import { serve } from './http/serve.ts';
import { adoptJournals } from './ledger/adopt-journals.ts';
import { createLogger } from './observe/logger.ts';
import { createProcessGroup, ProcessEnded } from './process-group.ts';

// `sluice serve --processes N`: this process serves nothing. It starts those that do and looks after them.

const oneAskingMs = 500;
/** In a checkout. The executable is the program itself, and told to serve. */
const program = shippedPath('server/src/main.ts');

try {
  const { processes } = readServeArguments(process.argv.slice(2));
  if (processes === 1) await import('./main.ts');
  else await serveTogether(processes, readSettings(process.env));
} catch (error) {
  if (!(error instanceof ProcessEnded)) console.error((error as Error).message);
  process.exit(error instanceof ProcessEnded ? error.code : 1);
}

async function serveTogether(count: number, settings: Settings): Promise<void> {
  needsServices(settings);
  const port = await freePort(settings);
  adoptJournals(settings.dataDir, 'journal-1');
  const logger = createLogger(settings.logLevel ?? 'info');
  const group = createProcessGroup({
    count,
    log: (level, fields, text) => logger[level](fields, text),
    spawn: (number, { greets }) =>
      spawn(
        process.execPath,
        [existsSync(program) ? program : 'serve', '--process', String(number), ...(greets ? ['--greets'] : [])],
        { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
      ),
  });
  let stoppingMs: number | undefined;
  const stop = async (signal: 'SIGTERM' | 'SIGINT') => {
    // Ctrl-C reaches this process and its parents, which pass it on: that is one asking.
    if (stoppingMs !== undefined && performance.now() - stoppingMs < oneAskingMs) return;
    stoppingMs ??= performance.now();
    await group.stop(signal);
    await new Promise<void>((written) => logger.flush(() => written()));
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => group.signal('SIGHUP'));
  process.on('SIGUSR2', () => void group.replaceAll());
  await group.run();
  logger.info({ processes: count, port }, 'all processes serve');
}

/** What several processes must share stands outside of them. Throws an Error in words when it is not there. */
function needsServices({ databaseUrl, redisUrl }: Settings): void {
  if (databaseUrl === undefined) {
    throw new Error(
      '--processes needs a PostgreSQL: the embedded database serves one process only. Set DATABASE_URL=postgres://…, or leave ' +
        '--processes out.',
    );
  }
  if (redisUrl === undefined) {
    throw new Error(
      '--processes needs a Redis or Valkey: without one each process would count limits and budgets for itself. Set ' +
        'REDIS_URL=redis://…, or leave --processes out.',
    );
  }
}

/** The port that all will share, once nobody else is seen to have it. Throws in words when it is taken. */
async function freePort({ host, port }: Settings): Promise<number> {
  const probe = serve({ host, port, fetch: () => new Response(null, { status: 503 }) });
  await probe.stop(true);
  return probe.port;
}
