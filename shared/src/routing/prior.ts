import { type EncodedPrompt, type Encoder, encoderShape, type Head, qualityAt } from './quality-model.ts';

/** What is known of models and prompts before a gateway has seen any traffic of its own. */
export interface Prior {
  encoder: Encoder;
  /** By model, as the public data names it. */
  heads: ReadonlyMap<string, Head>;
  /** A head for models that the data does not have: each coefficient is a line over ability. */
  byAbility: AbilityLines;
  /** What it was trained from and how well it did, for people. */
  record: PriorRecord;
}

export interface AbilityLines {
  bias: readonly [at0: number, perUnit: number];
  weights: readonly (readonly [at0: number, perUnit: number])[];
}

export interface PriorRecord {
  data: { source: string; rows: number; labels: number; models: number; licence?: string }[];
  options: Record<string, number>;
  figures: Record<string, number>;
}

/** The file's form: numbers are rounded, and bytes are base64. */
export interface PriorFile {
  version: 1;
  size: number;
  grams: string;
  gramStep: number;
  knownPairs: string;
  hand: number[];
  bias: number[];
  heads: Record<string, number[]>;
  byAbility: number[][];
  record: PriorRecord;
}

/** Reads a prior from its file's form. Throws when it was trained for other features than these. */
export function readPrior(file: PriorFile): Prior {
  const { version, size } = file;
  const grams = new Int8Array(bytesOf(file.grams).buffer);
  const knownPairs = bytesOf(file.knownPairs);
  if (version !== 1) throw new Error(`The prior has the version ${version}; this program reads version 1.`);
  if (
    grams.length !== encoderShape.grams * size ||
    file.hand.length !== encoderShape.hand * size ||
    knownPairs.length !== encoderShape.knownPairs
  )
    throw new Error('The prior was trained for other features. Train it again: npm run evals -- train.');
  const [bias, ...weights] = file.byAbility.map(([at0, perUnit]) => [at0!, perUnit!] as const);
  return {
    encoder: {
      size,
      grams,
      gramStep: file.gramStep,
      knownPairs,
      hand: Float32Array.from(file.hand),
      bias: Float32Array.from(file.bias),
    },
    heads: new Map(
      Object.entries(file.heads).map(([model, [headBias, ...headWeights]]) => [
        model,
        { bias: headBias!, weights: headWeights },
      ]),
    ),
    byAbility: { bias: bias!, weights },
    record: file.record,
  };
}

/** The file's form of a prior; `readPrior` gives back the same to the fourth decimal. */
export function writePrior({ encoder, heads, byAbility, record }: Prior): PriorFile {
  return {
    version: 1,
    size: encoder.size,
    gramStep: encoder.gramStep,
    bias: rounded(encoder.bias),
    hand: rounded(encoder.hand),
    byAbility: [rounded(byAbility.bias), ...byAbility.weights.map(rounded)],
    heads: Object.fromEntries([...heads].map(([model, { bias, weights }]) => [model, rounded([bias, ...weights])])),
    record,
    knownPairs: base64Of(encoder.knownPairs),
    grams: base64Of(new Uint8Array(encoder.grams.buffer)),
  };
}

/** The head of a model of which only the ability is known: the logit of its mean quality over the public prompts. */
export function headAtAbility({ bias, weights }: AbilityLines, ability: number): Head {
  const at = ([at0, perUnit]: readonly [number, number]) => at0 + perUnit * ability;
  return { bias: at(bias), weights: weights.map(at) };
}

/** Abilities that stand for a small and a strong model where nobody names two: about 40 % and 70 % of the public prompts. */
const smallAbility = -0.4;
const strongAbility = 0.85;

/** The shares of known pairs of words between which trust in the data grows from none to full. */
export const trustFrom = 0.4;
export const trustFully = 0.75;

/** How far predictions of quality are to be trusted for a prompt of this familiarity, 0 to 1. */
export const trustAt = (familiarity: number): number =>
  Math.min(1, Math.max(0, (familiarity - trustFrom) / (trustFully - trustFrom)));

/**
 * How much a strong model would help with a prompt, for ordering prompts when no models are named: its length, how hard it looks, and, as far
 * as the prompt is familiar, the predicted gain. Length carries over best to kinds of tasks that nobody has seen. The weights are
 * those of a few round numbers that did best on average over sources that were left out of training, and ones that were not.
 */
export function promptScore({ byAbility }: Prior, { state, familiarity }: EncodedPrompt, length: number): number {
  const qualityOf = (ability: number) => qualityAt(headAtAbility(byAbility, ability), state);
  const gain = qualityOf(strongAbility) - qualityOf(smallAbility);
  const long = Math.min(1, Math.log10(1 + length) / 4);
  return long + 0.25 * (1 - qualityOf(0)) + 0.5 * trustAt(familiarity) * gain;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
};
const base64Of = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
const rounded = (numbers: Iterable<number>): number[] =>
  Array.from(numbers, (number) => Math.round(number * 1e4) / 1e4);
