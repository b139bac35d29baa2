import { fitHead, type GradedState } from '../../../../shared/src/routing/fit-head.ts';
import type { Head } from '../../../../shared/src/routing/quality-model.ts';
import type { SampleRow } from '../../store/learning-store.ts';

export interface LearnedHead {
  head: Head;
  /** How many labels it rests on. */
  labels: number;
}

/** What a label counts against a person's own word. */
const weights: Record<NonNullable<SampleRow['label']>, number> = { feedback: 1, judge: 0.7, verifier: 0.7, retry: 0.3 };
const halfLifeMs = 30 * 86_400_000;
// With fewer, a model's own head is the better guess.
const leastLabels = 5;

/**
 * A head for each model that has labels: what is known of it already (`startOf`), moved by them as far as they warrant. A label counts
 * half after 30 days.
 */
export function fitHeads(
  samples: readonly SampleRow[],
  startOf: (model: string) => Head | undefined,
  nowMs: number,
): Map<string, LearnedHead> {
  const byModel = new Map<string, GradedState[]>();
  for (const { model, state, outcome, label, at } of samples) {
    if (outcome === null) continue;
    const graded = byModel.get(model) ?? [];
    const age = Math.max(0, nowMs - at.getTime());
    graded.push({ state, outcome, weight: weights[label ?? 'retry'] * 0.5 ** (age / halfLifeMs) });
    byModel.set(model, graded);
  }
  const heads = new Map<string, LearnedHead>();
  for (const [model, graded] of byModel) {
    const start = graded.length >= leastLabels ? startOf(model) : undefined;
    // States of another encoder's size say nothing to this one.
    const fit = start && graded.filter(({ state }) => state.length === start.weights.length);
    if (start && fit && fit.length >= leastLabels) heads.set(model, { head: fitHead(fit, start), labels: fit.length });
  }
  return heads;
}
