import type { Prior } from '../../shared/src/routing/prior.ts';
import { encode, qualityAt } from '../../shared/src/routing/quality-model.ts';
import { meanOf } from './report/metrics.ts';
import type { Row } from './rows.ts';

export interface Speed {
  prompts: number;
  models: number;
  meanUs: number;
  p99Us: number;
}

/** How long it takes, in microseconds, to read a prompt and predict the quality of so many models; the second of two rounds. */
export function measureSpeed(prior: Prior, rows: readonly Row[], models = 8): Speed {
  const heads = [...prior.heads.values()].slice(0, models);
  let took: number[] = [];
  for (let round = 0; round < 2; round++) {
    took = rows.map(({ prompt }) => {
      const startedMs = performance.now();
      const { state } = encode(prior.encoder, prompt);
      for (const head of heads) qualityAt(head, state);
      return (performance.now() - startedMs) * 1000;
    });
  }
  took.sort((a, b) => a - b);
  return {
    prompts: rows.length,
    models: heads.length,
    meanUs: meanOf(took),
    p99Us: took[Math.floor(0.99 * took.length)] ?? Number.NaN,
  };
}
