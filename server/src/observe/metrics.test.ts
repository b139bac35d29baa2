import { expect, test } from 'bun:test';
import { callRow } from '../../test/support/rows.ts';
import { createMetrics } from './metrics.ts';

const setUp = (state = { cooling: 0, open: 0 }) => ({
  state,
  metrics: createMetrics({ coolingCredentials: () => state.cooling, openCircuits: () => state.open }),
});

/** The value of one sample, by its name and labels as they are written. */
async function sample(
  metrics: ReturnType<typeof createMetrics>,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  for (const line of (await metrics.registry.metrics()).split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    const found = Object.fromEntries(
      [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]),
    );
    if (
      Object.keys(found).length === Object.keys(labels).length &&
      Object.entries(labels).every(([key, value]) => found[key] === value)
    )
      return Number(match[3]);
  }
  return undefined;
}

test('a settled call is counted by model, backend and status, timed and charged', async () => {
  const { metrics } = setUp();
  metrics.settled(callRow({ costNanos: 2_500_000_000, latencyMs: 200, firstTokenMs: 40 }), 0.3);
  metrics.settled(callRow({ costNanos: 500_000_000, latencyMs: 100, firstTokenMs: 20 }), undefined);
  metrics.settled(callRow({ status: 503, costNanos: 0, firstTokenMs: undefined }), undefined);
  const at = { model: 'mock/tiny', backend: 'mock' };
  expect(await sample(metrics, 'api_gateway_requests_total', { ...at, status: '200' })).toBe(2);
  expect(await sample(metrics, 'api_gateway_requests_total', { ...at, status: '503' })).toBe(1);
  expect(await sample(metrics, 'api_gateway_request_duration_seconds_count', at)).toBe(3);
  expect(await sample(metrics, 'api_gateway_request_duration_seconds_sum', at)).toBeCloseTo(0.3125, 6);
  expect(await sample(metrics, 'api_gateway_request_duration_seconds_bucket', { ...at, le: '0.1' })).toBe(2);
  expect(await sample(metrics, 'api_gateway_cost_total', { model: 'mock/tiny' })).toBe(3);
  expect(await sample(metrics, 'api_gateway_time_to_first_token_seconds_count', at)).toBe(2);
  expect(await sample(metrics, 'api_gateway_time_to_first_token_seconds_sum', at)).toBeCloseTo(0.06, 6);
  expect(await sample(metrics, 'api_gateway_overhead_seconds_count')).toBe(1);
  expect(await sample(metrics, 'api_gateway_overhead_seconds_sum')).toBeCloseTo(0.0003, 9);
});

test('tokens are counted by kind', async () => {
  const { metrics } = setUp();
  metrics.settled(
    callRow({
      input: 1,
      audioInput: 2,
      cacheRead: 4,
      cacheWrite: 8,
      cacheWrite1h: 16,
      output: 32,
      audioOutput: 64,
      reasoning: 5,
    }),
    undefined,
  );
  const tokens = (kind: string) => sample(metrics, 'api_gateway_tokens_total', { model: 'mock/tiny', kind });
  expect(await Promise.all(['input', 'cache_read', 'cache_write', 'output', 'reasoning'].map(tokens))).toEqual([
    3, 4, 24, 96, 5,
  ]);
});

test('a call without a known price counts as unpriced and adds nothing to the cost', async () => {
  const { metrics } = setUp();
  metrics.settled(callRow({ costNanos: null }), undefined);
  expect(await sample(metrics, 'api_gateway_unpriced_total', { model: 'mock/tiny' })).toBe(1);
  expect(await sample(metrics, 'api_gateway_cost_total', { model: 'mock/tiny' })).toBeUndefined();
});

test('what the baseline would have cost is counted beside the cost, and what teams spend', async () => {
  const { metrics } = setUp();
  metrics.settled(callRow({ costNanos: 1_000_000_000, baselineNanos: 4_000_000_000, teamId: 'team_a' }), undefined);
  // Without a baseline nothing is saved; without a price nobody knows.
  metrics.settled(callRow({ costNanos: 500_000_000, baselineNanos: null }), undefined);
  metrics.settled(callRow({ costNanos: null, baselineNanos: null, teamId: 'team_a' }), undefined);
  expect(await sample(metrics, 'api_gateway_cost_total', { model: 'mock/tiny' })).toBe(1.5);
  expect(await sample(metrics, 'api_gateway_baseline_cost_total', { model: 'mock/tiny' })).toBe(4.5);
  expect(await sample(metrics, 'api_gateway_team_cost_total', { team: 'team_a' })).toBe(1);
  expect(await sample(metrics, 'api_gateway_team_requests_total', { team: 'team_a' })).toBe(2);
  expect(await sample(metrics, 'api_gateway_team_cost_total', { team: 'none' })).toBe(0.5);
  metrics.settled(callRow({ cache: 'exact' }), undefined);
  expect(await sample(metrics, 'api_gateway_cache_answers_total', { state: 'exact' })).toBe(1);
  expect(await sample(metrics, 'api_gateway_cache_answers_total', { state: 'none' })).toBe(3);
});

test('beyond a thousand teams the others are counted together', async () => {
  const { metrics } = setUp();
  for (let count = 0; count < 1010; count++) metrics.settled(callRow({ teamId: `team_${count}` }), undefined);
  expect(await sample(metrics, 'api_gateway_team_requests_total', { team: 'other' })).toBe(10);
  expect((await metrics.registry.metrics()).match(/^api_gateway_team_requests_total\{/gm)).toHaveLength(1001);
});

test("a name that nobody serves, the caller's own text, becomes no label", async () => {
  const { metrics } = setUp();
  for (let count = 0; count < 100; count++)
    metrics.settled(
      callRow({ modelAsked: `made-up-${count}`, modelUsed: undefined, provider: undefined, status: 404 }),
      undefined,
    );
  expect(await sample(metrics, 'api_gateway_requests_total', { model: 'none', backend: 'none', status: '404' })).toBe(
    100,
  );
  expect(await metrics.registry.metrics()).not.toContain('made-up');
});

test('tries, errors, requests in flight, resting credentials and open circuits can be seen', async () => {
  const { metrics, state } = setUp();
  metrics.attempted('mock', 'ok');
  metrics.attempted('mock', 'upstream_overloaded');
  metrics.attempted('mock', 'upstream_overloaded');
  metrics.failed('gemini', 'invalid_json');
  metrics.begun();
  metrics.begun();
  metrics.ended();
  expect(await sample(metrics, 'api_gateway_attempts_total', { backend: 'mock', outcome: 'upstream_overloaded' })).toBe(
    2,
  );
  expect(await sample(metrics, 'api_gateway_errors_total', { dialect: 'gemini', code: 'invalid_json' })).toBe(1);
  expect(await sample(metrics, 'api_gateway_in_flight')).toBe(1);
  state.cooling = 2;
  state.open = 3;
  expect(await sample(metrics, 'api_gateway_cooldowns')).toBe(2);
  expect(await sample(metrics, 'api_gateway_open_circuits')).toBe(3);
});

test('two processes in one, as in tests, do not share their counts', async () => {
  const first = setUp().metrics;
  const second = setUp().metrics;
  first.attempted('mock', 'ok');
  expect(await sample(second, 'api_gateway_attempts_total', { backend: 'mock', outcome: 'ok' })).toBeUndefined();
});
