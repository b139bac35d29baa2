import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pinned } from './processors.ts';

export interface ChildOptions {
  command: string[];
  /** Decides which processor it runs on. */
  role: 'subject' | 'load';
  /** Receives what the child prints. */
  logFile: string;
  cwd?: string;
  /** The whole of its environment. */
  env: Record<string, string>;
  onMessage?: (message: unknown) => void;
}

/** Bun lets 256 calls out at a time, and reads a higher limit only from the environment that it starts with. */
export const manyCallsOut = { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' };

export type Child = ReturnType<typeof startChild>;

/** Starts a process that ends with `stop`, or with this one. */
export function startChild({ command, role, logFile, cwd, env, onMessage }: ChildOptions) {
  const log = openSync(logFile, 'a');
  const child = Bun.spawn({
    cmd: [...pinned(role), ...command],
    cwd,
    env,
    stdin: 'ignore',
    stdout: log,
    stderr: log,
    ipc: onMessage,
    serialization: 'json',
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    pid: child.pid,
    exited: child.exited,
    send: (message: unknown) => child.send(message),
    /** The last lines that it printed, for a reader who wants to know why it failed. */
    lastWords: async () => (await readFile(logFile, 'utf8')).trim().split('\n').slice(-8).join('\n'),
    /** Asks it to end, then makes it. */
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(kill, 3000);
      await child.exited;
      clearTimeout(late);
      process.off('exit', kill);
    },
  };
}
