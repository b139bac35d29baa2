import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../test/shared-server.ts';
import type { CreatedKey, Stats, UsageRow } from '../api/types.ts';

interface Usage {
  by: string;
  from?: string;
  to?: string;
  data: (UsageRow & { name?: string })[];
  totals: Stats;
}

let server: ServerProcess;
/** Sees its own calls alone: two that were answered, one that failed. */
let key: string;
let keyId: string;

beforeAll(async () => {
  server = await sharedServer();
  ({ key, id: keyId } = await runJson<CreatedKey>(['keys', 'create', 'spender'], { server }));
  const say = (...line: string[]) => runCli(['chat', '--once', '--key', key, ...line], { server });
  expect((await say('-m', 'sandbox/sandbox-small', 'count to 5')).code).toBe(0);
  expect((await say('-m', 'sandbox/sandbox-large', 'count to 9')).code).toBe(0);
  expect((await say('-m', 'slow/sandbox-small', 'sandbox:error=400')).code).toBe(1);
}, firstUseMs);

const usage = (...line: string[]) => runCli(['usage', '--key', key, ...line], { server });
const usageJson = (...line: string[]) => runJson<Usage>(['usage', '--key', key, ...line], { server });

test('the rows add up to the totals, and the cost is what the list prices say', async () => {
  const { by, data, totals } = await usageJson('--by', 'model');
  expect(by).toBe('model');
  expect(totals).toMatchObject({ requests: 3, errors: 1, unpriced: 0 });
  for (const field of ['requests', 'errors', 'inputTokens', 'outputTokens', 'totalTokens'] as const) {
    expect(data.reduce((sum, row) => sum + row[field], 0)).toBe(totals[field]);
  }
  const large = data.find(({ group }) => group === 'sandbox/sandbox-large')!;
  expect(Number(large.costUsd)).toBeCloseTo((large.inputTokens * 1 + large.outputTokens * 4) / 1e6, 9);
  expect(totals.latencyMs.p50).toBeGreaterThan(0);
});

test('the table ends with totals, cost, savings and percentiles, in 80 columns', async () => {
  const { code, stdout } = await usage('--by', 'model');
  expect(code).toBe(0);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/^total +3 +1 +\d+ +0 +\d+ +\$0\.\d+ +/m);
  expect(stdout).toMatch(/^Cost +\$0\.0\d+$/m);
  expect(stdout).toMatch(/^Saved +-?\$\d/m);
  expect(stdout).toMatch(/^Latency +p50 .*s, p95 .*s, p99 .*s$/m);
  expect(stdout).toMatch(/^First token +p50 .*s, p95 .*s, p99 .*s$/m);
  expect(stdout).not.toMatch(/\de-\d/);
});

test('the period is read as whole days, times or distances', async () => {
  const today = new Date().toISOString().slice(0, 10);
  expect((await usageJson('--from', today, '--to', today)).totals.requests).toBe(3);
  expect((await usageJson('--from', '1h')).totals.requests).toBe(3);
  const past = await usageJson('--to', '2020-01-31');
  expect(past).toMatchObject({ to: '2020-02-01T00:00:00.000Z', data: [] });
  expect((await usage('--to', '2020-01-31')).stdout).toBe('There are no calls in this time.\n');
  expect((await usage('--from', '2026-02-02', '--to', '2026-02-01')).code).toBe(2);
  expect((await usage('--from', 'yesterday')).code).toBe(2);
  expect((await usage('--by', 'modle')).stderr).toContain('Did you mean `model`?');
});

test('administrators see the names of keys', async () => {
  const { data } = await runJson<Usage>(['usage', '--by', 'key'], { server });
  expect(data.find(({ group }) => group === keyId)).toMatchObject({ name: 'spender', requests: 3 });
});
