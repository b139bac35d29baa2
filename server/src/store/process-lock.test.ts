import { afterEach, expect, test } from 'bun:test';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/databases.ts';
import { takeLock } from './process-lock.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const lockPath = () => join(temporaryFolder(), 'lock');

const scriptOf = (path: string) =>
  `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, 'process-lock.ts'))};
takeLock(${JSON.stringify(path)}, ''); console.log('held'); setInterval(() => {}, 1000);`;

/** Another process that takes the lock and keeps it until it is killed. */
async function holder(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', scriptOf(path)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('a lock is taken once, and again when it was released', () => {
  const path = lockPath();
  const release = takeLock(path, '');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => takeLock(path, '')).toThrow(/already/);
  release();
  expect(existsSync(path)).toBe(false);
  takeLock(path, '')();
});

test('a lock that another process holds is refused in words that name it and say what to do', async () => {
  const path = lockPath();
  const { pid } = await holder(path);
  expect(() => takeLock(path, 'Stop it.')).toThrow(`Another Sluice (process ${pid}) uses this data folder. Stop it.`);
  expect(readFileSync(path, 'utf8')).toStartWith(String(pid));
});

test('the lock of a process that was killed is taken over', async () => {
  const path = lockPath();
  const child = await holder(path);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const release = takeLock(path, '');
  expect(readFileSync(path, 'utf8')).toStartWith(String(process.pid));
  release();
});

test.skipIf(process.platform !== 'linux')(
  'the lock of a process that has ended is taken over, though nobody asked how it ended',
  async () => {
    const path = lockPath();
    // The shell becomes a program that never asks after its children.
    const script = ['-c', '"$0" -e "$1" & exec sleep 600', process.execPath, scriptOf(path)];
    const parent = spawn('sh', script, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(parent);
    await once(parent.stdout, 'data');
    const pid = Number(readFileSync(path, 'utf8').split(' ')[0]);
    process.kill(pid, 'SIGKILL');
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) await new Promise((go) => setTimeout(go, 5));
    takeLock(path, '')();
  },
);

test('the lock of a process whose id was given to another one since is taken over', async () => {
  const path = lockPath();
  // The parent lives, and did not start in the first tick after boot.
  writeFileSync(path, `${process.ppid} 1`);
  takeLock(path, '')();
  writeFileSync(path, `${process.pid} 1`);
  takeLock(path, '')();
});

test('an empty lock is believed while its owner may still be writing, and not for ever', () => {
  const path = lockPath();
  writeFileSync(path, '');
  expect(() => takeLock(path, '')).toThrow('Another Sluice');
  utimesSync(path, 1, 1);
  takeLock(path, '')();
});
