import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { isObject, tryParse } from './api/json.ts';
import { CliError } from './cli-error.ts';
import type { Environment } from './command.ts';

// In a checkout it is a file; the executable holds it, and starts it by a word of its own.
const program = fileURLToPath(new URL('../../server/src/operate.ts', import.meta.url));

/** What `scripts/executable.ts` is told to run operations instead of the command line. */
const operationWord = 'run-operation';

/**
 * Runs what needs the installation's own files and database, which this command line does not open itself: a program of the
 * server does. Throws CliError with what that says.
 */
export async function runOperation<Result>(name: string, wish: object, environment: Environment): Promise<Result> {
  const start = existsSync(program) ? program : operationWord;
  const child = spawn(process.execPath, [start, name, JSON.stringify(wish)], {
    env: environment as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [said, code] = await Promise.all([text(child.stdout), ended]);
  const answer = tryParse(said.trim().split('\n').at(-1) ?? '');
  if (isObject(answer) && 'result' in answer) return answer.result as Result;
  const { message, hint } = (isObject(answer) && isObject(answer.error) ? answer.error : {}) as Record<string, string>;
  throw new CliError(message ?? `\`${name}\` ended with ${code}.`, hint);
}
