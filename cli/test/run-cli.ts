import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from './shared-server.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface CliWish {
  server?: Pick<ServerProcess, 'url' | 'dataDir'>;
  /** What is piped in; nothing when absent. */
  input?: string;
  environment?: Record<string, string>;
}

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process of the command line; it knows the server and its data folder from the environment, as a person's would. */
export function startCli(line: readonly string[], { server, input = '', environment = {} }: CliWish = {}) {
  const child = spawn(process.execPath, [program, ...line], {
    env: {
      PATH: process.env.PATH,
      ...(server && { SLUICE_URL: server.url, SLUICE_DATA_DIR: server.dataDir }),
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  return child;
}

/** Runs the command line to its end. */
export async function runCli(line: readonly string[], wish?: CliWish): Promise<CliResult> {
  const child = startCli(line, wish);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Runs it with `--json` and returns what it printed, parsed. Throws with what it complained of when it failed. */
export async function runJson<Value>(line: readonly string[], wish?: CliWish): Promise<Value> {
  const { code, stdout, stderr } = await runCli([...line, '--json'], wish);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as Value;
}
