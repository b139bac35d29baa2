/**
 * Tokens of one call in disjoint buckets: input + cacheRead + cacheWrite + cacheWrite1h + audioInput + output + audioOutput
 * is the total. `reasoning` is the part of `output` that was thinking.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a prompt cache, text and images. */
  input: number;
  cacheRead: number;
  /** Written to a prompt cache with the short (5 minute) life. */
  cacheWrite: number;
  /** Written to a prompt cache with the one-hour life. */
  cacheWrite1h: number;
  audioInput: number;
  output: number;
  reasoning: number;
  audioOutput: number;
  /** Set when the provider gave no figure and the tokens were counted here. */
  estimated?: boolean;
  /** What the provider itself says the call cost, in US dollars (OpenRouter). */
  reportedCostUsd?: number;
}

export const noUsage: Usage = Object.freeze({
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
});

export const usageOf = (parts: Partial<Usage>): Usage => ({ ...noUsage, ...parts });

/** All tokens of the prompt, cached or not. */
export const totalInput = (usage: Usage): number =>
  usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWrite1h + usage.audioInput;

export const totalOutput = (usage: Usage): number => usage.output + usage.audioOutput;

export const totalTokens = (usage: Usage): number => totalInput(usage) + totalOutput(usage);

const buckets = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'audioInput',
  'output',
  'reasoning',
  'audioOutput',
] as const;

/** The tokens of two answers together. What a provider said that one of them costs says nothing of both, and is left out. */
export function addUsage(first: Usage, second: Usage): Usage {
  const sum: Usage = { ...noUsage };
  for (const bucket of buckets) sum[bucket] = first[bucket] + second[bucket];
  if (first.estimated || second.estimated) sum.estimated = true;
  return sum;
}

/** The same figures as counts: providers have been seen to send fractions, and the ledger's columns are integers. */
export function wholeTokens(usage: Usage): Usage {
  if (buckets.every((bucket) => Number.isInteger(usage[bucket]) && usage[bucket] >= 0)) return usage;
  const whole = { ...usage };
  for (const bucket of buckets) whole[bucket] = Math.max(0, Math.round(usage[bucket]));
  return whole;
}
