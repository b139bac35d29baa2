import { expect, test } from 'bun:test';
import { bucketOf, latencyBuckets, percentilesOf } from './latency-histogram.ts';
import { createLiveMetrics, type LiveMetrics, type ReplicaSecond } from './live-metrics.ts';
import { type LiveCall, writeSums, writtenSums } from './live-sums.ts';

const start = 1_000_000;

function call(over: Partial<LiveCall> = {}): LiveCall {
  return {
    organisationId: 'org_a',
    modelUsed: 'a/small',
    provider: 'a',
    outcome: 'ok',
    latencyMs: 100,
    costNanos: 1000,
    baselineNanos: 1500,
    input: 10,
    audioInput: 0,
    cacheRead: 5,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: 7,
    audioOutput: 0,
    ...over,
  };
}

function clock() {
  const time = { second: start };
  return { time, now: () => time.second * 1000 + 400 };
}

/** What is shown next, as pairs of second and requests. */
function requestsShown(metrics: LiveMetrics, organisationId?: string): [number, number][] {
  metrics.finish(0);
  return [...metrics.seconds(metrics.show(), organisationId)].map(({ second, sums }) => [
    second - start,
    sums.requests,
  ]);
}

test('a second holds the calls that ended in it, those of each organisation for itself and all of them together', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now });
  metrics.add(call());
  metrics.add(call({ modelUsed: 'b/big', provider: 'b', outcome: 'failed', costNanos: null, baselineNanos: null }));
  metrics.add(call({ organisationId: 'org_b' }));
  expect([...metrics.seconds(metrics.show())]).toEqual([]);
  time.second += 1;
  metrics.add(call());
  metrics.finish(3);
  const range = metrics.show();
  const [own] = [...metrics.seconds(range, 'org_a')];
  expect(own!.sums).toMatchObject({ requests: 2, errors: 1, input: 30, output: 14, costNanos: 1000, savedNanos: 500 });
  expect([...own!.sums.models]).toEqual([
    ['a/small', { requests: 1, costNanos: 1000 }],
    ['b/big', { requests: 1, costNanos: 0 }],
  ]);
  expect([...own!.sums.providers]).toEqual([
    ['a', { requests: 1, errors: 0 }],
    ['b', { requests: 1, errors: 1 }],
  ]);
  expect(own!.inFlight).toBeUndefined();
  expect([...metrics.seconds(range)]).toMatchObject([{ second: start, inFlight: 3, sums: { requests: 3 } }]);
  expect([...metrics.seconds(range, 'org_none')]).toMatchObject([{ sums: { requests: 0 }, latencyMs: { p50: null } }]);
});

test('every second is shown once, empty ones too, and two minutes of them are kept', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now });
  metrics.add(call());
  time.second += 3;
  expect(requestsShown(metrics)).toEqual([
    [0, 1],
    [1, 0],
    [2, 0],
  ]);
  expect(requestsShown(metrics)).toEqual([]);
  expect([...metrics.seconds(metrics.shownSeconds())]).toHaveLength(3);
  time.second += 500;
  // A machine that slept: what is further back is of no interest.
  expect(requestsShown(metrics)).toHaveLength(120);
  expect([...metrics.seconds(metrics.shownSeconds())].map(({ second }) => second - start)).toEqual(
    Array.from({ length: 120 }, (_, at) => 383 + at),
  );
});

test('latencies are those of the last minute, whichever second asks', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now });
  for (let each = 0; each < 99; each++) metrics.add(call({ latencyMs: 100 }));
  metrics.add(call({ latencyMs: 10_000 }));
  time.second += 59;
  metrics.add(call({ latencyMs: 1 }));
  time.second += 2;
  metrics.finish(0);
  metrics.show();
  const seconds = [...metrics.seconds(metrics.shownSeconds(), 'org_a')];
  expect(seconds[0]!.latencyMs.p50).toBeWithin(95, 105);
  expect(seconds[0]!.latencyMs.p99).toBeWithin(95, 105);
  expect(seconds[59]!.latencyMs.p50).toBeWithin(95, 105);
  // The first second is a minute ago now.
  expect(seconds[60]!.latencyMs.p99).toBeWithin(0.95, 1.05);
});

test('several replicas together show what one would, and each sum once', () => {
  const { time, now } = clock();
  const replicas = [createLiveMetrics({ now }), createLiveMetrics({ now })];
  const shown = replicas.map(() => [0, 0]);
  for (let second = 0; second < 20; second++) {
    for (const [at, replica] of replicas.entries())
      for (let each = 0; each < second * (at + 1); each++)
        replica.add(call({ organisationId: each % 2 ? 'org_a' : 'org_b' }));
    time.second += 1;
    const sent = replicas.map((replica) => replica.finish(1));
    for (const [at, replica] of replicas.entries()) {
      for (const each of sent[1 - at]!) replica.receive(overTheWire(each));
      const range = replica.show();
      for (const { sums, inFlight } of replica.seconds(range)) {
        expect(inFlight).toBe(2);
        shown[at]![0]! += sums.requests;
      }
      for (const { sums } of replica.seconds(range, 'org_a')) shown[at]![1]! += sums.requests;
    }
  }
  const all = 3 * 190;
  expect(shown[0]).toEqual(shown[1]!);
  expect(shown[0]![0]).toBe(all);
  expect(shown[0]![1]).toBeLessThan(all / 2 + 1);
});

const overTheWire = (second: ReplicaSecond): ReplicaSecond => ({
  ...second,
  organisations: new Map(
    [...second.organisations].map(([id, sums]) => [id, writtenSums.parse(JSON.parse(JSON.stringify(writeSums(sums))))]),
  ),
});

test('what another replica sends too late, or with a clock that is ahead, is counted in a second that is still to come', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now });
  const other = createLiveMetrics({ now });
  other.add(call());
  time.second += 1;
  const [late] = other.finish(9);
  expect(requestsShown(metrics)).toEqual([[0, 0]]);
  metrics.receive(late!);
  metrics.receive({ ...late!, second: start + 5000 });
  time.second += 1;
  metrics.finish(0);
  expect([...metrics.seconds(metrics.show())]).toMatchObject([
    { second: start + 1, inFlight: 0, sums: { requests: 2 } },
  ]);
});

test('a clock that is set back loses no call, and showing goes on', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now });
  metrics.add(call());
  time.second += 1;
  expect(requestsShown(metrics)).toEqual([[0, 1]]);
  metrics.add(call());
  time.second -= 3600;
  metrics.add(call());
  expect(requestsShown(metrics)).toEqual([]);
  metrics.add(call());
  time.second += 1;
  expect(requestsShown(metrics).map(([, requests]) => requests)).toEqual([2]);
});

test('names that callers make up do not make a second grow without bound, nor do organisations the history', () => {
  const { time, now } = clock();
  const metrics = createLiveMetrics({ now, mostSums: 50 });
  for (let each = 0; each < 1000; each++) metrics.add(call({ modelUsed: `a/${each}` }));
  time.second += 1;
  metrics.finish(0);
  const [named] = [...metrics.seconds(metrics.show())];
  expect(named!.sums.models.size).toBe(101);
  expect(named!.sums.models.get('other')).toMatchObject({ requests: 900 });
  for (let second = 0; second < 10; second++) {
    for (let each = 0; each < 20; each++) metrics.add(call({ organisationId: `org_${each}` }));
    time.second += 1;
    requestsShown(metrics);
  }
  expect([...metrics.seconds(metrics.shownSeconds())].map((each) => each.sums.requests)).toEqual([
    ...new Array(9).fill(0),
    20,
    20,
  ]);
});

test('a percentile is within five percent of the exact one', () => {
  const counts = new Array<number>(latencyBuckets).fill(0);
  const values = Array.from({ length: 5000 }, (_, at) => 0.5 * 1.0025 ** at);
  for (const value of values) counts[bucketOf(value)]! += 1;
  const { p50, p95, p99 } = percentilesOf(counts);
  for (const [read, share] of [
    [p50, 0.5],
    [p95, 0.95],
    [p99, 0.99],
  ] as const)
    expect(read! / values[Math.ceil(share * values.length) - 1]!).toBeWithin(0.95, 1.05);
  for (const odd of [0, -1, Number.NaN, Number.MAX_VALUE]) expect(bucketOf(odd)).toBeWithin(0, latencyBuckets);
});
