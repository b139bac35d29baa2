import { beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { Budget, Plan } from '../../api/money-types.ts';
import type { CreatedKey } from '../../api/types.ts';

let server: ServerProcess;
let key: string;
let keyId: string;
beforeAll(async () => {
  server = await sharedServer();
  ({ key, id: keyId } = await runJson<CreatedKey>(['keys', 'create', 'budgeted'], { server }));
}, firstUseMs);

const cli = (...line: string[]) => runCli(line, { server });
const json = <Value>(...line: string[]) => runJson<Value>(line, { server });

test(
  'a budget for a key by its name is set, holds, is listed in 80 columns, and is removed',
  async () => {
    const made = await json<Budget>(
      'budgets',
      'create',
      'small',
      '--for',
      'key:budgeted',
      '--tokens',
      '100',
      '--per',
      'day',
    );
    expect(made).toMatchObject({
      scope: 'key',
      target: keyId,
      unit: 'tokens',
      limit: '100',
      window: 'day',
      hard: true,
    });
    const refused = await cli('chat', '--once', '--key', key, '-m', 'sandbox/sandbox-small', 'count to 5');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The budget "small" of 100 tokens a day has 100 tokens left');

    const { stdout } = await cli('budgets', 'list');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/small +key .* 100 +day +0 +0 +100/);
    expect((await cli('budgets', 'remove', 'small')).stdout).toContain(`Removed small (${made.id})`);
    expect((await cli('budgets', 'remove', 'small')).stderr).toContain('There is no budget "small"');
    expect((await cli('chat', '--once', '--key', key, '-m', 'sandbox/sandbox-small', 'count to 5')).code).toBe(0);
  },
  firstUseMs,
);

test('a wish that cannot be meant is refused before anything is sent', async () => {
  expect((await cli('budgets', 'create', 'x')).code).toBe(2);
  expect((await cli('budgets', 'create', 'x', '--usd', 'five')).code).toBe(2);
  expect((await cli('budgets', 'create', 'x', '--usd', '5', '--per', 'year')).code).toBe(2);
  expect((await cli('budgets', 'create', 'x', '--usd', '5', '--for', 'dog:rex')).code).toBe(2);
});

test('plans are listed', async () => {
  expect((await json<Plan[]>('plans', 'list')).map(({ name }) => name).sort()).toEqual(['Enterprise', 'Free', 'Pro']);
  expect((await cli('plans', 'list')).stdout).toMatch(/Free +1k +up to \$1\.00 per million/);
  expect((await cli('plans', 'assign', 'org_default', 'Fre')).stderr).toContain('Did you mean `Free`?');
});

test('usage is exported to a file, and options before the command do not hide it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'));
  const out = join(folder, 'calls.csv');
  expect((await cli('usage', 'export', '--from', '1d', '--out', out)).code).toBe(0);
  const lines = readFileSync(out, 'utf8').trim().split('\r\n');
  expect(lines[0]).toStartWith('request_id,at,');
  expect(lines.length).toBeGreaterThan(1);
  rmSync(folder, { recursive: true });
  expect(JSON.parse((await cli('usage', 'export', '--format', 'json', '--from', '1d')).stdout)).toHaveLength(
    lines.length - 1,
  );
  expect((await cli('usage', '--by', 'model')).code).toBe(0);
});
