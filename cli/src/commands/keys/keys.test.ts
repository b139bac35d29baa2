import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedKey, Key } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const json = <Value>(...line: string[]) => runJson<Value>(line, { server });
const cli = (...line: string[]) => runCli(line, { server });
const say = (key: string) => runCli(['chat', '--once', 'what is 2+3', '--key', key], { server });

test(
  'a key works from its creation to its revocation, and its old secret ends when it is rotated',
  async () => {
    const created = await json<CreatedKey>('keys', 'create', 'laptop');
    expect(created).toMatchObject({ name: 'laptop', role: 'member', models: null, expiresAt: null });
    expect(await say(created.key)).toMatchObject({ code: 0, stdout: '[sandbox small] 2 + 3 = 5\n' });

    const rotated = await json<CreatedKey>('keys', 'rotate', 'laptop');
    expect(rotated.id).toBe(created.id);
    expect((await say(created.key)).stderr).toContain('unknown or revoked');
    expect((await say(rotated.key)).code).toBe(0);

    const revoked = await cli('keys', 'revoke', 'laptop');
    expect(revoked).toMatchObject({ code: 0, stderr: '' });
    const refused = await say(rotated.key);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('The key was taken from --key.');
    expect((await cli('keys', 'revoke', 'laptop')).stderr).toContain('is revoked already');
  },
  firstUseMs,
);

test('a key has the role, the models and the expiry that were asked for', async () => {
  const wish = ['-m', 'sandbox/sandbox-large', '--model', 'quick', '--role', 'admin', '--expires', '2099-12-31'];
  const created = await json<CreatedKey>('keys', 'create', 'ci', ...wish);
  expect(created).toMatchObject({
    role: 'admin',
    models: ['sandbox/sandbox-large', 'quick'],
    expiresAt: '2100-01-01T00:00:00.000Z',
  });
  const other = await runCli(['chat', '-m', 'sandbox/sandbox-small', 'hi', '--key', created.key], { server });
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('may not use the model "sandbox/sandbox-small"');
  const soon = await json<CreatedKey>('keys', 'create', 'short', '--expires', '30d');
  expect(Math.abs(Date.parse(soon.expiresAt ?? '') - Date.now() - 30 * 86_400_000)).toBeLessThan(60_000);
});

test('the list fits 80 columns and tells live keys from revoked ones', async () => {
  const { id } = await json<CreatedKey>(
    'keys',
    'create',
    'a name that is so long that it takes more than one line of a table',
  );
  await json('keys', 'create', 'gone');
  await json('keys', 'revoke', 'gone');
  const { stdout, code } = await cli('keys', 'list');
  expect(code).toBe(0);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout).toContain(id.slice(0, 12));
  expect(stdout).toMatch(/ gone +member +…\w{4} +all +revoked +never/);
  const keys = await json<Key[]>('keys', 'list');
  expect(keys.find((key) => key.id === id)).toMatchObject({ revokedAt: null });
  expect(keys.some((key) => 'key' in key)).toBe(false);
});

test('a key is found by its id, the beginning of its id or its name, and never guessed at', async () => {
  const first = await json<CreatedKey>('keys', 'create', 'twin');
  const second = await json<CreatedKey>('keys', 'create', 'twin');
  const both = await cli('keys', 'rotate', 'twin');
  expect(both.code).toBe(1);
  expect(both.stderr).toContain(first.id);
  expect(both.stderr).toContain(second.id);
  expect((await json<Key>('keys', 'revoke', first.id.slice(0, 12))).id).toBe(first.id);
  // Only one live key has the name now.
  expect((await json<Key>('keys', 'rotate', 'twin')).id).toBe(second.id);
  expect((await cli('keys', 'revoke', 'twni')).stderr).toContain('Did you mean `twin`?');
});

test('a member may not touch keys, and is told whose key it takes', async () => {
  const { key } = await json<CreatedKey>('keys', 'create', 'member');
  const { code, stdout, stderr } = await runCli(['keys', 'list', '--json'], {
    server,
    environment: { SLUICE_KEY: key },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('lacks the permission keys:read');
  expect(stderr).toContain('The key was taken from SLUICE_KEY.');
});

test('a wish that cannot be meant creates nothing', async () => {
  const before = (await json<Key[]>('keys', 'list')).length;
  const wrong = [
    ['--role', 'boss'],
    ['--expires', 'soon'],
    ['--expires', '2020-01-01'],
    ['--expires', '2099-02-31'],
    ['second'],
    ['--modle', 'x'],
  ];
  for (const line of wrong)
    expect({ line, code: (await cli('keys', 'create', 'wrong', ...line)).code }).toEqual({ line, code: 2 });
  expect((await cli('keys', 'create')).stderr).toContain('<name> is missing');
  expect((await json<Key[]>('keys', 'list')).length).toBe(before);
}, 15_000);

test('a key is limited, changed, and rotated with an overlap in which both secrets work', async () => {
  const limits = [
    '--group',
    'writers',
    '--dialect',
    'openai-*',
    '--route',
    '/v1/*',
    '--address',
    '127.0.0.0/8',
    '--tag',
    'ci',
  ];
  const created = await json<CreatedKey>('keys', 'create', 'narrow', ...limits);
  expect(created).toMatchObject({
    scopes: { groups: ['writers'], dialects: ['openai-*'], routes: ['/v1/*'] },
    addresses: ['127.0.0.0/8'],
    tags: ['ci'],
  });
  const changed = await json<Key>('keys', 'update', 'narrow', '--name', 'wider', '--no', 'scopes', '-m', 'sandbox/*');
  expect(changed).toMatchObject({ id: created.id, name: 'wider', scopes: null, models: ['sandbox/*'], tags: ['ci'] });
  const rotated = await json<CreatedKey>('keys', 'rotate', 'wider', '--overlap', '10m');
  expect(Math.abs(Date.parse(rotated.previousUntil ?? '') - Date.now() - 600_000)).toBeLessThan(60_000);
  expect((await say(created.key)).code).toBe(0);
  expect((await say(rotated.key)).code).toBe(0);
  for (const line of [
    ['update', 'wider'],
    ['update', 'wider', '--no', 'name'],
    ['rotate', 'wider', '--overlap', 'soon'],
    ['create', 'x', '--service', '--user', 'user_1'],
  ])
    expect({ line, code: (await cli('keys', ...line)).code }).toEqual({ line, code: 2 });
}, 30_000);
