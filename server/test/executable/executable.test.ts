import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';

// The single-file executable, built once and run in a folder where there is nothing.

setDefaultTimeout(databaseTimeoutMs);

const project = join(import.meta.dirname, '../../..');
const executable = join(temporaryFolder(), 'sluice');

let server: ServerProcess;
beforeAll(async () => {
  const built = spawnSync(process.execPath, ['scripts/build-executable.ts', `--outfile=${executable}`], {
    cwd: project,
    encoding: 'utf8',
  });
  expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 0, stderr: '' });
  server = startServer({ command: [executable, 'serve'], first: true });
  await server.ready();
}, databaseTimeoutMs);
afterAll(() => server?.end('SIGKILL'));

const sluice = async (...line: string[]) => {
  const { status, stdout, stderr } = spawnSync(executable, line, {
    cwd: server.folder,
    encoding: 'utf8',
    env: { SLUICE_URL: await server.url, SLUICE_KEY: adminKey },
  });
  return { status, stdout, stderr };
};

test('it serves calls, and writes them into the database that is in it', async () => {
  expect(readdirSync(server.folder)).toEqual(['data']);
  const answer = await server.chat({ messages: [{ role: 'user', content: 'sandbox:tokens=3' }] });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  // A price of the catalogue: both lists are in it.
  const { data: models } = (await (await server.ask('/v1/models')).json()) as { data: { id: string }[] };
  expect(models.map(({ id }) => id)).toContain('sandbox/sandbox-small');
  const row = async () =>
    ((await (await server.ask('/api/v1/calls')).json()) as { data: { output: number }[] }).data[0];
  while (!(await row())) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await row())?.output).toBe(3);
});

test('what it tells newcomers to run can be run where there is no checkout', async () => {
  const told = () => /^ {2}(\S.*?) --url/m.exec(server.said.out)?.[1];
  while (!told()) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told()).toBe('sluice setup');
});

test('it serves the app with all that its page loads, the documentation and the reference', async () => {
  const url = await server.url;
  const page = await (await fetch(url)).text();
  const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
  expect(parts.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(3);
  expect(parts.some((path) => path.endsWith('.css'))).toBe(true);
  const documented = ['/docs', '/docs/architecture', '/docs/assets/rapidoc-min.js', '/docs/reference/configuration'];
  for (const path of [...parts, ...documented]) {
    const response = await fetch(url + path);
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }
});

test('people make their account, sign in and are offered a passkey', async () => {
  while (!/--token setup_/.test(server.said.out)) await new Promise((resolve) => setTimeout(resolve, 20));
  const [, token] = /--token (setup_\w+)/.exec(server.said.out)!;
  const person = { email: 'ada@example.com', password: 'correct horse battery' };
  const made = await server.ask('/api/v1/setup', {
    method: 'POST',
    body: JSON.stringify({ token, name: 'Ada', ...person }),
  });
  expect(made.ok).toBe(true);
  const origin = await server.url;
  const signedIn = await fetch(`${origin}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  expect(signedIn.status).toBe(200);
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const offered = await fetch(`${origin}/api/auth/passkey/generate-register-options`, { headers: { origin, cookie } });
  expect(await offered.json()).toMatchObject({ user: { name: 'ada@example.com' } });
});

test('it is the command line too', async () => {
  const { version } = (await Bun.file(join(project, 'package.json')).json()) as { version: string };
  expect(await sluice('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(await sluice('health', '--ready')).toEqual({ status: 0, stdout: 'ready\n', stderr: '' });
  expect((await sluice('keys', 'create', 'laptop')).status).toBe(0);
  const listed = await sluice('keys', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'laptop' }]);
  const refreshed = await sluice('models', 'refresh', '--from', executable);
  expect(refreshed).toMatchObject({ status: 1, stdout: '' });
  expect(refreshed.stderr).toContain('in the executable');
  expect((await sluice('serve', '--help')).stdout).toContain('Starts the server in this terminal');
});

test('what looks after an installation is in it too', async () => {
  const { port } = new URL(await server.url);
  const operate = (...line: string[]) => {
    const env = { SLUICE_ADMIN_KEY: adminKey, PORT: port };
    const { status, stdout, stderr } = spawnSync(executable, line, { cwd: server.folder, encoding: 'utf8', env });
    return { status, stdout, stderr };
  };
  expect(JSON.parse(operate('doctor', '--json').stdout)).toContainEqual(expect.objectContaining({ check: 'sluice' }));
  const file = join(temporaryFolder(), 'all.tar.gz');
  expect(operate('backup', '--out', file)).toMatchObject({ status: 0 });
  expect(statSync(file).size).toBeGreaterThan(1000);
});

test('it lets as many requests go out at once as a checkout does, and ends when it is told to', async () => {
  const environment = spawnSync('cat', [`/proc/${server.pid}/environ`], { encoding: 'utf8' }).stdout.split('\0');
  if (process.platform === 'linux') expect(environment).toContain('BUN_CONFIG_MAX_HTTP_REQUESTS=16384');
  expect(await server.end('SIGTERM')).toBe(0);
});
