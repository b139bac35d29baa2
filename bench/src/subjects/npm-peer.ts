import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A gateway that others publish on npm: its folder's name, and a package.json that pins it. */
export interface NpmPeer {
  name: string;
  dependencies: Record<string, string>;
  overrides: Record<string, string>;
}

const installTimeoutMs = 180_000;

/**
 * Fills a folder outside the project from the npm registry, the first time, and returns it. Install scripts do not run.
 * Rejects with npm's last words when that fails.
 */
export async function installPeer({ name, dependencies, overrides }: NpmPeer): Promise<string> {
  if (!Bun.which('node') || !Bun.which('npm')) throw new Error('not installed: node and npm are not both on the path');
  const folder = join(tmpdir(), 'sluice-bench', name);
  const wanted = JSON.stringify({ private: true, dependencies, overrides }, null, 2);
  const installed = join(folder, 'installed.json');
  if ((await readFile(installed, 'utf8').catch(() => '')) === wanted) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), wanted);
  const npm = Bun.spawn(['npm', 'i', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    timeout: installTimeoutMs,
  });
  const complaint = await new Response(npm.stderr).text();
  if ((await npm.exited) !== 0) {
    throw new Error(`not installed: ${complaint.trim().split('\n').slice(-3).join(' ') || 'npm took too long'}`);
  }
  await writeFile(installed, wanted);
  return folder;
}

/** The whole environment of a peer: none of the person's own keys or settings. */
export function peerEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' };
}
