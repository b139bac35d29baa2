import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/databases.ts';

export const root = join(import.meta.dirname, '../../..');
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');
export const readYaml = (path: string) => parse(read(path), { merge: true });
export const { version } = JSON.parse(read('package.json')) as { version: string };

/** Files below a folder, by their path from the project's root. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !/compose\/(secrets\/|\.env$)/.test(path))
    .sort();

export interface Service {
  image: string;
  build?: unknown;
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
  restart?: string;
  profiles?: string[];
}
export const composeFiles = ['solo', 'full'];
export const servicesOf = (name: string): [string, Service][] =>
  Object.entries(readYaml(`deploy/compose/${name}.yaml`).services);
export const isSluice = ([, { image }]: [string, Service]): boolean => image.includes('SLUICE_IMAGE');

/** A copy of `deploy` in which `up.sh prepare` has been run; its folder `compose`. */
export function preparedCompose(): { folder: string; said: string; prepare(): void } {
  const copy = temporaryFolder();
  mkdirSync(join(copy, 'deploy'));
  cpSync(join(root, 'deploy'), join(copy, 'deploy'), {
    recursive: true,
    filter: (path) => !/compose\/(secrets|\.env)$/.test(path),
  });
  const folder = join(copy, 'deploy/compose');
  let said = '';
  const prepare = () => {
    const { status, stdout, stderr } = spawnSync('sh', ['up.sh', 'prepare'], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`up.sh prepare ended with ${status}: ${stdout}${stderr}`);
    said += stdout;
  };
  prepare();
  return { folder, said, prepare };
}

export const environmentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(join(folder, '.env'), 'utf8')
      .split('\n')
      .map((line) => /^([A-Z0-9_]+)=(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, value]) => [name!, value!]),
  );

/** Tools of npm that are too large for everybody's `npm ci`: `.ci/run` installs them in this folder. */
const toolFolder = process.env.SLUICE_TEST_TOOLS;
export const toolPath = (path: string): string | undefined => {
  const full = toolFolder && join(toolFolder, path);
  return full && existsSync(full) ? full : undefined;
};

/** Where a program is; says once what is left out without it. */
export function findTool(name: string, debianPackage: string, found?: string): string | undefined {
  const path = found ?? Bun.which(name, { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }) ?? undefined;
  if (!path) console.log(`Skipped: what ${name} would find in deploy/. To run it, ${debianPackage}.`);
  return path;
}

/** Runs a tool to its end; throws what it said when it found fault. */
export function runTool(path: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr, error } = spawnSync(path, args, {
    cwd: options.cwd ?? root,
    encoding: 'utf8',
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: temporaryFolder(), LC_ALL: 'C.UTF-8', ...options.env },
  });
  if (status !== 0) throw new Error(`${path} ${args.join(' ')} ended with ${status ?? error}:\n${stdout}${stderr}`);
  return stdout;
}

/** The text as this nginx takes it: `http2 on` came with 1.25.1 and was a word of `listen` before. */
export function forNginx(nginx: string, text: string): string {
  const isOld = /nginx\/1\.(1\d|2[0-4])\./.test(Bun.spawnSync([nginx, '-v']).stderr.toString());
  if (!isOld || !text.includes('http2 on;')) return text;
  return text.replace(/^\s*http2 on;$/m, '').replace(/^(\s*listen \S+ ssl);$/m, '$1 http2;');
}

/** `nginx -t` over a configuration whose hosts, ports and files are put where this machine has them: in `folder`. */
export function testNginx(nginx: string, text: string, folder: string): void {
  const path = join(folder, 'nginx.conf');
  const local = text
    .replaceAll('/tmp/', `${folder}/`)
    .replaceAll('/etc/nginx/tls.', `${folder}/tls.`)
    .replace(/sluice-[ab]:8080/g, '127.0.0.1:8080');
  writeFileSync(path, forNginx(nginx, local));
  runTool(nginx, ['-t', '-q', '-c', path, '-e', join(folder, 'error.log')]);
}
