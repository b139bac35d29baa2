import type { Row } from '../rows.ts';

/** US dollars per million tokens of input and output. */
type Price = readonly [input: number, output: number];

/** List prices of models that are sold by their makers, of late 2024, when the answers in the data were made. */
const listed: readonly [RegExp, Price][] = [
  [/gpt-4o-mini/, [0.15, 0.6]],
  [/gpt-4o|chatgpt-4o/, [2.5, 10]],
  [/gpt-4-turbo|gpt-4-1106/, [10, 30]],
  [/gpt-4/, [30, 60]],
  [/gpt-3\.5/, [0.5, 1.5]],
  [/o1-mini/, [3, 12]],
  [/o1-preview/, [15, 60]],
  [/claude-3-5-haiku/, [0.8, 4]],
  [/claude-3-haiku/, [0.25, 1.25]],
  [/sonnet/, [3, 15]],
  [/opus/, [15, 75]],
  [/gemini-1\.5-flash/, [0.075, 0.3]],
  [/gemini-1\.5-pro/, [1.25, 5]],
  [/deepseek/, [0.14, 0.28]],
  [/jamba-1\.5-large/, [2, 8]],
  [/mistral-large/, [2, 6]],
  [/command-r/, [0.15, 0.6]],
  [/grok-2/, [2, 10]],
  [/reka-core/, [2, 6]],
  [/reka-flash/, [0.2, 0.8]],
  [/yi-large/, [3, 3]],
  [/phi-3/, [0.1, 0.1]],
  [/mathstral/, [0.2, 0.2]],
];

/** Open models by billions of parameters, as hosts of open models priced them at that time. */
const bySize: readonly [upTo: number, price: number][] = [
  [4, 0.1],
  [8, 0.2],
  [21, 0.3],
  [56, 0.8],
  [80, 0.9],
  [110, 1.8],
  [1000, 3.5],
];

/** What a model costs; undefined when its name says neither a known product nor a size. */
export function priceOf(model: string): Price | undefined {
  const name = model.toLowerCase();
  if (/8x7b/.test(name)) return [0.6, 0.6];
  for (const [pattern, price] of listed) if (pattern.test(name)) return price;
  const billions = Number(/(?<![a-z\d.])(\d+(?:\.\d+)?)b(?![a-z])/.exec(name)?.[1] ?? Number.NaN);
  const price = bySize.find(([upTo]) => billions <= upTo)?.[1];
  return price === undefined ? undefined : [price, price];
}

// The length of answers that the data does not tell.
const usualOutputTokens = 200;
const charactersPerToken = 4;

/** What one answer cost in US dollars: as recorded, else by the price list and the lengths; undefined when unpriced. */
export function costOf({ cost, prompt, outputTokens }: Row, model: string): number | undefined {
  if (cost?.[model] !== undefined) return cost[model];
  const price = priceOf(model);
  if (!price) return undefined;
  const output = outputTokens?.[model] ?? usualOutputTokens;
  return ((prompt.length / charactersPerToken) * price[0] + output * price[1]) / 1e6;
}
