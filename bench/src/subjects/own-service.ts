import { join } from 'node:path';
import { type Child, manyCallsOut, startChild } from './child-process.ts';

/** A process of the harness itself that has said it is ready; `receive` gives its next message. */
export interface OwnService {
  child: Child;
  first: unknown;
  receive: () => Promise<unknown>;
}

export interface OwnServiceOptions {
  /** Below `bench/src`. */
  script: string;
  args?: string[];
  role: 'subject' | 'load';
  logDirectory: string;
}

/** Starts one of the harness's own scripts and waits for its first message; rejects with its last words if it ends. */
export async function startOwnService({
  script,
  args = [],
  role,
  logDirectory,
}: OwnServiceOptions): Promise<OwnService> {
  const messages: unknown[] = [];
  let wake = () => {};
  const child = startChild({
    command: [process.execPath, join(import.meta.dirname, '..', script), ...args],
    role,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...manyCallsOut },
    logFile: join(logDirectory, `${script.replaceAll('/', '-')}.log`),
    onMessage(message) {
      messages.push(message);
      wake();
    },
  });
  const ended = child.exited.then(async (code) => {
    throw new Error(`${script} ended with ${code}: ${await child.lastWords()}`);
  });
  ended.catch(() => {}); // It also ends when the run is over, and nobody is listening then.
  const receive = async () => {
    while (messages.length === 0) {
      await Promise.race([
        ended,
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      ]);
    }
    return messages.shift();
  };
  return { child, receive, first: await receive() };
}

/** Starts a server script of the harness and returns it with the base address that it listens on. */
export async function startOwnServer(options: OwnServiceOptions): Promise<{ child: Child; base: string }> {
  const { child, first } = await startOwnService(options);
  const { port } = first as { port: number };
  return { child, base: `http://127.0.0.1:${port}` };
}
