import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';

/** The folder of PostgreSQL's own programs, when they are installed. */
const programs = findPrograms();
const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root: then its own user must exist. */
export const canRunPostgres =
  programs !== undefined && (!isRoot || spawnSync('runuser', ['-u', 'postgres', '--', 'true']).status === 0);

if (!canRunPostgres)
  console.log('Skipped: the tests that kill PostgreSQL. Install it (initdb and postgres) to run them.');

/** A PostgreSQL of its own in a temporary folder, which may be killed. */
export async function startPostgres() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  if (isRoot) {
    chmodSync(folder, 0o755);
    spawnSync('chown', ['-R', 'postgres', folder]);
  }
  const as = (program: string, args: string[]): [string, string[]] =>
    isRoot
      ? ['runuser', ['-u', 'postgres', '--', join(programs!, program), ...args]]
      : [join(programs!, program), args];
  const made = spawnSync(...as('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync']), {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  async function answers(): Promise<boolean> {
    const client = postgres(url, { max: 1, connect_timeout: 1, onnotice: () => {} });
    const up = await client`select 1`.then(
      () => true,
      () => false,
    );
    await client.end({ timeout: 1 });
    return up;
  }

  async function start(): Promise<void> {
    for (;;) {
      // Right after a kill its children may not be gone yet: then it refuses to start, and is started again.
      const child = spawn(...as('postgres', ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1']), {
        stdio: 'ignore',
      });
      let ended = false;
      child.once('exit', () => {
        ended = true;
      });
      while (!ended) {
        if (await answers()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  const file = join(data, 'postmaster.pid');
  const postmaster = () => Number(readFileSync(file, 'utf8').split('\n')[0]);
  function signal(name: NodeJS.Signals): void {
    if (existsSync(file)) process.kill(postmaster(), name);
  }

  /** Those that serve its connections, and its other helpers. */
  function childrenOf(pid: number): number[] {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  function signalAll(name: NodeJS.Signals): void {
    const pid = postmaster();
    for (const each of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(each, name);
      } catch (error) {
        // A helper that ended meanwhile needs no signal.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  await start();
  return {
    url,
    start,
    /** Takes connections and answers nothing, until it is thawed. */
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async kill(): Promise<void> {
      const children = childrenOf(postmaster());
      signal('SIGKILL');
      // They answer on the connections that they have until they notice.
      while (children.some(runs)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async stop(): Promise<void> {
      try {
        signal('SIGQUIT');
      } catch {
        // It is gone already.
      }
      // Its last file goes when it has ended.
      while (existsSync(join(data, 'postmaster.pid')) && (await answers()))
        await new Promise((go) => setTimeout(go, 20));
      await new Promise((go) => setTimeout(go, 200));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Whether there is such a process, and it is not only waiting for somebody to hear that it has ended. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .map((version) => join(root, version, 'bin'))
    .findLast((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
