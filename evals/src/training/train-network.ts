import { type Encoder, encode, encoderShape, type Head } from '../../../shared/src/routing/quality-model.ts';
import { modelsIn, type Row } from '../rows.ts';
import { seededRandom, shuffle } from '../seeded-random.ts';

export interface TrainingOptions {
  /** How many numbers a prompt's state has. */
  size: number;
  epochs: number;
  rate: number;
  /** Weight decay of the encoder; heads have three times as much, since some have few labels. */
  decay: number;
  /** The share of a prompt's n-grams that each step leaves out. */
  dropout: number;
  seed: number;
}

export const defaultTraining: TrainingOptions = { size: 12, epochs: 4, rate: 0.05, decay: 3e-4, dropout: 0.3, seed: 1 };

export interface Network {
  encoder: Encoder;
  /** By model, as the rows name it. */
  heads: Map<string, Head>;
}

/**
 * Fits one encoder and a head for each model, by AdaGrad (Duchi, Hazan and Singer 2011) on the log loss of every known outcome;
 * a row counts by the root of its number of outcomes. The same rows, options and seed give the same weights.
 */
export function trainNetwork(rows: readonly Row[], options: TrainingOptions = defaultTraining): Network {
  const { size, epochs, rate, decay, dropout, seed } = options;
  const random = seededRandom(seed);
  const models = modelsIn(rows);
  const indexOf = new Map(models.map((model, index) => [model, index]));
  const grams = createLayer(encoderShape.grams * size, 0.1, random);
  const hand = createLayer(encoderShape.hand * size, 0.3, random);
  const bias = createLayer(size, 0, random);
  const heads = createLayer(models.length * size, 0.3, random);
  const headBias = createLayer(models.length, 0, random);
  models.forEach((model, index) => {
    headBias.weights[index] = logitOf(smoothedMean(rows, model));
  });

  const order = rows.map(({ features, outcomes }) => ({
    features,
    graded: Object.entries(outcomes).map(([model, outcome]): [number, number] => [indexOf.get(model)!, outcome]),
  }));
  const state = new Float32Array(size);
  const slope = new Float32Array(size);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const { features, graded } of shuffle(order, random)) {
      const kept = features.grams.filter(() => random() >= dropout);
      const scale = 1 / Math.sqrt(kept.length + 1);
      state.set(bias.weights);
      for (const gram of kept) addRow(state, grams.weights, gram * size, scale);
      features.hand.forEach((value, feature) => {
        if (value !== 0) addRow(state, hand.weights, feature * size, value);
      });
      for (let at = 0; at < size; at++) state[at] = Math.tanh(state[at]!);
      slope.fill(0);
      const weight = 1 / Math.sqrt(graded.length);
      for (const [model, outcome] of graded) {
        const row = model * size;
        let logit = headBias.weights[model]!;
        for (let at = 0; at < size; at++) logit += heads.weights[row + at]! * state[at]!;
        const error = (1 / (1 + Math.exp(-logit)) - outcome) * weight;
        for (let at = 0; at < size; at++) {
          slope[at]! += error * heads.weights[row + at]!;
          learn(heads, row + at, error * state[at]!, rate, 3 * decay);
        }
        learn(headBias, model, error, rate, 0);
      }
      for (let at = 0; at < size; at++) slope[at]! *= 1 - state[at]! ** 2;
      for (const gram of kept) {
        for (let at = 0; at < size; at++) learn(grams, gram * size + at, slope[at]! * scale, rate, decay);
      }
      features.hand.forEach((value, feature) => {
        if (value === 0) return;
        for (let at = 0; at < size; at++) learn(hand, feature * size + at, slope[at]! * value, rate, decay);
      });
      for (let at = 0; at < size; at++) learn(bias, at, slope[at]!, rate, 0);
    }
  }
  const encoder: Encoder = {
    size,
    ...quantise(grams.weights),
    hand: hand.weights,
    bias: bias.weights,
    knownPairs: pairsKnown(rows),
  };
  return {
    encoder,
    heads: new Map(
      models.map((model, index) => [
        model,
        { bias: headBias.weights[index]!, weights: [...heads.weights.subarray(index * size, (index + 1) * size)] },
      ]),
    ),
  };
}

/** The states of rows, worked out once. */
export const statesOf = (encoder: Encoder, rows: readonly Row[]): Float32Array[] =>
  rows.map(({ features }) => encode(encoder, features).state);

interface Layer {
  weights: Float32Array;
  /** The sum of squared slopes that AdaGrad divides by. */
  squares: Float32Array;
}

function createLayer(length: number, spread: number, random: () => number): Layer {
  const weights = new Float32Array(length);
  if (spread > 0) for (let at = 0; at < length; at++) weights[at] = (random() - 0.5) * spread;
  return { weights, squares: new Float32Array(length).fill(0.01) };
}

function learn({ weights, squares }: Layer, at: number, slope: number, rate: number, decay: number): void {
  const step = slope + decay * weights[at]!;
  squares[at]! += step * step;
  weights[at]! -= (rate * step) / Math.sqrt(squares[at]!);
}

function addRow(state: Float32Array, weights: Float32Array, row: number, scale: number): void {
  for (let at = 0; at < state.length; at++) state[at]! += weights[row + at]! * scale;
}

const logitOf = (share: number): number => Math.log(share / (1 - share));

function smoothedMean(rows: readonly Row[], model: string): number {
  let sum = 0.5;
  let count = 1;
  for (const { outcomes } of rows) {
    if (outcomes[model] === undefined) continue;
    sum += outcomes[model];
    count++;
  }
  return sum / count;
}

/** Whole steps from -127 to 127: a fifth of the file's size, and nothing lost that the figures would show. */
function quantise(weights: Float32Array): { grams: Int8Array; gramStep: number } {
  let most = 0;
  for (const weight of weights) most = Math.max(most, Math.abs(weight));
  const gramStep = most / 127 || 1;
  return { grams: Int8Array.from(weights, (weight) => Math.round(weight / gramStep)), gramStep };
}

/** The pairs of words that at least two of the prompts have. */
function pairsKnown(rows: readonly Row[]): Uint8Array {
  const once = new Uint8Array(encoderShape.knownPairs);
  const twice = new Uint8Array(encoderShape.knownPairs);
  for (const { features } of rows) {
    for (const pair of new Set(features.pairs)) {
      const bit = 1 << (pair & 7);
      if (once[pair >>> 3]! & bit) twice[pair >>> 3]! |= bit;
      else once[pair >>> 3]! |= bit;
    }
  }
  return twice;
}
