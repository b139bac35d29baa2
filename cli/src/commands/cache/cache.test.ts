import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

test('the figures are told in a line, and as JSON for programs', async () => {
  const stats = await runJson<{ hits: number; misses: number }>(['cache', 'stats'], { server });
  expect(stats).toMatchObject({ hits: 0, misses: 0 });
  const { stdout, code } = await runCli(['cache', 'stats', '--from', '7d'], { server });
  expect([code, stdout]).toEqual([0, expect.stringContaining('0 hits of 0, $0 saved')]);
});

test('answers are cleared, all or some of them', async () => {
  for (const line of [[], ['--model', 'a'], ['--tag', 'b'], ['--cache-key', 'c']])
    expect(await runJson<object>(['cache', 'clear', ...line], { server })).toEqual({ removed: 0 });
  const both = await runCli(['cache', 'clear', '--model', 'a', '--tag', 'b'], { server });
  expect(both.code).toBe(2);
});
