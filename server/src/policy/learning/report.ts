import type { SampleRow } from '../../store/learning-store.ts';

export interface Interval {
  value: number;
  /** 95 %, by the normal approximation. */
  low: number;
  high: number;
}

export interface ModelReport {
  model: string;
  labels: number;
  byLabel: Record<string, number>;
  /** Means over the labelled answers: what quality was expected, and what it was. */
  expected: number;
  outcome: number;
  /** The mean squared difference of the two, answer by answer (Brier 1950). */
  brier: number;
  /** The mean distance of expectation and outcome over ten bins, each counting by its answers. */
  calibrationError: number;
  /** Outcome less expectation, of the last seven days against those before, in standard errors; null: too few to say. */
  drift: number | null;
}

export interface PolicyReport {
  /** `current`: who answered; else always this model. */
  policy: string;
  /** How many calls speak for it. */
  calls: number;
  quality: Interval;
}

const bins = 10;
const recentMs = 7 * 86_400_000;
const leastForDrift = 20;

/** What the labels say of each model, most labels first. */
export function reportModels(samples: readonly SampleRow[], nowMs: number): ModelReport[] {
  const byModel = new Map<string, SampleRow[]>();
  for (const sample of samples) {
    if (sample.outcome === null) continue;
    byModel.set(sample.model, [...(byModel.get(sample.model) ?? []), sample]);
  }
  return [...byModel]
    .map(([model, rows]) => reportModel(model, rows, nowMs))
    .sort((a, b) => b.labels - a.labels || a.model.localeCompare(b.model));
}

function reportModel(model: string, rows: readonly SampleRow[], nowMs: number): ModelReport {
  const byLabel: Record<string, number> = {};
  const binned = Array.from({ length: bins }, () => ({ count: 0, difference: 0 }));
  for (const { label, predicted, outcome } of rows) {
    byLabel[label ?? 'other'] = (byLabel[label ?? 'other'] ?? 0) + 1;
    const bin = binned[Math.min(bins - 1, Math.floor(predicted * bins))]!;
    bin.count++;
    bin.difference += outcome! - predicted;
  }
  const recent = rows.filter(({ at }) => nowMs - at.getTime() <= recentMs).map(residual);
  const earlier = rows.filter(({ at }) => nowMs - at.getTime() > recentMs).map(residual);
  return {
    model,
    labels: rows.length,
    byLabel,
    expected: mean(rows.map(({ predicted }) => predicted)),
    outcome: mean(rows.map(({ outcome }) => outcome!)),
    brier: mean(rows.map((row) => residual(row) ** 2)),
    calibrationError: binned.reduce((sum, { difference }) => sum + Math.abs(difference), 0) / rows.length,
    drift:
      recent.length < leastForDrift || earlier.length < leastForDrift
        ? null
        : (mean(recent) - mean(earlier)) /
          Math.max(1e-9, Math.sqrt(variance(recent) / recent.length + variance(earlier) / earlier.length)),
  };
}

const residual = ({ outcome, predicted }: SampleRow): number => outcome! - predicted;

/**
 * What other policies would have reached, from the calls that a second model was asked too: who answered counts as it is, and the one asked
 * beside it by the inverse of its chance to be asked (Horvitz and Thompson 1952). `current` is what was done.
 */
export function reportPolicies(samples: readonly SampleRow[]): PolicyReport[] {
  const calls = new Map<string, SampleRow[]>();
  for (const sample of samples)
    if (sample.outcome !== null) calls.set(sample.requestId, [...(calls.get(sample.requestId) ?? []), sample]);
  const whole = [...calls.values()].filter(
    (rows) => rows.some(({ shadow }) => shadow) && rows.some(({ shadow }) => !shadow),
  );
  if (whole.length === 0) return [];
  const given = (rows: readonly SampleRow[]) => rows.find(({ shadow }) => !shadow)!;
  const models = [...new Set(whole.flat().map(({ model }) => model))].sort();
  return [
    { policy: 'current', calls: whole.length, quality: interval(whole.map((rows) => given(rows).outcome!)) },
    ...models.map((model) => ({
      policy: `always ${model}`,
      calls: whole.filter((rows) => rows.some((row) => row.model === model)).length,
      quality: interval(
        whole.map((rows) => {
          const row = rows.find((each) => each.model === model);
          // Not asked here: the calls in which it was stand for this one.
          return row ? row.outcome! / row.propensity : 0;
        }),
      ),
    })),
  ];
}

function interval(values: readonly number[]): Interval {
  const value = mean(values);
  const error = 1.96 * Math.sqrt(variance(values) / values.length);
  return { value, low: value - error, high: value + error };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.length < 2 ? 0 : values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
