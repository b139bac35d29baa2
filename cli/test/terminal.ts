import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { ServerProcess } from './shared-server.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const patienceMs = 15_000;

/** Whether there is a program that gives another one a terminal. */
export const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** The command line as a person runs it: in a terminal, with keys pressed one after the other. */
export function openTerminal(line: string, { url, dataDir }: ServerProcess) {
  // With `exec` there is no shell that Ctrl-C would reach too.
  const child = spawn('script', ['-qfec', `exec '${process.execPath}' '${program}' ${line}`, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', SLUICE_URL: url, SLUICE_DATA_DIR: dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let seen = 0;
  let look = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    look();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    type: (keys: string) => void child.stdin.write(keys),
    /** Resolves with what appeared since the last call, up to the end of the pattern. Rejects when it does not come. */
    see(pattern: RegExp): Promise<string> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${pattern} did not appear after ${JSON.stringify(shown.slice(seen))}`)),
          patienceMs,
        );
        look = () => {
          const rest = stripVTControlCharacters(shown).slice(seen);
          const match = pattern.exec(rest);
          if (!match) return;
          clearTimeout(timer);
          look = () => {};
          seen += match.index + match[0].length;
          resolve(rest.slice(0, match.index + match[0].length));
        };
        look();
      });
    },
    ended,
    [Symbol.dispose]: () => void child.kill(),
  };
}
