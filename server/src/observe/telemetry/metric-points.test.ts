import { expect, test } from 'bun:test';
import { Counter, Registry } from 'prom-client';
import { callRow } from '../../../test/support/rows.ts';
import { createMetrics } from '../metrics.ts';
import { createMetricReader } from './metric-points.ts';

test('as differences, counters and histograms say what came since the last reading', async () => {
  const clock = { ms: 1000 };
  const metrics = createMetrics({ coolingCredentials: () => 3, openCircuits: () => 0 });
  const read = createMetricReader(metrics.registry, 500, () => clock.ms);
  const reading = async () => {
    const found = await read('delta');
    const of = (name: string) => found.find((metric) => metric.name === name)!;
    const requests = of('api_gateway_requests_total').sum!;
    const duration = of('api_gateway_request_duration_seconds').histogram!;
    return {
      temporality: [requests.aggregationTemporality, duration.aggregationTemporality],
      requests: requests.dataPoints[0]!.asDouble,
      count: duration.dataPoints[0]!.count,
      sum: duration.dataPoints[0]!.sum!.toFixed(3),
      since: requests.dataPoints[0]!.startTimeUnixNano,
      cooling: of('api_gateway_cooldowns').gauge!.dataPoints[0]!.asDouble,
    };
  };
  for (const latencyMs of [10, 20, 30]) metrics.settled(callRow({ latencyMs }), undefined);
  const temporality = [1, 1];
  expect(await reading()).toEqual({
    temporality,
    requests: 3,
    count: '3',
    sum: '0.060',
    since: '500000000',
    cooling: 3,
  });
  metrics.settled(callRow({ latencyMs: 40 }), undefined);
  clock.ms = 2000;
  expect(await reading()).toEqual({
    temporality,
    requests: 1,
    count: '1',
    sum: '0.040',
    since: '1000000000',
    cooling: 3,
  });
});

test('in all, they say what came since the start, every time', async () => {
  const registry = new Registry();
  const counter = new Counter({ name: 'things_total', help: 'Things.', registers: [registry], labelNames: ['kind'] });
  const read = createMetricReader(registry, 500, () => 1000);
  counter.inc({ kind: 'a' }, 2);
  for (let time = 0; time < 2; time++) {
    const [metric] = await read('cumulative');
    expect(metric!.sum).toMatchObject({ aggregationTemporality: 2, isMonotonic: true });
    expect(metric!.sum!.dataPoints[0]).toMatchObject({ asDouble: 2, startTimeUnixNano: '500000000' });
  }
});
