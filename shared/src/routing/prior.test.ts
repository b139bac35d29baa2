import { expect, test } from 'bun:test';
import { featuresOf } from './features.ts';
import { headAtAbility, promptScore, readPrior, writePrior } from './prior.ts';
import { type Encoder, encode, encoderShape, qualityAt } from './quality-model.ts';

const encoder = (): Encoder => ({
  size: 2,
  grams: Int8Array.from({ length: encoderShape.grams * 2 }, (_, at) => (at % 255) - 127),
  gramStep: 0.01,
  hand: Float32Array.from({ length: encoderShape.hand * 2 }, (_, at) => (at % 7) / 100),
  bias: Float32Array.from([0.1, -0.1]),
  knownPairs: new Uint8Array(encoderShape.knownPairs),
});
const prior = () => ({
  encoder: encoder(),
  heads: new Map([['m', { bias: 0.25, weights: [0.5, -0.5] }]]),
  byAbility: { bias: [0, 1] as const, weights: [[0.1, 0] as const, [0, 0.2] as const] },
  record: { data: [], options: {}, figures: {} },
});

test('a prior that was written is read as it was, and is the smaller for it', () => {
  const file = JSON.stringify(writePrior(prior()));
  const read = readPrior(JSON.parse(file));
  const prompt = 'Explain the theorem.';
  expect(encode(read.encoder, prompt).state[0]).toBeCloseTo(encode(encoder(), prompt).state[0]!, 3);
  expect(read.heads).toEqual(prior().heads);
  expect(read.byAbility).toEqual(prior().byAbility);
  expect(file.length).toBeLessThan(300_000);
});

test('a prior of other features is refused with what to do', () => {
  const file = writePrior(prior());
  expect(() => readPrior({ ...file, hand: [1, 2] })).toThrow('Train it again');
  expect(() => readPrior({ ...file, version: 2 as 1 })).toThrow('version 2');
});

test('a prompt is as familiar as the share of its pairs of words that training knew', () => {
  const known = encoder();
  const [first] = featuresOf('red green').pairs;
  known.knownPairs[first! >>> 3]! |= 1 << (first! & 7);
  expect(encode(known, 'red green').familiarity).toBe(1);
  expect(encode(known, 'red green blue').familiarity).toBe(0.5);
  expect(encode(known, '').familiarity).toBe(0);
});

test('an able model is expected to do better than one that is not', () => {
  const { state } = encode(encoder(), 'Explain the theorem.');
  const at = (ability: number) => qualityAt(headAtAbility(prior().byAbility, ability), state);
  expect(at(1)).toBeGreaterThan(at(0));
});

test('of prompts that nothing is known of the longer one scores higher', () => {
  const scoreOf = (prompt: string) => promptScore(prior(), encode(encoder(), prompt), prompt.length);
  expect(scoreOf('a b c d e f g h i j k l')).toBeGreaterThan(scoreOf('a b'));
});
