import { beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import { costNanos, type ExportedCall, nanosOf, priceCalls, type Replayed } from './price-calls.ts';

const call = (over: Partial<ExportedCall> = {}): ExportedCall => ({
  request_id: 'req_1',
  at: '2026-12-01T10:00:00.000Z',
  operation: 'chat',
  model_used: 'a/large',
  input_tokens: 1000,
  cache_read_tokens: 500,
  cache_write_tokens: 0,
  output_tokens: 200,
  cost_usd: '0.01',
  ...over,
});

test('dollars are exact, and tokens are priced in whole nano-dollars', () => {
  expect([nanosOf('0.01'), nanosOf('12'), nanosOf('0.000000001'), nanosOf('3.1')]).toEqual([
    10_000_000, 12_000_000_000, 1, 3_100_000_000,
  ]);
  expect(costNanos(call(), { input: 0.1, output: 0.4 })).toBe(150_000 + 80_000);
  expect(costNanos(call(), { input: 0.1 })).toBeUndefined();
  expect(costNanos(call({ output_tokens: 0 }), { input: 0.1 })).toBe(150_000);
});

test('calls are summed by day; what has no price on either side is left out and counted', () => {
  const calls = [call(), call({ at: '2026-12-02T00:00:00.000Z' }), call({ cost_usd: null })];
  const { total, days, models } = priceCalls(
    calls,
    () => 'b/small',
    () => ({ input: 1, output: 1 }),
  );
  expect(total).toEqual({ calls: 3, wasNanos: 20_000_000, wouldNanos: 3_400_000, unpriced: 1 });
  expect(days.map(([day, { calls: count }]) => [day, count])).toEqual([
    ['2026-12-01', 2],
    ['2026-12-02', 1],
  ]);
  expect(models).toEqual([['b/small', 3]]);
});

let server: ServerProcess;
let file: string;
beforeAll(async () => {
  server = await sharedServer();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
  file = join(folder, 'calls.json');
  for (const model of ['sandbox/sandbox-large', 'sandbox/sandbox-large'])
    await runCli(['chat', '--once', '-m', model, 'count to 9'], { server });
  await runCli(['usage', 'export', '--format', 'json', '--model', 'sandbox/sandbox-large', '--out', file], { server });
  writeFileSync(join(folder, 'other.json'), '[{"a":1}]');
}, firstUseMs);

const replayed = (...line: string[]) => runJson<Replayed>(['replay', file, ...line], { server });

test('an export of the ledger is priced at another model', async () => {
  const { total, models } = await replayed('-m', 'sandbox/sandbox-small');
  expect(total.calls).toBeGreaterThanOrEqual(2);
  // The small sandbox costs a twentieth of the large one.
  expect(total.wouldNanos / total.wasNanos).toBeCloseTo(0.05, 2);
  expect(models[0]![0]).toBe('sandbox/sandbox-small');
  const { stdout } = await runCli(['replay', file, '-m', 'sandbox/sandbox-small'], { server });
  expect(stdout).toContain('-95 %');
});

test('the cheapest of several, and shares of the calls', async () => {
  const cheapest = await replayed('--cheapest', 'sandbox/sandbox-large,sandbox/sandbox-small');
  expect(cheapest.models[0]![0]).toBe('sandbox/sandbox-small');
  const none = await replayed('--share', 'sandbox/sandbox-small=0');
  expect(none.total.wouldNanos).toBe(none.total.wasNanos);
  const all = await replayed('--share', 'sandbox/sandbox-small=100');
  expect(all.total.wouldNanos).toBe(cheapest.total.wouldNanos);
});

test.each([
  [[], 'Say one of --model, --cheapest and --share.'],
  [['-m', 'a', '--cheapest', 'b'], 'Say one of'],
  [['-m', 'nobody/x'], 'There is no model `nobody/x` here.'],
  [['--share', 'sandbox/sandbox-small'], 'is not a model and a percentage'],
  [['--share', 'sandbox/sandbox-small=60', '--share', 'sandbox/sandbox-large=60'], 'more than 100'],
])('%o is refused in words', async (line, message) => {
  const { code, stderr } = await runCli(['replay', file, ...line], { server });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a file that is no export is said', async () => {
  const wrong = (name: string) => runCli(['replay', name, '-m', 'sandbox/sandbox-small'], { server });
  expect((await wrong('/no/such')).stderr).toContain('cannot be read');
  expect((await wrong(file.replace('calls', 'other'))).stderr).toContain('is no export of calls');
});
