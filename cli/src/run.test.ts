import { beforeAll, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { runCli } from '../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../test/shared-server.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const project = fileURLToPath(new URL('../../', import.meta.url));

test('the program `sluice` shows its help and its version', () => {
  const sluice = (...line: string[]) =>
    spawnSync('node', ['scripts/sluice.mjs', ...line], { cwd: project, encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync(`${project}package.json`, 'utf8')) as { version: string };
  expect(sluice('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  const help = sluice('--help');
  expect(help.status).toBe(0);
  for (const command of ['serve', 'chat', 'models', 'providers', 'keys', 'usage'])
    expect(help.stdout).toContain(`  ${command} `);
});

test('every command has help of at most 80 columns', async () => {
  const lines = [
    '',
    'serve',
    'chat',
    'explain',
    'groups',
    'groups set',
    'models',
    'models refresh',
    'providers',
    'providers test',
    'keys',
    'keys create',
    'keys list',
    'usage',
    'replay',
    'tasks export',
    'doctor',
    'backup',
    'restore',
    'migrate',
  ];
  for (const line of lines) {
    const { code, stdout, stderr } = await runCli([...line.split(' ').filter(Boolean), '--help']);
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
    expect(stdout).toContain(`  sluice${line && ` ${line}`} `);
    for (const each of stdout.split('\n')) expect(each.length).toBeLessThanOrEqual(80);
  }
  expect((await runCli(['help', 'keys', 'rotate'])).stdout).toContain('sluice keys rotate <id or name>');
});

test('a slip in the command line is corrected, with exit code 2 and nothing on stdout', async () => {
  const slips: [string[], string][] = [
    [['kyes'], 'Did you mean `keys`?'],
    [['keys', 'lsit'], 'Did you mean `keys list`?'],
    [['keys'], 'Commands: create, list, update, rotate, revoke.'],
    [['models', '--provder', 'x'], 'Did you mean `--provider`?'],
    [['models', '--url'], "'--url <value>' argument missing"],
    [['usage', 'today'], 'There is no command `usage today`.'],
  ];
  for (const [line, hint] of slips) {
    const { code, stdout, stderr } = await runCli(line);
    expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: '' });
    expect(stderr).toContain(hint);
  }
});

test('options may stand before the command', async () => {
  const { code, stdout } = await runCli(['--json', '--url', server.url, 'models'], { server });
  expect(code).toBe(0);
  expect(Array.isArray(JSON.parse(stdout))).toBe(true);
});

test('a server that is not running is said, and how to start it', async () => {
  const { code, stdout, stderr } = await runCli(['models'], { environment: { PORT: '9' } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(
    'error: No server is running at http://127.0.0.1:9.\n' +
      'Start one with `PORT=9 sluice serve`, or name another with --url or SLUICE_URL.\n',
  );
});

test('a wrong key and a missing one are told apart, with where they were looked for', async () => {
  const wrong = await runCli(['models', '--key', 'sl_live_wrong'], { server });
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain('The key was taken from --key.');
  const missing = await runCli(['models'], { server: { url: server.url, dataDir: '/nowhere' } });
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toContain('Looked last in /nowhere/admin-key.');
});

test('another program at the address is not mistaken for Sluice', async () => {
  const other = createServer((_request, response) => response.end('<h1>It works</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { code, stderr } = await runCli(['models', '--url', `127.0.0.1:${(other.address() as AddressInfo).port}`]);
  other.close();
  expect(code).toBe(1);
  expect(stderr).toContain('does not look like Sluice');
});

test('a pipe has no colours, even when they are asked for', async () => {
  const { stdout, stderr } = await runCli(['models', '--provider', 'nobody'], {
    server,
    environment: { FORCE_COLOR: '1' },
  });
  const help = await runCli(['--help'], { environment: { FORCE_COLOR: '1' } });
  expect(stdout + stderr + help.stdout).not.toContain('\x1b');
});
