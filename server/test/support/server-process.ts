import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './databases.ts';
import { giveEmbeddedDatabase } from './embedded-template.ts';

export interface ServerOptions {
  /** Kept for the next start when it is given. */
  folder?: string;
  /** The text of `sluice.yaml`. */
  config?: string;
  environment?: Record<string, string>;
  /** What starts it, instead of the sources. */
  command?: string[];
  /** As `sluice serve --processes`: so many on one port. */
  processes?: number;
  /** The start makes its own database, as a first start does. */
  first?: boolean;
}

export const adminKey = 'an-admin-key-for-the-tests';

const source = join(import.meta.dirname, '../../src');
const sourcesOf = (processes: number | undefined): string[] =>
  processes === undefined
    ? [join(source, 'main.ts')]
    : [join(source, 'main-processes.ts'), '--processes', String(processes)];

/** The server as a process of its own, as an operator runs it, without the environment of whoever runs the tests. */
export function startServer({
  folder = temporaryFolder(),
  config,
  environment = {},
  processes,
  first = false,
  command: [program, ...args] = [process.execPath, ...sourcesOf(processes)],
}: ServerOptions = {}) {
  const configPath = join(folder, 'sluice.yaml');
  if (config !== undefined) writeFileSync(configPath, config);
  if (!first && !environment.DATABASE_URL && !environment.SLUICE_DATA_DIR) giveEmbeddedDatabase(join(folder, 'data'));
  const child = spawn(program!, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PORT: '0',
      SLUICE_DATA_DIR: join(folder, 'data'),
      SLUICE_CONFIG: configPath,
      SLUICE_ADMIN_KEY: adminKey,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
      const found = /running at (http:\/\/\S+)/.exec(said.out);
      if (found) resolve(found[1]!);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    exited.then((code) => reject(new Error(`The server ended with ${code}: ${said.out}${said.err}`)));
  });
  url.catch(() => {});

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...init.headers };
    return fetch((await url) + path, { ...init, headers });
  }

  return {
    folder,
    configPath,
    pid: child.pid!,
    said,
    url,
    /** The exit code, once everything it said was read; null when a signal ended it. */
    exited,
    ask,
    chat: (body: object, init: RequestInit = {}) =>
      ask('/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify({ model: 'sandbox/sandbox-small', ...body }),
        ...init,
      }),
    async ready(): Promise<void> {
      while (!(await ask('/ready')).ok) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal);
      return exited;
    },
  };
}

export type ServerProcess = ReturnType<typeof startServer>;
