import type { Registry } from 'prom-client';
import { attributesOf, nanosOf, type OtlpMetric, type OtlpPoint, temporalities } from './otlp.ts';

interface Read {
  name: string;
  help: string;
  type: string;
  values: { metricName?: string; value: number; labels: Record<string, string | number> }[];
}

/** What one series was when it was last sent, for those who want differences. */
type Before = Map<string, number[]>;

/** Reads a Prometheus registry in the form of OTLP. `delta`: counters and histograms say what came since the last reading. */
export function createMetricReader(registry: Registry, startedAt: number, nowMs: () => number = Date.now) {
  let before: Before = new Map();
  let lastMs = startedAt;

  return async function read(temporality: keyof typeof temporalities): Promise<OtlpMetric[]> {
    const metrics = (await registry.getMetricsAsJSON()) as unknown as Read[];
    const now = nowMs();
    const delta = temporality === 'delta';
    const after: Before = new Map();
    const since = (key: string, values: number[]): number[] => {
      after.set(key, values);
      const earlier = delta ? before.get(key) : undefined;
      return earlier ? values.map((value, at) => Math.max(0, value - (earlier[at] ?? 0))) : values;
    };
    const times = { startTimeUnixNano: nanosOf(delta ? lastMs : startedAt), timeUnixNano: nanosOf(now) };
    const aggregationTemporality = temporalities[temporality];

    const found = metrics.flatMap(({ name, help: description, type, values }): OtlpMetric[] => {
      if (values.length === 0) return [];
      const about = { name, description };
      if (type === 'histogram')
        return [
          { ...about, histogram: { dataPoints: histogramPoints(name, values, times, since), aggregationTemporality } },
        ];
      const isMonotonic = type === 'counter';
      const dataPoints = values
        .filter(({ value }) => Number.isFinite(value))
        .map(
          ({ value, labels }): OtlpPoint => ({
            attributes: attributesOf(labels),
            ...(isMonotonic ? times : { timeUnixNano: times.timeUnixNano }),
            asDouble: isMonotonic ? since(name + JSON.stringify(labels), [value])[0]! : value,
          }),
        );
      if (dataPoints.length === 0) return [];
      return [
        isMonotonic
          ? { ...about, sum: { dataPoints, aggregationTemporality, isMonotonic } }
          : { ...about, gauge: { dataPoints } },
      ];
    });
    before = after;
    lastMs = now;
    return found;
  };
}

/** Prometheus's buckets each hold what the ones before them hold; OTLP's do not. */
function histogramPoints(
  name: string,
  values: Read['values'],
  times: Pick<OtlpPoint, 'startTimeUnixNano' | 'timeUnixNano'>,
  since: (key: string, values: number[]) => number[],
): OtlpPoint[] {
  const series = new Map<
    string,
    { labels: Record<string, string | number>; buckets: [number, number][]; sum: number }
  >();
  for (const {
    metricName,
    value,
    labels: { le, ...labels },
  } of values) {
    const key = name + JSON.stringify(labels);
    const one = series.get(key) ?? { labels, buckets: [], sum: 0 };
    series.set(key, one);
    if (metricName === `${name}_bucket`)
      one.buckets.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value]);
    if (metricName === `${name}_sum`) one.sum = value;
  }
  return [...series].map(([key, { labels, buckets, sum }]) => {
    const sorted = buckets.sort(([one], [other]) => one - other);
    const counts = sorted.map(([, count], at) => count - (sorted[at - 1]?.[1] ?? 0));
    const [total = 0, ...own] = since(key, [sum, ...counts]);
    return {
      attributes: attributesOf(labels),
      ...times,
      count: String(own.reduce((all, count) => all + count, 0)),
      sum: total,
      bucketCounts: own.map(String),
      explicitBounds: sorted.map(([bound]) => bound).filter(Number.isFinite),
    };
  });
}
