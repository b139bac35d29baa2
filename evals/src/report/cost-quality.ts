import { meanOutcome, type Row } from '../rows.ts';
import { seededRandom } from '../seeded-random.ts';
import { bootstrap, type Interval, meanOf } from './metrics.ts';
import { costOf } from './prices.ts';

/** Predicted quality of each model for a row. */
export type QualityOf = (row: Row) => ReadonlyMap<string, number>;

export interface Operating {
  /** Mean outcome. */
  quality: number;
  /** Mean US dollars a prompt. */
  cost: number;
}

export interface CostQuality {
  /** The model with the best mean outcome on the rows that thresholds were chosen on. */
  best: string;
  cheapest: string;
  always: { best: Operating; cheapest: Operating };
  /** Random among all models, and the best that anybody could choose for this target. */
  random: Operating;
  oracle: Operating;
  routed: Operating;
  /** 95 % intervals of the routed figures, as shares of the best model's. */
  routedOfBest: { quality: Interval; cost: Interval };
  /** The threshold that was chosen. */
  tau: number;
  curve: Operating[];
}

const taus = Array.from({ length: 41 }, (_, at) => 0.6 + at * 0.01);

/**
 * Chooses among all priced models: the cheapest whose predicted quality is at least `tau` times the best one's. `tau` is the
 * cheapest that holds `target` of the best single model's quality on `choose`; what it comes to is measured on `judge`.
 * Undefined when fewer than two models have a price.
 */
export function costQuality(
  choose: readonly Row[],
  judge: readonly Row[],
  models: readonly string[],
  qualityOf: QualityOf,
  target = 0.95,
): CostQuality | undefined {
  const priced = models.filter((model) => judge.every((row) => costOf(row, model) !== undefined));
  if (priced.length < 2) return undefined;
  const usual = new Map(priced.map((model) => [model, meanOf(choose.map((row) => costOf(row, model)!))]));
  const byCost = [...priced].sort((a, b) => usual.get(a)! - usual.get(b)!);
  const best = priced.reduce((a, b) => (meanOutcome(choose, b) > meanOutcome(choose, a) ? b : a));
  const cheapest = byCost[0]!;
  const at = (rows: readonly Row[], tau: number) =>
    operate(rows, (row) => cheapestSufficient(byCost, qualityOf(row), tau));
  const floor = target * operate(choose, () => best).quality;
  const holding = taus
    .map((tau) => ({ tau, ...at(choose, tau) }))
    .filter(({ quality }) => quality >= floor)
    .sort((a, b) => a.cost - b.cost);
  const tau = holding[0]?.tau ?? 1;
  return {
    best,
    cheapest,
    always: { best: operate(judge, () => best), cheapest: operate(judge, () => cheapest) },
    random: {
      quality: meanOf(priced.map((model) => operate(judge, () => model).quality)),
      cost: meanOf(priced.map((model) => operate(judge, () => model).cost)),
    },
    oracle: operate(judge, (row) => oracleChoice(byCost, row)),
    routed: at(judge, tau),
    routedOfBest: ofBest(judge, best, (row) => cheapestSufficient(byCost, qualityOf(row), tau)),
    tau,
    curve: taus.map((each) => at(judge, each)),
  };
}

function ofBest(rows: readonly Row[], best: string, choose: (row: Row) => string): CostQuality['routedOfBest'] {
  const choices = new Map(rows.map((row) => [row, choose(row)]));
  return bootstrap(
    rows,
    (drawn) => {
      const routed = operate(drawn, (row) => choices.get(row)!);
      const always = operate(drawn, () => best);
      return { quality: routed.quality / always.quality, cost: routed.cost / always.cost };
    },
    seededRandom(13),
  );
}

function operate(rows: readonly Row[], choose: (row: Row) => string): Operating {
  let quality = 0;
  let cost = 0;
  for (const row of rows) {
    const model = choose(row);
    quality += row.outcomes[model] ?? 0;
    cost += costOf(row, model)!;
  }
  return { quality: quality / rows.length, cost: cost / rows.length };
}

function cheapestSufficient(byCost: readonly string[], quality: ReadonlyMap<string, number>, tau: number): string {
  const most = Math.max(...byCost.map((model) => quality.get(model) ?? 0));
  return byCost.find((model) => (quality.get(model) ?? 0) >= tau * most) ?? byCost.at(-1)!;
}

/** The cheapest of the models that answered best. */
function oracleChoice(byCost: readonly string[], { outcomes }: Row): string {
  const most = Math.max(...byCost.map((model) => outcomes[model] ?? 0));
  return byCost.find((model) => (outcomes[model] ?? 0) >= most)!;
}
