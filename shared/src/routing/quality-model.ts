import { featuresOf, gramBuckets, handFeatureNames, type PromptFeatures, pairBits } from './features.ts';

/** Turns the hidden state of a prompt into one model's chance of a good answer: sigmoid(bias + weights · state). */
export interface Head {
  bias: number;
  weights: readonly number[];
}

/** What is shared by all models: how a prompt becomes a few numbers that say what kind of task it is. */
export interface Encoder {
  /** How many numbers a state has. */
  size: number;
  /** `gramBuckets` rows of `size`: what each n-gram adds, in steps of `gramStep`. */
  grams: Int8Array;
  gramStep: number;
  /** A row of `size` for each hand-made feature. */
  hand: Float32Array;
  bias: Float32Array;
  /** A bit for each pair of words that more than one training prompt had; says how familiar a prompt is. */
  knownPairs: Uint8Array;
}

export interface EncodedPrompt {
  state: Float32Array;
  /** The share of the prompt's pairs of words that training knew, 0 to 1. */
  familiarity: number;
}

/** The state of a prompt: tanh of what its n-grams (over the root of their number) and hand-made features add up to. */
export function encode(encoder: Encoder, prompt: string | PromptFeatures): EncodedPrompt {
  const { grams, pairs, hand } = typeof prompt === 'string' ? featuresOf(prompt) : prompt;
  const { size } = encoder;
  const state = new Float32Array(size);
  for (const gram of grams) {
    const row = gram * size;
    for (let at = 0; at < size; at++) state[at]! += encoder.grams[row + at]!;
  }
  const scale = encoder.gramStep / Math.sqrt(grams.length + 1);
  for (let at = 0; at < size; at++) state[at] = state[at]! * scale + encoder.bias[at]!;
  for (let feature = 0; feature < hand.length; feature++) {
    const value = hand[feature]!;
    if (value === 0) continue;
    const row = feature * size;
    for (let at = 0; at < size; at++) state[at]! += encoder.hand[row + at]! * value;
  }
  for (let at = 0; at < size; at++) state[at] = Math.tanh(state[at]!);
  let known = 0;
  for (const pair of pairs) known += (encoder.knownPairs[pair >>> 3]! >>> (pair & 7)) & 1;
  return { state, familiarity: pairs.length === 0 ? 0 : known / pairs.length };
}

/** The chance, 0 to 1, that the head's model answers a prompt of this state well. */
export function qualityAt({ bias, weights }: Head, state: ArrayLike<number>): number {
  let logit = bias;
  for (let at = 0; at < weights.length; at++) logit += weights[at]! * state[at]!;
  return 1 / (1 + Math.exp(-logit));
}

/** How many rows an encoder has for n-grams and hand-made features, and bytes for known pairs. */
export const encoderShape = { grams: gramBuckets, hand: handFeatureNames.length, knownPairs: pairBits / 8 } as const;
