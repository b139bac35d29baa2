import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { temporaryFolder } from './databases.ts';

const program = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0,
);

/** Whether there is a Redis or Valkey that a test can start. */
export const hasRedis = program !== undefined;

/** Says once what a test file leaves out without one. */
export function sayWithoutRedis(what: string): void {
  if (!hasRedis) console.log(`Skipped: ${what}. Install redis-server (or valkey-server) to run them.`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis of its own on a free port, which keeps nothing on disk. */
export async function startRedis(port?: number) {
  const at = port ?? (await freePort());
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = ['--port', String(at), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn(program!, args, { cwd: temporaryFolder(), stdio: ['ignore', 'pipe', 'ignore'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (/Ready to accept connections/.test(text)) resolve();
      });
      started.once('exit', (code) => reject(new Error(`Redis ended with ${code}.`)));
      started.once('error', reject);
    });
  }

  async function stop(): Promise<void> {
    const stopping = child;
    child = undefined;
    if (!stopping || stopping.exitCode !== null) return;
    stopping.kill('SIGKILL');
    await once(stopping, 'exit');
  }

  await start();
  return {
    port: at,
    url: `redis://127.0.0.1:${at}`,
    /** Gone at once, with all it held. */
    stop,
    /** Again on the same port, empty. */
    start,
    /** Takes connections and answers nothing, until it is thawed. */
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
  };
}

export type RedisServer = Awaited<ReturnType<typeof startRedis>>;
