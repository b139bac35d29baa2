import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedKey } from '../../api/types.ts';

let server: ServerProcess;
let key: CreatedKey;
beforeAll(async () => {
  server = await sharedServer();
  key = await runJson<CreatedKey>(['keys', 'create', 'audited'], { server });
}, firstUseMs);
const cli = (...line: string[]) => runCli(line, { server });

test('the audit is listed, exported and verified', async () => {
  const listed = await cli('audit', 'list', '--target', key.id);
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout).toContain('key.create');
  for (const line of listed.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  const lines = (await cli('audit', 'export', '--target', key.id)).stdout.trim().split('\n');
  expect(JSON.parse(lines[0]!)).toMatchObject({ action: 'key.create', targetId: key.id });
  expect((await cli('audit', 'export', '--format', 'csv')).stdout).toStartWith('seq,at,');

  const verified = await cli('audit', 'verify');
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  const anchor = /--anchor (\d+:[0-9a-f]{64})/.exec(verified.stdout)![1]!;
  expect((await cli('audit', 'verify', '--anchor', anchor)).code).toBe(0);
  const wrong = await cli(
    'audit',
    'verify',
    '--anchor',
    anchor.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  );
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain('Broken:');
}, 30_000);

test('what cannot be meant asks nothing of the server', async () => {
  for (const line of [
    ['audit', 'export', '--format', 'xml'],
    ['audit', 'verify', '--anchor', 'x'],
    ['audit', 'list', '--limit', 'all'],
  ])
    expect({ line, code: (await cli(...line)).code }).toEqual({ line, code: 2 });
});

test('re-wrapping says what it did', async () => {
  const done = await cli('secrets', 'rewrap');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain('under v1 of the master key');
});
