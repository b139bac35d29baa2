import type { AbilityLines, Prior, PriorRecord } from '../../../shared/src/routing/prior.ts';
import { type Head, qualityAt } from '../../../shared/src/routing/quality-model.ts';
import { bySource, modelsIn, type Row } from '../rows.ts';
import { calibrate } from './calibrate.ts';
import { defaultTraining, type Network, statesOf, type TrainingOptions, trainNetwork } from './train-network.ts';

/** Trains on some rows and calibrates on others; the lines for unknown models follow from the heads. */
export function buildPrior(
  train: readonly Row[],
  calibration: readonly Row[],
  options: TrainingOptions = defaultTraining,
): Prior {
  const network = calibrate(trainNetwork(train, options), calibration);
  return {
    ...network,
    byAbility: fitAbilityLines(network, train),
    record: { data: describeData([...train, ...calibration]), options: { ...options }, figures: {} },
  };
}

/** A model's ability: the logit of the mean quality that its head predicts over the rows, every source counting alike. */
function abilitiesOf({ encoder, heads }: Network, rows: readonly Row[]): Map<string, number> {
  const states = [...bySource(rows).values()].map((group) => statesOf(encoder, group));
  return new Map(
    [...heads].map(([model, head]) => {
      const means = states.map((group) => group.reduce((sum, state) => sum + qualityAt(head, state), 0) / group.length);
      const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
      return [model, Math.log(mean / (1 - mean))];
    }),
  );
}

/** A line for each coefficient of the heads over ability, by least squares; a model counts by the root of its labels. */
function fitAbilityLines(network: Network, rows: readonly Row[]): AbilityLines {
  const abilities = abilitiesOf(network, rows);
  const labels = new Map<string, number>();
  for (const { outcomes } of rows)
    for (const model of Object.keys(outcomes)) labels.set(model, (labels.get(model) ?? 0) + 1);
  const points = [...network.heads].map(([model, head]) => ({
    head,
    ability: abilities.get(model)!,
    weight: Math.sqrt(labels.get(model) ?? 0),
  }));
  const lineOf = (coefficient: (head: Head) => number) =>
    fitWeightedLine(points.map(({ head, ability, weight }) => ({ x: ability, y: coefficient(head), weight })));
  return {
    bias: lineOf(({ bias }) => bias),
    weights: Array.from({ length: network.encoder.size }, (_, at) => lineOf(({ weights }) => weights[at]!)),
  };
}

function fitWeightedLine(points: readonly { x: number; y: number; weight: number }[]): readonly [number, number] {
  let total = 0;
  let sumX = 0;
  let sumY = 0;
  for (const { x, y, weight } of points) {
    total += weight;
    sumX += weight * x;
    sumY += weight * y;
  }
  const meanX = sumX / total;
  const meanY = sumY / total;
  let both = 0;
  // One model, or several equal ones, give a level line.
  let spread = 1e-6;
  for (const { x, y, weight } of points) {
    both += weight * (x - meanX) * (y - meanY);
    spread += weight * (x - meanX) ** 2;
  }
  const perUnit = both / spread;
  return [meanY - perUnit * meanX, perUnit];
}

const describeData = (rows: readonly Row[]): PriorRecord['data'] =>
  [...bySource(rows)].map(([source, group]) => ({
    source,
    rows: group.length,
    labels: group.reduce((sum, { outcomes }) => sum + Object.keys(outcomes).length, 0),
    models: modelsIn(group).length,
  }));
