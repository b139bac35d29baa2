import { meanOutcome, modelsIn, type Row } from '../rows.ts';

/** Two models to choose between: the cheap one, and the one that is better on the whole. */
export interface Pair {
  weak: string;
  strong: string;
}

// With less between two models the figures are mostly noise: they are divided by the gap.
const leastGap = 0.1;

/**
 * Pairs of a source, chosen on training rows alone: models in the order of their mean outcome, the ones at 15, 40 and 65 % of that
 * order against the best, and those at 15 and 40 % against the one at 75 %, where at least 0.1 lies between them. Two models are one pair.
 */
export function pairsOf(trainRows: readonly Row[]): Pair[] {
  const ranked = modelsIn(trainRows)
    .map((model) => ({ model, mean: meanOutcome(trainRows, model) }))
    .sort((a, b) => a.mean - b.mean);
  const at = (share: number) => ranked[Math.round(share * (ranked.length - 1))]!;
  const wanted: [number, number][] = [
    [0.15, 1],
    [0.4, 1],
    [0.65, 1],
    [0.15, 0.75],
    [0.4, 0.75],
  ];
  const pairs = new Map<string, Pair>();
  for (const [low, high] of wanted) {
    const [weak, strong] = [at(low), at(high)];
    if (strong.mean - weak.mean >= leastGap)
      pairs.set(`${weak.model} ${strong.model}`, { weak: weak.model, strong: strong.model });
  }
  return [...pairs.values()];
}

/** What one prompt would gain from the strong model, and how strongly a router wants to send it there. */
export interface Wish {
  gain: number;
  /** How well the strong model answered. */
  strong: number;
  score: number;
}

export const wishesOf = (rows: readonly Row[], { weak, strong }: Pair, score: (row: Row) => number): Wish[] =>
  rows.flatMap((row) => {
    const [low, high] = [row.outcomes[weak], row.outcomes[strong]];
    return low === undefined || high === undefined ? [] : [{ gain: high - low, strong: high, score: score(row) }];
  });

export interface GapRecovered {
  /** Average performance gap recovered: 0.5 is random, and the mean over all shares of strong calls. NaN without a gap. */
  apgr: number;
  /** The share of strong calls that recovers half, and four fifths, of the gap. */
  cpt50: number;
  cpt80: number;
  /** The share of strong calls with which 95 % of the strong model's quality is reached. */
  calls95: number;
}

/**
 * How much of the gap between two models is recovered as more prompts go to the strong one, those with the highest score first
 * (Ong et al., RouteLLM, arXiv 2406.18665). Prompts of one score go together, so that their order makes no difference.
 */
export function gapRecovered(wishes: readonly Wish[]): GapRecovered {
  const ordered = [...wishes].sort((a, b) => b.score - a.score);
  const gap = ordered.reduce((sum, { gain }) => sum + gain, 0);
  let apgr = 0;
  let recovered = 0;
  let cpt50 = Number.NaN;
  let cpt80 = Number.NaN;
  const strong = ordered.reduce((sum, each) => sum + each.strong, 0);
  // What is needed beyond the weak model's quality, as a share of the gap.
  const wanted = (0.95 * strong - (strong - gap)) / gap;
  let calls95 = wanted <= 0 ? 0 : Number.NaN;
  const reach = (threshold: number, before: number, after: number, from: number, count: number) =>
    (from + (count * (threshold - before)) / (after - before)) / ordered.length;
  for (let from = 0; from < ordered.length; ) {
    let to = from;
    let gained = 0;
    while (to < ordered.length && ordered[to]!.score === ordered[from]!.score) gained += ordered[to++]!.gain;
    const before = recovered / gap;
    recovered += gained;
    const after = recovered / gap;
    apgr += ((before + after) / 2) * (to - from);
    if (Number.isNaN(cpt50) && after >= 0.5) cpt50 = reach(0.5, before, after, from, to - from);
    if (Number.isNaN(cpt80) && after >= 0.8) cpt80 = reach(0.8, before, after, from, to - from);
    if (Number.isNaN(calls95) && after >= wanted) calls95 = reach(wanted, before, after, from, to - from);
    from = to;
  }
  return { apgr: apgr / ordered.length, cpt50, cpt80, calls95 };
}

export const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

export type Interval = readonly [low: number, high: number];

/** For each figure the interval that holds 95 % of it over `resamples` draws of the items with replacement. */
export function bootstrap<T, Name extends string>(
  items: readonly T[],
  figures: (drawn: readonly T[]) => Record<Name, number>,
  random: () => number,
  resamples = 200,
): Record<Name, Interval> {
  const draws = Array.from({ length: resamples }, () =>
    figures(Array.from(items, () => items[Math.floor(random() * items.length)]!)),
  );
  const names = Object.keys(draws[0]!) as Name[];
  return Object.fromEntries(names.map((name) => [name, middle(draws.map((draw) => draw[name]))])) as Record<
    Name,
    Interval
  >;
}

function middle(values: readonly number[]): Interval {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const at = (share: number) => known[Math.min(known.length - 1, Math.floor(share * known.length))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
